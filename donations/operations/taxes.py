"""What a gift means for taxes: the donor's data, the rules, and what they say about a gift before it is made."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as NotACode
from stdnum.it import codicefiscale

from accounts.models import Onlus, User
from donations.models import DonorTaxProfile, TaxRule
from donations.operations import receipts
from donations.queries.taxes import (
    Gift,
    Qualification,
    RuleBook,
    benefit,
    current_profile,
    paid_in_year,
    qualify,
)
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import rome_day, year_bounds

PERSONS_CODE = 16  # characters; an organisation's has 11


class TaxCodeInvalid(DomainError):
    code = "TAX_CODE_INVALID"
    message = _("This is no Italian codice fiscale: its letters and digits do not agree.")


class JurisdictionNotSupported(DomainError):
    code = "TAX_JURISDICTION_NOT_SUPPORTED"
    message = _("There are rules for IT, EU and US.")


class OnlusNotFound(NotFound):
    code = "ONLUS_NOT_FOUND"
    message = _("This organisation is not in the registry.")


class BelowMinimum(DomainError):
    code = "AMOUNT_BELOW_MINIMUM_DEDUCTIBLE"
    message = _("Smaller amounts cannot be deducted.")


class AnnualLimitExceeded(DomainError):
    code = "ANNUAL_DEDUCTIBLE_LIMIT_EXCEEDED"
    message = _("With what you gave this year, this is more than can be deducted.")


class OrganisationNotQualified(DomainError):
    code = "ORGANIZATION_NOT_TAX_QUALIFIED"
    message = _("Gifts to this organisation cannot be deducted there.")


class RuleNotAhead(Conflict):
    code = "TAX_RULE_NOT_AHEAD"
    message = _("A rule can begin tomorrow at the earliest: days that have passed keep the rules they had.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say about a gift of own money made on a day."""

    rule: TaxRule
    day: date
    amount: Decimal
    deductible: Decimal
    saving: Decimal
    from_income: Decimal | None = None
    """What may be taken off the income instead, where the law offers that and the income is known."""


@transaction.atomic
def save_profile(
    *,
    donor: User,
    tax_code: str,
    legal_name: str,
    address: str,
    shares_with_onlus: bool,
    now: datetime,
) -> DonorTaxProfile:
    """Store what the donor wants on documents from now on; older documents keep theirs. Raises TaxCodeInvalid."""
    User.objects.select_for_update(of=("self",)).get(pk=donor.pk)
    code = _valid_code(tax_code)
    profile = DonorTaxProfile(
        donor=donor,
        tax_code=code,
        legal_name=legal_name.strip(),
        address=address.strip(),
        is_individual=len(code) == PERSONS_CODE,
        shares_with_onlus=shares_with_onlus,
        created_at=now,
    )
    known = current_profile(donor.pk)
    if known and known.shares_with_onlus == shares_with_onlus and known.says_the_same_as(profile):
        return known
    DonorTaxProfile.objects.filter(donor=donor, is_current=True).update(is_current=False)
    profile.save(force_insert=True)
    return profile


@transaction.atomic
def add_rule(*, actor: User, reason: str, address: str, now: datetime, **columns: Any) -> TaxRule:
    """Add a rule, or the next version of one that has not begun. What has begun is never touched.

    Raises RuleNotAhead.
    """
    if columns["valid_from"] <= rome_day(now):
        raise RuleNotAhead
    scope = {name: columns[name] for name in ("jurisdiction", "runts_section", "valid_from")}
    latest = TaxRule.objects.filter(**scope).aggregate(version=Max("version"))["version"] or 0
    rule = TaxRule.objects.create(**columns, version=latest + 1, created_by=actor, created_at=now)
    after = {name: str(value) for name, value in columns.items()}
    trail.record(
        actor=actor, action="add tax rule", target=rule, after=after, reason=reason, address=address, now=now
    )
    return rule


# Questions before a gift ------------------------------------------------------------------------------------------


