"""Bank accounts and payouts for tests, each step through its operation."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from donations.bank.credit_transfers import read_pain001
from donations.bank.sandbox import Return
from donations.models import BankFile, OnlusBankAccount, Transfer
from donations.operations import bank_accounts, bank_files, ledger, payout_orders, payouts
from donations.operations.payout_orders import content_of
from donations.queries.balances import balance_of
from goodplay.lib.approvals import operations as approvals
from tests.bank.orders import BANK
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, make_donation

IBANS = ("IT83J0306901783100000012345", "DE89370400440532013000", "FR1420041010050500013M02606")


def colleague(name: str) -> User:
    """Return the member of staff of this name."""
    email = f"{name.lower()}@goodplay.example"
    return User.objects.filter(email=email).first() or StaffFactory(email=email, display_name=name)


def make_account(onlus, iban=IBANS[1], *, now=NOW - timedelta(days=30), **columns) -> OnlusBankAccount:
    """Enter an account as Anna and verify it as Bruno."""
    account = enter_account(onlus, iban, now=now, **columns)
    return bank_accounts.verify_account(
        account=account,
        iban=iban,
        payee_check=OnlusBankAccount.PayeeCheck.MATCH,
        verified_by=colleague("Bruno"),
        now=now,
    )


def enter_account(onlus, iban=IBANS[1], *, now=NOW - timedelta(days=30), **columns):
    return bank_accounts.enter_account(
        onlus=onlus,
        iban=iban,
        entered_by=colleague("Anna"),
        now=now,
        **{"holder": onlus.name, "town": "Trento", "country": "IT"} | columns,
    )


def payable_onlus(*amounts, iban=IBANS[1], now=NOW, **columns):
    """Make an ONLUS with a verified account and donations of earned credits."""
    onlus = OnlusFactory(**columns)
    make_account(onlus, iban)
    for amount in amounts:
        make_donation(UserFactory(), onlus, amount, now=now)
    return onlus


def prepare(now=NOW):
    return payouts.prepare_payouts(now=now)


def released(run, *, now=NOW):
    """Ask as Anna, approve as Bruno."""
    asked = payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Month end", now=now)
    approvals.approve(request=asked, decided_by=colleague("Bruno"), now=now)
    run.refresh_from_db()
    return run


def exported(run, *, now=NOW):
    """Release the run and write its file."""
    payout_orders.export_run(run=released(run, now=now), actor=colleague("Anna"), now=now)
    run.refresh_from_db()
    return run


def order_of(run) -> bytes:
    return content_of(run.file)


def take(content, *, now=NOW) -> BankFile:
    """Import a file of the bank's as Anna."""
    file, _is_new = bank_files.import_bank_file(content=content, received_by=colleague("Anna"), now=now)
    return file


def answer(run, *, now=NOW, **told) -> bytes:
    return BANK.answer(order_of(run), now=now, **told)


def statement(run, *, now=NOW, number=1, **told) -> bytes:
    """Make the statement of the day the run was executed on; it paid the run unless `paid` says otherwise."""
    told = {"paid": [order_of(run)], "opening": Decimal("50000.00")} | told
    return BANK.statement(run.execute_on, now=now, number=number, **told)


def returned_line(run, reason="AC04") -> Return:
    """Let the first payment of the run come back."""
    return Return(read_pain001(order_of(run)).lines[0], reason)


def settled(run, *, now=NOW):
    take(statement(run, now=now), now=now)
    run.refresh_from_db()
    return run


def payable(onlus):
    return balance_of(ledger.onlus_account(onlus_id=onlus.pk, now=NOW))


def held(onlus):
    return sum(hold.amount for hold in Transfer.objects.open_holds().filter(debit_account__onlus=onlus))
