"""Batches of compliance checks: who may, what each line finds, and what is kept from whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from donations.models import BatchLine, BatchOperation, BatchUpload, ComplianceCheck
from donations.operations import batch_processing, batches
from donations.operations.batch_lines import LineDraft
from donations.queries.books import contradictions
from goodplay.lib.approvals.models import ApprovalRequest
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.batches import figures, gifts, make_batch, refused, rich_players, work
from tests.factories.donations import NOW
from tests.factories.ids import UNKNOWN_ID

pytestmark = pytest.mark.django_db
Kind = BatchOperation.Type
ALL = "/api/batch/operations"


def staff(role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def rita():
    return staff("compliance")


@pytest.fixture
def desk(api, rita):
    api.force_authenticate(rita)
    return api


def looks(*players, check_type="aml"):
    return [
        LineDraft(number=n, player_id=each.pk, check_type=check_type) for n, each in enumerate(players, 1)
    ]


def of_checks(*players, by=None):
    return make_batch(looks(*players), kind=Kind.COMPLIANCE_CHECK, by=by)


def begun(batch):
    return batches.start(batch=batch, actor=batch.created_by, now=NOW)


def hand_in(api, *items):
    return api.post(ALL, {"operation_type": "compliance_check", "items": list(items)})


def said(answer):
    return answer.status_code, answer.json()["message"]


# Over REST ------------------------------------------------------------------------------------------------------


def test_officers_hand_in_and_run_checks_without_a_second_person(
    desk, rita, django_capture_on_commit_callbacks
):
    anna, bruno = UserFactory.create_batch(2)

    made = hand_in(
        desk,
        {"user_id": str(anna.pk), "reason": "Yearly look"},
        {"user_id": str(bruno.pk), "check_type": "tax_compliance", "source_reference": "B-2"},
    )
    assert said(made) == (201, "BATCH_OPERATION_CREATED")
    address = f"/api/batch/{made.json()['data']['batch_id']}"
    with django_capture_on_commit_callbacks(execute=True):
        assert said(desk.post(f"{address}/process", {})) == (202, "BATCH_PROCESSING_STARTED")
    work(BatchOperation.objects.get(), now=timezone.now())

    shown = desk.get(f"{address}/status").json()["data"]
    assert (shown["status"], shown["progress"]["successful_items"]) == ("completed", 2)
    found = ComplianceCheck.objects.order_by("pk").values_list(
        "user", "check_type", "check_reason", "started_by"
    )
    assert list(found[:2]) == [
        (anna.pk, "aml", "Yearly look", rita.pk),
        (bruno.pk, "tax_compliance", "Line 2 of a batch of checks", rita.pk),
    ]
    lines = BatchLine.objects.order_by("processing_order")
    assert [line.compliance_check.user for line in lines] == [anna, bruno]
    assert [(line.processed_amount, line.onlus) for line in lines] == [(None, None), (None, None)]
    assert not ApprovalRequest.objects.exists()
    assert list(contradictions()) == []


def test_lines_at_fault_store_nothing(desk):
    anna = UserFactory()

    answer = hand_in(
        desk,
        {"user_id": str(anna.pk)},
        {"user_id": str(anna.pk), "check_type": "aml"},
        {"user_id": str(UNKNOWN_ID)},
        {"user_id": str(anna.pk), "check_type": "stars"},
        {"check_type": "kyc"},
    )

    assert said(answer) == (422, "BATCH_VALIDATION_FAILED")
    faults = [(each["line"], each["code"]) for each in answer.json()["data"]["validation_errors"]]
    assert faults == [
        (1, "COMPLIANCE_CHECK_NAMED_TWICE"),
        (2, "COMPLIANCE_CHECK_NAMED_TWICE"),
        (3, "USER_NOT_FOUND"),
        (4, "INVALID_COMPLIANCE_CHECK_TYPE"),
        (5, "USER_NOT_FOUND"),
    ]
    assert not BatchOperation.objects.exists()


def test_programs_that_name_no_such_check_are_refused_too():
    lines = looks(UserFactory(), check_type="stars")

    assert refused(lines, kind=Kind.COMPLIANCE_CHECK) == [(1, "INVALID_COMPLIANCE_CHECK_TYPE")]


@pytest.mark.parametrize("role", ["admin", "analyst", "moderator", "auditor"])
def test_others_hand_in_no_checks(api, role):
    api.force_authenticate(staff(role))

    answer = hand_in(api, {"user_id": str(UserFactory().pk)})

    assert said(answer) == (403, "ADMIN_ACCESS_REQUIRED")
    assert not BatchOperation.objects.exists()


def test_officers_neither_hand_in_nor_run_movements(desk, rita):
    players, onlus = rich_players(1), OnlusFactory()
    batch = make_batch(gifts(players, onlus))
    line = {"user_id": str(players[0].pk), "onlus_id": str(onlus.pk), "amount": 1}

    assert desk.post("/api/batch/donations", {"donations": [line]}).status_code == 403
    assert desk.post(ALL, {"operation_type": "donations", "items": [line]}).status_code == 403
    for act in ("process", "retry", "cancel"):
        assert said(desk.post(f"/api/batch/{batch.pk}/{act}", {})) == (403, "ADMIN_ACCESS_REQUIRED"), act

    assert figures(batch) == ("queued", 0, 0, 0, 0)
    assert BatchOperation.objects.count() == 1
    assert not ApprovalRequest.objects.exists()


def test_who_may_not_see_checks_sees_no_batch_of_them(api):
    batch = of_checks(UserFactory())
    api.force_authenticate(staff("analyst"))

    one = api.get(f"/api/batch/{batch.pk}/status")
    every = api.get(ALL).json()["data"]

    assert said(one) == (404, "BATCH_OPERATION_NOT_FOUND")
    assert (every["operations"], every["total_count"]) == ([], 0)


# Carrying out ---------------------------------------------------------------------------------------------------


def test_a_release_of_checks_cannot_be_asked_for():
    batch = of_checks(UserFactory())

    with pytest.raises(batches.ReleaseNotNeeded):
        batches.request_release(batch=batch, requested_by=batch.created_by, reason="To be sure.", now=NOW)

    assert not ApprovalRequest.objects.exists()


def test_a_line_that_broke_is_retried_and_makes_one_check():
    batch = begun(of_checks(UserFactory()))
    batch_processing.give_up_stalled(now=NOW + timedelta(hours=3))
    assert batches.finish(batch_id=batch.pk, now=NOW)
    assert figures(batch) == ("failed", 1, 0, 1, 0)

    assert batches.retry(batch=batch, actor=batch.created_by, now=NOW) == 1
    work(batch, now=NOW + timedelta(hours=4))

    assert figures(batch) == ("completed", 1, 1, 0, 0)
    assert ComplianceCheck.objects.count() == 1


def test_cancelling_leaves_out_who_was_not_checked_yet():
    batch = begun(of_checks(*UserFactory.create_batch(3)))
    batch_processing.process_next(batch=batch, now=NOW)

    batches.cancel(batch=batch, actor=batch.created_by, reason="Wrong list.", now=NOW)

    assert figures(batch) == ("cancelled", 3, 1, 0, 2)
    assert ComplianceCheck.objects.count() == 1


# What the database keeps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"onlus": True},
        {"player": None},
        {"amount": Decimal(1)},
        {"check_type": ""},
        {"processed_amount": Decimal(1)},
    ],
)
def test_a_check_is_no_movement(changes):
    work(begun(of_checks(UserFactory())))
    if "onlus" in changes:
        changes = {"onlus": OnlusFactory()}

    with pytest.raises(IntegrityError), transaction.atomic():
        BatchLine.objects.update(**changes)


def test_movements_name_an_organisation_and_start_only_when_released():
    batch = make_batch()

    with pytest.raises(IntegrityError), transaction.atomic():
        batch.lines.update(onlus=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchOperation.objects.update(status="processing", started_at=NOW)


@pytest.mark.unbalanced
def test_the_books_see_a_line_whose_check_is_of_somebody_else():
    work(begun(of_checks(UserFactory())))
    BatchLine.objects.update(player=UserFactory())

    assert [each.invariant for each in contradictions()] == ["I14"]


# In the back office ---------------------------------------------------------------------------------------------


def press(client, row, name, **data):
    kind = f"{row._meta.app_label}_{row._meta.model_name}"
    return client.post(reverse(f"admin:{kind}_do", args=[row.pk, name]), data, follow=True)


def upload(client, text, button="upload_checks", kind="compliance_check"):
    file = SimpleUploadedFile("people.csv", text.encode())
    address = reverse("admin:donations_batchoperation_do_on_list", args=[button])
    return client.post(address, {"operation_type": kind, "file": file}, follow=True)


def test_officers_check_many_from_a_file(client, rita):
    anna = UserFactory()
    client.force_login(rita)

    page = upload(client, f"email;check_type;reason\n{anna.email};FRAUD;Fair").content.decode()
    assert "All lines are in order: 1." in page
    press(client, BatchUpload.objects.get(), "confirm")
    batch = BatchOperation.objects.get()
    press(client, batch, "process")
    work(batch, now=timezone.now())

    check = batch.lines.get().compliance_check
    assert (check.user, check.check_type, check.check_reason, check.started_by) == (
        anna,
        "fraud",
        "Fair",
        rita,
    )
    lines = client.get(f"{reverse('admin:donations_batchline_changelist')}?batch__id__exact={batch.pk}")
    assert check.check_id in lines.content.decode()


def test_officers_upload_no_movements(client, rita):
    client.force_login(rita)
    text = f"donation_id\n{UNKNOWN_ID}"

    assert upload(client, text, button="upload", kind="refunds").status_code == 403
    upload(client, text, kind="refunds")

    assert not BatchUpload.objects.exists()


@pytest.mark.parametrize("screen", ["batchoperation", "batchline", "batcherror", "batchupload"])
def test_analysts_find_nobody_who_was_checked(client, rita, screen):
    anna = UserFactory()
    client.force_login(rita)
    upload(client, f"email\n{anna.email}")
    press(client, BatchUpload.objects.get(), "confirm")
    batch = begun(BatchOperation.objects.get())
    batch_processing.give_up_stalled(now=timezone.now() + timedelta(days=1))
    address = reverse(f"admin:donations_{screen}_changelist")
    assert client.get(address).context["cl"].result_count == 1

    client.force_login(staff("analyst"))

    assert client.get(address).context["cl"].result_count == 0
    detail = reverse("admin:donations_batchoperation_change", args=[batch.pk])
    assert client.get(detail).status_code == 302
