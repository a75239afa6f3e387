"""Facts about money."""

from typing import TYPE_CHECKING, Any

from django.dispatch import Signal

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from accounts.models import Onlus
    from donations.models import (
        AllocationRequest,
        AllocationResult,
        BatchOperation,
        Case,
        ComplianceCheck,
        ComplianceIssue,
        Discrepancy,
        Donation,
        DonationRefund,
        FinancialReport,
        FraudFlag,
        Funding,
        FundingPool,
        IdentityVerification,
        OnlusBankAccount,
        PaymentDispute,
        PaymentIntent,
        PaymentProvider,
        PaymentRefund,
        Payout,
        Receipt,
        ReceiptMail,
        ReconciliationRun,
        RecurringCharge,
        RecurringDonation,
        Review,
        ScreenedSubject,
        Transfer,
        Wallet,
    )


def _credit_facts(transfer: "Transfer", source_type: str) -> dict[str, Any]:
    of_play = transfer.kind == transfer.Kind.SESSION_CREDIT
    return {
        "user_id": str(transfer.player_id),
        "transaction_id": str(transfer.transaction_id),
        "transfer_id": str(transfer.pk),
        "session_id": str(transfer.cause_id) if of_play else None,
        "amount": str(transfer.amount),
        "source_type": source_type,
    }


def _discrepancy_facts(run: "ReconciliationRun", found: "list[Discrepancy]") -> dict[str, Any]:
    return {
        "run_id": str(run.pk),
        "reconciliation_id": run.reconciliation_id,
        "count": len(found),
        "high": sum(each.severity == each.Severity.HIGH for each in found),
        "discrepancy_ids": [str(each.pk) for each in found[:100]],
    }


def _donation_facts(donation: "Donation") -> dict[str, Any]:
    assert donation.completed_at is not None  # noqa: S101  (announced for completed donations only)
    return {
        "donation_id": str(donation.pk),
        "user_id": str(donation.donor_id),
        "onlus_id": str(donation.onlus_id),
        "amount": str(donation.amount),
        "earned_amount": str(donation.earned_amount),
        "paid_amount": str(donation.paid_amount),
        "currency": "EUR",
        "origin": donation.origin,
        "is_anonymous": donation.is_anonymous,
        "completed_at": donation.completed_at.isoformat(),
    }


def _refund_facts(refund: "DonationRefund") -> dict[str, Any]:
    donation = refund.donation
    return {
        "refund_id": str(refund.pk),
        "donation_id": str(donation.pk),
        "user_id": str(donation.donor_id),
        "onlus_id": str(donation.onlus_id),
        "amount": str(refund.amount),
        "earned_amount": str(refund.earned_amount),
        "paid_amount": str(refund.paid_amount),
        "remaining_amount": str(donation.amount - donation.refunded_amount),
        "is_whole": donation.refunded_amount == donation.amount,
        "donated_at": donation.completed_at.isoformat() if donation.completed_at else None,
        "refunded_at": refund.created_at.isoformat(),
        "reason": refund.reason,
    }


def _cancellation_facts(donation: "Donation") -> dict[str, Any]:
    return {
        "donation_id": str(donation.pk),
        "user_id": str(donation.donor_id),
        "onlus_id": str(donation.onlus_id),
        "amount": str(donation.amount),
        "status": donation.status,
        "code": donation.failure_code,
    }


def _funding_facts(funding: "Funding") -> dict[str, Any]:
    return {
        "funding_id": str(funding.pk),
        "sponsor_id": str(funding.sponsor_id),
        "amount": str(funding.amount),
        "received_on": funding.received_on.isoformat(),
    }


def _skip_facts(wallet: "Wallet", onlus: "Onlus | None", reason: str) -> dict[str, Any]:
    return {
        "user_id": str(wallet.player_id),
        "onlus_id": str(onlus.pk) if onlus else None,
        "onlus_name": onlus.name if onlus else "",
        "reason": reason,
    }


