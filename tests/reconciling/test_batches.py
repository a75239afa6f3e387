"""Batches of reconciliations: periods handed in, each brought up to date, with the run it made."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from donations.models import (
    BatchLine,
    BatchOperation,
    BatchUpload,
    PaymentProvider,
    ReconciliationRun,
)
from donations.operations import batch_processing, batches
from donations.queries.books import contradictions
from donations.tasks.batches import resume_batches
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.time import rome_day
from tests.accounts.test_roles import member_of
from tests.factories.batches import figures, make_batch, started, work
from tests.factories.donations import NOW
from tests.payments.benches import SandboxStand, sandbox_bench, stripe_bench
from tests.payments.intents import account_at
from tests.payments.stripe_server import ROUTES, Refusal, StripeServer
from tests.reconciling.house import APRIL_2, bank_day, breaks, fund, incoming

pytestmark = pytest.mark.django_db
ALL = "/api/batch/operations"
MARCH_4, MARCH = (
    {"start_date": "2026-03-04", "end_date": "2026-03-04"},
    {
        "type": "monthly",
        "start_date": "2026-03-01",
        "end_date": "2026-03-31",
    },
)


@pytest.fixture
def anna(api):
    anna = member_of("finance")
    api.force_authenticate(anna)
    return anna


def hand_in(api, *items):
    return api.post(ALL, {"operation_type": "reconciliation", "items": list(items)})


def faults(answer):
    assert (answer.status_code, answer.json()["message"]) == (422, "BATCH_VALIDATION_FAILED")
    assert not BatchOperation.objects.exists()
    return {(each["line"], each["code"]) for each in answer.json()["data"]["validation_errors"]}


def test_periods_are_reconciled_and_lead_to_their_runs(api, anna):
    fund()
    bank_day(opening="1000.00", incoming=[incoming(), incoming("20.00", text="?", name="Nobody")])

    answer = hand_in(api, MARCH_4, MARCH)
    batch = BatchOperation.objects.get()
    run = api.post(f"/api/batch/{batch.pk}/process", {})
    work(batch, now=APRIL_2)

    assert answer.json()["message"] == "BATCH_OPERATION_CREATED"
    assert (run.status_code, run.json()["message"]) == (202, "BATCH_PROCESSING_STARTED")
    assert not ApprovalRequest.objects.exists()
    assert figures(batch)[:3] == ("completed", 2, 2)
    made = [
        (line.reconciliation.type, line.reconciliation.break_count)
        for line in batch.lines.order_by("processing_order")
    ]
    assert made == [("daily", 1), ("monthly", 1)]
    assert [row[0] for row in breaks()] == ["extra"]
    assert {run.started_by for run in ReconciliationRun.objects.all()} == {anna}
    assert contradictions() == []


def test_the_same_periods_again_are_the_same_runs_brought_up_to_date(api, anna):
    for _ in range(2):
        hand_in(api, MARCH)
        batch = BatchOperation.objects.latest("created_at")
        batches.start(batch=batch, actor=anna, now=APRIL_2)
        work(batch, now=APRIL_2)

    run = ReconciliationRun.objects.get()
    assert run.times_run == 2
    assert {line.reconciliation for line in BatchLine.objects.all()} == {run}


def test_lines_that_make_no_sense_are_told_one_by_one(api, anna):
    today = timezone.now().date()

    answer = hand_in(
        api,
        {"start_date": "2026-03-31", "end_date": "2026-03-01"},
        {"start_date": "2026-02-01", "end_date": str(today + timedelta(days=2))},
        {"type": "yearly", **MARCH_4},
        MARCH,
        MARCH,
        {"start_date": "soon"},
        {"start_date": "0001-01-01", "end_date": "0001-01-02"},
    )

    assert faults(answer) >= {
        (1, "INVALID_DATE_RANGE"),
        (2, "FUTURE_DATE_NOT_ALLOWED"),
        (3, "INVALID_RECONCILIATION_TYPE"),
        (4, "RECONCILIATION_NAMED_TWICE"),
        (5, "RECONCILIATION_NAMED_TWICE"),
        (6, "INVALID_DATE_RANGE"),
        (7, "INVALID_DATE_RANGE"),
    }


def test_a_silent_provider_leaves_the_run_partial_and_the_line_done(api, anna):
    server = StripeServer()
    server.start()
    account_at(stripe_bench(server))
    server.stop()
    hand_in(api, MARCH)
    batch = BatchOperation.objects.get()
    batches.start(batch=batch, actor=anna, now=APRIL_2)

    work(batch, now=APRIL_2)

    assert figures(batch)[:3] == ("completed", 1, 1)
    assert ReconciliationRun.objects.get().status == "partial"


def test_providers_are_asked_for_the_days_that_are_wanted_and_no_others(api, anna, monkeypatch):
    """Days that follow each other are asked for at once. Silence about some leaves the others complete."""
    server, asked = StripeServer(), []
    server.start()
    provider = account_at(stripe_bench(server))

    def told(server, sent):
        asked.append(rome_day(datetime.fromtimestamp(int(sent["created"]["gte"]), UTC)))
        if len(asked) == 1:
            raise Refusal(400, code="too_old", message="Too long ago.")
        return StripeServer.list_balance(server, sent)

    monkeypatch.setitem(ROUTES, ("GET", "/v1/balance_transactions"), told)
    days = ["2024-01-31", "2024-02-01", "2026-03-04"]
    hand_in(api, *({"start_date": day, "end_date": day} for day in days))
    batch = BatchOperation.objects.get()
    batches.start(batch=batch, actor=anna, now=APRIL_2)
    work(batch, now=APRIL_2)
    server.stop()

    assert asked == [date(2024, 1, 29), date(2026, 3, 2)]
    assert figures(batch)[:3] == ("completed", 3, 3)
    runs = ReconciliationRun.objects.order_by("start_date").values_list("status", flat=True)
    assert list(runs) == ["partial", "partial", "completed"]
    spans = [report.until - report.since for report in provider.reports.all()]
    assert spans == [timedelta(days=5)]


def test_a_batch_that_cannot_be_prepared_stops_no_other(api, anna):
    """The provider's credentials cannot be opened: nobody can ask it, until somebody enters them again."""
    provider = account_at(sandbox_bench(SandboxStand()))
    hand_in(api, MARCH)
    hindered = BatchOperation.objects.get()
    BatchOperation.objects.update(priority=9)
    batches.start(batch=hindered, actor=anna, now=NOW)
    other = started(make_batch())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE donations_paymentprovider SET credentials = 'of another key'")

    with time_machine.travel(APRIL_2, tick=False):
        result = resume_batches()

    assert result == "3 lines dealt with, 1 given up, 1 batches ended"
    assert figures(other)[:3] == ("completed", 3, 3)
    assert (figures(hindered)[0], hindered.lines.get().error_code) == ("failed", "BATCH_STALLED")
    PaymentProvider.objects.update(credentials=provider.credentials)
    batches.retry(batch=hindered, actor=anna, now=APRIL_2)
    work(hindered, now=APRIL_2 + timedelta(minutes=1))
    assert figures(hindered)[:3] == ("completed", 1, 1)


