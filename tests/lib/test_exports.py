"""Exports made in the background: asked for, made once, fetched by who may, erased after a day."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied, DomainError
from goodplay.lib.exports import operations
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.operations import InvalidExportFormat
from goodplay.lib.exports.registry import KINDS, exportable
from goodplay.lib.exports.tables import BYTE_ORDER_MARK, Table
from goodplay.lib.exports.tasks import build_waiting_exports, expire_exports
from goodplay.lib.private_files.models import PrivateFile
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
RIGHT = "donations.view_donation"


class TooOld(DomainError):
    code = "TOO_OLD"


def build_sums(parameters, now):
    if parameters.get("fails"):
        raise TooOld
    if parameters.get("breaks"):
        raise RuntimeError("a bug")
    return Table("Sums", ["n", "square"], ([n, n * n] for n in range(parameters["upto"])))


@pytest.fixture(autouse=True)
def kinds():
    exportable("test_sums", permission=RIGHT, build=build_sums, prefix="TEST")
    exportable("test_own", permission=RIGHT, build=build_sums, is_personal=True)
    yield
    del KINDS["test_sums"], KINDS["test_own"]


def staff_with(*rights):
    user = UserFactory(is_staff=True)
    for right in rights:
        app, codename = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


@pytest.fixture
def alice():
    return staff_with(RIGHT, "exports.view_exportjob")


@pytest.fixture
def bob():
    return staff_with(RIGHT, "exports.view_exportjob")


def ask(user, kind="test_sums", format_="csv", now=NOW, **parameters):
    return operations.request_export(
        kind=kind, format=format_, parameters={"upto": 3, **parameters}, requested_by=user, now=now
    )


def fetch(client, user, job):
    client.force_login(user)
    return client.post(reverse("admin:exports_exportjob_do", args=[job.pk, "download"]))


def test_a_file_is_made_soon_after_it_was_asked_for(client, alice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(alice, now=datetime.now(UTC))

    job.refresh_from_db()
    assert (job.status, job.row_count, job.title) == ("ready", 3, "Sums")
    assert job.export_id.startswith("TEST-")
    answer = fetch(client, alice, job)
    assert answer.content.decode() == f"{BYTE_ORDER_MARK}n,square\r\n0,0\r\n1,1\r\n2,4\r\n"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="sums-{job.export_id.lower()}.csv"' in answer["Content-Disposition"]


def test_asking_and_fetching_are_written_down(client, alice):
    job = ask(alice, now=datetime.now(UTC))
    operations.build(job_id=job.pk, now=datetime.now(UTC))

    fetch(client, alice, job)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_id) == ("test_sums_export", alice, str(job.pk))
    assert entry.after["parameters"] == {"upto": 3}
    looked = DataAccess.objects.get()
    assert (looked.actor, looked.target_id) == (alice, str(ExportJob.objects.get().file_id))


def test_a_workbook_and_a_print_of_the_same(alice):
    for format_ in ("excel", "pdf"):
        operations.build(job_id=ask(alice, format_=format_).pk, now=NOW)

    content = {
        job.format: operations.download(job=job, actor=alice, now=NOW) for job in ExportJob.objects.all()
    }
    rows = load_workbook(io.BytesIO(content["excel"])).active.iter_rows(values_only=True)
    assert list(rows) == [("n", "square"), (0, 0), (1, 1), (2, 4)]
    assert content["pdf"].startswith(b"%PDF-")


@pytest.mark.parametrize(("format_", "kind"), [("exe", "test_sums"), ("", "test_sums")])
def test_a_format_nobody_offers_is_refused(alice, format_, kind):
    with pytest.raises(InvalidExportFormat):
        ask(alice, kind, format_)

    assert not ExportJob.objects.exists()
    assert not AuditEntry.objects.exists()


def test_without_the_right_nothing_is_asked_for():
    with pytest.raises(AccessDenied):
        ask(staff_with())

    assert not ExportJob.objects.exists()


def test_who_lost_the_right_meanwhile_gets_no_file(client, alice):
    waiting, made = ask(alice), ask(alice)
    operations.build(job_id=made.pk, now=NOW)
    alice.user_permissions.clear()
    alice = type(alice).objects.get(pk=alice.pk)

    assert operations.build(job_id=waiting.pk, now=NOW) is False
    with pytest.raises(AccessDenied):
        operations.download(job=made, actor=alice, now=NOW)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.error_code) == ("failed", "ACCESS_DENIED")
    assert not DataAccess.objects.exists()


def test_colleagues_with_the_right_fetch_what_is_not_personal(client, alice, bob):
    shared, own = ask(alice, now=datetime.now(UTC)), ask(alice, "test_own", now=datetime.now(UTC))
    for job in (shared, own):
        operations.build(job_id=job.pk, now=datetime.now(UTC))

    assert fetch(client, bob, shared).status_code == 200
    hidden = fetch(client, bob, own)
    assert hidden.status_code == 404
    with pytest.raises(AccessDenied):
        operations.download(job=own, actor=bob, now=datetime.now(UTC))
    assert [row.actor for row in DataAccess.objects.all()] == [bob]


def test_the_list_shows_own_exports_and_those_one_could_ask_for(client, alice, bob):
    shared, own = ask(alice), ask(alice, "test_own")
    clerk = staff_with("exports.view_exportjob")

    def listed(user):
        client.force_login(user)
        page = client.get(reverse("admin:exports_exportjob_changelist"))
        return {row.pk for row in page.context["cl"].result_list}

    assert listed(alice) == {shared.pk, own.pk}
    assert listed(bob) == {shared.pk}
    assert listed(clerk) == set()


def test_a_refusal_while_making_is_told_and_a_bug_is_tried_three_times(alice):
    refused, broken = ask(alice, fails=True), ask(alice, breaks=True)

    moments = [NOW + timedelta(minutes=31) * number for number in range(5)]
    for moment in moments:
        operations.build_waiting(now=moment)

    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.status, refused.error_code, refused.attempts) == ("failed", "TOO_OLD", 1)
    assert (broken.status, broken.error_code, broken.finished_at) == ("failed", "EXPORT_FAILED", moments[3])
    assert not PrivateFile.objects.exists()


def test_a_file_is_made_once(alice):
    job = ask(alice)

    made = [operations.build(job_id=job.pk, now=NOW) for _ in range(2)]

    assert made == [True, False]
    assert PrivateFile.objects.count() == 1


def test_the_sweep_makes_what_nobody_made(alice):
    job = ask(alice)

    assert build_waiting_exports() == "1 made"
    assert build_waiting_exports() == "0 made"

    job.refresh_from_db()
    assert job.status == "ready"


def test_a_file_is_erased_after_a_day_and_can_no_longer_be_fetched(client, alice):
    job = ask(alice)
    operations.build(job_id=job.pk, now=NOW)

    assert operations.expire_due(now=NOW + timedelta(hours=23, minutes=59)) == 0
    assert expire_exports() == "1 expired"

    job.refresh_from_db()
    assert job.status == "expired"
    assert PrivateFile.objects.get().erased_at is not None
    page = fetch(client, alice, job)
    assert page.status_code == 302
    assert not DataAccess.objects.exists()


def test_the_file_waits_in_the_language_of_the_asker(alice):
    with translation.override("it"):
        job = ask(alice)
    operations.build(job_id=job.pk, now=NOW)

    assert operations.download(job=job, actor=alice, now=NOW).decode().splitlines()[1] == "0;0"
