"""Editing one's own profile."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.signals import profile_changed
from goodplay.lib.errors import DomainError

EDITABLE = ("first_name", "last_name", "display_name", "preferred_language")


class NothingToChange(DomainError):
    code = "NO_VALID_FIELDS_TO_UPDATE"
    message = _("None of these fields can be changed here.")


@transaction.atomic
def update_profile(*, user: User, **changes: Any) -> User:
    """Set the given profile fields; saying the same twice is fine."""
    named = {field: changes[field] for field in EDITABLE if field in changes}
    if not named:
        raise NothingToChange
    before = user.get_full_name()
    for field, value in named.items():
        setattr(user, field, value)
    user.save(update_fields=[*named, "updated_at"])
    if user.get_full_name() != before:
        profile_changed.announce(user=user)
    return user
