"""Receipts: numbered documents that say what is left of each donation."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from donations.models import Donation, DonorTaxProfile, PaymentIntent, Receipt, ReceiptCounter, TaxRule
from donations.queries.receipts import documents_of, out_of_line
from donations.queries.sums import euros_of
from donations.queries.taxes import RuleBook, current_profile, qualify
from donations.signals import receipt_issued
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.time import rome_day

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O and U: nobody mistakes them for digits
CODE_LENGTH = 16  # 80 bits


class ReceiptNotAvailable(Conflict):
    code = "RECEIPT_NOT_AVAILABLE"
    message = _(
        "There is no receipt for this donation: it was not carried out, or it was given back at once."
    )


class ReceiptNotFound(NotFound):
    code = "RECEIPT_NOT_FOUND"
    message = _("This donation has no such document.")


class ReceiptNotDeductible(DomainError):
    code = "RECEIPT_NOT_DEDUCTIBLE"
    message = _("Nothing of this donation can be deducted from taxes. A standard receipt is there.")


@dataclass(frozen=True, slots=True)
class Left:
    """What a donation still is: the gift less what was given back."""

    earned: Decimal
    paid: Decimal

    @property
    def amount(self) -> Decimal:
        return self.earned + self.paid


@transaction.atomic
def bring_in_line(*, donation_id: UUID, now: datetime, with_tax_data: bool = False) -> Receipt | None:
    """Make a donation's documents say what is left of it, and return its live receipt; None when nothing is left.

    It looks at the donation as it stands, so it may run at any time, in any order and again: after the gift, after a
    refund, or after both. A receipt that says too much is voided by a document of its own, and what remains gets a new
    one. `with_tax_data` also replaces a gift's receipt that lacks the tax data its donor has given us since. Locks the
    donation, then the year's counter: numbers run without gaps, and two at once make one document.
    """
    donation = (
        Donation.objects.select_for_update(of=("self",))
        .select_related("onlus", "donor")
        .get(pk=donation_id, status__in=(Donation.Status.COMPLETED, Donation.Status.REFUNDED))
    )
    live = Receipt.objects.live().filter(donation=donation).select_related("donor_profile").first()
    left, profile = _left(donation), _profile_for(donation)
    if live and live.amount == left.amount and not (with_tax_data and _lacks(live, profile)):
        return live
    newest = None
    if live:
        newest = _void(live, donation, now, reason="refund" if live.amount != left.amount else "tax_data")
    if left.amount:
        newest = _issue(donation, left, profile, replaced=live, now=now)
    if newest is None:
        return None
    receipt_issued.announce(receipt=newest)
    return newest if left.amount else None


def current(*, donation: Donation, now: datetime) -> Receipt:
    """Return the document that counts: the live receipt, or the one that voids the last. Issues what is missing."""
    if donation.completed_at is None:
        raise ReceiptNotAvailable
    live = bring_in_line(donation_id=donation.pk, now=now)
    newest = live or next(iter(documents_of(donation.pk)), None)
    if newest is None:
        raise ReceiptNotAvailable
    return newest


def deductible(*, donation: Donation, now: datetime) -> Receipt:
    """Return the live receipt with the donor's tax data on it. Raises ReceiptNotDeductible when nothing counts."""
    if not current(donation=donation, now=now).is_deductible:
        raise ReceiptNotDeductible
    receipt = bring_in_line(donation_id=donation.pk, now=now, with_tax_data=True)
    if receipt is None:
        raise ReceiptNotDeductible
    return receipt


@transaction.atomic
def catch_up(*, donor_id: UUID, start: datetime, end: datetime, now: datetime) -> None:
    """Issue and void what the events have not brought yet, so that figures of the time are those of the donations."""
    late = out_of_line(between=(start, end)).filter(donor_id=donor_id)
    found = Donation.objects.filter(pk__in=list(late.values_list("pk", flat=True)))
    # All donations are locked before the first number is taken, as everybody locks them.
    for donation in found.order_by("completed_at", "pk").select_for_update():
        bring_in_line(donation_id=donation.pk, now=now)


