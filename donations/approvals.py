"""What about money needs a second person."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations.models import (
    AllocationRequest,
    BatchOperation,
    ConversionRate,
    Funding,
    LedgerAccount,
    PaymentProvider,
    PayoutRun,
    Sponsor,
)
from donations.operations import (
    adjustments,
    allocation_requests,
    batches,
    funding,
    payment_refunds,
    payouts,
    rates,
)
from goodplay.lib.approvals.registry import approvable
from goodplay.lib.templatetags.house import euros


def _adjustment(account: LedgerAccount, facts: Mapping[str, Any]) -> str:
    words = {
        "amount": euros(Decimal(facts["amount"])),
        "account": account.get_kind_display(),
        "of": facts["of"],
    }
    if facts["direction"] == adjustments.Direction.ADD:
        return _("Add %(amount)s to “%(account)s” of %(of)s.") % words
    return _("Take %(amount)s from “%(account)s” of %(of)s.") % words


approvable(
    adjustments.ADJUSTMENT,
    perform=adjustments.perform_adjustment,
    describe=_adjustment,
    permission="donations.change_ledgeraccount",
)


def _payout_run(run: PayoutRun, facts: Mapping[str, Any]) -> str:
    words = {"total": euros(Decimal(facts["total_amount"])), "count": facts["payouts"]}
    return (
        ngettext(
            "Pay out %(total)s to %(count)s organisation.",
            "Pay out %(total)s to %(count)s organisations.",
            facts["payouts"],
        )
        % words
    )


approvable(
    payouts.PAYOUT_RUN,
    perform=payouts.release_run,
    describe=_payout_run,
    permission="donations.release_payoutrun",
)


def _funding(sponsor: Sponsor, facts: Mapping[str, Any]) -> str:
    words = {"amount": euros(Decimal(facts["amount"])), "sponsor": sponsor.name}
    if facts["purpose"] == Funding.Purpose.MATCHING:
        return _("Book %(amount)s of %(sponsor)s for matching donations.") % words
    if facts["purpose"] == Funding.Purpose.ALLOCATION:
        return _("Book %(amount)s of %(sponsor)s for funding pools.") % words
    return _("Book %(amount)s of %(sponsor)s for credits for play.") % words


approvable(
    funding.SPONSOR_FUNDING,
    perform=funding.perform_funding,
    describe=_funding,
    permission="donations.add_funding",
)


def _rate_version(card: ConversionRate, facts: Mapping[str, Any]) -> str:
    words = {"card": card.rate_id, "rate": facts["base_rate"]}
    return _("Put a new version of the rate card “%(card)s” in force, at %(rate)s EUR per minute.") % words


approvable(
    rates.RATE_VERSION,
    perform=rates.perform_version,
    describe=_rate_version,
    permission="donations.add_conversionrate",
)


def _rate_withdrawal(card: ConversionRate, facts: Mapping[str, Any]) -> str:
    return _("Take the rate card “%(card)s” out of force.") % {"card": facts["card"]}


approvable(
    rates.RATE_WITHDRAWAL,
    perform=rates.perform_withdrawal,
    describe=_rate_withdrawal,
    permission="donations.change_conversionrate",
)


def _bulk_refund(provider: PaymentProvider, facts: Mapping[str, Any]) -> str:
    count = len(facts["payments"])
    words = {"total": euros(Decimal(facts["total_amount"])), "count": count, "provider": provider}
    return (
        ngettext(
            "Give %(count)s payment by %(provider)s back: %(total)s.",
            "Give %(count)s payments by %(provider)s back: %(total)s.",
            count,
        )
        % words
    )


approvable(
    payment_refunds.BULK_REFUND,
    perform=payment_refunds.perform_many,
    describe=_bulk_refund,
    permission="donations.change_paymentintent",
)


def _batch_run(batch: BatchOperation, facts: Mapping[str, Any]) -> str:
    words = {
        "type": batch.get_operation_type_display(),
        "count": facts["lines"],
        "total": euros(Decimal(facts["total_amount"])),
    }
    return (
        ngettext(
            "Let a batch of %(count)s line be run: %(type)s, %(total)s.",
            "Let a batch of %(count)s lines be run: %(type)s, %(total)s.",
            facts["lines"],
        )
        % words
    )


approvable(
    batches.BATCH_RUN,
    perform=batches.release,
    describe=_batch_run,
    permission="donations.release_batchoperation",
)


def _forced_allocation(request: AllocationRequest, facts: Mapping[str, Any]) -> str:
    words = {
        "amount": euros(Decimal(facts["amount"])),
        "onlus": facts["onlus"],
        "title": facts["title"],
        "score": facts["score"],
    }
    return (
        _("Let “%(title)s” of %(onlus)s pass with a score of %(score)s: %(amount)s are allocated to it.")
        % words
    )


approvable(
    allocation_requests.FORCE,
    perform=allocation_requests.perform_force,
    describe=_forced_allocation,
    permission="donations.change_allocationrequest",
)
