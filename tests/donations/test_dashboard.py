"""The finance dashboard: every figure against money that really moved."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from donations import tasks
from donations.dashboards.finance import build
from donations.models import Bonus, LedgerAccount
from donations.operations import bonuses, ledger, rollups
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.jobs.models import JobRun
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import fund_pool, give_credits, make_donation
from tests.factories.payouts import IBANS, payable_onlus, prepare

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
WEEK = Period(date(2026, 3, 8), date(2026, 3, 14))
Kind = LedgerAccount.Kind


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here reads the books."""


def content(period=WEEK, now=NOON):
    return build(period, now)


def figure(label, **when):
    return next(each for each in content(**when).figures if str(each.label) == label)


def chart(title, **when):
    return next(each for each in content(**when).charts if str(each.title) == title)


def test_what_is_given_is_compared_with_as_many_days_before():
    alice, bruno, onlus = UserFactory(), UserFactory(), OnlusFactory()
    make_donation(alice, onlus, "10.00", now=NOON)
    make_donation(alice, onlus, "2.00", now=NOON - timedelta(days=6))
    make_donation(bruno, onlus, "3.01", now=NOON - timedelta(days=1))
    make_donation(bruno, onlus, "12.00", now=NOON - timedelta(days=7))
    make_donation(bruno, onlus, "99.00", now=NOON - timedelta(days=14))

    figures = {str(each.label): (each.value, each.written_note) for each in content().figures[:5]}

    assert figures == {
        "Given": (Decimal("15.01"), "25 % more than before: €12.00"),
        "Donations": (3, "1 in the period before"),
        "Average donation": (Decimal("5.00"), "€12.00 in the period before"),
        "Donors": (2, "1 in the period before"),
        "Players who give": ("100 %", "2 of 2 players gave"),
    }


@pytest.mark.parametrize(
    ("before", "note", "tone"),
    [
        ("20.00", "50 % less than before: €20.00", "warn"),
        ("5.00", "100 % more than before: €5.00", "good"),
        (None, "Nothing in the period before", ""),
    ],
)
def test_growth_is_told_in_words(before, note, tone):
    make_donation(UserFactory(), OnlusFactory(), "10.00", now=NOON)
    if before:
        make_donation(UserFactory(), OnlusFactory(), before, now=NOON - timedelta(days=7))

    given = figure("Given")

    assert (given.written_note, given.tone) == (note, tone)


def test_days_are_those_of_rome():
    donor, onlus = UserFactory(), OnlusFactory()
    midnight = datetime(2026, 3, 9, 23, tzinfo=UTC)  # in Rome the tenth begins
    make_donation(donor, onlus, "1.00", now=midnight - timedelta(minutes=1))
    make_donation(donor, onlus, "2.00", now=midnight)

    days = chart("Day by day")

    given = dict(zip(days.labels, days.series[0].values, strict=True))
    assert (given[date(2026, 3, 9)], given[date(2026, 3, 10)]) == (Decimal("1.00"), Decimal("2.00"))
    assert len(given) == 7


def test_the_day_summer_time_begins_has_its_own_bar():
    period = Period(date(2026, 3, 28), date(2026, 3, 30))
    for moment in (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)):
        make_donation(UserFactory(), OnlusFactory(), "1.00", now=moment)

    days = chart("Day by day", period=period)

    assert list(days.series[0].values) == [Decimal("0.00"), Decimal("2.00"), Decimal("0.00")]


def test_credits_earned_leave_out_what_was_taken_back_and_own_money():
    player = UserFactory()
    give_credits(player, "4.00", now=NOON)
    wrong = give_credits(player, "3.00", now=NOON - timedelta(days=1))
    ledger.reverse(transfer=wrong, reason="twice", now=NOON)
    give_credits(player, "50.00", kind=Kind.PLAYER_CASH, now=NOON)
    give_credits(player, "7.00", now=NOON - timedelta(days=9))

    days = chart("Day by day")

    assert figure("Credits earned").value == Decimal("4.00")
    assert list(days.series[1].values)[-2:] == [Decimal("3.00"), Decimal("1.00")]


def test_owed_is_what_players_hold_and_organisations_wait_for():
    player = UserFactory()
    make_donation(player, OnlusFactory(), "6.00", now=NOON)
    give_credits(player, "4.00", now=NOON)
    give_credits(player, "1.50", kind=Kind.PLAYER_CASH, now=NOON)

    players, organisations = figure("Owed to players"), figure("Owed to organisations")

    assert (players.value, players.written_note) == (Decimal("5.50"), "€4.00 earned, €1.50 paid in")
    assert organisations.value == Decimal("6.00")


