"""Staff over REST: a right of the back office, held by a person who is staff and has proved who they are."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from goodplay.lib.errors import DomainError


class StaffWith(BasePermission):
    """Let staff in who hold one of `rights`; everybody else reads ADMIN_ACCESS_REQUIRED. Make one with `staff_with`."""

    rights: ClassVar[tuple[str, ...]]
    dangerous: ClassVar[bool] = False
    code = "ADMIN_ACCESS_REQUIRED"
    message: str | Promise = _("Only staff with this right may do this.")
    # The app of people says what somebody has to do before they may pass, and writes down who tried what they may not.
    missing: ClassVar[Callable[..., DomainError | None] | None] = None
    note_refusal: ClassVar[Callable[[Request], None] | None] = None

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not (user.is_authenticated and user.is_staff and any(map(user.has_perm, self.rights))):
            return False
        insist_on_proof(request, dangerous=self.dangerous)
        return True


def staff_with(*rights: str, dangerous: bool = False) -> type[StaffWith]:
    """Return the permission of whoever holds one of `rights`; what is `dangerous` asks for a fresh proof of who it is."""
    return type("StaffWith", (StaffWith,), {"rights": rights, "dangerous": dangerous})


def insist_on_proof(request: Request, *, dangerous: bool = False) -> None:
    """Raise what this sign-in of staff still lacks: where a right shows more of a route that is open to others too."""
    if StaffWith.missing is not None and (missing := StaffWith.missing(request, dangerous=dangerous)):
        raise missing
