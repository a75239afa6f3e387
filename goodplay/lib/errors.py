"""How a rule says no. Operations raise these; the doors (API, portal, admin) show them."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule of the product said no. The message is shown to the person who asked.

    `code` is the constant clients translate; `status` the HTTP status; `data` travels in the envelope's `data`.
    """

    code: ClassVar[str] = "INVALID_REQUEST"
    message: ClassVar[str | Promise] = _("This request cannot be carried out.")
    status: ClassVar[int] = 422

    def __init__(self, *, data: dict[str, Any] | None = None) -> None:
        super().__init__(self.code)
        self.data = data

    def __str__(self) -> str:
        return str(self.message)

    def settle(self) -> None:
        """Keep what must outlive the undone transaction. Whoever catches an error for good calls it, after it."""


class NotFound(DomainError):
    """Missing, or not yours: the two look alike on purpose."""

    code = "RESOURCE_NOT_FOUND"
    message = _("There is nothing here.")
    status = 404


class Conflict(DomainError):
    """The state of the thing does not allow this now."""

    code = "CONFLICT"
    message = _("This changed in the meantime. Look again, then retry.")
    status = 409


class AccessDenied(DomainError):
    code = "ACCESS_DENIED"
    message = _("You may not do this.")
    status = 403
