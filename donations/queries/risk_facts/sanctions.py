"""Whether the lists have anything against the player, or the organisation that is paid. One query, two for a payout."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F

from accounts.models import User
from donations.models import Payout, ScreenedSubject
from donations.queries.screening import blocked_beneficiaries, current_editions
from donations.rules.facts import PAYOUT, Movement

NAMES = frozenset({"sanctions_state"})
OFF = "off"
"""There are no lists, so nobody is screened."""
_WORDS = {
    "SANCTIONS_CONFIRMED": ScreenedSubject.State.CONFIRMED.value,
    "SANCTIONS_HIT_OPEN": ScreenedSubject.State.OPEN.value,
    "SANCTIONS_NOT_SCREENED": ScreenedSubject.State.WAITING.value,
}


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    if movement.subject == PAYOUT:
        return {"sanctions_state": _of_payout(movement.subject_id)}
    return {"sanctions_state": _of_player(player_id) if player_id is not None else OFF}


def _of_player(player_id: UUID) -> str:
    """Return the player's state. Who is new, or has a new name, waits, whatever was found before they changed it."""
    row = (
        User.objects.filter(pk=player_id)
        .annotate(has_lists=Exists(current_editions()), state=F("screened__state"), due=F("screened__due_at"))
        .values("has_lists", "state", "due")
        .first()
    )
    if row is None or not row["has_lists"]:
        return OFF
    stopped = row["state"] in (ScreenedSubject.State.OPEN, ScreenedSubject.State.CONFIRMED)
    if not stopped and (row["state"] is None or row["due"] is not None):
        return ScreenedSubject.State.WAITING.value
    return str(row["state"])


def _of_payout(payout_id: UUID) -> str:
    account_id = Payout.objects.filter(pk=payout_id).values_list("account_id", flat=True).get()
    blocked = blocked_beneficiaries([account_id])
    return _WORDS[blocked[account_id]] if blocked else ScreenedSubject.State.CLEAR.value
