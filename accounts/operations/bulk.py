"""Doing one thing to many people: each is looked at alone, and what became of it is kept for each."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import BulkAction, User
from accounts.operations import people, staff
from accounts.signals import bulk_action_asked
from goodplay.lib.errors import AccessDenied, DomainError

MOST = 500
MANAGE = "accounts.manage_users"
Kind = BulkAction.Kind


class NobodyChosen(DomainError):
    code = "USER_IDS_AND_ACTION_REQUIRED"
    message = _("Choose at least one person.")


class TooMany(DomainError):
    code = "TOO_MANY_USERS"
    message = _("At most 500 people at once.")


class StaffAreManagedAlone(AccessDenied):
    code = "STAFF_EXCLUDED"
    message = _("Left out: staff are managed one by one.")


@transaction.atomic
def ask(
    *, kind: str, user_ids: Sequence[UUID], reason: str, asked_by: User, now: datetime, address: str = ""
) -> BulkAction:
    """Write down what is to be done to whom; it happens right after the commit."""
    if not user_ids:
        raise NobodyChosen
    if len(user_ids) > MOST:
        raise TooMany
    asked = BulkAction.objects.create(
        kind=Kind(kind),
        people=[str(each) for each in user_ids],
        reason=reason,
        asked_by=asked_by,
        address=address,
        asked_at=now,
    )
    bulk_action_asked.announce(action=asked)
    return asked


@transaction.atomic
def perform(*, action_id: UUID, now: datetime) -> None:
    """Do it to each person; a refusal leaves that person as they were and is kept. A second time does nothing.

    Who asked must still hold the right.
    """
    action = BulkAction.objects.select_for_update().get(pk=action_id)
    if action.finished_at is not None:
        return
    actor = User.objects.get(pk=action.asked_by_id)
    found = {str(user.pk): user for user in _locked(action.people)}
    action.results = [_result(each, found.get(each), action, actor, now) for each in action.people]
    action.finished_at = now
    action.save(update_fields=["results", "finished_at"])


def _locked(keys: Sequence[str]) -> QuerySet[User]:
    """Lock everybody first and in one order, so that two actions on the same people do not wait in a circle."""
    return User.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)


def _result(
    user_id: str, user: User | None, action: BulkAction, actor: User, now: datetime
) -> dict[str, Any]:
    if user is None:
        return {"user_id": user_id, "status": "error", "message": "USER_NOT_FOUND"}
    try:
        with transaction.atomic():
            if not (actor.is_active and actor.has_perm(MANAGE)):
                raise AccessDenied
            if user.is_staff or user.pk == actor.pk:
                raise StaffAreManagedAlone
            _DEEDS[Kind(action.kind)](
                user=user, actor=actor, reason=action.reason, address=action.address, now=now
            )
    except DomainError as error:
        status = "skipped" if error.status == 409 or isinstance(error, StaffAreManagedAlone) else "error"
        return {"user_id": user_id, "status": status, "message": error.code}
    return {"user_id": user_id, "status": "success", "message": ""}


_DEEDS: dict[BulkAction.Kind, Callable[..., None]] = {
    Kind.SUSPEND: people.suspend,
    Kind.ACTIVATE: people.activate,
    Kind.SIGN_OUT: staff.sign_out_everywhere,
    Kind.VERIFY: people.confirm_email,
}
