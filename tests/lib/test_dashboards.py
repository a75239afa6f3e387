"""The back office's front page: who sees which board, for which days, and where its figures lead."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from goodplay.lib.admin import dashboards, site
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.exports.models import ExportJob
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
MONTH = Period(date(2026, 2, 13), date(2026, 3, 14))


@pytest.fixture(autouse=True)
def _today(db):
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def staff(client):
    """A browser in which somebody with every right is signed in."""
    client.force_login(StaffFactory(display_name="Giulia Ferri"))
    return client


def index(client, **query):
    return client.get("/admin/", query)


def test_the_index_shows_the_board_and_all_records(staff):
    page = index(staff).text

    assert "<h1>Finance</h1>" in page
    assert "Figures made on 14 Mar 2026, 12:00" in page
    assert "Giulia Ferri" in page
    assert reverse("admin:donations_transfer_changelist") in page


def test_every_figure_leads_to_its_rows(staff):
    make_donation(UserFactory(), OnlusFactory(), "2.50", now=NOON)
    make_donation(UserFactory(), OnlusFactory(), "9.00", now=NOON - timedelta(days=31))

    figures = index(staff).context["content"].figures
    lists = {str(figure.label): staff.get(figure.url) for figure in figures}

    assert {label: response.status_code for label, response in lists.items()} == dict.fromkeys(lists, 200)
    assert [donation.amount for donation in lists["Given"].context["cl"].result_list] == [Decimal("2.50")]
    assert lists["Credits earned"].context["cl"].result_count == 1
    assert lists["Owed to players"].context["cl"].result_count == 2
    assert lists["Owed to organisations"].context["cl"].result_count == 2
    assert lists["Reward pool"].context["cl"].result_count == 1


def test_staff_without_the_right_see_no_money(client):
    make_donation(UserFactory(), OnlusFactory(), "1234.50", now=NOON)
    moderator = StaffFactory(is_superuser=False)
    moderator.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(moderator)

    response = index(client, board="finance")

    assert response.context["boards"] == []
    assert "1,234.50" not in response.text
    assert "All records" in response.text


def test_one_right_opens_the_board(client):
    analyst = StaffFactory(is_superuser=False)
    analyst.user_permissions.add(Permission.objects.get(codename="view_donation"))
    client.force_login(analyst)

    assert "<h1>Finance</h1>" in index(client).text


@pytest.mark.parametrize("who", ["nobody", "player"])
def test_the_back_office_is_for_staff(client, who):
    if who == "player":
        client.force_login(UserFactory())

    assert index(client).url == "/admin/login/?next=/admin/"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, MONTH),
        ({"first": "2026-03-01", "last": "2026-03-02"}, Period(date(2026, 3, 1), date(2026, 3, 2))),
        ({"first": "2026-03-02", "last": "2026-03-01"}, Period(date(2026, 1, 31), date(2026, 3, 1))),
        ({"first": "nonsense", "last": "2026-02-30"}, MONTH),
        ({"first": "0001-01-01", "last": "0001-01-02"}, MONTH),
        ({"first": "0001-01-01"}, MONTH),
        ({"last": "9999-12-31"}, MONTH),
        ({"first": "2020-01-01", "last": "2026-03-14"}, MONTH),
        ({"last": "2000-01-01"}, Period(date(1999, 12, 3), date(2000, 1, 1))),
    ],
)
def test_a_senseless_period_becomes_thirty_days(staff, asked, shown):
    assert index(staff, **asked).context["period"] == shown


def test_the_longest_period_is_two_years(staff):
    last = MONTH.last
    first = last - timedelta(days=site.LONGEST_DAYS - 1)

    assert index(staff, first=first, last=last).context["period"].days == site.LONGEST_DAYS


def test_the_usual_periods_are_offered(staff):
    offers = index(staff).context["offers"]

    assert [(offer["days"], offer["current"]) for offer in offers] == [(7, False), (30, True), (90, False)]
    assert offers[0]["query"] == "board=finance&first=2026-03-08&last=2026-03-14"


def test_figures_are_kept_for_a_minute_and_say_of_when_they_are(staff):
    make_donation(UserFactory(), OnlusFactory(), "2.00", now=NOON)
    before = index(staff).context["content"]
    make_donation(UserFactory(), OnlusFactory(), "3.00", now=NOON)

    kept = index(staff).context["content"]
    with time_machine.travel(NOON + timedelta(seconds=61), tick=False):
        fresh = index(staff).context["content"]

    given = [each.figures[0].value for each in (before, kept, fresh)]
    assert given == [Decimal("2.00"), Decimal("2.00"), Decimal("5.00")]
    assert (kept.made_at, fresh.made_at) == (NOON, NOON + timedelta(seconds=61))


def test_the_drawing_and_the_table_say_the_same(staff):
    make_donation(UserFactory(), OnlusFactory(name="Il Sentiero Verde"), "1234.50", now=NOON)

    page = index(staff).text

    drawings = [
        json.loads(text) for text in re.findall(r'<script type="application/json">(.*?)</script>', page)
    ]
    assert [each["kind"] for each in drawings] == ["bar", "ranking", "bar", "bar"]
    assert drawings[1] == {
        "kind": "ranking",
        "money": True,
        "labels": ["Il Sentiero Verde"],
        "series": [{"label": "Given", "role": "", "values": ["1234.50"]}],
    }
    assert '<td>Il Sentiero Verde</td><td class="end">€1,234.50</td>' in page


def test_names_cannot_break_out_of_the_drawing(staff):
    make_donation(UserFactory(), OnlusFactory(name="</script><script>x()"), "1.00", now=NOON)

    assert "<script>x()" not in index(staff).text


def test_lists_show_the_hour_of_rome(staff):
    make_donation(UserFactory(), OnlusFactory(), "1.00", now=NOON - timedelta(minutes=3))

    assert "11:57" in staff.get(reverse("admin:donations_donation_changelist")).text


def test_the_clock_of_rome_stays_in_the_back_office(staff, api):
    donor = UserFactory()
    make_donation(donor, OnlusFactory(), "1.00", now=NOON)
    index(staff)
    api.force_authenticate(donor)

    history = api.get("/api/wallet/transactions").json()

    assert "2026-03-14T11:00:00+00:00" in json.dumps(history)


def test_the_back_office_speaks_italian(staff):
    page = staff.get("/admin/", headers={"accept-language": "it"}).text

    for words in ("<h1>Finanze</h1>", "Tutti i dati", "Crediti guadagnati", "Giorno per giorno"):
        assert words in page


def test_boards_are_tabs_in_their_order(staff, monkeypatch):
    empty = dashboards.Dashboard(
        "zebra",
        "Zebra",
        "donations.view_donation",
        lambda period, now: dashboards.Content(made_at=now),
        order=1,
    )
    monkeypatch.setitem(dashboards.REGISTRY, "zebra", empty)

    first, chosen = index(staff), index(staff, board="finance")

    boards = [(board.order, board.slug) for board in first.context["boards"]]
    assert boards == sorted(boards)
    assert {slug for _order, slug in boards} >= {"zebra", "finance", "compliance", "operations", "community"}
    assert first.context["board"] is empty
    assert 'aria-current="page">Finance</a>' in chosen.text


def test_a_board_is_handed_out_as_a_file(staff):
    make_donation(UserFactory(), OnlusFactory(name="Il Sentiero Verde"), "1234.50", now=NOON)

    file = index(staff, board="finance", export="csv")
    sheet = index(staff, board="finance", export="excel")

    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[:2] == ["Part,Row,Column,Value", "Figures,Given,Nothing in the period before,1234.50"]
    assert "By organisation,Il Sentiero Verde,Given,1234.50" in lines
    assert sheet.content[:2] == b"PK"
    assert list(ExportJob.objects.order_by("pk").values_list("kind", "format", "status")) == [
        ("board", "csv", "delivered"),
        ("board", "excel", "delivered"),
    ]


def test_who_may_not_export_gets_the_page(client):
    analyst = StaffFactory(is_superuser=False)
    analyst.user_permissions.add(Permission.objects.get(codename="view_donation"))
    client.force_login(analyst)

    page = index(client, board="finance", export="csv")

    assert page["Content-Type"].startswith("text/html")
    assert page.context["export_formats"] == ()
    assert ExportJob.objects.count() == 0
