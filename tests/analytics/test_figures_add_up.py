"""Every figure of the finance dashboard leads to rows, and these rows sum to it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from donations.dashboards.finance import build
from donations.models import LedgerAccount
from donations.operations import closing, ledger
from goodplay.lib.admin.dashboards import Period
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import give_credits, make_donation, take_back
from tests.factories.payouts import IBANS, payable_onlus, prepare
from tests.payments.benches import SandboxStand, sandbox_bench
from tests.payments.intents import Desk, account_at

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
Kind = LedgerAccount.Kind


@pytest.fixture
def history(db):
    """Two months of everything that moves money: gifts, refunds, earnings taken back, payments, payouts."""
    alice, bruno, onlus = UserFactory(), UserFactory(), OnlusFactory()
    for days in range(40):
        make_donation(alice if days % 3 else bruno, onlus, f"{days + 1}.37", now=NOON - timedelta(days=days))
    whole = make_donation(bruno, onlus, "8.00", now=NOON - timedelta(days=2))
    part = make_donation(alice, onlus, "9.00", now=NOON - timedelta(days=20))
    take_back(whole, now=NOON)
    take_back(part, "0.01", now=NOON)
    wrong = give_credits(alice, "3.00", now=NOON - timedelta(days=4))
    ledger.reverse(transfer=wrong, reason="twice", now=NOON - timedelta(days=1))
    give_credits(alice, "5.55", now=NOON)
    give_credits(bruno, "1.20", kind=Kind.PLAYER_CASH, now=NOON)
    closing.take_snapshots(now=NOON - timedelta(days=2))
    payable_onlus("12.00", "13.00", now=NOON - timedelta(days=1))
    prepare(NOON)
    payable_onlus("40.00", iban=IBANS[2], now=NOON - timedelta(days=1))
    payable_onlus("9.99", iban=IBANS[0], now=NOON - timedelta(days=1))


@pytest.fixture
def payments(history):
    with time_machine.travel(NOON):
        bench = sandbox_bench(SandboxStand())
        desk = Desk(bench, account_at(bench))
        for amount in ("50.00", "19.99"):
            desk.pay(UserFactory(), amount)
        desk.begin(UserFactory(), "30.00")


def rows_behind(client, figure):
    page = client.get(figure.url)
    assert page.status_code == 200, figure.url
    shown = page.context["cl"]
    return shown.model_admin, list(shown.queryset)


def signed(transfer):
    """What a transfer means to its player: in from the pool, or back to it."""
    return transfer.amount if transfer.credit_account.kind == Kind.PLAYER_CREDITS else -transfer.amount


SUMS = {
    "Given": lambda admin, rows: sum(row.net_amount for row in rows),
    "Donations": lambda admin, rows: len(rows),
    "Average donation": lambda admin, rows: round(sum(row.net_amount for row in rows) / len(rows), 2),
    "Donors": lambda admin, rows: len({row.donor_id for row in rows}),
    "Given back": lambda admin, rows: sum(row.refunded_amount for row in rows),
    "Credits earned": lambda admin, rows: sum(map(signed, rows)),
    "Owed to players": lambda admin, rows: sum(row.balance for row in rows),
    "Owed to organisations": lambda admin, rows: sum(map(admin.listed_balance, rows)),
    "Payouts due": lambda admin, rows: sum(map(admin.due_now, rows)),
    "Payouts under way": lambda admin, rows: sum(row.amount for row in rows),
    "Provider fees": lambda admin, rows: sum(row.processing_fee for row in rows),
    "Open discrepancies": lambda admin, rows: sum(row.amount for row in rows),
    "Reward pool": lambda admin, rows: sum(map(admin.listed_balance, rows)),
}
# A share of two figures beside it, and the outcome of a proof.
NO_SUMS = {"Players who give", "Books"}


@pytest.mark.parametrize("days", [1, 7, 30, 90])
def test_the_rows_behind_every_figure_sum_to_it(client, payments, days):
    client.force_login(StaffFactory())
    today = date(2026, 3, 14)
    with time_machine.travel(NOON, tick=False):
        figures = {
            str(each.label): each
            for each in build(Period(today - timedelta(days=days - 1), today), NOON).figures
        }
        found = {label: SUMS[label](*rows_behind(client, figures[label])) for label in SUMS}

    assert set(figures) == set(SUMS) | NO_SUMS
    assert found == {label: figures[label].value for label in SUMS}
    assert found["Given"] > 0


def test_the_days_of_the_charts_sum_to_the_figures(payments):
    period = Period(date(2026, 2, 13), date(2026, 3, 14))
    content = build(period, NOON)
    figures = {str(each.label): each.value for each in content.figures}
    days, organisations, _forecast, owed = content.charts

    assert sum(days.series[0].values) == figures["Given"]
    assert sum(days.series[1].values) == figures["Credits earned"]
    assert sum(organisations.series[0].values) == figures["Given"]
    assert owed.series[0].values[-1] == figures["Owed to players"]
    assert owed.series[1].values[-1] == figures["Owed to organisations"]