def new_code() -> str:
    """Make a check code nobody can guess."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def platform_facts() -> dict[str, str]:
    return {
        "name": settings.PLATFORM_NAME,
        "address": settings.PLATFORM_ADDRESS,
        "tax_id": settings.PLATFORM_TAX_ID,
    }


def legal_notes() -> dict[str, str]:
    """The reviewed wording by language; empty where the default text is printed."""
    return {"en": settings.RECEIPT_LEGAL_NOTE_EN, "it": settings.RECEIPT_LEGAL_NOTE_IT}


# The steps ------------------------------------------------------------------------------------------------------


def _left(donation: Donation) -> Left:
    back = donation.refunds.aggregate(earned=Sum("earned_amount"), paid=Sum("paid_amount"))
    return Left(
        donation.earned_amount - euros_of(back["earned"]), donation.paid_amount - euros_of(back["paid"])
    )


def _profile_for(donation: Donation) -> DonorTaxProfile | None:
    profile = current_profile(donation.donor_id)
    return profile if profile and (profile.tax_code or profile.legal_name) else None


def _lacks(receipt: Receipt, profile: DonorTaxProfile | None) -> bool:
    return profile is not None and not profile.says_the_same_as(receipt.donor_profile)


def _issue(
    donation: Donation,
    left: Left,
    profile: DonorTaxProfile | None,
    *,
    replaced: Receipt | None,
    now: datetime,
) -> Receipt:
    given_on = rome_day(donation.completed_at or now)
    onlus = _onlus_facts(donation.onlus, replaced)
    tax = _tax_facts(onlus, left, given_on)
    return Receipt.objects.create(
        donation=donation,
        kind=Receipt.Kind.GIFT if left.paid else Receipt.Kind.THANK_YOU,
        replaces=replaced,
        amount=left.amount,
        paid_amount=left.paid,
        is_deductible=bool(tax["is_deductible"]),
        tax_year=given_on.year,
        donor_profile=profile,
        facts=_facts(donation, left)
        | onlus
        | {"tax": tax, "replaces": replaced.reference if replaced else ""},
        **_stamp(now),
    )


def _void(live: Receipt, donation: Donation, now: datetime, *, reason: str) -> Receipt:
    return Receipt.objects.create(
        donation=donation,
        kind=Receipt.Kind.VOID,
        voids=live,
        amount=live.amount,
        paid_amount=live.paid_amount,
        is_deductible=False,
        tax_year=live.tax_year,
        donor_profile=live.donor_profile,
        facts=live.facts | {"voids": live.reference, "void_reason": reason},
        **_stamp(now),
    )


def _stamp(now: datetime) -> dict[str, Any]:
    year = rome_day(now).year
    return {"year": year, "number": _next_number(year), "code": new_code(), "issued_at": now}


def _next_number(year: int) -> int:
    ReceiptCounter.objects.get_or_create(year=year)
    ReceiptCounter.objects.filter(year=year).update(last_number=F("last_number") + 1)
    return ReceiptCounter.objects.get(year=year).last_number


def _facts(donation: Donation, left: Left) -> dict[str, Any]:
    """Freeze what the document says; later changes of names do not reach it. Tax data of the donor stay encrypted."""
    return {
        "donation_id": str(donation.pk),
        "donor": donation.donor.get_full_name() or donation.donor.display_name,
        "amount": str(left.amount),
        "earned_amount": str(left.earned),
        "paid_amount": str(left.paid),
        "given_amount": str(donation.amount),
        "refunded_amount": str(donation.amount - left.amount),
        "payment_methods": _payment_methods(donation) if left.paid else [],
        "completed_at": donation.completed_at.isoformat() if donation.completed_at else "",
        "message": donation.message,
        "in_honour_of": donation.in_honour_of,
        "platform": platform_facts(),
        "legal_notes": legal_notes(),
    }


def _onlus_facts(onlus: Onlus, replaced: Receipt | None) -> dict[str, str]:
    """Tell who received, as the first receipt did: what becomes of an organisation later changes no gift of before."""
    facts = {
        "onlus": onlus.legal_name or onlus.name,
        "onlus_tax_id": onlus.tax_id,
        "onlus_address": ", ".join(filter(None, (onlus.city, onlus.region))),
        "onlus_runts": onlus.runts_number,
        "onlus_section": onlus.runts_section,
        "onlus_deductible": "yes" if onlus.is_tax_deductible else "no",
    }
    told: dict[str, str] = replaced.facts if replaced else {}
    return {name: told.get(name, fact) for name, fact in facts.items()}


def _payment_methods(donation: Donation) -> list[str]:
    """Name the means by which the donor's own money came in: those of the gift's own payment, else of the wallet's."""
    paid = PaymentIntent.objects.filter(player_id=donation.donor_id, status__in=PaymentIntent.PAID)
    own = paid.filter(donation=donation, net_amount__gte=donation.paid_amount)
    before = paid.filter(processed_at__lte=donation.completed_at)
    return sorted(set((own if own.exists() else before).values_list("payment_method", flat=True)))


def _tax_facts(onlus: dict[str, str], left: Left, given_on: date) -> dict[str, Any]:
    """Judge the gift by the rule of its day. Credits earned by playing never count: sponsors paid them."""
    found = qualify(
        number=onlus["onlus_runts"],
        section=onlus["onlus_section"],
        book=RuleBook(TaxRule.Jurisdiction.IT),
        day=given_on,
    )
    rule, reason = found.rule, found.reason
    if not reason and onlus["onlus_deductible"] == "no":
        reason = "NOT_DEDUCTIBLE_HERE"
    if not reason and not left.paid:
        reason = "EARNED_BY_PLAYING"
    if not reason and rule and left.paid < rule.minimum_amount:
        reason = "BELOW_MINIMUM"
    return {
        "is_deductible": not reason,
        "reason": reason,
        "rule": str(rule.pk) if rule else "",
        "rate": str(rule.deduction_rate) if rule else "0",
        "cap": str(rule.annual_cap) if rule and rule.annual_cap is not None else "",
        "law": rule.law if rule else "",
    }
