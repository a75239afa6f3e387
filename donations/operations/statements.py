"""Statements: what somebody gave from a day to a day, and of a year."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import GivingStatement, Receipt
from donations.operations import receipts
from donations.queries.receipts import receipts_between
from donations.queries.taxes import Benefit, Gift, benefit, current_profile
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, rome_day

FIRST_YEAR = 2020
Kind = GivingStatement.Kind


class InvalidTaxYear(DomainError):
    code = "INVALID_TAX_YEAR"
    message = _("Choose a year from 2020 to this one.")


class NoDonationsInTaxYear(NotFound):
    code = "NO_DONATIONS_IN_TAX_YEAR"
    message = _("There are no donations in this year.")


class InvalidDateRange(DomainError):
    code = "INVALID_DATE_RANGE"
    message = _("Choose a first day from 2020 and a last day that does not come before it or after today.")


class NoDonationsInRange(NotFound):
    code = "NO_DONATIONS_IN_RANGE"
    message = _("There are no donations on these days.")


@transaction.atomic
def of_year(*, donor: User, year: int, now: datetime) -> GivingStatement:
    """State what the donor gave in a year of Rome's calendar. Raises InvalidTaxYear, NoDonationsInTaxYear."""
    if not FIRST_YEAR <= year <= rome_day(now).year:
        raise InvalidTaxYear
    statement = _state(donor, Kind.ANNUAL, date(year, 1, 1), date(year, 12, 31), now)
    if statement is None:
        raise NoDonationsInTaxYear
    return statement


@transaction.atomic
def of_range(*, donor: User, first: date, last: date, now: datetime) -> GivingStatement:
    """State what the donor gave from a day to a day, both included. Raises InvalidDateRange, NoDonationsInRange."""
    if not date(FIRST_YEAR, 1, 1) <= first <= last <= rome_day(now):
        raise InvalidDateRange
    statement = _state(donor, Kind.PERIOD, first, last, now)
    if statement is None:
        raise NoDonationsInRange
    return statement


def yearly_benefit(rows: Iterable[Receipt]) -> Benefit:
    """Reckon what may be deducted, year by year, by the rules the receipts were issued under."""
    years: dict[int, list[Gift]] = defaultdict(list)
    for row in rows:
        if row.is_deductible:
            tax = row.facts["tax"]
            cap = Decimal(tax["cap"]) if tax["cap"] else None
            years[row.tax_year].append(Gift(row.paid_amount, Decimal(tax["rate"]), cap))
    reckoned = [benefit(gifts) for gifts in years.values()]
    return Benefit(
        sum((each.deductible for each in reckoned), ZERO), sum((each.saving for each in reckoned), ZERO)
    )


# The steps ------------------------------------------------------------------------------------------------------


def _state(donor: User, kind: Kind, first: date, last: date, now: datetime) -> GivingStatement | None:
    start, end = day_start(first), day_start(last + timedelta(days=1))
    receipts.catch_up(donor_id=donor.pk, start=start, end=end, now=now)
    rows = list(receipts_between(donor.pk, start, end))
    if not rows:
        return None
    profile = current_profile(donor.pk)
    facts = _facts(donor, rows) | {"donor_profile": str(profile.pk) if profile else ""}
    key = {"donor": donor, "kind": kind, "first": first, "last": last, "digest": _digest(facts)}
    known = GivingStatement.objects.filter(**key).select_related("donor_profile").first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return GivingStatement.objects.create(
                **key,
                code=receipts.new_code(),
                total=Decimal(facts["total"]),
                donor_profile=profile,
                facts=facts,
                created_at=now,
            )
    except IntegrityError:
        return GivingStatement.objects.get(**key)


def _facts(donor: User, rows: list[Receipt]) -> dict[str, Any]:
    total, paid = sum((row.amount for row in rows), ZERO), sum((row.paid_amount for row in rows), ZERO)
    reckoned = yearly_benefit(rows)
    return {
        "donor": donor.get_full_name() or donor.display_name,
        "lines": [_line(row) for row in rows],
        "total": str(total),
        "earned_total": str(total - paid),
        "paid_total": str(paid),
        "deductible_total": str(reckoned.deductible),
        "estimated_savings": str(reckoned.saving),
        "platform": receipts.platform_facts(),
        "legal_notes": receipts.legal_notes(),
    }


def _line(row: Receipt) -> dict[str, Any]:
    return {
        "donation_id": str(row.donation_id),
        "receipt": row.reference,
        "given_at": row.facts["completed_at"],
        "onlus_id": str(row.donation.onlus_id),
        "onlus": row.facts["onlus"],
        "amount": str(row.amount),
        "paid_amount": str(row.paid_amount),
        "is_deductible": row.is_deductible,
    }


def _digest(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
