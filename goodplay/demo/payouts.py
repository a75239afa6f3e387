"""Bank accounts of the organisations, and payouts, by the two who would do it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import Onlus, User
from donations.bank.switch import is_open
from donations.models import OnlusBankAccount, PayoutRun
from donations.operations import bank_accounts, payout_orders, payouts
from donations.operations.sandbox_bank import Answer, ask_sandbox_bank
from goodplay.demo import people
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.time import day_start


def verify_accounts(organisations: Sequence[Onlus], *, now: datetime) -> None:
    """Let one of finance enter each account and the other verify it."""
    for onlus, iban in zip(organisations, people.IBANS, strict=False):
        account = bank_accounts.enter_account(
            onlus=onlus,
            iban=iban,
            holder=(onlus.legal_name or onlus.name)[:70],
            town=onlus.city,
            country="IT",
            entered_by=_franca(),
            now=now,
        )
        bank_accounts.verify_account(
            account=account,
            iban=iban,
            payee_check=OnlusBankAccount.PayeeCheck.MATCH,
            verified_by=_fabio(),
            now=now,
        )


def pay(*, now: datetime) -> None:
    """Walk a run from its draft to the organisations' accounts, by way of the sandbox bank."""
    run = payouts.prepare_payouts(now=now)
    if run is None or not is_open():
        return
    hour = timedelta(hours=1)
    asked = payouts.request_release(run=run, requested_by=_franca(), reason="Month's end", now=now + hour)
    approvals.approve(request=asked, decided_by=_fabio(), now=now + 2 * hour)
    payout_orders.export_run(run=run, actor=_franca(), now=now + 3 * hour)
    run.refresh_from_db()
    if run.execute_on is not None:
        booked = day_start(run.execute_on) + timedelta(hours=9)
        ask_sandbox_bank(run=run, answer=Answer.PAYS, actor=_franca(), now=booked)


def prepare(*, now: datetime) -> None:
    """Draft a run, as the monthly job does."""
    payouts.prepare_payouts(now=now)


def ask_for_release(*, now: datetime) -> None:
    """Leave the draft to its second person."""
    run = PayoutRun.objects.filter(status=PayoutRun.Status.DRAFT).first()
    if run is not None:
        payouts.request_release(run=run, requested_by=_franca(), reason="Month's end", now=now)


def _franca() -> User:
    return User.objects.get(email=people.STAFF[1].email)


def _fabio() -> User:
    return User.objects.get(email=people.STAFF[2].email)
