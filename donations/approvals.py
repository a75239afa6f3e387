"""What about money needs a second person."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations.models import (
    AllocationRequest,
    BatchOperation,
    ComplianceCheck,
    ComplianceSettings,
    ConversionRate,
    Discrepancy,
    Funding,
    IdentityLevel,
    IdentityVerification,
    LedgerAccount,
    MonthClose,
    PaymentProvider,
    PayoutRun,
    RiskRule,
    ScreeningHit,
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
from donations.operations.compliance import checks
from donations.operations.compliance import settings as compliance_settings
from donations.operations.identity import levels, reviewing
from donations.operations.reconciliation import months, resolving
from donations.operations.risk import rules
from donations.operations.screening import hits
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


def _rule_publishing(rule: RiskRule, facts: Mapping[str, Any]) -> str:
    words = {"rule": facts["rule"], "test": facts["back_test"]}
    return _("Put the risk rule “%(rule)s” in force. Its test hit %(test)s.") % words


approvable(
    rules.PUBLISH,
    perform=rules.publish,
    describe=_rule_publishing,
    permission="donations.publish_riskrule",
)


def _rule_retirement(rule: RiskRule, facts: Mapping[str, Any]) -> str:
    return _("Take the risk rule “%(rule)s” out of force.") % {"rule": facts["rule"]}


approvable(
    rules.RETIRE,
    perform=rules.retire,
    describe=_rule_retirement,
    permission="donations.publish_riskrule",
)


def _ignored_break(row: Discrepancy, facts: Mapping[str, Any]) -> str:
    words = {
        "class": row.get_break_class_display(),
        "day": facts["day"],
        "amount": euros(Decimal(facts["amount"])),
    }
    return _("Ignore the break “%(class)s” of %(day)s over %(amount)s.") % words


approvable(
    resolving.BREAK_IGNORE,
    perform=resolving.perform_ignore,
    describe=_ignored_break,
    permission="donations.resolve_discrepancy",
)


def _month_close(account: LedgerAccount, facts: Mapping[str, Any]) -> str:
    return _("Close the month %(month)s and sign its balances.") % {"month": facts["month"][:7]}


approvable(
    months.MONTH_CLOSE,
    perform=months.perform_close,
    describe=_month_close,
    permission="donations.close_month",
)


def _month_reopen(close: MonthClose, facts: Mapping[str, Any]) -> str:
    return _("Open the closed month %(month)s again.") % {"month": facts["month"][:7]}


approvable(
    months.MONTH_REOPEN,
    perform=months.perform_reopen,
    describe=_month_reopen,
    permission="donations.close_month",
)


def _settings_change(settings: ComplianceSettings, facts: Mapping[str, Any]) -> str:
    changes = ", ".join(f"{path} → {value}" for path, value in facts["changes"].items())
    return _("Change the compliance settings: %(changes)s.") % {"changes": changes}


approvable(
    compliance_settings.CHANGE,
    perform=compliance_settings.perform_change,
    describe=_settings_change,
    permission="donations.change_compliancesettings",
)


def _exemption(check: ComplianceCheck, facts: Mapping[str, Any]) -> str:
    return _("Exempt %(who)s from the check %(check)s (%(type)s, risk %(risk_level)s).") % facts


approvable(
    checks.EXEMPTION,
    perform=checks.exempt,
    describe=_exemption,
    permission="donations.review_compliancecheck",
    give_up=checks.keep_unexempted,
)


def _true_match(hit: ScreeningHit, facts: Mapping[str, Any]) -> str:
    return _("Confirm that %(who)s is %(listed_as)s (%(list)s, %(entry)s): no money of theirs moves.") % facts


approvable(
    hits.TRUE_MATCH,
    perform=hits.confirm_match,
    describe=_true_match,
    permission="donations.decide_screeninghit",
)


def _identity(verification: IdentityVerification, facts: Mapping[str, Any]) -> str:
    return _("Approve identity and source of funds of %(name)s (%(who)s), valid until %(until)s.") % facts


approvable(
    reviewing.FUNDS_PROVEN,
    perform=reviewing.perform_approval,
    describe=_identity,
    permission="donations.decide_identityverification",
)


def _limits(level: IdentityLevel, facts: Mapping[str, Any]) -> str:
    words = {
        "level": level.get_level_display(),
        "single": euros(Decimal(facts["single_limit"])),
        "daily": euros(Decimal(facts["daily_limit"])),
        "monthly": euros(Decimal(facts["monthly_limit"])),
    }
    return _("Level “%(level)s”: at once %(single)s, a day %(daily)s, a month %(monthly)s.") % words


approvable(
    levels.LIMITS,
    perform=levels.perform_change,
    describe=_limits,
    permission="donations.change_identitylevel",
)
