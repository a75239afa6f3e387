"""The duty to report every three months: asked for, shown, and out of the search when it is long overdue."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache

from accounts.models import Onlus
from donations.operations import rollups
from impact.models import MetricPoint
from impact.operations import updates
from impact.tasks import watch_reporting
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory

pytestmark = pytest.mark.django_db
GIVEN = datetime(2026, 3, 4, 12, tzinfo=UTC)
FIRST_DUE = datetime(2026, 6, 2, 23, tzinfo=UTC)  # 91 days after the day of the first gift began in Rome
HIDDEN = FIRST_DUE + timedelta(days=30)


@pytest.fixture
def onlus():
    """One somebody gave to, with an editor who hears of it and a viewer who does not."""
    made = OnlusFactory(name="Il Sentiero Verde")
    MembershipFactory(onlus=made, user=UserFactory(email="editor@verde.example"), role="editor")
    MembershipFactory(onlus=made, user=UserFactory(email="viewer@verde.example"), role="viewer")
    make_donation(UserFactory(), made, "5.00", now=GIVEN)
    rollups.roll_up(now=GIVEN + timedelta(hours=1))
    return made


@pytest.fixture
def on(settled):
    """`on(moment)` runs the job then, and returns the subjects of the mails that went out to organisations."""

    def run(moment):
        mail.outbox.clear()
        cache.clear()
        with time_machine.travel(moment, tick=False), settled():
            watch_reporting()
        return [(sent.to[0], sent.subject) for sent in mail.outbox if sent.to[0].endswith("verde.example")]

    return run


def due(onlus):
    onlus.refresh_from_db()
    return onlus.report_due_at


def searched(api, client, moment):
    """Say where a search finds it: over REST, and on the public page."""
    cache.clear()
    with time_machine.travel(moment, tick=False):
        rows = api.get("/api/onlus/organizations/search", {"q": "sentiero"}).json()["data"]
        page = client.get("/organisations/", {"search": "sentiero"}).text
    return len(rows), "Il Sentiero Verde" in page


def test_nobody_owes_a_report_before_anybody_gave(on):
    onlus = OnlusFactory()

    on(GIVEN + timedelta(days=400))

    assert (due(onlus), onlus.report_warning) == (None, "")


def test_each_stage_is_told_once_and_the_last_one_leaves_the_search(onlus, on, api, client):
    editor = "editor@verde.example"
    soon = FIRST_DUE - timedelta(days=14)

    assert on(soon - timedelta(seconds=1)) == []
    assert due(onlus) == FIRST_DUE
    assert on(soon) == [(editor, "Your next report is due soon")]
    assert on(soon + timedelta(hours=1)) == []
    assert on(FIRST_DUE) == [(editor, "Your report is overdue")]
    assert on(FIRST_DUE + timedelta(days=1)) == []
    assert searched(api, client, HIDDEN - timedelta(seconds=1)) == (1, True)
    assert on(HIDDEN) == [(editor, "You are no longer found by search")]
    assert searched(api, client, HIDDEN) == (0, False)
    with time_machine.travel(HIDDEN, tick=False):
        assert (
            client.get(f"/organisations/{onlus.pk}/").status_code == 200
        )  # whoever has the link still sees it
        assert "Il Sentiero Verde" in client.get("/organisations/").text


def test_an_update_is_a_report_and_brings_it_back_at_once(onlus, on, api, client, settled):
    on(HIDDEN)
    update = ImpactUpdateFactory(onlus_id=onlus.pk, status="draft", published_at=None)
    told = HIDDEN + timedelta(days=3)

    with settled():
        updates.publish(update=update, actor=StaffFactory(), now=told)

    assert (due(onlus), onlus.report_warning) == (told + timedelta(days=91), "")
    assert searched(api, client, told) == (1, True)
    assert on(told + timedelta(days=77)) == [("editor@verde.example", "Your next report is due soon")]


@pytest.mark.parametrize(
    ("source", "counts"),
    [("onlus_report", True), ("admin_update", True), ("goodplay", False), ("correction", False)],
)
def test_a_reading_is_a_report_when_it_was_reported(onlus, on, source, counts):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    told = GIVEN + timedelta(days=40)
    MetricPoint.objects.create(metric_id=metric.pk, value=3, source=source, recorded_at=told)

    on(told)

    assert due(onlus) == (told + timedelta(days=91) if counts else FIRST_DUE)


def test_what_donations_move_is_no_report_and_others_do_not_count(onlus, on, settled):
    other = OnlusFactory()
    ImpactUpdateFactory(onlus_id=other.pk, published_at=GIVEN + timedelta(days=40))
    ImpactMetricFactory(onlus_id=onlus.pk, metric_type="financial", metric_unit="eur", metric_name="Euros")
    with settled():
        make_donation(UserFactory(), onlus, "7.00", now=GIVEN + timedelta(days=30))

    on(GIVEN + timedelta(days=41))

    assert due(onlus) == FIRST_DUE


def test_everybody_sees_whether_it_reports_on_time(onlus, on, api, client):
    on(GIVEN + timedelta(days=1))
    address = f"/api/onlus/organizations/{onlus.pk}"

    def shown(moment):
        cache.clear()
        with time_machine.travel(moment, tick=False):
            told = api.get(address).json()["data"]
            pages = client.get(f"/organisations/{onlus.pk}/").text, client.get("/transparency/").text
        return told["is_reporting_on_time"], *("Reports on time" in page for page in pages)

    assert shown(FIRST_DUE - timedelta(seconds=1)) == (True, True, True)
    assert shown(FIRST_DUE) == (False, False, False)
    cache.clear()
    with time_machine.travel(FIRST_DUE, tick=False):
        assert "Report overdue since" in client.get("/transparency/").text
    assert api.get(address).json()["data"]["report_due_date"] == FIRST_DUE.isoformat()


def test_the_portal_and_the_back_office_show_it(onlus, on, client):
    on(FIRST_DUE)
    client.force_login(onlus.memberships.get(role="editor").user)

    with time_machine.travel(FIRST_DUE, tick=False):
        page = client.get(f"/portal/{onlus.pk}/updates/").text
        client.force_login(StaffFactory())
        overdue = client.get("/admin/accounts/onlus/", {"report": "overdue"}).context["cl"].result_count

    assert "Your report was due on" in page
    assert overdue == Onlus.objects.filter(report_due_at__lte=FIRST_DUE).count() == 1
