"""The operations dashboard: its figures are those of the rows they lead to."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.events.models import Delivery, Event
from goodplay.lib.jobs import watch
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.metrics.models import RouteTotal, SystemMetric
from tests.factories.accounts import StaffFactory
from tests.factories.batches import make_batch

NOW = datetime(2026, 3, 14, 11, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _today(db):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


def board(client, **query):
    return client.get("/admin/", {"board": "operations", **query})


def figures(client):
    return {str(each.label): each for each in board(client).context["content"].figures}


def tables(client):
    return {str(each.title): each for each in board(client).context["content"].tables}


def measured(minutes_ago, **data):
    SystemMetric.objects.create(
        metric_type="performance", timestamp=NOW.replace(second=0) - MINUTE * minutes_ago, data=data
    )


def delivery(status, **columns):
    event = Event.objects.create(name="test_happened", recorded_at=NOW - timedelta(hours=1))
    return Delivery.objects.create(
        event=event, handler="tests.send_mail", status=status, updated_at=NOW, **columns
    )


def warn(area="system", severity="high"):
    raise_alert(
        area=area,
        alert_type="x",
        severity=severity,
        title=f"Something of {area}",
        dedupe_key=area,
        source="tests",
        now=NOW,
    )


def test_an_installation_that_just_began_knows_nothing_and_says_so(staff):
    found = figures(staff)

    unknown = ("Response time", "Measured", "Processor", "Memory", "Disk", "Database answers in")
    assert [str(found[label].value) for label in unknown] == ["Not known"] * len(unknown)
    assert (str(found["Health"].value), found["Health"].tone) == ("Not known", "warn")
    assert found["Requests"].value == 0


def test_figures_are_those_measured(staff):
    for back in range(1, 11):
        measured(back, cpu_usage=91, requests=5, request_errors=1, response_time_total=100.0)

    found = figures(staff)

    assert (found["Requests"].value, found["Requests"].written_note) == (50, "10 failed")
    assert (found["Response time"].value, found["Processor"].value) == ("20 ms", "91 %")
    assert (str(found["Health"].value), found["Measured"].value) == ("Critical", "100 %")


def test_late_and_failing_jobs_lead_to_their_rows(staff):
    watch.learn_schedule(now=NOW)
    JobRun.objects.update(succeeded_at=NOW, started_at=NOW)
    JobRun.objects.filter(pk="donations.tasks.verify_books").update(
        known_since=NOW - timedelta(days=9), succeeded_at=NOW - timedelta(days=3), failures_in_row=2
    )

    found = figures(staff)

    for label in ("Late jobs", "Failing jobs"):
        rows = staff.get(found[label].url).context["cl"].result_list
        assert [run.pk for run in rows] == ["donations.tasks.verify_books"]
        assert found[label].value == 1
    assert [row[0] for row in tables(staff)["Late jobs"].rows] == ["donations.tasks.verify_books"]


def test_what_handlers_owe_leads_to_its_rows(staff):
    delivery("parked"), delivery("retrying", next_attempt_at=NOW), delivery("done")

    found = figures(staff)

    for label, status in (("Parked deliveries", "parked"), ("Deliveries being retried", "retrying")):
        rows = staff.get(found[label].url).context["cl"].result_list
        assert [row.status for row in rows] == [status]
        assert found[label].value == 1
    assert tables(staff)["What handlers owe"].rows == [("tests.send_mail", 1, 1, NOW - timedelta(hours=1))]


def test_alerts_of_other_areas_are_not_shown(staff):
    warn(), warn(area="financial", severity="critical")

    found, page = figures(staff)["Alerts of the system"], board(staff).text

    assert (found.value, found.written_note) == (1, "1 of them critical or high")
    assert len(staff.get(found.url).context["cl"].result_list) == 1
    assert ("Something of system" in page, "Something of financial" in page) == (True, False)


def test_batches_show_how_far_they_are(staff):
    make_batch()

    page = board(staff).text

    assert '<progress max="' in page
    assert len(tables(staff)["Batches under way"].rows) == 1


def test_failed_runs_and_routes_are_listed(staff):
    job = JobRun.objects.create(name="a.tasks.a")
    JobRecord.objects.create(job=job, started_at=NOW, took=MINUTE, succeeded=False, outcome="No glue")
    RouteTotal.objects.create(route="GET api/^wallet$", requests=9, errors=2, updated_at=NOW)
    RouteTotal.objects.create(route="GET api/^games$", requests=9, updated_at=NOW)

    found = tables(staff)

    assert found["Runs that failed"].rows == [(NOW, "a.tasks.a", "No glue")]
    assert [row[:3] for row in found["Routes that fail, since counting began"].rows] == [
        ("GET api/^wallet$", 2, 9)
    ]


def test_gaps_of_a_chart_are_gaps(staff):
    measured(1, requests=3, cpu_usage=10)
    measured(61, requests=4, cpu_usage=20)

    requests, machine, *_by_day = board(staff).context["content"].charts

    assert requests.series[0].values[-3:] == [4, 3, None]
    assert machine.series[0].values.count(None) == 22
    assert machine.drawing["series"][0]["values"].count(None) == 22


def test_the_board_needs_its_right(client):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(person)
    without = board(client).context["boards"]
    person.user_permissions.add(Permission.objects.get(codename="view_systemmetric"))
    client.force_login(type(person).objects.get(pk=person.pk))

    assert (without, [each.slug for each in board(client).context["boards"]]) == ([], ["operations"])


def test_every_figure_and_table_leads_somewhere(staff):
    content = board(staff).context["content"]

    addresses = {each.url for each in (*content.figures, *content.tables)}
    assert {address: staff.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)
    assert reverse("admin:metrics_systemmetric_changelist") in {
        address.partition("?")[0] for address in addresses
    }
