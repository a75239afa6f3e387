"""What donations does when facts are announced."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.models import Onlus
from accounts.signals import (
    onlus_verified,
    organization_status_changed,
    profile_changed,
    user_registered,
    verification_opened,
)
from donations.models import (
    AllocationResult,
    BatchOperation,
    Donation,
    PaymentDispute,
    PaymentIntent,
    PaymentRefund,
)
from donations.operations import (
    allocation,
    analytics,
    assessment_mail,
    auto_donation,
    bank_account_mail,
    batch_processing,
    earning,
    funding_mail,
    ledger,
    payment_debts,
    payment_exchange,
    payment_mail,
    payout_mail,
    ratings,
    receipt_mail,
    receipts,
    recurring,
    recurring_mail,
    report_mail,
    reviews,
    reward_pool,
)
from donations.operations.compliance import watching
from donations.operations.identity import mails as identity_mails
from donations.operations.reconciliation import resolving
from donations.operations.screening import applicants, releasing
from donations.operations.screening import subjects as screening
from donations.queries.assessments import forget_top_performers
from donations.signals import (
    allocation_approved,
    allocation_executed,
    allocation_failed,
    allocation_rejected,
    bank_account_entered,
    bank_account_verified,
    bank_account_withdrawn,
    batch_finished,
    batch_started,
    check_decided,
    check_needs_review,
    credits_earned,
    critical_issue_opened,
    donation_cancelled,
    donation_complete,
    donation_refunded,
    financial_report_ready,
    identity_decided,
    identity_expired,
    identity_expiring,
    name_screened,
    payment_disputed,
    payment_refunded,
    payment_succeeded,
    payout_rejected,
    payout_returned,
    payout_settled,
    pool_funded,
    receipt_issued,
    receipt_mail_requested,
    recurring_charge_failed,
    recurring_ended,
    recurring_notice_due,
    review_opened,
    review_unblocked,
)
from donations.tasks.batches import work_on_batches
from games.models import GameSession
from games.signals import game_session_complete
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.signals import approval_decided
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


@reacts_to(donation_refunded)
def drop_unfounded_rating(*, user_id: UUID, onlus_id: UUID) -> None:
    ratings.drop_unfounded(donor_id=user_id, onlus_id=onlus_id)


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


@reacts_to(payout_rejected, payout_returned)
def mail_payout_trouble(*, payout_id: UUID) -> None:
    payout_mail.tell_trouble(payout_id=payout_id)


@reacts_to(critical_issue_opened)
def mail_issue(*, issue_id: UUID) -> None:
    assessment_mail.tell_of_issue(issue_id=issue_id)


@reacts_to(allocation_approved)
def mail_funding_approval(*, request_id: UUID) -> None:
    funding_mail.tell_of_approval(request_id=request_id)


@reacts_to(allocation_rejected)
def mail_funding_rejection(*, request_id: UUID) -> None:
    funding_mail.tell_of_rejection(request_id=request_id)


@reacts_to(allocation_executed, allocation_failed)
def mail_funding(*, request_id: UUID, given: Decimal, target: Decimal, status: str, retries: int) -> None:
    """That still nothing was given is told the first time only."""
    if status == AllocationResult.Status.FAILED and retries:
        return
    funding_mail.tell_of_result(request_id=request_id, given=given, target=target, status=status)


@reacts_to(financial_report_ready)
def mail_summary(*, report_id: UUID) -> None:
    report_mail.tell_members(report_id=report_id)


@reacts_to(batch_started)
def call_workers(*, slices: int) -> None:
    """Call a worker for each slice, as many as may work at once. The minute's job works as well, and is enough."""
    for _worker in range(min(slices, settings.BATCH_MAX_WORKERS)):
        transaction.on_commit(lambda: soon(work_on_batches))


@reacts_to(review_opened)
def check_who_waits(*, review_id: UUID, now: datetime) -> None:
    watching.follow_review(review_id=review_id, now=now)


@reacts_to(check_needs_review)
def warn_of_check(*, check_id: str, now: datetime) -> None:
    watching.warn(check_id=check_id, now=now)


@reacts_to(check_decided)
def calm_check(*, check_id: str, now: datetime) -> None:
    watching.calm(check_id=check_id, now=now)


@reacts_to(batch_finished)
def tell_end_of_batch(*, batch_id: UUID) -> None:
    batch_processing.tell(BatchOperation.objects.get(pk=batch_id))


@reacts_to(donation_complete, donation_refunded, payment_succeeded, payment_refunded, payment_disputed)
def drop_financial_analytics() -> None:
    analytics.forget()


@reacts_to(onlus_verified, organization_status_changed)
def drop_top_performers() -> None:
    """Another set of organisations is public."""
    forget_top_performers()


@receiver(approval_decided, dispatch_uid="donations.note_decided_break")
def note_decided_break(sender: Any, request: ApprovalRequest, **kwargs: Any) -> None:
    """A break waits for the decision on its adjustment, and closes with it."""
    resolving.note_decision(request=request, now=timezone.now())


@reacts_to(user_registered, profile_changed, identity_decided)
def screen_player(*, user_id: UUID, now: datetime) -> None:
    """A new name, or more known about somebody: the next job screens it."""
    screening.due(user_id=user_id, now=now)


@reacts_to(onlus_verified)
def screen_organisation(*, onlus_id: UUID, now: datetime) -> None:
    screening.due(onlus_id=onlus_id, now=now)


@reacts_to(bank_account_entered)
def screen_account_holder(*, account_id: UUID, onlus_id: UUID, now: datetime) -> None:
    screening.due(bank_account_id=account_id, now=now)
    screening.due(onlus_id=onlus_id, now=now)


@reacts_to(name_screened)
def settle_what_waited(*, screened_id: UUID) -> None:
    releasing.settle_reviews(screened_id=screened_id)


@reacts_to(review_opened, review_unblocked)
def settle_at_once(*, review_id: UUID, now: datetime) -> None:
    """The name was screened, maybe while the movement was being held."""
    releasing.look_again(review_id=review_id, now=now)


@reacts_to(identity_decided)
def mail_identity(*, verification_id: UUID) -> None:
    identity_mails.tell_decision(verification_id=verification_id)


@reacts_to(identity_expiring)
def mail_identity_expiring(*, verification_id: UUID) -> None:
    identity_mails.tell_expiring(verification_id=verification_id)


@reacts_to(identity_expired)
def mail_identity_expired(*, verification_id: UUID) -> None:
    identity_mails.tell_expired(verification_id=verification_id)


@reacts_to(bank_account_entered)
def tell_owners_of_new_account(*, account_id: UUID) -> None:
    bank_account_mail.tell_entered(account_id=account_id)


@reacts_to(bank_account_verified)
def tell_owners_of_verified_account(*, account_id: UUID) -> None:
    bank_account_mail.tell_verified(account_id=account_id)


@reacts_to(bank_account_withdrawn)
def tell_owners_of_withdrawn_account(*, account_id: UUID) -> None:
    bank_account_mail.tell_withdrawn(account_id=account_id)


@reacts_to(verification_opened)
def screen_applicants(*, application_id: UUID, now: datetime) -> None:
    applicants.screen_application(application_id=application_id, now=now)
