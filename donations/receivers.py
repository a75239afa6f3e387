"""What donations does when facts are announced."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Onlus
from accounts.signals import onlus_verified
from donations.models import BatchOperation, Donation, PaymentDispute, PaymentIntent, PaymentRefund
from donations.operations import (
    allocation,
    auto_donation,
    batch_processing,
    earning,
    ledger,
    payment_debts,
    payment_exchange,
    payment_mail,
    payout_mail,
    receipt_mail,
    receipts,
    recurring,
    recurring_mail,
    reviews,
    reward_pool,
)
from donations.signals import (
    batch_finished,
    batch_started,
    credits_earned,
    donation_cancelled,
    donation_complete,
    donation_refunded,
    payment_disputed,
    payment_refunded,
    payment_succeeded,
    payout_settled,
    pool_funded,
    receipt_issued,
    receipt_mail_requested,
    recurring_charge_failed,
    recurring_ended,
    recurring_notice_due,
)
from donations.tasks.batches import work_on_batches
from games.models import GameSession
from games.signals import game_session_complete
from goodplay.lib.events.handlers import reacts_to
from goodplay.lib.jobs.soon import soon
from goodplay.lib.money import ZERO


@receiver(game_session_complete, dispatch_uid="donations.credit_player")
def credit_player(sender: Any, session: GameSession, **kwargs: Any) -> None:
    credit = earning.credit_session(session=session)
    if session.status == GameSession.Status.COMPLETED:
        session.credits_earned = credit.amount if credit else ZERO


@receiver(onlus_verified, dispatch_uid="donations.open_payable")
def open_payable(sender: Any, onlus: Onlus, **kwargs: Any) -> None:
    ledger.onlus_account(onlus_id=onlus.pk, now=timezone.now())


@reacts_to(donation_complete, donation_refunded)
def issue_receipt(*, donation_id: UUID, now: datetime) -> None:
    """Issue, void or replace: the donation as it stands decides, so order and repeats do not matter."""
    receipts.bring_in_line(donation_id=donation_id, now=now)


@reacts_to(receipt_issued)
def mail_receipt(*, receipt_id: UUID, now: datetime) -> None:
    receipt_mail.send_issued(receipt_id=receipt_id, now=now)


@reacts_to(receipt_mail_requested)
def mail_receipt_again(*, mail_id: UUID, now: datetime) -> None:
    receipt_mail.send_requested(mail_id=mail_id, now=now)


@reacts_to(credits_earned)
def give_automatically(*, user_id: UUID, transfer_id: UUID, now: datetime) -> None:
    auto_donation.give(player_id=user_id, transfer_id=transfer_id, now=now)


@reacts_to(pool_funded)
def pay_waiting_credits(*, now: datetime) -> None:
    """Pay the first that wait; the job pays the rest."""
    reward_pool.pay_waiting(now=now)


@reacts_to(donation_cancelled)
def give_up_payment(*, donation_id: UUID, now: datetime) -> None:
    payment_exchange.give_up_gift(donation=Donation.objects.get(pk=donation_id), now=now)


@reacts_to(donation_cancelled)
def take_back_allocation(*, donation_id: UUID, code: str, now: datetime) -> None:
    allocation.take_back(donation_id=donation_id, code=code, now=now)


@reacts_to(donation_cancelled)
def close_review(*, donation_id: UUID, now: datetime) -> None:
    """Nobody needs to decide any more. After the gift's own transaction: a decision locks the review before the gift."""
    reviews.withdraw(subject=reviews.Subject.DONATION, subject_id=donation_id, now=now)


@reacts_to(payment_succeeded, payment_disputed, payment_refunded, donation_refunded)
def collect_payment_debt(*, user_id: UUID, now: datetime) -> None:
    """Whatever brings money into a wallet, or frees what was held there, pays what its player owes."""
    payment_debts.collect(player_id=user_id, now=now)


@reacts_to(payment_succeeded)
def mail_payment(*, intent_id: UUID) -> None:
    payment_mail.tell_success(intent=PaymentIntent.objects.get(pk=intent_id))


@reacts_to(payment_refunded)
def mail_payment_refund(*, refund_id: UUID) -> None:
    payment_mail.tell_refund(refund=PaymentRefund.objects.get(pk=refund_id))


@reacts_to(payment_disputed)
def mail_payment_dispute(*, dispute_id: UUID, dispute_status: str) -> None:
    payment_mail.tell_dispute(dispute=PaymentDispute.objects.get(pk=dispute_id), status=dispute_status)


@reacts_to(donation_complete)
def settle_recurring(*, donation_id: UUID, now: datetime) -> None:
    recurring.settle(donation_id=donation_id, succeeded=True, now=now)


@reacts_to(donation_cancelled)
def retry_recurring(*, donation_id: UUID, code: str, now: datetime) -> None:
    recurring.settle(donation_id=donation_id, succeeded=False, code=code, now=now)


@reacts_to(recurring_notice_due)
def mail_notice(*, recurring_id: UUID, due_on: str) -> None:
    recurring_mail.tell_of_date(recurring_id=recurring_id, due_on=date.fromisoformat(due_on))


@reacts_to(recurring_charge_failed)
def mail_failure(*, recurring_id: UUID, code: str, next_attempt_at: str | None) -> None:
    moment = datetime.fromisoformat(next_attempt_at) if next_attempt_at else None
    recurring_mail.tell_of_failure(recurring_id=recurring_id, code=code, next_attempt_at=moment)


@reacts_to(recurring_ended)
def mail_end(*, recurring_id: UUID) -> None:
    recurring_mail.tell_of_end(recurring_id=recurring_id)


@reacts_to(payout_settled)
def mail_payout(*, payout_id: UUID) -> None:
    payout_mail.tell_members(payout_id=payout_id)


@reacts_to(batch_started)
def call_workers(*, slices: int) -> None:
    """Call a worker for each slice, as many as may work at once. The minute's job works as well, and is enough."""
    for _worker in range(min(slices, settings.BATCH_MAX_WORKERS)):
        transaction.on_commit(lambda: soon(work_on_batches))


@reacts_to(batch_finished)
def tell_end_of_batch(*, batch_id: UUID) -> None:
    batch_processing.tell(BatchOperation.objects.get(pk=batch_id))
