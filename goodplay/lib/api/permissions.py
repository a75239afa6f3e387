"""Staff over REST: a right of the back office, held by a person who is staff."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class StaffWith(BasePermission):
    """Let staff in who hold `right`; everybody else reads ADMIN_ACCESS_REQUIRED. Make one with `staff_with`."""

    right: ClassVar[str]
    code = "ADMIN_ACCESS_REQUIRED"
    message: str | Promise = _("Only staff with this right may do this.")

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user.is_authenticated and user.is_staff and user.has_perm(self.right))


def staff_with(right: str) -> type[StaffWith]:
    return type("StaffWith", (StaffWith,), {"right": right})
