"""Payouts at the bank: the order that goes out, and what reports and statements say, in any order and any number of times."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import DatabaseError, transaction

from donations.bank.credit_transfers import read_pain001
from donations.bank.sandbox import Charge, Incoming, SandboxBank
from donations.bank.status_reports import Status as BankStatus
from donations.models import (
    BankFile,
    LedgerAccount,
    OnlusBankAccount,
    Payout,
    PayoutFile,
    PayoutFileContent,
    PayoutRun,
)
from donations.operations import bank_files, ledger, payout_orders, payouts
from donations.operations.payout_orders import content_of
from donations.queries.balances import balance_of, total_balance
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from tests.bank.orders import BANK, OUR_IBAN
from tests.factories.donations import NOW
from tests.factories.payouts import (
    IBANS,
    answer,
    colleague,
    exported,
    order_of,
    payable_onlus,
    prepare,
    released,
    returned_line,
    settled,
    statement,
    take,
)

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
Status = Payout.Status


@pytest.fixture
def onlus():
    return payable_onlus("12.50", name="Il Sentiero Verde")


@pytest.fixture
def run(onlus):
    """A run with one payout of 12.50, ordered at the bank."""
    return exported(prepare())


def where(onlus):
    """Say where the ONLUS' money is: owed, in transit, gone from the bank."""
    owed = balance_of(ledger.onlus_account(onlus_id=onlus.pk, now=NOW))
    return owed, total_balance(Kind.PAYOUT_IN_TRANSIT), total_balance(Kind.BANK)


def announced():
    return Counter(Event.objects.filter(name__startswith="payout_").values_list("name", flat=True))


# The order ------------------------------------------------------------------------------------------------------


def test_the_order_says_what_was_released(onlus, run):
    order = read_pain001(order_of(run))

    payout = run.payouts.get()
    [line] = order.lines
    assert (order.message_id, order.execute_on) == (run.message_id, run.execute_on)
    assert (line.end_to_end_id, line.amount) == (payout.end_to_end_id, Decimal("12.50"))
    assert (line.creditor.name, line.creditor.iban) == ("Il Sentiero Verde", IBANS[1])
    assert order.total == run.total_amount == run.file.total_amount
    assert (order.debtor.iban, order.debtor.address.town) == (OUR_IBAN, "Milano")
    assert line.remittance == "GoodPlay: donazioni fino al 04/03/2026"
    assert where(onlus) == (0, Decimal("12.50"), 0)


@pytest.mark.parametrize(
    ("on", "executed"), [((2026, 3, 5), date(2026, 3, 6)), ((2026, 4, 2), date(2026, 4, 7))]
)
def test_it_is_executed_on_the_next_day_banks_settle(on, executed):
    payable_onlus("12.00")
    now = NOW.replace(year=on[0], month=on[1], day=on[2])

    assert exported(prepare(now), now=now).execute_on == executed


def test_a_run_is_ordered_once(run):
    written = order_of(run)

    with pytest.raises(payout_orders.RunNotApproved):
        payout_orders.export_run(run=run, actor=colleague("Anna"), now=NOW)

    assert order_of(run) == written
    assert PayoutFile.objects.count() == 1


def test_a_draft_is_not_ordered(onlus):
    run = prepare()

    with pytest.raises(payout_orders.RunNotApproved):
        payout_orders.export_run(run=run, actor=colleague("Anna"), now=NOW)

    assert where(onlus) == (Decimal("12.50"), 0, 0)


def test_without_an_account_of_ours_nothing_is_ordered(onlus, settings):
    run = released(prepare())
    settings.PAYOUT_ACCOUNT_IBAN = ""

    with pytest.raises(payout_orders.OwnAccountMissing):
        payout_orders.export_run(run=run, actor=colleague("Anna"), now=NOW)

    assert where(onlus) == (Decimal("12.50"), 0, 0)
    assert not PayoutFile.objects.exists()


def test_an_order_no_bank_would_take_says_why_and_moves_nothing(onlus):
    run = released(prepare())
    OnlusBankAccount.objects.update(holder="東京")

    with pytest.raises(payout_orders.OrderNotWritten) as refused:
        payout_orders.export_run(run=run, actor=colleague("Anna"), now=NOW)

    assert refused.value.data["fault"] == "CHARACTER_UNWRITABLE"
    assert "東京" in str(refused.value)
    assert where(onlus) == (Decimal("12.50"), 0, 0)


