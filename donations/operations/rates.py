"""Changing what play pays: a new version of a rate card, asked for by one and put in force by another.

A version is never edited: sessions remember the one that paid them. The card that pays is the active one of the highest
priority, then of the latest start; so a new version takes over from its start, and when it ends the one before returns.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import ConversionRate
from donations.queries.rates import forget_cards, other_card_in_force
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import Conflict, DomainError

RATE_VERSION, RATE_WITHDRAWAL = "rate_version", "rate_withdrawal"
LARGEST_BASE_RATE, LARGEST_MULTIPLIER = Decimal(1), Decimal(10)
MOST_PLACES = 6


class BaseRateInvalid(DomainError):
    code = "CONVERSION_RATE_BASE_RATE_INVALID"
    message = _("The base rate is between 0 and 1 EUR a minute, with at most six decimals.")


class MultipliersInvalid(DomainError):
    code = "CONVERSION_RATE_MULTIPLIERS_INVALID_FORMAT"
    message = _("Write one multiplier on each line: its name, a space, its factor.")


class MultiplierInvalid(DomainError):
    """One factor is no number from 0 to 10; the constant names it."""

    message = _("A factor is between 0 and 10, with at most four decimals.")

    @classmethod
    def named(cls, name: str) -> "DomainError":
        return type(cls.__name__, (cls,), {"code": f"CONVERSION_RATE_MULTIPLIER_{name.upper()}_INVALID"})()


class ValidityInvalid(DomainError):
    code = "CONVERSION_RATE_VALIDITY_PERIOD_INVALID"
    message = _("The card ends after it starts, and in the future.")


class CardNeeded(Conflict):
    code = "CONVERSION_RATE_NOT_AVAILABLE"
    message = _("Without this card nothing would pay for play. Put another in force first.")


@transaction.atomic
def request_version(
    *,
    card: ConversionRate,
    base_rate: Decimal,
    multipliers: Mapping[str, str],
    valid_from: datetime | None,
    valid_until: datetime | None,
    priority: int,
    description: str,
    reason: str,
    requested_by: User,
    now: datetime,
    address: str = "",
) -> ApprovalRequest:
    """Ask a second person for a new version of a card; without `valid_from` it pays from their approval on."""
    _check(base_rate, multipliers, valid_from, valid_until, now)
    facts = {
        "rate_id": card.rate_id,
        "base_rate": str(base_rate),
        "multipliers": dict(multipliers),
        "valid_from": valid_from,
        "valid_until": valid_until,
        "priority": priority,
        "description": description,
    }
    return request_approval(
        kind=RATE_VERSION,
        target=card,
        facts=facts,
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_version(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    facts = request.facts
    starts, ends = _moment(facts["valid_from"]), _moment(facts["valid_until"])
    starts = max(starts, now) if starts else now
    _check(Decimal(facts["base_rate"]), facts["multipliers"], starts, ends, now)
    transaction_lock("rate cards")
    versions = ConversionRate.objects.filter(rate_id=facts["rate_id"])
    card = ConversionRate.objects.create(
        rate_id=facts["rate_id"],
        version=versions.aggregate(latest=Max("version"))["latest"] + 1,
        base_rate=Decimal(facts["base_rate"]),
        multipliers=facts["multipliers"],
        priority=facts["priority"],
        valid_from=starts,
        valid_until=ends,
        description=facts["description"],
        created_at=now,
    )
    transaction.on_commit(forget_cards)
    return {"card": str(card), "valid_from": starts}


@transaction.atomic
def request_withdrawal(
    *, card: ConversionRate, reason: str, requested_by: User, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to take a version out of force."""
    _refuse_the_last(card, now)
    return request_approval(
        kind=RATE_WITHDRAWAL,
        target=card,
        facts={"card": str(card)},
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_withdrawal(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Take a version out of force. What it paid stays as it was."""
    transaction_lock("rate cards")  # two withdrawals at once must not leave no card
    card = ConversionRate.objects.get(pk=request.target_id)
    _refuse_the_last(card, now)
    card.is_active = False
    card.save(update_fields=["is_active"])
    transaction.on_commit(forget_cards)
    return {"card": str(card)}


def read_multipliers(text: str) -> dict[str, str]:
    """Read `name factor` lines. Raises MultipliersInvalid."""
    pairs = [line.split() for line in text.splitlines() if line.strip()]
    if any(len(pair) != 2 for pair in pairs) or len({pair[0] for pair in pairs}) != len(pairs):
        raise MultipliersInvalid
    return {name: factor.replace(",", ".") for name, factor in pairs}


def _check(
    base_rate: Decimal,
    multipliers: Mapping[str, str],
    valid_from: datetime | None,
    valid_until: datetime | None,
    now: datetime,
) -> None:
    if not 0 <= base_rate <= LARGEST_BASE_RATE or -_exponent(base_rate) > MOST_PLACES:
        raise BaseRateInvalid
    for name, factor in multipliers.items():
        if not (name.isascii() and name.isidentifier()):
            raise MultipliersInvalid
        if not _is_factor(factor):
            raise MultiplierInvalid.named(name)
    if valid_until is not None and valid_until <= max(valid_from or now, now):
        raise ValidityInvalid


def _is_factor(text: str) -> bool:
    try:
        factor = Decimal(text)
    except InvalidOperation:
        return False
    return factor.is_finite() and 0 <= factor <= LARGEST_MULTIPLIER and -_exponent(factor) <= 4


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else -MOST_PLACES - 1


def _refuse_the_last(card: ConversionRate, now: datetime) -> None:
    if not other_card_in_force(card, now):
        raise CardNeeded


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
