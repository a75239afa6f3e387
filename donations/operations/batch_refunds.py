"""Batches of refunds: each line gives a donation back, whole or in part."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from donations.models import BatchLine, Donation, DonationRefund
from donations.operations import refunds
from donations.operations.batch_lines import BatchKind, Fault, LineDraft
from goodplay.lib.errors import NotFound
from goodplay.lib.money import ZERO


class LineDonationNotFound(NotFound):
    code = "BATCH_DONATIONS_NOT_FOUND"
    message = _("There is no such donation to give back.")


def faults(lines: Sequence[LineDraft], now: datetime) -> list[Fault]:
    donations = _named(lines)
    wanted: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        donation = donations.get(line.donation_id) if line.donation_id else None
        if donation is not None:
            wanted[donation.pk] += _amount(line, donation)
    return [fault for line in lines for fault in _faults_of(line, donations, wanted)]


def _faults_of(
    line: LineDraft, donations: dict[UUID, Donation], wanted: dict[UUID, Decimal]
) -> Iterator[Fault]:
    donation = donations.get(line.donation_id) if line.donation_id else None
    if donation is None:
        yield Fault.of(line.number, LineDonationNotFound)
    elif donation.status != Donation.Status.COMPLETED:
        yield Fault.of(line.number, refunds.DonationNotRefundable)
    elif _amount(line, donation) <= ZERO or wanted[donation.pk] > donation.net_amount:
        yield Fault.of(line.number, refunds.RefundTooLarge)


def _named(lines: Sequence[LineDraft]) -> dict[UUID, Donation]:
    return Donation.objects.in_bulk({line.donation_id for line in lines if line.donation_id})


def _amount(line: LineDraft, donation: Donation) -> Decimal:
    """Return what goes back: all that is left where the line names no amount."""
    return donation.net_amount if line.amount is None else line.amount


def complete(lines: Sequence[LineDraft]) -> list[LineDraft]:
    """Write into each line whose donation it is and how much goes back, so that the one who releases reads it."""
    donations = _named(lines)
    return [_completed(line, donations[line.donation_id]) for line in lines if line.donation_id]


def _completed(line: LineDraft, donation: Donation) -> LineDraft:
    return replace(
        line, player_id=donation.donor_id, onlus_id=donation.onlus_id, amount=_amount(line, donation)
    )


def row(line: LineDraft) -> BatchLine:
    return BatchLine(
        player_id=line.player_id,
        onlus_id=line.onlus_id,
        gives_back_id=line.donation_id,
        amount=line.amount,
        donation_message=line.message,
    )


def carry_out(line: BatchLine, now: datetime) -> None:
    """Give back what the line says. Less may be left by now: then it fails, and nothing of it moves."""
    if line.gives_back_id is None:
        raise LineDonationNotFound
    line.refund = refunds.refund_donation(
        donation_id=line.gives_back_id,
        cause=DonationRefund.Cause.STAFF,
        amount=line.amount,
        reason=line.donation_message[:200],
        requested_by=line.batch.created_by,
        now=now,
    )
    line.processed_amount = line.amount


REFUNDS = BatchKind(faults=faults, row=row, carry_out=carry_out, complete=complete)