def test_the_stored_file_is_encrypted_proved_and_every_download_is_noted(run):
    stored = PayoutFileContent.objects.filter(file=run.file)

    content = payout_orders.hand_out(file=run.file, actor=colleague("Anna"), now=NOW, address="192.0.2.1")

    assert IBANS[1].encode() in content
    noted = AuditEntry.objects.get(action="payout_file_download")
    assert (noted.actor, noted.address, noted.target_id) == (colleague("Anna"), "192.0.2.1", str(run.file.pk))
    stored.update(xml=content.decode().replace(IBANS[1], IBANS[2]))
    with pytest.raises(payout_orders.FileAltered):
        content_of(run.file)


def test_the_record_of_a_file_never_changes(run):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PayoutFile.objects.update(sha256="0" * 64)


# Status reports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["ACTC", "ACCP", "ACSP", "ACSC"])
def test_an_accepted_payment_is_on_its_way_until_the_statement_shows_it(onlus, run, status):
    file = take(answer(run, accept_as=BankStatus(status)))

    assert run.payouts.get().status == Status.ACCEPTED
    assert file.outcome == {"accepted": 1, "odd": []}
    assert where(onlus) == (0, Decimal("12.50"), 0)


def test_a_pending_payment_stays_as_it_is(run):
    assert take(answer(run, accept_as=BankStatus.PENDING)).outcome == {"pending": 1, "odd": []}
    assert run.payouts.get().status == Status.EXPORTED


@pytest.mark.parametrize("was_accepted", [False, True])
def test_a_rejected_payment_is_owed_again(onlus, run, was_accepted):
    payout = run.payouts.get()
    if was_accepted:
        take(answer(run))

    file = take(answer(run, now=NOW + timedelta(hours=1), refuse={payout.end_to_end_id: "AM04"}))

    payout.refresh_from_db()
    assert (payout.status, payout.reason_code) == (Status.REJECTED, "AM04")
    assert file.outcome == {"rejected": 1, "odd": []}
    assert where(onlus) == (Decimal("12.50"), 0, 0)
    assert announced() == {"payout_rejected": 1}
    again = prepare()
    assert (again.payouts.get().amount, again.message_id != run.message_id) == (Decimal("12.50"), True)


@pytest.mark.parametrize(("reason", "is_flagged"), [("AC01", True), ("AC04", True), ("AM04", False)])
def test_a_wrong_account_is_flagged_and_paid_no_more(run, reason, is_flagged):
    take(answer(run, refuse={run.payouts.get().end_to_end_id: reason}))

    account = OnlusBankAccount.objects.get()
    assert (account.flagged_at is not None, account.flag_reason) == (is_flagged, reason if is_flagged else "")
    assert (prepare() is None) == is_flagged


def test_of_a_file_accepted_in_part_each_payment_has_its_own_fate():
    payable_onlus("12.00"), payable_onlus("15.00", iban=IBANS[2])
    run = exported(prepare())
    bad = run.payouts.get(amount="15.00")

    file = take(answer(run, refuse={bad.end_to_end_id: "AC04"}))

    assert file.outcome == {"accepted": 1, "rejected": 1, "odd": []}
    assert set(run.payouts.values_list("amount", "status")) == {
        (Decimal("12.00"), Status.ACCEPTED),
        (Decimal("15.00"), Status.REJECTED),
    }


def test_a_report_about_an_order_of_somebody_else_is_refused(run):
    foreign = answer(run).replace(run.message_id.encode(), b"SOMEBODY-ELSE")

    with pytest.raises(bank_files.OrderUnknown):
        take(foreign)

    assert not BankFile.objects.exists()


def test_a_payment_we_do_not_know_is_put_aside(run):
    payout = run.payouts.get()
    strange = answer(run).replace(payout.end_to_end_id.encode(), b"NOT-OURS")

    file = take(strange)

    # All of the file were accepted, so ours was; the one the report names is not ours.
    assert file.outcome["odd"] == [{"code": "PAYMENT_UNKNOWN", "end_to_end_id": "NOT-OURS", "status": "ACCP"}]
    assert run.payouts.get().status == Status.ACCEPTED