@pytest.mark.parametrize(
    ("funded", "earned", "days", "tone"),
    [("130.00", "30.00", 100, "good"), ("45.00", "30.00", 15, "warn"), ("32.00", "30.00", 2, "bad")],
)
def test_the_pool_lasts_as_long_as_the_last_thirty_days_say(funded, earned, days, tone):
    fund_pool(funded, now=NOON - timedelta(days=60))
    give_credits(UserFactory(), earned, now=NOON - timedelta(days=29), draws=True)

    pool = figure("Reward pool")

    assert pool.value == Decimal(funded) - Decimal(earned)
    assert pool.written_note == f"Lasts {days} days at the pace of the last 30: €30.00"
    assert pool.tone == tone


def test_a_pool_nobody_drew_from_lasts():
    fund_pool("10.00", now=NOON)

    pool = figure("Reward pool")

    assert (pool.value, pool.written_note) == (Decimal("10.00"), "Nothing spent in the last 30 days")


@pytest.mark.unbalanced
def test_an_overdrawn_pool_lasts_no_day():
    give_credits(UserFactory(), "1.00", now=NOON, draws=True)

    pool = figure("Reward pool")

    assert (pool.value, pool.tone) == (Decimal("-1.00"), "bad")
    assert pool.written_note.startswith("Lasts 0 days")


def test_the_books_are_as_the_last_proof_left_them():
    unchecked = figure("Books")
    tasks.verify_books()
    checked = figure("Books", now=datetime.now(UTC))
    late = figure("Books", now=datetime.now(UTC) + timedelta(days=3))
    JobRun.objects.update(last_error="BooksDoNotBalance: I1 …")
    wrong = figure("Books", now=datetime.now(UTC))

    assert [(str(each.value), each.tone) for each in (unchecked, checked, late, wrong)] == [
        ("Not yet checked", "warn"),
        ("Balanced", "good"),
        ("Check overdue", "warn"),
        ("Do not balance", "bad"),
    ]


def test_organisations_are_ranked_and_the_list_is_short():
    for number in range(10):
        make_donation(UserFactory(), OnlusFactory(name=f"Number {number}"), f"{number + 1}.00", now=NOON)

    ranking = chart("By organisation")

    assert ranking.labels[:2] == ["Number 9", "Number 8"]
    assert list(ranking.series[0].values)[:2] == [Decimal("10.00"), Decimal("9.00")]
    assert len(ranking.labels) == 8


def test_the_latest_donations_name_nobody_who_wants_no_name():
    onlus = OnlusFactory(name="Il Sentiero Verde")
    make_donation(UserFactory(display_name="Luca"), onlus, "1.00", now=NOON)
    make_donation(UserFactory(display_name="Segreta"), onlus, "2.00", now=NOON, is_anonymous=True)

    rows = [[str(cell) for cell in row[1:3]] for row in content().tables[1].rows]

    assert rows == [["Anonymous", "Il Sentiero Verde"], ["Luca", "Il Sentiero Verde"]]


def test_made_in_one_language_and_read_in_another():
    make_donation(UserFactory(), OnlusFactory(), "1234.50", now=NOON)
    made = content()

    with translation.override("it"):
        given = made.figures[0]
        words = (
            str(given.label),
            made.charts[0].drawing["series"][0]["label"],
            made.charts[0].drawing["labels"][0],
        )

    assert words == ("Donato", "Donato", "8 mar 2026")


def test_an_empty_house_has_a_dashboard_too():
    shown = content()

    assert [each.value for each in shown.figures[:4]] == [Decimal("0.00"), 0, Decimal("0.00"), 0]
    assert shown.charts[1].rows == []


def test_the_dashboard_costs_the_same_for_few_and_many():
    counts = []
    for rows, days in ((1, 7), (3, 90), (3, 730)):
        for _number in range(rows):
            make_donation(UserFactory(), OnlusFactory(), "1.00", now=NOON)
        rollups.roll_up(now=NOON)
        with CaptureQueriesContext(connection) as asked:
            content(period=Period(WEEK.last - timedelta(days=days - 1), WEEK.last))
        counts.append(len(asked))

    assert counts == [counts[0]] * 3


def test_credits_that_wait_are_told_in_red():
    bonuses.grant(
        player_id=UserFactory().pk,
        amount=Decimal("4.00"),
        source=Bonus.Source.REFERRAL,
        cause_id=uuid4(),
        now=NOON,
    )

    pool = figure("Reward pool")

    assert (pool.value, pool.tone) == (Decimal("0.00"), "bad")
    assert pool.written_note == "Players wait for €4.00 they earned: the pool needs money"


def test_payouts_due_and_under_way():
    payable_onlus("12.00", "13.00", now=NOON - timedelta(days=1))
    prepare(NOON)
    payable_onlus("40.00", iban=IBANS[2], now=NOON - timedelta(days=1))
    payable_onlus("9.99", iban=IBANS[0], now=NOON - timedelta(days=1))
    make_donation(UserFactory(), OnlusFactory(), "7.00", now=NOON)  # it has no account

    due, under_way = (figure(label) for label in ("Payouts due", "Payouts under way"))

    assert (due.value, due.note_values) == (
        Decimal("40.00"),
        {"organisations": 1, "waiting": Decimal("16.99")},
    )
    assert under_way.value == Decimal("25.00")
