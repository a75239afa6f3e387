"""Jobs: what each left of its runs, the alarm about those that are late or fail, and running one out of its turn."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.jobs import watch
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.jobs.tasks import job
from tests.factories.accounts import StaffFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SWEEP = "goodplay.lib.events.tasks.sweep_events"
BOOKS = "donations.tasks.verify_books"


@pytest.fixture
def few(db):
    """Keep two jobs on the schedule: one of every minute, one of every night."""
    PeriodicTask.objects.exclude(task__in=[SWEEP, BOOKS]).update(enabled=False)
    watch.learn_schedule(now=NOW)


GLUE = {"broken": True, "runs": 0}


@job(every=HOUR)
def mend_things():
    """A job of the tests' own that fails while told so."""
    GLUE["runs"] += 1
    if GLUE["broken"]:
        raise RuntimeError("no glue")
    return "3 mended"


@pytest.fixture
def mended():
    GLUE.update(broken=True, runs=0, job=mend_things, name=mend_things.name)
    return GLUE


def ran(name, at, **columns):
    JobRun.objects.filter(pk=name).update(started_at=at, succeeded_at=at, **columns)


def alerts():
    return sorted(Alert.objects.unresolved().values_list("dedupe_key", flat=True))


def test_a_job_keeps_its_runs(mended):
    with pytest.raises(RuntimeError):
        mended["job"]()
    mended["broken"] = False
    mended["job"]()

    run = JobRun.objects.get(pk=mended["name"])
    records = list(run.records.order_by("pk").values_list("succeeded", "outcome"))
    assert (run.result, run.last_error, run.failures_in_row) == ("3 mended", "", 0)
    assert records == [(False, "RuntimeError: no glue"), (True, "3 mended")]


def test_failures_in_a_row_are_counted(mended):
    for _attempt in range(3):
        with pytest.raises(RuntimeError):
            mended["job"]()

    assert JobRun.objects.get(pk=mended["name"]).failures_in_row == 3


@pytest.mark.parametrize(
    ("every", "late_after"),
    [(MINUTE, 3 * MINUTE), (HOUR, 2 * HOUR + MINUTE), (DAY, 26 * HOUR + MINUTE)],
)
def test_a_job_is_late_after_its_interval_and_some_grace(every, late_after):
    run = JobRun(name="a", expected_every=every, succeeded_at=NOW, started_at=NOW)

    assert run.is_overdue(NOW + late_after) is False
    assert run.is_overdue(NOW + late_after + timedelta(seconds=1)) is True


def test_a_late_job_raises_an_alert_that_resolves_by_itself(few):
    ran(SWEEP, NOW), ran(BOOKS, NOW)

    assert watch.watch(now=NOW + 3 * MINUTE) == "0 late, 0 failing"
    assert watch.watch(now=NOW + 4 * MINUTE) == "1 late, 0 failing"
    raised = alerts()
    ran(SWEEP, NOW + 5 * MINUTE)
    watch.watch(now=NOW + 5 * MINUTE)

    assert (raised, alerts()) == ([f"jobs:late:{SWEEP}"], [])
    assert Alert.objects.get().status == "resolved"


def test_a_job_that_never_ran_is_late_too(few):
    watch.watch(now=NOW)
    ran(SWEEP, NOW + 26 * HOUR)
    quiet = alerts()

    watch.watch(now=NOW + 26 * HOUR + 2 * MINUTE)

    assert (quiet, alerts()) == ([], [f"jobs:late:{BOOKS}"])