# Statements -----------------------------------------------------------------------------------------------------


def test_the_statement_settles(onlus, run):
    file = take(statement(run))

    assert run.payouts.get().status == Status.SETTLED
    assert file.outcome == {"settled": 1, "odd": []}
    assert where(onlus) == (0, 0, Decimal("12.50"))
    assert announced() == {"payout_settled": 1}


def test_a_return_undoes_both_steps(onlus, run):
    settled(run)

    file = take(statement(run, number=2, paid=[], returned=[returned_line(run)]))

    payout = run.payouts.get()
    assert (payout.status, payout.reason_code) == (Status.RETURNED, "AC04")
    assert file.outcome == {"returned": 1, "odd": []}
    assert where(onlus) == (Decimal("12.50"), 0, 0)
    assert announced() == {"payout_settled": 1, "payout_returned": 1}
    assert OnlusBankAccount.objects.get().flag_reason == "AC04"


def test_a_payment_may_leave_and_come_back_in_one_statement(onlus, run):
    file = take(statement(run, returned=[returned_line(run)]))

    assert file.outcome == {"settled": 1, "returned": 1, "odd": []}
    assert where(onlus) == (Decimal("12.50"), 0, 0)


def test_a_batch_booked_as_one_settles_all_of_it():
    payable_onlus("12.00"), payable_onlus("15.00", iban=IBANS[2])
    run = exported(prepare())
    booked = order_of(run).replace(b"<BtchBookg>false", b"<BtchBookg>true")

    file = take(statement(run, paid=[booked]))

    assert file.outcome == {"settled": 2, "odd": []}


def test_a_batch_told_without_its_parts_settles_when_the_sum_is_right():
    payable_onlus("12.00"), payable_onlus("15.00", iban=IBANS[2])
    run = exported(prepare())
    told = whole_entry(statement(run, paid=[order_of(run).replace(b"<BtchBookg>false", b"<BtchBookg>true")]))

    file = take(told)

    assert file.outcome == {"settled": 2, "odd": []}
    assert take(told) == file
    assert take(told + b"\n").outcome == {"known": 2, "odd": []}


def whole_entry(content: bytes) -> bytes:
    """Leave out the parts of the one entry."""
    import re  # noqa: PLC0415

    return re.sub(rb"<TxDtls>.*</TxDtls>", b"", content, flags=re.DOTALL)


def test_money_that_is_not_of_payouts_waits_for_the_reconciliation(onlus, run):
    sponsor = Incoming(Decimal("500.00"), "Fondazione Aurora", IBANS[0], "Grazie")

    file = take(statement(run, incoming=[sponsor], charges=[Charge(Decimal("1.20"))]))

    assert (file.outcome["settled"], file.outcome["unmatched"]) == (1, 2)
    assert [(odd["code"], odd["amount"]) for odd in file.outcome["odd"]] == [
        ("UNKNOWN", "-1.20"),
        ("UNKNOWN", "500.00"),
    ]
    assert where(onlus) == (0, 0, Decimal("12.50"))


def test_another_amount_is_not_believed(onlus, run):
    wrong = order_of(run).replace(b"12.50", b"12.40")

    file = take(statement(run, paid=[wrong]))

    assert [odd["code"] for odd in file.outcome["odd"]] == ["AMOUNT_DIFFERS"]
    assert run.payouts.get().status == Status.EXPORTED
    assert where(onlus) == (0, Decimal("12.50"), 0)


def test_a_second_charge_for_one_payout_is_put_aside(onlus, run):
    settled(run)

    file = take(statement(run, number=2))

    assert [odd["code"] for odd in file.outcome["odd"]] == ["CHARGED_WHILE_SETTLED"]
    assert where(onlus) == (0, 0, Decimal("12.50"))


def test_what_was_rejected_and_is_charged_all_the_same_is_put_aside(onlus, run):
    take(answer(run, refuse={run.payouts.get().end_to_end_id: "AM04"}))

    file = take(statement(run, returned=[returned_line(run)]))

    assert [odd["code"] for odd in file.outcome["odd"]] == [
        "CHARGED_WHILE_REJECTED",
        "RETURNED_WHILE_REJECTED",
    ]
    assert where(onlus) == (Decimal("12.50"), 0, 0)


