"""Filters of a list, kept under a name: one's own, or for everybody of one's role."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedFilter, User
from accounts.operations.roles import role_of
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import Conflict, DomainError, NotFound

MOST = 30
LONGEST_NAME = 60
LONGEST_QUERY = 1000


class FilterNameTaken(Conflict):
    code = "FILTER_NAME_TAKEN"
    message = _("You have saved filters of this list under this name already. Delete them first.")


class NothingToSave(DomainError):
    code = "NO_FILTERS_CHOSEN"
    message = _("Choose filters, search or order the list first, then give that a name.")


class FilterNameInvalid(DomainError):
    code = "FILTER_NAME_INVALID"
    message = _("A name has one to sixty characters.")


class FiltersTooLong(DomainError):
    code = "FILTERS_TOO_LONG"
    message = _("These filters are too long to be saved.")


class TooManySavedFilters(Conflict):
    code = "TOO_MANY_SAVED_FILTERS"
    message = _("You have saved thirty filters of this list. Delete one first.")


class NoRoleToShareWith(DomainError):
    code = "ROLE_REQUIRED"
    message = _("You have no role to share with.")


@transaction.atomic
def save(
    *, user: User, list_name: str, name: str, query: str, shared: bool = False, now: datetime
) -> SavedFilter:
    """Keep a query string the list has agreed to. Of one person's, one after the other: there is a limit."""
    name = " ".join(name.split())
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
        raise FilterNameInvalid
    if not query:
        raise NothingToSave
    if len(query) > LONGEST_QUERY:
        raise FiltersTooLong
    role = role_of(user) if shared else ""
    if shared and not role:
        raise NoRoleToShareWith
    transaction_lock(f"saved filters {user.pk}")
    if SavedFilter.objects.filter(user=user, list=list_name).count() >= MOST:
        raise TooManySavedFilters
    try:
        with transaction.atomic():  # a savepoint: the name may be taken
            return SavedFilter.objects.create(
                user=user, list=list_name, name=name, query=query, role=role, created_at=now
            )
    except IntegrityError as error:
        raise FilterNameTaken from error


def delete(*, filter_id: UUID, user: User) -> SavedFilter:
    """Delete filters of one's own; somebody else's do not exist."""
    saved = SavedFilter.objects.filter(pk=filter_id, user=user).first()
    if saved is None:
        raise NotFound
    SavedFilter.objects.filter(pk=saved.pk).delete()
    return saved
