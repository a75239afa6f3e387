"""What the tax rules say: which rule holds for a gift, and what a year of gifts comes to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum

from donations.models import DonorTaxProfile, Receipt, TaxRule
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO, to_cents

REGISTERED = frozenset({"ETS", "ONLUS", "NPO", "EU_QUALIFIED"})


class RuleBook:
    """The rules of one jurisdiction, read once and asked many times."""

    def __init__(self, jurisdiction: str) -> None:
        rules = TaxRule.objects.filter(jurisdiction=jurisdiction)
        self.rules = sorted(rules, key=lambda rule: (bool(rule.runts_section), rule.valid_from, rule.version))

    def rule(self, *, day: date, section: str = "") -> TaxRule | None:
        """Return the rule for a section of the register on a day; without a section, the one for all."""
        fitting = (
            rule
            for rule in reversed(self.rules)
            if rule.runts_section in ("", section) and rule.holds_on(day)
        )
        return next(fitting, None)


class Qualification(NamedTuple):
    """Whether gifts to an organisation count, by which rule, and if not, why: a constant, empty when they do."""

    rule: TaxRule | None
    reason: str

    @property
    def is_qualified(self) -> bool:
        return not self.reason


def qualify(*, number: str, section: str, book: RuleBook, day: date) -> Qualification:
    """Judge an organisation by its number in the register and the section it is in, empty when it is in none."""
    rule = book.rule(section=section, day=day)
    if rule is None:
        return Qualification(None, "NO_RULE_FOR_THIS_DAY")
    if not number or not section:
        return Qualification(rule, "NOT_IN_THE_REGISTER")
    if REGISTERED.isdisjoint(rule.organisation_types):
        return Qualification(rule, "ORGANISATION_TYPE_NOT_RECOGNISED")
    if not rule.deduction_rate:
        return Qualification(rule, "SECTION_NOT_DEDUCTIBLE")
    return Qualification(rule, "")


@dataclass(frozen=True, slots=True)
class Gift:
    """Own money given under a rule: what it was, the share the tax gives back, the most that counts in a year."""

    paid: Decimal
    rate: Decimal
    cap: Decimal | None


@dataclass(frozen=True, slots=True)
class Benefit:
    deductible: Decimal
    saving: Decimal


def benefit(gifts: Iterable[Gift]) -> Benefit:
    """Reckon a year. The caps are of the year, not of the rule: what counts under one leaves less to the others.

    The best rate goes first, as the donor would declare it; rounded once, at the end.
    """
    used, saving = ZERO, Decimal(0)
    for gift in sorted(gifts, key=lambda gift: gift.rate, reverse=True):
        counts = gift.paid if gift.cap is None else min(gift.paid, max(ZERO, gift.cap - used))
        used += counts
        saving += counts * gift.rate
    return Benefit(used, to_cents(saving))


def paid_in_year(donor_id: UUID, year: int) -> Decimal:
    """Sum what a donor gave of own money in a year, less what was given back, where it counts for taxes."""
    counted = Receipt.objects.live().of_donor(donor_id).filter(tax_year=year, is_deductible=True)
    return euros_of(counted.aggregate(total=Sum("paid_amount"))["total"])


def current_profile(donor_id: UUID) -> DonorTaxProfile | None:
    return DonorTaxProfile.objects.filter(donor_id=donor_id, is_current=True).first()
