"""From a released run to the file the bank gets: written once, kept, and never written again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.bank.credit_transfers import Address, Party, PaymentLine, PaymentOrder, write_pain001
from donations.bank.refusals import OrderRefused
from donations.bank.target import business_days_after
from donations.models import OnlusBankAccount, Payout, PayoutFile, PayoutFileContent, PayoutRun
from donations.operations import ledger
from donations.operations.payout_steps import locked, locked_run, step
from donations.operations.payouts import refuse_red_books, refuse_unpayable
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.time import ROME, rome_day

DAYS_AHEAD = 1  # business days between the order and the payment


class RunNotApproved(Conflict):
    code = "PAYOUT_RUN_NOT_APPROVED"
    message = _("Only a run that a second person released can be ordered at the bank, and only once.")


class OwnAccountMissing(DomainError):
    code = "PAYOUT_ACCOUNT_MISSING"
    message = _("The account to pay from is not set: PAYOUT_ACCOUNT_IBAN.")


class OrderNotWritten(DomainError):
    """No bank would take the order; the sentence is that of the file side."""

    code = "PAYOUT_ORDER_REFUSED"

    def __init__(self, refused: OrderRefused) -> None:
        self.refused = refused
        super().__init__(data={"fault": refused.code.value, "detail": refused.detail})

    def __str__(self) -> str:
        return f"{self.refused} ({self.refused.detail})"


class FileAltered(Conflict):
    code = "PAYOUT_FILE_ALTERED"
    message = _("The stored file is not the one that was written. Do not send it, and call for help.")


def export_run(*, run: PayoutRun, actor: User, now: datetime, address: str = "") -> PayoutFile:
    """Write the order of a released run, and put its money in transit. Together or not at all, and once.

    The books are proved first, outside of the transaction that follows: so the proof reads one state of them. Raises
    RunNotApproved, BooksAreRed, PayoutNotPayable, OwnAccountMissing, OrderNotWritten.
    """
    refuse_red_books()
    return _export(run, actor, now, address)


@transaction.atomic
def _export(run: PayoutRun, actor: User, now: datetime, address: str) -> PayoutFile:
    run = locked_run(run.pk)
    if run.status != PayoutRun.Status.APPROVED:
        raise RunNotApproved
    payouts = locked(run.payouts.filter(status=Payout.Status.APPROVED))
    refuse_unpayable(payouts, now)
    order = _order(run, payouts, now)
    written = _write(order)
    if order.total != run.total_amount or len(order.lines) != run.payout_count:
        raise RuntimeError(f"run {run.pk} is not what its order says")
    for payout in payouts:
        ledger.post(pending=payout.hold, now=now)
        step(payout, Payout.Status.EXPORTED, now=now, actor=actor)
    run.status, run.exported_at, run.execute_on = PayoutRun.Status.EXPORTED, now, order.execute_on
    run.save(update_fields=["status", "exported_at", "execute_on"])
    file = _keep(run, written, now)
    facts = {"message_id": run.message_id, "sha256": file.sha256, "total_amount": run.total_amount}
    trail.record(actor=actor, action="payout_run_export", target=run, after=facts, address=address, now=now)
    return file


@transaction.atomic
def hand_out(*, file: PayoutFile, actor: User, now: datetime, address: str = "") -> bytes:
    """Return the file for a download, and put on the trail who took it: account numbers are in it."""
    content = content_of(file)
    trail.record(actor=actor, action="payout_file_download", target=file, address=address, now=now)
    return content


def content_of(file: PayoutFile) -> bytes:
    """Return the file as it was written. Raises FileAltered when it no longer is."""
    content: bytes = PayoutFileContent.objects.get(file=file).xml.encode()
    if _digest(content) != file.sha256:
        raise FileAltered
    return content


def own_account() -> Party:
    if not settings.PAYOUT_ACCOUNT_IBAN:
        raise OwnAccountMissing
    return Party(
        name=settings.PAYOUT_ACCOUNT_NAME,
        iban=settings.PAYOUT_ACCOUNT_IBAN,
        bic=settings.PAYOUT_ACCOUNT_BIC,
        address=Address(town=settings.PAYOUT_ACCOUNT_TOWN, country=settings.PAYOUT_ACCOUNT_COUNTRY),
    )


def _order(run: PayoutRun, payouts: Sequence[Payout], now: datetime) -> PaymentOrder:
    until = run.period_end.astimezone(ROME)
    remittance = f"GoodPlay: donazioni fino al {until:%d/%m/%Y}"
    return PaymentOrder(
        message_id=run.message_id,
        created_at=now,
        execute_on=business_days_after(rome_day(now), DAYS_AHEAD),
        debtor=own_account(),
        lines=tuple(
            PaymentLine(each.end_to_end_id, each.amount, _payee(each.account), remittance) for each in payouts
        ),
    )


def _payee(account: OnlusBankAccount) -> Party:
    place = Address(town=account.town, country=account.country)
    return Party(name=account.holder, iban=account.iban, bic=account.bic, address=place)


def _write(order: PaymentOrder) -> bytes:
    try:
        return write_pain001(order)
    except OrderRefused as error:
        raise OrderNotWritten(error) from error


def _keep(run: PayoutRun, written: bytes, now: datetime) -> PayoutFile:
    file = PayoutFile.objects.create(
        run=run,
        message_id=run.message_id,
        sha256=_digest(written),
        payout_count=run.payout_count,
        total_amount=run.total_amount,
        created_at=now,
    )
    PayoutFileContent.objects.create(file=file, xml=written.decode())
    return file


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
