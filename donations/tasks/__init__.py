"""Scheduled money jobs, by topic. Celery finds a job here: name each one."""

from donations.tasks.allocation import allocate_due, allocate_emergencies, look_at_waiting_requests
from donations.tasks.assessments import assess_organisations, watch_organisations
from donations.tasks.batches import clear_unused_uploads, resume_batches, work_on_batches
from donations.tasks.compliance import expire_compliance_checks, renew_compliance_checks
from donations.tasks.financial_reports import erase_report_files, make_financial_reports
from donations.tasks.ledger import close_day, verify_books
from donations.tasks.payments import (
    check_payment_providers,
    clear_old_webhooks,
    expire_intents,
    process_due_webhooks,
    process_webhook,
    repair_stuck_intents,
)
from donations.tasks.payouts import prepare_payouts
from donations.tasks.reconciliation import reconcile
from donations.tasks.recurring import carry_out_recurring, give_recurring_notices
from donations.tasks.rollups import roll_up, sum_directory, verify_rollups, watch_finances
from donations.tasks.screening import (
    expire_identities,
    find_unscreened,
    screen_everybody,
    screen_waiting,
)
from donations.tasks.wallets import give_automatically, pay_waiting_credits

__all__ = [
    "allocate_due",
    "allocate_emergencies",
    "assess_organisations",
    "carry_out_recurring",
    "check_payment_providers",
    "clear_old_webhooks",
    "clear_unused_uploads",
    "close_day",
    "erase_report_files",
    "expire_compliance_checks",
    "expire_identities",
    "expire_intents",
    "find_unscreened",
    "give_automatically",
    "give_recurring_notices",
    "look_at_waiting_requests",
    "make_financial_reports",
    "pay_waiting_credits",
    "prepare_payouts",
    "process_due_webhooks",
    "process_webhook",
    "reconcile",
    "renew_compliance_checks",
    "repair_stuck_intents",
    "resume_batches",
    "roll_up",
    "screen_everybody",
    "screen_waiting",
    "sum_directory",
    "verify_books",
    "verify_rollups",
    "watch_finances",
    "watch_organisations",
    "work_on_batches",
]