def _decided_facts(review: "Review", status: str) -> dict[str, Any]:
    return {**_review_facts(review), "status": status}


def _review_facts(review: "Review") -> dict[str, Any]:
    return {
        "review_id": str(review.pk),
        "subject": review.subject,
        "subject_id": str(review.subject_id),
        "user_id": str(review.player_id) if review.player_id else None,
        "amount": str(review.amount),
        "reasons": review.reasons,
    }


def _screened_facts(subject: "ScreenedSubject") -> dict[str, Any]:
    return {
        "screened_id": str(subject.pk),
        "user_id": str(subject.user_id) if subject.user_id else None,
        "state": subject.state,
    }


def _check_facts(check: "ComplianceCheck") -> dict[str, Any]:
    return {
        "check_id": check.check_id,
        "check_type": check.check_type,
        "user_id": str(check.user_id),
        "status": check.status,
        "risk_level": check.risk_level,
        "escalation_level": check.escalation_level,
    }


def _case_facts(case: "Case") -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "kind": case.kind,
        "user_id": str(case.subject_user_id) if case.subject_user_id else None,
        "onlus_id": str(case.subject_onlus_id) if case.subject_onlus_id else None,
        "risk_level": case.risk_level,
    }


def _flag_facts(flag: "FraudFlag") -> dict[str, Any]:
    return {"flag_id": str(flag.pk), "user_id": str(flag.user_id), "reason": flag.reason}


def _payment_facts(intent: "PaymentIntent", **more: Any) -> dict[str, Any]:
    return {
        "intent_id": str(intent.pk),
        "user_id": str(intent.player_id),
        "purpose": intent.purpose,
        "donation_id": str(intent.donation_id) if intent.donation_id else None,
        "donation_status": intent.donation.status if intent.donation else None,
        "amount": str(intent.amount),
        "net_amount": str(intent.net_amount),
        "currency": intent.currency,
        "fee": str(intent.total_fees),
        "provider": intent.provider.provider_type,
        "status": intent.status,
        "error_code": intent.error_code,
        **more,
    }


def _payment_refund_facts(refund: "PaymentRefund") -> dict[str, Any]:
    return _payment_facts(
        refund.intent,
        refund_id=str(refund.pk),
        refunded=str(refund.amount),
        refund_status=refund.status,
        shortfall=str(refund.shortfall),
    )


def _dispute_facts(dispute: "PaymentDispute") -> dict[str, Any]:
    return _payment_facts(
        dispute.intent,
        dispute_id=str(dispute.pk),
        disputed=str(dispute.amount),
        dispute_status=dispute.status,
        lost=str(dispute.lost_amount),
        shortfall=str(dispute.shortfall),
    )


def _attention_facts(intent: "PaymentIntent", code: str) -> dict[str, Any]:
    return _payment_facts(intent, code=code, stray_amount=str(intent.stray_amount))


def _health_facts(provider: "PaymentProvider", status: str, detail: str) -> dict[str, Any]:
    return {"provider_id": str(provider.pk), "provider": provider.name, "status": status, "detail": detail}


def _recurring_facts(recurring: "RecurringDonation") -> dict[str, Any]:
    return {
        "recurring_id": str(recurring.pk),
        "user_id": str(recurring.donor_id),
        "onlus_id": str(recurring.onlus_id),
        "amount": str(recurring.amount),
        "due_on": recurring.next_on.isoformat(),
    }


def _charge_facts(charge: "RecurringCharge") -> dict[str, Any]:
    return {
        "charge_id": str(charge.pk),
        "recurring_id": str(charge.recurring_id),
        "user_id": str(charge.recurring.donor_id),
        "code": charge.last_error,
        "next_attempt_at": charge.next_attempt_at.isoformat() if charge.next_attempt_at else None,
    }


