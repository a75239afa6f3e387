"""The player's last movements of own money and gifts, this one included unless it is of nothing. One query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from donations.models import Transfer
from donations.queries import compliance_settings
from donations.rules.facts import Movement
from goodplay.lib.money import ZERO

NAMES = frozenset({"movements_in_window", "total_in_window", "movements_in_minute", "near_threshold_of_20"})
LAST, STRUCTURED = 100, 20
MINUTE = timedelta(minutes=1)
_KINDS = (Transfer.Kind.DONATION, Transfer.Kind.TOP_UP)
_BEGUN = (Transfer.Phase.SINGLE, Transfer.Phase.PENDING)


@dataclass(slots=True)
class Past:
    amount: Decimal
    made_at: datetime


def facts(player_id: UUID | None, movement: Movement, now: datetime) -> dict[str, Any]:
    settings = compliance_settings.current()
    single = settings.number("aml_rules.single_transaction_threshold")
    share = settings.number("aml_rules.structuring_detection_threshold")
    window = timedelta(hours=int(settings.number("risk_thresholds.velocity_check_hours")))
    movements = [
        *([Past(movement.amount, now)] if movement.amount else []),
        *(each for key, each in _past(player_id, now).items() if key != movement.subject_id),
    ]
    recent = [each for each in movements if each.made_at > now - window]
    return {
        "movements_in_window": len(recent),
        "total_in_window": sum((each.amount for each in recent), ZERO),
        "movements_in_minute": sum(each.made_at > now - MINUTE for each in movements),
        "near_threshold_of_20": sum(
            single * share <= each.amount <= single for each in movements[:STRUCTURED]
        ),
    }


def _past(player_id: UUID | None, now: datetime) -> dict[UUID, Past]:
    """Read the last rows, newest first, and add up those of one gift: earned credits and own money are two rows."""
    rows = Transfer.objects.filter(
        player_id=player_id, kind__in=_KINDS, phase__in=_BEGUN, reverses=None, created_at__lte=now
    )
    latest = rows.order_by("-created_at", "-id").values_list("transaction_id", "amount", "created_at")[:LAST]
    return _together(latest)


def _together(rows: Iterable[tuple[UUID, Decimal, datetime]]) -> dict[UUID, Past]:
    found: dict[UUID, Past] = {}
    for key, amount, made_at in rows:
        if key in found:
            found[key].amount += amount
        else:
            found[key] = Past(amount, made_at)
    return found