def rule_for(*, jurisdiction: str, day: date, section: str = "") -> TaxRule:
    """Return the rule of a day. Raises JurisdictionNotSupported."""
    rule = RuleBook(jurisdiction).rule(day=day, section=section)
    if rule is None:
        raise JurisdictionNotSupported
    return rule


def validate(*, donor_id: UUID, onlus_id: UUID, amount: Decimal, jurisdiction: str, now: datetime) -> Verdict:
    """Say whether a gift of own money made now could be deducted. Raises what `estimate` does, and
    OrganisationNotQualified."""
    onlus = _onlus(onlus_id)
    verdict = estimate(
        donor_id=donor_id,
        amount=amount,
        jurisdiction=jurisdiction,
        day=rome_day(now),
        section=onlus.runts_section,
        now=now,
    )
    found = qualify(
        number=onlus.runts_number,
        section=onlus.runts_section,
        book=RuleBook(jurisdiction),
        day=verdict.day,
    )
    if not found.is_qualified:
        raise OrganisationNotQualified(data=_not_qualified(onlus, found, now))
    return verdict


def estimate(
    *,
    donor_id: UUID,
    amount: Decimal,
    jurisdiction: str,
    day: date,
    now: datetime,
    section: str = "",
    income: Decimal | None = None,
) -> Verdict:
    """Estimate what a gift of own money on a day saves. A share of the income limits it where that is known, or is
    another way beside it. Raises JurisdictionNotSupported, BelowMinimum, AnnualLimitExceeded."""
    rule = rule_for(jurisdiction=jurisdiction, day=day, section=section)
    if amount < rule.minimum_amount:
        raise BelowMinimum(data={"minimum_amount": rule.minimum_amount, "provided_amount": amount})
    before = _paid_in_year(donor_id, day.year, now)
    if rule.annual_cap is not None and before + amount > rule.annual_cap:
        raise AnnualLimitExceeded(
            data={
                "annual_limit": rule.annual_cap,
                "current_annual_donated": before,
                "requested_amount": amount,
                "available_deductible": max(ZERO, rule.annual_cap - before),
            }
        )
    within_income = _within_income(rule, amount, income)
    if rule.income_share_instead:
        reckoned = benefit([Gift(amount, rule.deduction_rate, None)])
        return Verdict(rule, day, amount, reckoned.deductible, reckoned.saving, within_income)
    reckoned = benefit([Gift(amount, rule.deduction_rate, within_income)])
    return Verdict(rule, day, amount, reckoned.deductible, reckoned.saving)


def section_of(onlus_id: UUID | None) -> str:
    return _onlus(onlus_id).runts_section if onlus_id else ""


def _paid_in_year(donor_id: UUID, year: int, now: datetime) -> Decimal:
    start, end = year_bounds(year)
    receipts.catch_up(donor_id=donor_id, start=start, end=end, now=now)
    return paid_in_year(donor_id, year)


def _within_income(rule: TaxRule, amount: Decimal, income: Decimal | None) -> Decimal | None:
    if income is None or rule.income_share is None:
        return None
    return min(amount, to_cents(income * rule.income_share))


def _onlus(onlus_id: UUID) -> Onlus:
    onlus = Onlus.objects.public().filter(pk=onlus_id).first()
    if onlus is None:
        raise OnlusNotFound
    return onlus


def _not_qualified(onlus: Onlus, found: Qualification, now: datetime) -> dict[str, Any]:
    return {
        "is_qualified": False,
        "organization_details": {
            "onlus_id": onlus.pk,
            "name": onlus.name,
            "tax_id": onlus.tax_id,
            "runts_number": onlus.runts_number,
            "runts_section": onlus.runts_section,
        },
        "qualification_reason": found.reason,
        "validation_date": now,
    }


def _valid_code(text: str) -> str:
    """Return the code without spaces and in capitals; nothing stays nothing."""
    if not text.strip():
        return ""
    try:
        return str(codicefiscale.validate(text))
    except NotACode as error:
        raise TaxCodeInvalid from error
