"""A whole Italian month through the real doors: sponsors and payouts in the books, the bank's statements of every working
day, the provider's own report. First as it should be, then with everything that can go wrong."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from donations.bank.target import is_business_day
from donations.models import Discrepancy, MonthClose
from donations.operations.bank_files import BankFileNotBelieved
from donations.operations.reconciliation import months
from donations.payments.sandbox.models import SandboxPayment
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals.models import ApprovalRequest
from tests.bank.orders import BANK
from tests.factories.accounts import UserFactory
from tests.factories.payouts import colleague, exported, order_of, payable_onlus, prepare, take
from tests.reconciling.house import APRIL_2, EUR, approve, charge, fund, incoming, reconcile_march

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)
LATER = APRIL_2 + timedelta(days=9)
DAYS = [day for day in (MARCH + timedelta(days=n) for n in range(31)) if is_business_day(day)]
AMOUNTS = [EUR(100 + 37 * number) + EUR("0.13") * number for number in range(len(DAYS))]


def noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def invoice(number):
    return f"FATT-2026-{number:03}"


@dataclass
class Told:
    """What the bank tells of each day, before anything goes wrong."""

    incoming: dict[date, list] = field(default_factory=dict)
    charges: dict[date, list] = field(default_factory=dict)
    paid: dict[date, list] = field(default_factory=dict)

    def statements(self):
        """Take one statement after the other: each opens with what the one before closed with."""
        opening = EUR("50000.00")
        for number, day in enumerate(DAYS, start=1):
            came, kept = self.incoming.get(day, []), self.charges.get(day, [])
            content = BANK.statement(
                day,
                now=noon(day),
                opening=opening,
                number=number,
                incoming=came,
                charges=kept,
                paid=[order_of(run) for run in self.paid.get(day, [])],
            )
            take(content, now=noon(day))
            left = [payout.amount for run in self.paid.get(day, []) for payout in run.payouts.all()]
            opening += sum((each.amount for each in came), EUR("0.00"))
            opening -= sum((each.amount for each in kept), EUR("0.00")) + sum(left, EUR("0.00"))


@pytest.fixture
def month(desk):
    """The books of March, and what the bank would tell of them."""
    told = Told()
    for number, day in enumerate(DAYS):
        fund(str(AMOUNTS[number]), reference=invoice(number), day=day, now=noon(day))
        told.incoming[day] = [incoming(str(AMOUNTS[number]), text=f"Contributo {invoice(number)}")]
    payable_onlus("50.00", "25.00")
    run = exported(prepare())
    told.paid[run.execute_on] = [run]
    alice = UserFactory()
    for number in range(6):
        with time_machine.travel(noon(MARCH + timedelta(days=4 + 4 * number)), tick=False):
            desk.pay(alice, f"{20 + 3 * number}.00")
    return told


def found():
    rows = Discrepancy.objects.open().order_by("account", "break_class", "difference")
    return [(row.account, row.break_class, row.difference) for row in rows]


def test_a_clean_month_has_no_break_and_is_closed(month):
    month.statements()

    run = reconcile_march(now=LATER)

    assert found() == []
    assert (run.status, run.break_count) == ("completed", 0)
    assert run.matched_count == run.internal_count == len(DAYS) + 1 + 6
    asked = months.request_close(month=MARCH, requested_by=colleague("Anna"), reason="Month end", now=LATER)
    approve(asked.pk, now=LATER)
    assert MonthClose.objects.get().reopened_at is None


def test_everything_that_goes_wrong_is_found_and_rightly_named(month, desk):
    told = month.incoming
    told[DAYS[1]] = []  # never came
    told[DAYS[3]].append(incoming("77.77", text="?", name="Ignoto"))
    told[DAYS[5]] = [replace(told[DAYS[5]][0], amount=AMOUNTS[5] - EUR("9.99"))]
    told[DAYS[7]].append(told[DAYS[7]][0])
    told[DAYS[20]] += told[DAYS[9]]  # a fortnight late
    told[DAYS[9]] = []
    third = EUR("50.00")
    told[DAYS[11]] = [replace(told[DAYS[11]][0], amount=part) for part in (third, AMOUNTS[11] - third)]
    told[DAYS[13]] = [
        replace(
            told[DAYS[13]][0],
            amount=AMOUNTS[13] + AMOUNTS[14],
            remittance=f"{invoice(13)} {invoice(14)}",
        )
    ]
    told[DAYS[14]] = []
    month.charges[DAYS[16]] = [charge("2.50")]
    month.statements()
    # The provider forgets a payment, keeps more of another than agreed, tells a third wrong, and took one we call open.
    first, second, third, *_rest = SandboxPayment.objects.order_by("succeeded_at")
    SandboxPayment.objects.filter(pk=first.pk).update(succeeded_at=noon(date(2025, 12, 1)))
    SandboxPayment.objects.filter(pk=second.pk).update(fee=second.fee + EUR("0.40"))
    SandboxPayment.objects.filter(pk=third.pk).update(amount=third.amount + EUR("5.00"))
    with time_machine.travel(noon(date(2026, 3, 27)), tick=False):
        desk.pay_unseen(UserFactory(), "41.00")

    reconcile_march(now=LATER)

    named = {(account, name) for account, name, _off in found()}
    assert named == {
        ("bank", "missing"),
        ("bank", "extra"),
        ("bank", "amount"),
        ("bank", "duplicate"),
        ("bank", "date_shift"),
        ("bank", "split"),
        ("bank", "merged"),
        ("bank", "fee"),
        ("provider_clearing", "missing"),
        ("provider_clearing", "status"),
        ("provider_clearing", "amount"),
        ("provider_clearing", "fee"),
    }
    assert len(found()) == len(named)
    off = {name: off for account, name, off in found() if account == "bank"}
    assert (off["missing"], off["extra"], off["amount"]) == (-AMOUNTS[1], EUR("77.77"), EUR("-9.99"))
    with pytest.raises(months.MonthNotReady):
        months.request_close(month=MARCH, requested_by=colleague("Anna"), reason="Month end", now=LATER)
    assert not ApprovalRequest.objects.filter(kind="month_close").exists()
    assert Alert.objects.filter(area="financial").exists()


def test_another_currency_stays_at_the_door(month):
    """An account of euros books nothing else: the statement is kept aside, and its money is missed."""
    day, number = DAYS[0], 1
    content = BANK.statement(
        day, now=noon(day), opening=EUR("50000.00"), number=number, incoming=month.incoming[day]
    )
    entry = f'<Amt Ccy="EUR">{AMOUNTS[0]}</Amt>'.encode()
    assert content.count(entry) >= 1

    with pytest.raises(BankFileNotBelieved):
        take(content.replace(entry, entry.replace(b"EUR", b"USD")), now=noon(day))

    reconcile_march(now=LATER)
    assert ("bank", "missing", -AMOUNTS[0]) in found()
