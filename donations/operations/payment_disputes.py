"""Payments their payers contest at the bank: the wallet is frozen, what was withdrawn is booked, losses are recovered.

Money that was kept aside never reached the wallet: it is contested, and lost, where it lies.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from django.db.models import QuerySet, Sum

from donations.models import Donation, DonationRefund, LedgerAccount, PaymentDispute, PaymentIntent, Transfer
from donations.operations import ledger, pending_gifts
from donations.operations.payment_debts import unfreeze_if_settled
from donations.operations.payment_steps import locked_cash, note_news
from donations.operations.refunds import refund_donation
from donations.payments.contract import DisputeState, DisputeStatus
from donations.queries.paid_out import is_in_payout
from donations.queries.payments import contestable_amount, paid_donations_since, stray_left
from donations.queries.sums import euros_of
from donations.signals import payment_disputed, payment_needs_attention
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

Kind = LedgerAccount.Kind
Status = PaymentDispute.Status

BEARERS = (Kind.PLAYER_CASH, Kind.SUSPENSE)
"""Who pays a loss."""


def follow(intent: PaymentIntent, states: tuple[DisputeState, ...], *, source: str, now: datetime) -> None:
    """Bring disputes in line with what the provider has, under the payment's lock.

    A dispute that was closed may change sides at the bank, but never opens again.
    """
    for state in states:
        dispute = intent.disputes.filter(provider_dispute_id=state.provider_dispute_id).first()
        most = contestable_amount(intent)
        if state.amount > most:
            _tell(intent, "DISPUTE_ABOVE_PAYMENT", source, now)
        if dispute is None:
            if not ZERO < state.amount <= most:
                continue
            dispute = _open(intent, state, now)
        dispute.intent = intent
        if dispute.status != Status.OPEN and state.status == DisputeStatus.OPEN:
            continue
        _follow_one(dispute, state, now)


def follow_known(
    intent: PaymentIntent, states: tuple[DisputeState, ...], *, source: str, now: datetime
) -> None:
    """Bring those disputes in line that were heard of before."""
    known = set(intent.disputes.values_list("provider_dispute_id", flat=True))
    told = tuple(state for state in states if state.provider_dispute_id in known)
    follow(intent, told, source=source, now=now)


def _tell(intent: PaymentIntent, code: str, source: str, now: datetime) -> None:
    if note_news(intent, "dispute", source=source, now=now, code=code):
        payment_needs_attention.announce(intent=intent, code=code)


def _open(intent: PaymentIntent, state: DisputeState, now: datetime) -> PaymentDispute:
    """Freeze the wallet and hold in it what may be lost. A gift this payment made and nobody passed yet is given up."""
    if intent.donation_id is not None:
        donation = Donation.objects.select_for_update(of=("self",)).get(pk=intent.donation_id)
        pending_gifts.abandon(
            donation=donation, status=Donation.Status.CANCELLED, code="PAYMENT_DISPUTED", now=now
        )
    dispute = PaymentDispute(
        id=new_id(),
        intent=intent,
        provider_dispute_id=state.provider_dispute_id,
        amount=state.amount,
        reason=state.reason[:100],
        opened_at=state.opened_at or now,
    )
    if intent.review_hold is not None:
        ledger.void(pending=intent.review_hold, now=now)
        intent.review_hold = None
    dispute.hold = _hold(dispute, dispute.pk, now)
    if intent.is_paid:
        ledger.freeze_wallet(player_id=intent.player_id, now=now)
    dispute.save(force_insert=True)
    payment_disputed.announce(dispute=dispute)
    return dispute


def _follow_one(dispute: PaymentDispute, state: DisputeState, now: datetime) -> None:
    # What is contested is never nothing: an amount of zero says nothing until the verdict does.
    told = max(state.amount, dispute.lost_amount) or dispute.amount
    amount = min(told, contestable_amount(dispute.intent))
    lost = min(state.lost_amount, amount) if state.status == DisputeStatus.LOST else ZERO
    withdrawn = {DisputeStatus.OPEN: amount, DisputeStatus.WON: ZERO, DisputeStatus.LOST: lost}[state.status]
    as_told = (state.status.value, amount, state.fee, lost)
    if as_told == (dispute.status, dispute.amount, dispute.fee, dispute.lost_amount) and dispute.bookings:
        return
    has_changed_sides = dispute.status != state.status.value
    is_resized = amount != dispute.amount
    dispute.amount, dispute.fee = amount, state.fee
    if is_resized and state.status == DisputeStatus.OPEN:
        _hold_again(dispute, now)
    _book_withdrawn(dispute, withdrawn + state.fee, now)
    if state.status != DisputeStatus.OPEN:
        _settle(dispute, lost, now)
    if has_changed_sides:
        dispute.status, dispute.closed_at = Status(state.status.value), now
    dispute.save()
    if has_changed_sides:
        payment_disputed.announce(dispute=dispute)
    if dispute.shortfall > dispute.settled_amount:
        ledger.freeze_wallet(player_id=dispute.intent.player_id, now=now)
    elif dispute.status != Status.OPEN:
        ledger.lock_wallet(player_id=dispute.intent.player_id)
        unfreeze_if_settled(player_id=dispute.intent.player_id)


# Booking ----------------------------------------------------------------------------------------------------------


def _hold(dispute: PaymentDispute, cause_id: UUID, now: datetime) -> Transfer | None:
    """Hold what there is of the contested money: in the wallet, or where it was kept aside."""
    source, there = _source(dispute, now)
    held = min(there, dispute.amount)
    if held <= ZERO:
        return None
    loss = ledger.system_account(Kind.CHARGEBACK_LOSS)
    cause = _cause(dispute, cause_id, source)
    return ledger.hold(debit=source, credit=loss, amount=held, cause=cause, now=now, even_frozen=True)


def _hold_again(dispute: PaymentDispute, now: datetime) -> None:
    """Hold what is contested now that it is more, or less: a hold itself never changes."""
    if dispute.hold is not None:
        ledger.void(pending=dispute.hold, now=now)
    dispute.bookings += 1
    dispute.hold = _hold(dispute, uuid5(dispute.pk, str(dispute.bookings)), now)


def _source(dispute: PaymentDispute, now: datetime) -> tuple[LedgerAccount, Decimal]:
    if dispute.intent.is_paid:
        cash = locked_cash(dispute.intent.player_id, now)
        return cash, cash.available
    return ledger.system_account(Kind.SUSPENSE), stray_left(dispute.intent)


def _book_withdrawn(dispute: PaymentDispute, target: Decimal, now: datetime) -> None:
    """Book what the provider has taken more, or given back, since the books last knew."""
    loss = ledger.system_account(Kind.CHARGEBACK_LOSS)
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    more = target - dispute.booked_amount
    if more > ZERO:
        ledger.move(debit=loss, credit=clearing, amount=more, cause=_next_cause(dispute), now=now)
    elif more < ZERO:
        ledger.move(debit=clearing, credit=loss, amount=-more, cause=_next_cause(dispute), now=now)
    dispute.booked_amount = target


def _settle(dispute: PaymentDispute, lost: Decimal, now: datetime) -> None:
    """Book what was finally lost: first what was held, then what is kept aside, and the player bears the rest."""
    candidates = _lock_gifts(dispute) if lost > dispute.lost_amount else []
    cash = locked_cash(dispute.intent.player_id, now)
    _resolve_hold(dispute, lost, now)
    if lost > dispute.lost_amount:
        missing = lost - dispute.recovered_amount - dispute.shortfall
        missing -= _take_aside(dispute, missing, now)
        _take_gifts_back(dispute, candidates, missing - cash.available, now)
        taken = _take(dispute, missing, now)
        dispute.shortfall += missing - taken
    elif lost < dispute.lost_amount:
        _give_back(dispute, dispute.lost_amount - lost, now)
    dispute.lost_amount = lost


def _resolve_hold(dispute: PaymentDispute, lost: Decimal, now: datetime) -> None:
    if dispute.status != Status.OPEN or dispute.hold is None:
        return
    if lost == ZERO:
        ledger.void(pending=dispute.hold, now=now)
        return
    posted = min(lost, dispute.hold.amount)
    ledger.post(pending=dispute.hold, amount=posted, now=now)
    dispute.recovered_amount += posted


def _take_aside(dispute: PaymentDispute, missing: Decimal, now: datetime) -> Decimal:
    if dispute.intent.is_paid:
        return ZERO
    suspense = ledger.system_account(Kind.SUSPENSE)
    return _bear(dispute, suspense, min(missing, stray_left(dispute.intent)), now)


def _take(dispute: PaymentDispute, missing: Decimal, now: datetime) -> Decimal:
    cash = locked_cash(dispute.intent.player_id, now)
    return _bear(dispute, cash, min(missing, cash.available), now)


def _bear(dispute: PaymentDispute, bearer: LedgerAccount, amount: Decimal, now: datetime) -> Decimal:
    if amount <= ZERO:
        return ZERO
    loss = ledger.system_account(Kind.CHARGEBACK_LOSS)
    cause = _next_cause(dispute, bearer)
    ledger.move(debit=bearer, credit=loss, amount=amount, cause=cause, now=now, even_frozen=True)
    dispute.recovered_amount += amount
    return amount


def _give_back(dispute: PaymentDispute, amount: Decimal, now: datetime) -> None:
    """Take back a loss that was smaller after all: what nobody paid is forgotten, the rest returns to who bore it.

    Nobody paid what is still owed, nor what was written off. The player is paid before what is kept aside.
    """
    unpaid = min(amount, dispute.shortfall - dispute.settled_amount)
    forgiven = min(amount - unpaid, _written_off(dispute))
    dispute.shortfall -= unpaid + forgiven
    dispute.settled_amount -= forgiven
    due = amount - unpaid - forgiven
    recovered = min(due, dispute.recovered_amount)
    dispute.recovered_amount -= recovered
    dispute.shortfall -= due - recovered
    dispute.settled_amount -= due - recovered
    aside = min(max(due - _borne_by(dispute, Kind.PLAYER_CASH), ZERO), _borne_by(dispute, Kind.SUSPENSE))
    _return(dispute, locked_cash(dispute.intent.player_id, now), due - aside, now)
    _return(dispute, ledger.system_account(Kind.SUSPENSE), aside, now)


def _return(dispute: PaymentDispute, bearer: LedgerAccount, amount: Decimal, now: datetime) -> None:
    if amount > ZERO:
        loss = ledger.system_account(Kind.CHARGEBACK_LOSS)
        cause = _next_cause(dispute, bearer)
        ledger.move(debit=loss, credit=bearer, amount=amount, cause=cause, now=now)


def _written_off(dispute: PaymentDispute) -> Decimal:
    """Return what of the loss counts as borne, and nobody ever paid."""
    return dispute.recovered_amount + dispute.settled_amount - _borne_by(dispute, *BEARERS)


def _borne_by(dispute: PaymentDispute, *kinds: Kind) -> Decimal:
    own = Transfer.objects.moving().filter(transaction_id=dispute.pk)
    paid = own.filter(debit_account__kind__in=kinds).aggregate(total=Sum("amount"))["total"]
    returned = own.filter(credit_account__kind__in=kinds).aggregate(total=Sum("amount"))["total"]
    return euros_of(paid) - euros_of(returned)


def _lock_gifts(dispute: PaymentDispute) -> list[Donation]:
    """Lock, before the wallet, the gifts that may hold the disputed money and were not paid out: newest first."""
    intent = dispute.intent
    if not intent.is_paid:
        return []
    if intent.donation_id is not None:
        found: QuerySet[Donation] = Donation.objects.completed().filter(pk=intent.donation_id)
    else:
        assert intent.confirmed_at is not None  # noqa: S101  (it is paid)
        found = paid_donations_since(intent.player_id, intent.confirmed_at)
    locked = found.order_by("pk").select_for_update(of=("self",))
    left = [donation for donation in locked if not is_in_payout(donation.pk)]
    return sorted(left, key=lambda donation: (donation.completed_at, donation.pk), reverse=True)


def _take_gifts_back(dispute: PaymentDispute, gifts: list[Donation], missing: Decimal, now: datetime) -> None:
    for donation in gifts:
        given_back = euros_of(donation.refunds.aggregate(total=Sum("paid_amount"))["total"])
        back = min(missing, donation.paid_amount - given_back)
        if back > ZERO:
            refund_donation(donation_id=donation.pk, cause=DonationRefund.Cause.DISPUTE, amount=back, now=now)
            missing -= back


def _next_cause(dispute: PaymentDispute, whose: LedgerAccount | None = None) -> ledger.Cause:
    dispute.bookings += 1
    return _cause(dispute, uuid5(dispute.pk, str(dispute.bookings)), whose)


def _cause(dispute: PaymentDispute, cause_id: UUID, whose: LedgerAccount | None) -> ledger.Cause:
    return ledger.Cause(
        transaction_id=dispute.pk,
        cause_id=cause_id,
        kind=Transfer.Kind.DISPUTE,
        player_id=dispute.intent.player_id if whose and whose.stores_balance else None,
        reason="PAYMENT_DISPUTED",
    )
