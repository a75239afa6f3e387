"""The whole way without a bank: the sandbox bank answers an order, and its files are taken like any others."""

from collections.abc import Sequence
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.bank.credit_transfers import PaymentLine, read_pain001
from donations.bank.sandbox import Return, SandboxBank
from donations.bank.switch import is_open
from donations.models import BankFile, LedgerAccount, Payout, PayoutRun
from donations.operations.bank_files import import_bank_file
from donations.operations.payout_orders import content_of, own_account
from donations.operations.payout_steps import locked_run
from donations.queries.balances import total_balance
from goodplay.lib.errors import Conflict

CLOSED_ACCOUNT = "AC04"


class SandboxBankClosed(Conflict):
    code = "SANDBOX_BANK_CLOSED"
    message = _("There is no sandbox bank here: upload the files of your bank.")


class NothingAtTheBank(Conflict):
    code = "NOTHING_AT_THE_BANK"
    message = _("The bank has nothing of this run to answer to.")


class Answer(models.TextChoices):
    PAYS = "pays", _("It pays")
    REFUSES = "refuses", _("It refuses: the accounts are closed")
    GIVES_BACK = "gives_back", _("The money comes back: the accounts are closed")


@transaction.atomic
def ask_sandbox_bank(
    *, run: PayoutRun, answer: Answer, actor: User, now: datetime, address: str = ""
) -> list[BankFile]:
    """Let the sandbox bank answer an order with a status report and a statement, and take both.

    What was settled before is not paid again. Raises SandboxBankClosed and NothingAtTheBank.
    """
    if not is_open():
        raise SandboxBankClosed
    run = locked_run(run.pk)
    moving = _references(run, Payout.IN_TRANSIT)
    paid_before = _references(run, (Payout.Status.SETTLED,)) if answer == Answer.GIVES_BACK else []
    if not moving and not paid_before:
        raise NothingAtTheBank
    files = _report(run, answer, moving, now) + _statement(run, answer, moving, paid_before, now)
    return [import_bank_file(content=each, received_by=actor, now=now, address=address)[0] for each in files]


def _report(run: PayoutRun, answer: Answer, moving: Sequence[str], now: datetime) -> list[bytes]:
    if not moving:
        return []
    refuse = dict.fromkeys(moving, CLOSED_ACCOUNT) if answer == Answer.REFUSES else {}
    return [_bank().answer(content_of(run.file), now=now, refuse=refuse)]


def _statement(
    run: PayoutRun, answer: Answer, moving: Sequence[str], paid_before: Sequence[str], now: datetime
) -> list[bytes]:
    """Write the account's day: it opens with what the books say is in the bank."""
    if answer == Answer.REFUSES:
        return []
    order = content_of(run.file)
    lines = {line.end_to_end_id: line for line in read_pain001(order).lines}
    back: list[PaymentLine] = []
    if answer == Answer.GIVES_BACK:
        back = [lines[reference] for reference in (*moving, *paid_before)]
    statement = _bank().statement(
        run.execute_on or now.date(),
        now=now,
        opening=-total_balance(LedgerAccount.Kind.BANK),
        number=BankFile.objects.filter(kind=BankFile.Kind.STATEMENT).count() + 1,
        paid=[order],
        refused=[reference for reference in lines if reference not in moving],
        returned=[Return(line, CLOSED_ACCOUNT) for line in back],
    )
    return [statement]


def _bank() -> SandboxBank:
    ours = own_account()
    return SandboxBank(name="Sandbox Bank", bic="SANDITMM", account_name=ours.name, iban=ours.iban)


def _references(run: PayoutRun, statuses: Sequence[str]) -> list[str]:
    own = run.payouts.filter(status__in=statuses).order_by("pk")
    return list(own.values_list("end_to_end_id", flat=True))
