"""Scheduled money jobs, by topic. Celery finds a job here: name each one."""

from donations.tasks.allocation import allocate_due, allocate_emergencies
from donations.tasks.batches import clear_unused_uploads, resume_batches, work_on_batches
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
from donations.tasks.recurring import carry_out_recurring, give_recurring_notices
from donations.tasks.wallets import give_automatically, pay_waiting_credits

__all__ = [
    "allocate_due",
    "allocate_emergencies",
    "carry_out_recurring",
    "check_payment_providers",
    "clear_old_webhooks",
    "clear_unused_uploads",
    "close_day",
    "expire_intents",
    "give_automatically",
    "give_recurring_notices",
    "pay_waiting_credits",
    "prepare_payouts",
    "process_due_webhooks",
    "process_webhook",
    "repair_stuck_intents",
    "resume_batches",
    "verify_books",
    "work_on_batches",
]