def test_a_credit_that_says_nothing_of_a_return_is_put_aside(run):
    settled(run)
    payout = run.payouts.get()
    back = Incoming(Decimal("12.50"), "Il Sentiero Verde", IBANS[1], "?", end_to_end_id=payout.end_to_end_id)

    file = take(statement(run, number=2, paid=[], incoming=[back]))

    assert [odd["code"] for odd in file.outcome["odd"]] == ["CREDIT_UNEXPLAINED"]
    assert run.payouts.get().status == Status.SETTLED


def test_a_statement_of_another_account_is_refused(run):
    other = SandboxBank(name="Sandbox Bank", bic="SANDITMM", account_name="GoodPlay", iban=IBANS[0])

    with pytest.raises(bank_files.AccountUnknown):
        take(other.statement(run.execute_on, now=NOW, opening=Decimal("1.00"), paid=[order_of(run)]))

    assert not BankFile.objects.exists()
    assert run.payouts.get().status == Status.EXPORTED


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"hello", "FILE_MALFORMED"),
        (b"<Document/>", "FORMAT_UNKNOWN"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "FILE_WITH_ENTITIES"),
    ],
)
def test_what_is_no_file_of_a_bank_is_refused(content, fault):
    with pytest.raises(bank_files.BankFileNotBelieved) as refused:
        take(content)

    assert refused.value.data["fault"] == fault
    assert not BankFile.objects.exists()


# Twice, and in any order ----------------------------------------------------------------------------------------


def test_the_same_file_is_taken_once(onlus, run):
    content = statement(run)

    first, again = take(content), take(content)

    assert first == again
    assert BankFile.objects.count() == 1
    assert where(onlus) == (0, 0, Decimal("12.50"))


def test_a_statement_that_comes_again_as_another_file_books_nothing_twice(onlus, run):
    take(statement(run, returned=[returned_line(run)]))

    again = take(statement(run, now=NOW + timedelta(days=1), returned=[returned_line(run)]))

    assert again.outcome == {"known": 2, "odd": []}
    assert where(onlus) == (Decimal("12.50"), 0, 0)


@pytest.mark.parametrize("order", list(permutations(["report", "statement", "return"])))
def test_the_bank_may_tell_in_any_order(onlus, run, order):
    files = {
        "report": answer(run),
        "statement": statement(run),
        "return": statement(run, number=2, paid=[], returned=[returned_line(run)]),
    }

    taken = [take(files[name]) for name in order for _twice in range(2)]

    assert run.payouts.get().status == Status.RETURNED
    assert [file.outcome["odd"] for file in taken] == [[]] * 6
    assert where(onlus) == (Decimal("12.50"), 0, 0)
    assert announced() == {"payout_settled": 1, "payout_returned": 1}


def test_a_rejection_after_the_statement_is_put_aside(onlus, run):
    settled(run)

    file = take(answer(run, refuse={run.payouts.get().end_to_end_id: "AC04"}))

    assert [odd["code"] for odd in file.outcome["odd"]] == ["CONTRADICTS_WHAT_IS_BOOKED"]
    assert where(onlus) == (0, 0, Decimal("12.50"))


def test_every_step_has_its_line_in_the_history(run):
    take(answer(run))
    settled(run)
    take(statement(run, number=2, paid=[], returned=[returned_line(run)]))

    changes = run.payouts.get().changes.order_by("pk")
    assert [(change.to_status, change.bank_file_id is not None) for change in changes] == [
        ("draft", False),
        ("approved", False),
        ("exported", False),
        ("accepted", True),
        ("settled", True),
        ("returned", True),
    ]
    assert changes.last().reason_code == "AC04"


def test_steps_the_table_does_not_have_are_refused_everywhere(run):
    payout = run.payouts.get()
    for status in (Status.DRAFT, Status.APPROVED, Status.CANCELLED, Status.RETURNED):
        assert not payout.may_become(status)

    with pytest.raises(payouts.RunNotDraft):
        payouts.request_release(run=run, requested_by=colleague("Anna"), reason="Again", now=NOW)
    assert PayoutRun.objects.get().status == PayoutRun.Status.EXPORTED


def test_stored_files_are_the_bytes_that_came(run):
    content = statement(run)

    assert take(content).data == content
    assert BANK.iban == OUR_IBAN
