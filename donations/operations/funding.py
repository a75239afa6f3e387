"""Sponsors' money: what reached the bank, asked for by one, booked when another approves, and where it goes."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Funding, LedgerAccount, Sponsor, Transfer
from donations.operations import ledger, reward_pool
from donations.signals import pool_funded
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.time import rome_day

SPONSOR_FUNDING = "sponsor_funding"

Kind = LedgerAccount.Kind


class FundingAlreadyRecorded(Conflict):
    code = "FUNDING_ALREADY_RECORDED"
    message = _("A payment of this sponsor with this bank reference is already in the books.")


class FundingInTheFuture(DomainError):
    code = "FUTURE_DATE_NOT_ALLOWED"
    message = _("Record money once it has arrived: the date lies in the future.")


class SponsorInactive(Conflict):
    code = "SPONSOR_NOT_ACTIVE"
    message = _("This sponsor is not active. Switch it on first.")


@transaction.atomic
def request_funding(
    *,
    sponsor: Sponsor,
    amount: Decimal,
    purpose: Funding.Purpose,
    received_on: date,
    bank_reference: str,
    reason: str,
    requested_by: User,
    now: datetime,
    address: str = "",
) -> ApprovalRequest:
    """Ask a second person to book money that reached the bank. Nothing moves before they approve."""
    _refuse_what_cannot_be_booked(sponsor, received_on, bank_reference, now)
    facts = {
        "amount": amount,
        "purpose": purpose.value,
        "received_on": received_on,
        "bank_reference": bank_reference.strip(),
        "sponsor": sponsor.name,
    }
    return request_approval(
        kind=SPONSOR_FUNDING,
        target=sponsor,
        facts=facts,
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


def perform_funding(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    facts = request.facts
    funding = record_funding(
        sponsor=Sponsor.objects.get(pk=request.target_id),
        amount=Decimal(facts["amount"]),
        purpose=Funding.Purpose(facts["purpose"]),
        received_on=date.fromisoformat(facts["received_on"]),
        bank_reference=facts["bank_reference"],
        recorded_by=request.requested_by,
        now=now,
    )
    return {"funding": funding.pk}


@transaction.atomic
def record_funding(
    *,
    sponsor: Sponsor,
    amount: Decimal,
    purpose: Funding.Purpose,
    received_on: date,
    bank_reference: str,
    recorded_by: User | None,
    now: datetime,
) -> Funding:
    """Book money of a sponsor that reached the bank; what is for play goes on to the reward pool at once.

    What is for matching or for funding pools stays on the sponsors' account until it is given. A bank reference counts once.
    """
    _refuse_what_cannot_be_booked(sponsor, received_on, bank_reference, now)
    try:
        with transaction.atomic():
            funding = Funding.objects.create(
                sponsor=sponsor,
                amount=amount,
                purpose=purpose,
                received_on=received_on,
                bank_reference=bank_reference.strip(),
                recorded_by=recorded_by,
                created_at=now,
            )
    except IntegrityError as error:
        raise FundingAlreadyRecorded from error
    _move(funding, Kind.BANK, Kind.SPONSOR, now)
    if purpose == Funding.Purpose.REWARD_POOL:
        _move(funding, Kind.SPONSOR, Kind.REWARD_POOL, now)
        transaction.on_commit(reward_pool.forget_gauge)
        pool_funded.announce(funding=funding)
    return funding


def _refuse_what_cannot_be_booked(
    sponsor: Sponsor, received_on: date, bank_reference: str, now: datetime
) -> None:
    if not sponsor.is_active:
        raise SponsorInactive
    if received_on > rome_day(now):
        raise FundingInTheFuture
    if Funding.objects.filter(sponsor=sponsor, bank_reference=bank_reference.strip()).exists():
        raise FundingAlreadyRecorded


def _move(funding: Funding, source: LedgerAccount.Kind, target: LedgerAccount.Kind, now: datetime) -> None:
    ledger.move(
        debit=ledger.system_account(source),
        credit=ledger.system_account(target),
        amount=funding.amount,
        cause=ledger.Cause(
            transaction_id=funding.pk,
            cause_id=funding.pk,
            kind=Transfer.Kind.FUNDING,
            reason=funding.bank_reference,
        ),
        now=now,
    )