def test_a_line_that_fails_stops_no_other_and_a_retry_does_it(api, anna):
    """By the clock of whoever carries it out the period is not over yet."""
    hand_in(api, MARCH_4, MARCH)
    batch = BatchOperation.objects.get()
    march_20 = APRIL_2 - timedelta(days=13)
    batches.start(batch=batch, actor=anna, now=march_20)

    batch_processing.work(clock=lambda: march_20)

    assert figures(batch)[:3] == ("partial", 2, 1)
    failed = batch.lines.get(status="failed")
    assert (failed.last_day, failed.error_code) == (date(2026, 3, 31), "FUTURE_DATE_NOT_ALLOWED")
    batches.retry(batch=batch, actor=anna, now=APRIL_2)
    work(batch, now=APRIL_2)
    assert figures(batch)[:3] == ("completed", 2, 2)


def test_a_file_is_shown_confirmed_and_run_in_the_back_office(client):
    anna = member_of("finance")
    client.force_login(anna)
    text = "type;start_date;end_date\nMonthly;2026-03-01;2026-03-31\n;2026-03-04;2026-03-04\n"
    form = {"operation_type": "reconciliation", "file": SimpleUploadedFile("periods.csv", text.encode())}

    client.post(reverse("admin:donations_batchoperation_do_on_list", args=["upload_periods"]), form)
    upload = BatchUpload.objects.get()
    shown = client.get(reverse("admin:donations_batchupload_change", args=[upload.pk]))
    client.post(reverse("admin:donations_batchupload_do", args=[upload.pk, "confirm"]))
    batch = BatchOperation.objects.get()
    client.post(reverse("admin:donations_batchoperation_do", args=[batch.pk, "process"]))
    work(batch, now=timezone.now())
    lines = client.get(reverse("admin:donations_batchline_changelist"), {"batch": str(batch.pk)})

    assert "All lines are in order: 2." in shown.content.decode()
    assert figures(batch)[:3] == ("completed", 2, 2)
    page = lines.content.decode()
    for run in ReconciliationRun.objects.all():
        assert reverse("admin:donations_reconciliationrun_change", args=[run.pk]) in page
    assert "2026-03-01 - 2026-03-31" in page


def test_compliance_hands_in_no_reconciliation_and_sees_what_came_of_it(api, anna):
    hand_in(api, MARCH)
    batch = BatchOperation.objects.get()
    api.force_authenticate(member_of("compliance"))

    refused = hand_in(api, MARCH)
    run = api.post(f"/api/batch/{batch.pk}/process", {})

    assert (refused.status_code, run.status_code) == (403, 403)
    assert api.get(f"/api/batch/{batch.pk}/status").status_code == 200
    assert BatchOperation.objects.get().status == "queued"