def _payout_facts(payout: "Payout") -> dict[str, Any]:
    return {
        "payout_id": str(payout.pk),
        "run_id": str(payout.run_id),
        "onlus_id": str(payout.onlus_id),
        "amount": str(payout.amount),
        "end_to_end_id": payout.end_to_end_id,
        "status": payout.status,
        "reason_code": payout.reason_code,
    }


def _receipt_facts(receipt: "Receipt") -> dict[str, Any]:
    return {
        "receipt_id": str(receipt.pk),
        "number": receipt.reference,
        "kind": receipt.kind,
        "donation_id": str(receipt.donation_id),
        "user_id": str(receipt.donation.donor_id),
        "amount": str(receipt.amount),
    }


def _mail_facts(mail: "ReceiptMail") -> dict[str, Any]:
    return {"mail_id": str(mail.pk), "receipt_id": str(mail.receipt_id)}


def _batch_facts(batch: "BatchOperation", **more: Any) -> dict[str, Any]:
    return {
        "batch_id": str(batch.pk),
        "operation_type": batch.operation_type,
        "status": batch.status,
        "created_by_id": str(batch.created_by_id),
        "total_items": batch.total_items,
        "processed_items": batch.processed_items,
        "successful_items": batch.successful_items,
        "failed_items": batch.failed_items,
        "skipped_items": batch.skipped_items,
        **more,
    }