def test_many_late_at_once_are_one_standstill(django_capture_on_commit_callbacks):
    StaffFactory()
    watch.learn_schedule(now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        watch.watch(now=NOW + 10 * DAY)

    assert alerts() == ["jobs:standstill"]
    assert (Alert.objects.get().severity, len(mail.outbox)) == ("critical", 1)


def test_a_job_switched_off_is_not_late_and_starts_anew_when_switched_on(few):
    ran(SWEEP, NOW), ran(BOOKS, NOW)
    PeriodicTask.objects.filter(task=SWEEP).update(enabled=False)
    watch.watch(now=NOW + HOUR)
    off = (alerts(), JobRun.objects.get(pk=SWEEP).is_scheduled)
    PeriodicTask.objects.filter(task=SWEEP).update(enabled=True)

    watch.watch(now=NOW + HOUR)

    assert (off, alerts()) == (([], False), [])


def test_a_nightly_job_that_fails_once_raises_an_alert_and_a_frequent_one_after_three(few):
    ran(SWEEP, NOW, failures_in_row=2), ran(BOOKS, NOW, failures_in_row=1, last_error="Books: off by 1")
    watch.watch(now=NOW)
    first = alerts()
    JobRun.objects.filter(pk=SWEEP).update(failures_in_row=3)

    watch.watch(now=NOW)

    assert first == [f"jobs:failing:{BOOKS}"]
    assert alerts() == [f"jobs:failing:{BOOKS}", f"jobs:failing:{SWEEP}"]
    assert Alert.objects.get(dedupe_key=f"jobs:failing:{BOOKS}").message == "Books: off by 1"


def test_readiness_raises_the_alarm_when_the_scheduler_is_dead(client, few):
    ran(SWEEP, NOW), ran(BOOKS, NOW)

    with time_machine.travel(NOW + HOUR, tick=False):
        answers = [client.get("/api/health/ready") for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert Alert.objects.get().count == 1
    assert alerts() == [f"jobs:late:{SWEEP}"]


# The screen -----------------------------------------------------------------------------------------------------


def test_the_screen_lists_the_jobs_with_the_late_ones(client, few):
    ran(SWEEP, NOW), ran(BOOKS, NOW)
    client.force_login(StaffFactory())
    address = reverse("admin:jobs_jobrun_changelist")

    with time_machine.travel(NOW + HOUR, tick=False):
        every, late = client.get(address), client.get(address, {"state": "late"})

    names = [run.name for run in every.context["cl"].result_list]
    assert names == [BOOKS, SWEEP]
    assert [run.name for run in late.context["cl"].result_list] == [SWEEP]
    assert all(run.next_due_at for run in every.context["cl"].result_list)


def test_the_page_of_a_job_shows_its_last_runs(client, mended):
    with pytest.raises(RuntimeError):
        mended["job"]()
    client.force_login(StaffFactory())

    page = client.get(reverse("admin:jobs_jobrun_change", args=[mended["name"].replace("_", "_5F")]))

    assert "RuntimeError: no glue" in page.text


def test_run_now_runs_it_and_is_on_the_trail(client, mended, django_capture_on_commit_callbacks):
    mended["broken"] = False
    run = JobRun.objects.create(name=mended["name"], known_since=NOW, expected_every=HOUR)
    person = StaffFactory()
    client.force_login(person)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:jobs_jobrun_do", args=[run.pk.replace("_", "_5F"), "run_now"]))

    run.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (mended["runs"], run.result) == (1, "3 mended")
    assert (entry.actor, entry.action, entry.target_id) == (person, "job_run", run.pk)


def test_run_now_needs_its_right(client, mended):
    run = JobRun.objects.create(name=mended["name"], known_since=NOW)
    person = StaffFactory(is_superuser=False)
    person.user_permissions.add(Permission.objects.get(codename="view_jobrun"))
    client.force_login(person)

    answer = client.post(reverse("admin:jobs_jobrun_do", args=[run.pk.replace("_", "_5F"), "run_now"]))

    assert (answer.status_code, mended["runs"]) == (403, 0)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["permission_refused"]


def test_a_job_that_is_gone_is_not_run():
    run, person = JobRun.objects.create(name="gone.tasks.gone", known_since=NOW), StaffFactory()

    with pytest.raises(watch.JobUnknown):
        watch.run_now(job=run, by=person, now=NOW)

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(client, count, django_assert_num_queries):
    for number in range(count):
        JobRun.objects.create(name=f"a.tasks.b{number}", known_since=NOW, expected_every=HOUR)
    client.force_login(StaffFactory())
    address = reverse("admin:jobs_jobrun_changelist")
    client.get(address)

    with django_assert_num_queries(6):
        assert len(client.get(address).context["cl"].result_list) == count


def test_the_runs_can_be_listed_by_job(client):
    one, other = (JobRun.objects.create(name=f"a.tasks.{name}", known_since=NOW) for name in "ab")
    for run in (one, other):
        JobRecord.objects.create(job=run, started_at=NOW, took=MINUTE, succeeded=True)
    client.force_login(StaffFactory())

    found = client.get(reverse("admin:jobs_jobrecord_changelist"), {"job__name__exact": one.pk})

    assert [record.job_id for record in found.context["cl"].result_list] == [one.pk]


def test_a_job_that_waits_for_its_first_run_is_not_a_good_one(client, few):
    client.force_login(StaffFactory())

    books = {
        str(figure.label): str(figure.value)
        for figure in client.get("/admin/", {"board": "finance"}).context["content"].figures
    }["Books"]

    assert books == "Not yet checked"
