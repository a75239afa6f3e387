"""A board is kept for readers of every language: whoever looked first decides nothing of what the next one reads."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import cache
from django.utils.translation import get_language

from donations.operations import assessments
from donations.operations.compliance import cases
from goodplay.lib.admin import dashboards
from goodplay.lib.alerts.models import Area, Severity
from goodplay.lib.alerts.operations import raise_alert
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.applications import submitted
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 14, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def _something_on_every_board():
    submitted(now=NOW)
    onlus = OnlusFactory()
    assessments.assess(onlus=onlus, now=NOW)
    issue = {"issue_type": "board", "severity": "critical", "category": "governance"}
    assessments.open_issue(onlus=onlus, description="Nobody.", actor=StaffFactory(), now=NOW, **issue)
    make_donation(UserFactory(), onlus, "3.00", now=NOW)
    cases.open_case(kind="aml", subject_user=UserFactory(), title="Odd", risk_level="medium", now=NOW)
    raise_alert(
        area=Area.SYSTEM,
        alert_type="disk",
        severity=Severity.HIGH,
        title=lambda: "Il disco è pieno" if get_language() == "it" else "The disk is full",
        dedupe_key="disk",
        source="test",
        now=NOW,
    )


def read(client, board, language):
    page = client.get("/admin/", {"board": board, "export": "csv"}, headers={"accept-language": language})
    return page.content.decode("utf-8-sig").splitlines()


@pytest.mark.usefixtures("_something_on_every_board")
def test_every_board_reads_the_same_whoever_looked_before(staff):
    differing = {}
    for board in dashboards.REGISTRY:
        english = read(staff, board, "en")
        after_english = read(staff, board, "it")
        cache.clear()
        fresh = read(staff, board, "it")
        assert english != after_english
        differing |= {board: set(after_english) ^ set(fresh)} if after_english != fresh else {}

    assert differing == {}


@pytest.mark.parametrize(
    ("board", "english", "italian"),
    [
        ("applications", "Arts and culture", "Arte e cultura"),
        ("compliance", "Money laundering", "Riciclaggio"),
        ("operations", "The disk is full", "Il disco è pieno"),
        ("stories", "First Impact", "Primo impatto"),
    ],
)
@pytest.mark.usefixtures("_something_on_every_board")
def test_what_rows_are_called_follows_the_reader(staff, board, english, italian):
    shown = [
        staff.get("/admin/", {"board": board}, headers={"accept-language": language}).text
        for language in ("en", "it", "en")
    ]

    assert [(english in page, italian in page) for page in shown] == [
        (True, False),
        (False, True),
        (True, False),
    ]
