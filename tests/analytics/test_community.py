"""The community dashboard: sessions, players, newcomers, who comes back, and the moderators' queues."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from donations.operations import rollups
from goodplay.lib.admin.dashboards import Period
from impact.dashboards import build
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.games import GameSessionFactory

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
WEEK = Period(date(2026, 3, 8), date(2026, 3, 14))


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here reads the books."""


def played(player, *days):
    for number in days:
        at = NOON - timedelta(days=number)
        GameSessionFactory(user=player, started_at=at, status="completed", ended_at=at, running_since=None)


def figures(period=WEEK):
    return {str(each.label): each for each in build(period, NOON).figures}


def test_players_are_counted_once_and_those_who_came_back_are_known():
    alice, bruno, carla = (UserFactory() for _number in range(3))
    played(alice, 0, 1, 8)
    played(bruno, 9)
    played(carla, 2)

    found = figures()

    assert (found["Game sessions"].value, found["Game sessions"].written_note) == (
        3,
        "2 in the period before",
    )
    assert found["Active players"].value == 2
    assert (found["Came back"].value, found["Came back"].written_note) == (
        "50 %",
        "1 of the 2 players of the period before",
    )


def test_every_figure_leads_to_its_rows(client):
    alice = UserFactory(created_at=NOON - timedelta(days=3))
    played(alice, 0, 1)
    played(UserFactory(), 2, 20)
    client.force_login(StaffFactory())

    with time_machine.travel(NOON, tick=False):
        found = figures()
        pages = {label: client.get(figure.url) for label, figure in found.items()}

    rows = {label: list(page.context["cl"].queryset) for label, page in pages.items()}
    assert len(rows["Game sessions"]) == found["Game sessions"].value == 3
    assert len({row.user_id for row in rows["Active players"]}) == found["Active players"].value == 2
    assert rows["New players"] == [alice]
    assert found["New players"].value == 1
    for label in ("Metrics to verify", "Disputed metrics", "Updates taken down"):
        assert len(rows[label]) == found[label].value


def test_cohorts_say_how_many_came_back():
    first, second = (UserFactory(created_at=datetime(2026, 1, 5, tzinfo=UTC)) for _number in range(2))
    played(first, 64, 0)
    played(second, 60)

    table = build(WEEK, NOON).tables[0]

    assert [str(cell) for cell in table.rows[-3]] == [
        "2026-01",
        "2",
        "100.00 %",
        "0.00 %",
        "50.00 %",
        "",
        "",
        "",
    ]


def test_the_board_is_for_who_may_see_the_community(client):
    staff = StaffFactory(is_superuser=False)
    staff.user_permissions.add(Permission.objects.get(codename="view_communityreport"))
    client.force_login(staff)

    assert [board.slug for board in client.get("/admin/", {"board": "community"}).context["boards"]] == [
        "community"
    ]


def test_the_board_costs_the_same_for_few_and_many():
    counts = []
    for players, days in ((1, 7), (3, 90)):
        for _number in range(players):
            played(UserFactory(), 0)
        rollups.roll_up(now=NOON)
        with CaptureQueriesContext(connection) as asked:
            build(Period(WEEK.last - timedelta(days=days - 1), WEEK.last), NOON)
        counts.append(len(asked))

    assert counts[0] == counts[1]
