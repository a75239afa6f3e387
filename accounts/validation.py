"""What a password of staff must be."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

STAFF_LENGTH = 12


class StaffLengthValidator:
    """Staff choose at least twelve characters: their accounts open everybody's."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is not None and user.is_staff and is_short_for_staff(password):
            raise ValidationError(self.get_help_text(), code="password_too_short_for_staff")

    def get_help_text(self) -> str:
        return _("The password of a member of staff has at least %(count)s characters.") % {
            "count": STAFF_LENGTH
        }


def is_short_for_staff(password: str) -> bool:
    return len(password) < STAFF_LENGTH