def _batch_start_facts(batch: "BatchOperation", lines: int) -> dict[str, Any]:
    return _batch_facts(batch, slices=-(-lines // batch.batch_size))


def _request_facts(request: "AllocationRequest") -> dict[str, Any]:
    return {
        "request_id": str(request.pk),
        "onlus_id": str(request.onlus_id),
        "title": request.title,
        "amount": str(request.target),
        "score": str(request.score) if request.score is not None else None,
        "priority": request.priority,
        "is_forced": request.is_forced,
    }


def _allocation_facts(result: "AllocationResult") -> dict[str, Any]:
    return {
        "result_id": str(result.pk),
        "request_id": str(result.request_id),
        "onlus_id": str(result.request.onlus_id),
        "target": str(result.target_amount),
        "given": str(result.given_amount),
        "status": result.status,
        "method": result.method,
        "retries": result.retry_count,
    }


def _pool_facts(pool: "FundingPool") -> dict[str, Any]:
    return {"pool_id": str(pool.pk), "sponsor_id": str(pool.sponsor_id), "name": pool.name}


def _account_facts(account: "OnlusBankAccount") -> dict[str, Any]:
    return {"account_id": str(account.pk), "onlus_id": str(account.onlus_id)}


def _identity_facts(verification: "IdentityVerification") -> dict[str, Any]:
    return {
        "verification_id": str(verification.pk),
        "user_id": str(verification.user_id),
        "level": verification.level,
        "status": verification.status,
    }


credits_earned = DomainSignal("credits_earned", facts=_credit_facts, aggregate="user_id")
"""Arguments: transfer (a credit out of the reward pool that moved), source_type. Once for every credit."""

credits_waiting = DomainSignal("credits_waiting", facts=_credit_facts, aggregate="user_id")
"""Arguments: transfer (a credit the reward pool does not cover yet, held), source_type. `credits_earned` follows."""

donation_complete = DomainSignal("donation_complete", facts=_donation_facts, aggregate="user_id")
"""Arguments: donation."""

donation_refunded = DomainSignal("donation_refunded", facts=_refund_facts, aggregate="user_id")
"""Arguments: refund. All or a part of a completed donation was given back; what followed from it is taken back alike."""

donation_cancelled = DomainSignal("donation_cancelled", facts=_cancellation_facts, aggregate="user_id")
"""Arguments: donation. A gift that waited for a payment or a review came to nothing; its holds are free again."""

review_opened = DomainSignal("compliance_review_required", facts=_review_facts)
"""Arguments: review. A movement waits at the check point."""

review_unblocked = DomainSignal("compliance_review_unblocked", facts=_review_facts)
"""Arguments: review. The name it waited for was screened: it is looked at again, in a transaction of its own."""

review_decided = DomainSignal("compliance_review_decided", facts=_decided_facts)
"""Arguments: review, status. Somebody released what waited, or refused it."""

check_needs_review = DomainSignal("compliance_check_needs_review", facts=_check_facts)
"""Arguments: check. A compliance check waits for a person, or was escalated to the next level."""

check_decided = DomainSignal("compliance_check_decided", facts=_check_facts)
"""Arguments: check. Somebody let it pass or fail (`status`)."""

case_opened = DomainSignal("compliance_case_opened", facts=_case_facts)
"""Arguments: case. A suspicion somebody must work on."""

fraud_flagged = DomainSignal("fraud_flagged", facts=_flag_facts)
"""Arguments: flag. A player was marked."""

pool_funded = DomainSignal("pool_funded", facts=_funding_facts)
"""Arguments: funding. A sponsor's money reached the reward pool."""

auto_donation_skipped = DomainSignal("auto_donation_skipped", facts=_skip_facts, aggregate="user_id")
"""Arguments: wallet, onlus (or None), reason (a constant). There was something to give automatically, and it could not be given."""

payment_succeeded = DomainSignal("payment_succeeded", facts=_payment_facts, aggregate="user_id")
"""Arguments: intent. Its money is in the wallet; `donation_status` tells whether the gift it was meant for was made."""

payment_failed = DomainSignal("payment_failed", facts=_payment_facts, aggregate="user_id")
"""Arguments: intent. It failed or was cancelled (`status`): no money moved."""

payment_refunded = DomainSignal("payment_refunded", facts=_payment_refund_facts, aggregate="user_id")
"""Arguments: refund. Money went back to the payer, or (`refund_status` failed) could not and is in the wallet again."""

payment_disputed = DomainSignal("payment_disputed", facts=_dispute_facts, aggregate="user_id")
"""Arguments: dispute. It was opened, won or lost (`dispute_status`)."""

payment_needs_attention = DomainSignal("payment_needs_attention", facts=_attention_facts)
"""Arguments: intent, code. The provider told something that cannot be booked as asked: a person must look."""

payment_provider_health_changed = DomainSignal("payment_provider_health_changed", facts=_health_facts)
"""Arguments: provider, status, detail."""

recurring_notice_due = DomainSignal("recurring_notice_due", facts=_recurring_facts, aggregate="user_id")
"""Arguments: recurring. Its next date is near and the donor is to be told."""

recurring_charge_failed = DomainSignal("recurring_charge_failed", facts=_charge_facts, aggregate="user_id")
"""Arguments: charge. An attempt at a due date failed; `next_attempt_at` is empty when it was the last."""

recurring_ended = DomainSignal("recurring_ended", facts=_recurring_facts, aggregate="user_id")
"""Arguments: recurring. Too many dates in a row failed."""

payout_settled = DomainSignal("payout_settled", facts=_payout_facts, aggregate="onlus_id")
"""Arguments: payout. The bank charged our account: the money is with the ONLUS, or about to be."""

payout_rejected = DomainSignal("payout_rejected", facts=_payout_facts, aggregate="onlus_id")
"""Arguments: payout. The bank did not pay it (`reason_code`); its donations wait for the next payout."""

payout_returned = DomainSignal("payout_returned", facts=_payout_facts, aggregate="onlus_id")
"""Arguments: payout. Its money was paid and came back (`reason_code`); its donations wait for the next payout."""
receipt_issued = DomainSignal("receipt_issued", facts=_receipt_facts, aggregate="user_id")
"""Arguments: receipt. A new receipt, or the document that voids one over which nothing remains."""

receipt_mail_requested = DomainSignal("receipt_mail_requested", facts=_mail_facts)
"""Arguments: mail. A donor asked for a receipt by mail once more."""

reconciliation_discrepancy = DomainSignal(
    "reconciliation_discrepancy", facts=_discrepancy_facts, aggregate="run_id"
)
"""Arguments: run, found (the breaks it found first). What the books and a statement tell differs."""

batch_started = DomainSignal("batch_started", facts=_batch_start_facts, aggregate="batch_id")
"""Arguments: batch, lines (how many wait). A released batch was handed to the workers, for the first time or again."""

batch_finished = DomainSignal("batch_finished", facts=_batch_facts, aggregate="batch_id")
"""Arguments: batch. Its lines are all dealt with, or it was cancelled (`status`)."""

allocation_approved = DomainSignal("allocation_approved", facts=_request_facts, aggregate="onlus_id")
"""Arguments: request. Staff let it into the next run."""

allocation_rejected = DomainSignal("allocation_rejected", facts=_request_facts, aggregate="onlus_id")
"""Arguments: request. By staff, or by a run because of its score or its deadline."""

allocation_executed = DomainSignal("allocation_executed", facts=_allocation_facts, aggregate="onlus_id")
"""Arguments: result. All lines were carried out; `status` says whether all of the target was given or a part."""

allocation_failed = DomainSignal("allocation_failed", facts=_allocation_facts, aggregate="onlus_id")
"""Arguments: result. All lines were tried, and nothing was given."""

allocation_overdue = DomainSignal("allocation_overdue", facts=_request_facts, aggregate="onlus_id")
"""Arguments: request. An emergency waits for more than two hours."""

pool_depleted = DomainSignal("pool_depleted", facts=_pool_facts)
"""Arguments: pool. It has nothing left to give."""

identity_decided = DomainSignal("identity_decided", facts=_identity_facts, aggregate="user_id")
"""Arguments: verification. It was approved or rejected (`status`)."""

identity_expiring = DomainSignal("identity_expiring", facts=_identity_facts, aggregate="user_id")
"""Arguments: verification. Its proof ends within a month."""

identity_expired = DomainSignal("identity_expired", facts=_identity_facts, aggregate="user_id")
"""Arguments: verification. Its proof is over; the player is known less well now."""

bank_account_entered = DomainSignal("bank_account_entered", facts=_account_facts, aggregate="onlus_id")
"""Arguments: account. An organisation is to be paid there, once somebody verified it."""

bank_account_verified = DomainSignal("bank_account_verified", facts=_account_facts, aggregate="onlus_id")
"""Arguments: account. Everybody who had to has confirmed it; after a change it is paid from `active_from` on."""

bank_account_withdrawn = DomainSignal("bank_account_withdrawn", facts=_account_facts, aggregate="onlus_id")
"""Arguments: account. An owner took it back before it was in force."""
session_conversion_shown = Signal()
"""A question, not a fact: somebody asks how a session was paid. Arguments: credit, now. What a receiver returns is added
to the answer, under the keys the answer declares."""


def _issue_facts(issue: "ComplianceIssue") -> dict[str, Any]:
    return {"issue_id": str(issue.pk), "onlus_id": str(issue.onlus_id), "issue_type": issue.issue_type}


critical_issue_opened = DomainSignal("critical_issue_opened", facts=_issue_facts, aggregate="onlus_id")
"""Arguments: issue. Found by an assessment, or written by staff."""
name_screened = DomainSignal("name_screened", facts=_screened_facts)
"""Arguments: subject. Every list in force was asked about somebody new or renamed: what waited for that can go on."""


def _report_facts(report: "FinancialReport") -> dict[str, Any]:
    return {
        "report_id": str(report.pk),
        "report_type": report.report_type,
        "onlus_id": str(report.onlus_id) if report.onlus_id else None,
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
    }


financial_report_ready = DomainSignal("financial_report_ready", facts=_report_facts)
"""Arguments: report. Staff may read it; a summary of an organisation is published, and its people may."""
