"""Every figure made of donations counts what was kept: at the front page, in the portal, the wallet, the back office."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest

from donations.dashboards.finance import build
from donations.queries.donated import donation_totals
from donations.queries.landing import public_figures
from donations.queries.received import Month, Span, Totals, by_month, received, summary, totals
from goodplay.lib.admin.dashboards import Period
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
LAST_MONTH = datetime(2026, 2, 10, 11, tzinfo=UTC)
WEEK = Period(date(2026, 3, 8), date(2026, 3, 14))


@pytest.fixture(autouse=True)
def today(db, time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def onlus():
    return OnlusFactory()


@pytest.fixture
def portal(client, onlus):
    client.force_login(MembershipFactory(onlus=onlus).user)
    return client


@pytest.fixture
def alice():
    return UserFactory(display_name="Alice")


@pytest.fixture
def donations(alice, onlus):
    """Three of Alice's: one whole, one of which 6.70 of 10.00 remain, one given back. And one of somebody else's."""
    whole = make_donation(alice, onlus, "5.00", now=NOON)
    partly = make_donation(alice, onlus, "10.00", now=NOON - timedelta(hours=1))
    wholly = make_donation(alice, onlus, "20.00", now=NOON - timedelta(hours=2))
    make_donation(UserFactory(), OnlusFactory(), "100.00", now=NOON)
    for amount in ("3.20", "0.10"):
        take_back(partly, amount, now=NOON)
    take_back(wholly, now=NOON)
    return whole, partly, wholly


# The donor -------------------------------------------------------------------------------------------------------


def test_a_donors_totals_count_what_was_kept(alice, donations):
    assert donation_totals(alice.pk) == {"total_donated": Decimal("11.70"), "donation_count": 2}


def test_the_wallet_shows_what_was_kept_and_has_the_rest_back(api, alice, donations):
    api.force_authenticate(alice)

    wallet = api.get("/api/wallet").json()["data"]

    assert (wallet["total_donated"], wallet["current_balance"]) == (11.7, 23.3)


def test_the_history_totals_what_was_kept(api, alice, donations):
    api.force_authenticate(alice)

    history = api.get("/api/donations/history").json()["data"]

    assert (history["total_donated"], history["donation_count"]) == (11.7, 2)
    assert [row["status"] for row in history["donations"]] == ["completed", "completed", "refunded"]


def test_parts_of_a_donation_add_up_to_all_of_it(alice, onlus):
    donation, steps = make_donation(alice, onlus, "0.30", now=NOON), []

    for amount in ("0.10", "0.10", None):
        take_back(donation, amount, now=NOON)
        steps.append((donation_totals(alice.pk)["total_donated"], totals(onlus.pk, Span()).amount))

    assert steps == [(Decimal("0.20"),) * 2, (Decimal("0.10"),) * 2, (Decimal("0.00"),) * 2]


# The organisation ------------------------------------------------------------------------------------------------


def test_an_organisation_sees_what_it_kept(onlus, donations):
    figures = summary(onlus.pk, NOON)

    assert (figures.total, figures.this_month, figures.last_month) == (
        Decimal("11.70"),
        Decimal("11.70"),
        Decimal("0.00"),
    )
    assert (figures.donations, figures.donors) == (2, 1)
    assert totals(onlus.pk, Span()) == Totals(3, Decimal("11.70"))


def test_a_refund_lowers_the_month_of_the_donation_not_its_own(alice, onlus):
    earlier = make_donation(alice, onlus, "10.00", now=LAST_MONTH)
    make_donation(alice, onlus, "1.00", now=NOON)

    take_back(earlier, "4.00", now=NOON)

    assert by_month(onlus.pk, NOON)[-2:] == [
        Month(date(2026, 2, 1), Decimal("6.00")),
        Month(date(2026, 3, 1), Decimal("1.00")),
    ]
    figures = summary(onlus.pk, NOON)
    assert (figures.this_month, figures.last_month) == (Decimal("1.00"), Decimal("6.00"))
    february = Span(date(2026, 2, 1), date(2026, 2, 28))
    assert totals(onlus.pk, february) == Totals(1, Decimal("6.00"))


def test_another_organisation_notices_nothing(onlus, donations):
    other = OnlusFactory()
    make_donation(UserFactory(), other, "8.00", now=NOON)
    before = summary(other.pk, NOON), by_month(other.pk, NOON), totals(other.pk, Span())

    take_back(donations[0], now=NOON)

    assert (summary(other.pk, NOON), by_month(other.pk, NOON), totals(other.pk, Span())) == before


def test_the_list_tells_whole_partly_and_wholly_refunded_apart(portal, onlus, donations):
    rows = {row["id"]: row for row in received(onlus.pk, Span())}
    kept = [(rows[each.pk]["refunded_amount"], rows[each.pk]["kept_amount"]) for each in donations]
    assert kept == [
        (Decimal("0.00"), Decimal("5.00")),
        (Decimal("3.30"), Decimal("6.70")),
        (Decimal("20.00"), Decimal("0.00")),
    ]

    page = " ".join(portal.get(f"/portal/{onlus.pk}/donations/").text.split())

    assert '<p class="sum number">€11.70</p>' in page
    assert '<td class="end number"> €5.00</td>' in page
    assert '<td class="end number"><s>€10.00</s> €6.70</td>' in page
    assert '<td class="end number"><s>€20.00</s></td>' in page
    assert page.count("Partly refunded") == 1
    assert page.count('<span class="chip warn">Refunded</span>') == 1


def test_the_file_says_what_was_given_back(portal, onlus, donations):
    text = portal.get(f"/portal/{onlus.pk}/donations.csv").content.decode("utf-8-sig")
    header, *rows = csv.reader(StringIO(text))

    assert header[3:8] == [
        "Amount in EUR",
        "Of which earned by playing",
        "Of which the donor's own money",
        "Given back in EUR",
        "Status",
    ]
    assert [(row[3], row[6], row[7]) for row in rows] == [
        ("5.00", "0.00", "Completed"),
        ("10.00", "3.30", "Completed"),
        ("20.00", "20.00", "Refunded"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_refunds_cost_the_portal_no_query_more(portal, alice, onlus, count, django_assert_num_queries):
    for _ in range(count):
        take_back(make_donation(alice, onlus, "2.00", now=NOON), "1.00", now=NOON)

    with django_assert_num_queries(6):
        portal.get(f"/portal/{onlus.pk}/donations/")
    with django_assert_num_queries(4):
        portal.get(f"/portal/{onlus.pk}/donations.csv")
    with django_assert_num_queries(7):
        portal.get(f"/portal/{onlus.pk}/")


# Everybody, and the staff ----------------------------------------------------------------------------------------


def test_the_front_page_tells_the_world_what_was_kept(client, donations):
    figures = public_figures()

    assert (figures.donated, figures.donations) == (Decimal("111.70"), 3)
    assert "€111.70" in client.get("/").text


def test_the_finance_dashboard_counts_what_was_kept(onlus, donations):
    content = build(WEEK, NOON)
    figures = {str(each.label): each.value for each in content.figures}
    charts = {str(each.title): each for each in content.charts}

    assert [figures[label] for label in ("Given", "Donations", "Average donation", "Donors")] == [
        Decimal("111.70"),
        3,
        Decimal("37.23"),
        2,
    ]
    given = charts["Day by day"].series[0].values
    assert given == [Decimal("0.00")] * 6 + [Decimal("111.70")]
    ranking = charts["By organisation"]
    assert list(ranking.series[0].values) == [Decimal("100.00"), Decimal("11.70")]
    assert ranking.labels[1] == onlus.name


def test_the_latest_donations_show_what_went_back(onlus, donations):
    _payments, table = build(WEEK, NOON).tables

    rows = [row[3:] for row in table.rows if row[2] == onlus.name]
    assert [str(column) for column in table.columns[3:]] == ["Earned", "Own money", "Given back", "Amount"]
    assert [tuple(Decimal(cell).quantize(Decimal("0.01")) for cell in row) for row in rows] == [
        (Decimal("5.00"), Decimal("0.00"), Decimal("0.00"), Decimal("5.00")),
        (Decimal("10.00"), Decimal("0.00"), Decimal("3.30"), Decimal("6.70")),
    ]
