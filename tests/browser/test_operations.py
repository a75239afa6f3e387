"""The operations dashboard and the screens it leads to, as staff see them."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.events.models import Delivery, Event
from goodplay.lib.jobs import watch
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.metrics.models import RouteTotal, SystemMetric
from goodplay.lib.retention.policies import learn_policies
from tests.factories.batches import make_batch

BOARD = "/admin/?board=operations"


@pytest.fixture
def busy_day(real_transactions):
    """A day and a half of figures, a late job, something parked, an alert, a batch that waits."""
    now, chance = timezone.now().replace(second=0, microsecond=0), Random(4)
    SystemMetric.objects.bulk_create(
        SystemMetric(
            metric_type="performance",
            timestamp=now - timedelta(minutes=back),
            data={
                "requests": (requests := chance.randint(20, 90)),
                "request_errors": int(back % 37 == 0),
                "response_time_total": requests * 14.0,
                "response_time_avg": 14.0,
                "response_time_max": 120.0 + back % 50,
                "cpu_usage": 30 + 20 * (back % 300) / 300,
                "memory_usage": 55 + back % 4,
                "disk_usage": 41,
            },
        )
        for back in range(2160)
        if not 600 < back < 780
    )
    watch.learn_schedule(now=now)
    JobRun.objects.update(started_at=now, succeeded_at=now, took=timedelta(seconds=0.4))
    late = JobRun.objects.get(pk="donations.tasks.verify_books")
    JobRun.objects.filter(pk=late.pk).update(
        known_since=now - timedelta(days=9), succeeded_at=now - timedelta(days=3)
    )
    JobRecord.objects.create(
        job=late,
        started_at=now,
        took=timedelta(seconds=3),
        succeeded=False,
        outcome="ProgrammingError: no such row",
    )
    event = Event.objects.create(name="donation_complete", recorded_at=now - timedelta(hours=2))
    Delivery.objects.create(
        event=event, handler="donations.issue_receipt", status="parked", updated_at=now, last_error="No mail."
    )
    RouteTotal.objects.create(
        route="POST api/^donations/?$", requests=8123, errors=3, total_ms=99_000, updated_at=now
    )
    watch.watch(now=now)
    raise_alert(
        area="system",
        alert_type="disk_usage",
        severity="medium",
        title="Disk: 86 %",
        dedupe_key="metric:disk_usage",
        source="metrics",
        now=now,
    )
    learn_policies()
    make_batch()
    return late


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_shows_whether_everything_runs(busy_day, staff, visit, scheme):
    visitor = visit(color_scheme=scheme)
    visitor.enter_back_office(staff)

    page = visitor.open(BOARD)
    page.wait_for_load_state("networkidle")
    visitor.photograph(f"operations-{scheme}")

    assert page.locator(".board-figure.bad").count() >= 2
    assert page.locator("canvas").count() == 4
    assert page.locator("progress").count() == 1
    assert (visitor.complaints, visitor.strangers) == ([], [])


def test_an_alert_is_acknowledged_and_resolved(busy_day, staff, visit):
    visitor = visit()
    visitor.enter_back_office(staff)
    page = visitor.open("/admin/alerts/alert/")
    visitor.photograph("alerts")

    page.get_by_role("link", name="A job is late: donations.tasks.verify_books").click()
    page.get_by_role("link", name="Acknowledge").click()
    page.get_by_label("Notes").fill("The scheduler was restarted.")
    page.get_by_role("button", name="Acknowledge").click()
    visitor.photograph("alert")

    assert "Acknowledged: it is yours." in page.content()
    assert visitor.complaints == []


@pytest.mark.parametrize(
    ("path", "picture"),
    [("/admin/jobs/jobrun/", "jobs"), ("/admin/retention/retentionpolicy/", "retention")],
)
def test_the_lists_fit_their_page(busy_day, staff, visit, path, picture):
    visitor = visit(width=1440)
    visitor.enter_back_office(staff)

    page = visitor.open(path)
    visitor.photograph(picture)

    assert page.locator("#result_list tbody tr").count() > 5
    assert visitor.complaints == []
