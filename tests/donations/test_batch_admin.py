"""Batches in the back office: uploaded, looked at, confirmed, released, run, retried, cancelled."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from donations.models import BatchLine, BatchOperation, BatchUpload, Donation
from donations.operations import batch_processing, batch_uploads
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import approve
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import figures, gifts, make_batch, released, rich_players, started, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


def press(client, row, name, **data):
    kind = f"{row._meta.app_label}_{row._meta.model_name}"
    return client.post(reverse(f"admin:{kind}_do", args=[row.pk, name]), data, follow=True)


def page_of(client, row):
    kind = f"{row._meta.app_label}_{row._meta.model_name}"
    return client.get(reverse(f"admin:{kind}_change", args=[row.pk])).content.decode()


def upload(client, text, kind="donations"):
    file = SimpleUploadedFile("fair.csv", text.encode())
    address = reverse("admin:donations_batchoperation_do_on_list", args=["upload"])
    return client.post(address, {"operation_type": kind, "file": file}, follow=True)


def sheet(players, onlus, amount="1.00"):
    rows = [f"{player.email},{onlus.pk},{amount}" for player in players]
    return "\n".join(["email,onlus_id,amount", *rows])


def test_a_file_becomes_a_batch_when_it_is_confirmed_and_once(client, boss):
    players, onlus = rich_players(2), OnlusFactory()

    page = upload(client, sheet(players, onlus)).content.decode()

    assert "All lines are in order: 2, €2.00 in all." in page
    assert players[0].email in page
    assert not BatchOperation.objects.exists()

    press(client, BatchUpload.objects.get(), "confirm")
    batch = BatchOperation.objects.get()
    assert (batch.total_items, batch.total_amount, batch.created_by) == (2, Decimal("2.00"), boss)
    assert batch.upload.uploaded_by == boss
    press(client, batch.upload, "confirm")
    assert BatchOperation.objects.count() == 1


def test_lines_at_fault_are_shown_and_nothing_is_stored(client, boss):
    rich, poor = rich_players(1)[0], UserFactory()

    page = upload(client, sheet([rich, poor], OnlusFactory())).content.decode()

    assert "1 line is not in order." in page
    assert "This player&#x27;s wallet was never used: there is nothing in it." in page
    refusal = press(client, BatchUpload.objects.get(), "confirm").content.decode()
    assert "Some lines are not in order, so nothing was stored." in refusal
    assert not BatchOperation.objects.exists()


def test_what_a_file_says_is_shown_as_text(client, boss):
    text = "user_id,onlus_id,amount,message\n<script>alert(1)</script>,x,1,<b>hi</b>"

    page = upload(client, text).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>hi</b>" not in page


@pytest.mark.parametrize("text", ["colour\nred", "user_id,onlus_id,amount\n\x00"])
def test_a_file_that_cannot_be_read_is_not_kept(client, boss, text):
    page = upload(client, text).content.decode()

    assert "errorlist" in page
    assert not BatchUpload.objects.exists()


def test_the_road_of_a_batch_through_its_buttons(client, boss, django_capture_on_commit_callbacks):
    batch = make_batch(by=boss)
    assert "Ask for the release" in page_of(client, batch)

    press(client, batch, "request_release", reason="The gifts of the fair.")
    press(client, batch, "process")
    assert figures(batch)[0] == "queued"
    approve(request=ApprovalRequest.objects.get(), decided_by=StaffFactory(), now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        press(client, batch, "process")

    assert figures(batch) == ("completed", 3, 3, 0, 0)
    page = page_of(client, batch)
    assert "3 of 3" in page
    assert 'value="3"' in page
    assert f"batch__id__exact={batch.pk}" in page


def test_failed_lines_are_downloaded_and_tried_again(client, boss):
    players = rich_players(2)
    batch = started(make_batch(gifts(players, OnlusFactory()), by=boss), now=timezone.now())
    players[0].is_active = False
    players[0].save()
    work(batch, now=timezone.now() - timedelta(minutes=1))
    assert figures(batch) == ("partial", 2, 1, 1, 0)

    file = press(client, batch, "download")

    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="failed-{batch.pk}.csv"'
    assert "no-store" in file["Cache-Control"]
    assert str(players[0].pk) in file.content.decode()
    assert str(players[1].pk) not in file.content.decode()
    players[0].is_active = True
    players[0].save()
    press(client, batch, "retry")
    batch_processing.work(clock=timezone.now)
    assert figures(batch) == ("completed", 2, 2, 0, 0)


def test_cancel_asks_why(client, boss):
    batch = make_batch()

    press(client, batch, "cancel")
    assert figures(batch)[0] == "queued"
    press(client, batch, "cancel", reason="Handed in twice")

    assert figures(batch) == ("cancelled", 3, 0, 0, 3)
    assert batch.cancel_reason == "Handed in twice"


def test_who_may_only_look_gets_no_button(client):
    batch = released(make_batch())
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="analyst"))
    client.force_login(analyst)

    assert press(client, batch, "process").status_code == 403
    assert upload(client, "email,onlus_id,amount").status_code == 403
    assert 'class="act' not in page_of(client, batch)
    assert (figures(batch)[0], BatchUpload.objects.count()) == ("queued", 0)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["batchoperation", "batchline", "batchupload"])
def test_lists_cost_the_same_for_one_and_for_three(client, boss, name, count, django_assert_max_num_queries):
    for _ in range(count):
        batch = make_batch()
        row = batch_uploads.store_upload(
            operation_type="donations", file_name="a.csv", content="x", uploaded_by=boss, now=timezone.now()
        )
        BatchUpload.objects.filter(pk=row.pk).update(batch=batch)

    with django_assert_max_num_queries(8):
        page = client.get(reverse(f"admin:donations_{name}_changelist"))

    assert page.status_code == 200


def test_lines_are_listed_of_one_batch(client, boss):
    mine, other = make_batch(), make_batch()
    address = reverse("admin:donations_batchline_changelist")

    page = client.get(f"{address}?batch__id__exact={mine.pk}").context["cl"]

    assert {line.batch_id for line in page.result_list} == {mine.pk}
    assert BatchLine.objects.filter(batch=other).count() == 3


def test_uploads_nobody_confirmed_go_after_a_week(boss):
    now = timezone.now()
    common = {"operation_type": "donations", "content": "x", "uploaded_by": boss}
    old = batch_uploads.store_upload(file_name="old.csv", now=now - timedelta(days=7), **common)
    new = batch_uploads.store_upload(file_name="new.csv", now=now - timedelta(days=6), **common)
    used = batch_uploads.store_upload(file_name="used.csv", now=now - timedelta(days=9), **common)
    BatchUpload.objects.filter(pk=used.pk).update(batch=make_batch())

    assert batch_uploads.clear_unused(now=now) == 1

    assert set(BatchUpload.objects.all()) == {new, used}
    assert not BatchUpload.objects.filter(pk=old.pk).exists()
    assert not Donation.objects.exists()
