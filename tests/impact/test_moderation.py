"""Staff look at what organisations report and tell, and at what players write: by buttons, with reasons, on record."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.audit.models import AuditEntry
from impact import retention
from impact.models import ImpactMetric, MetricCorrection, MetricReview, UpdateComment
from impact.operations import engagement, metric_evidence
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory
from tests.factories.private_files import PDF

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

WHY = "Counted by our own people."


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def metric():
    return ImpactMetricFactory(metric_name="Meals served", collection_date=timezone.now())


@pytest.fixture
def update():
    return ImpactUpdateFactory(published_at=timezone.now())


def press(client, thing, name, **answers):
    meta = thing._meta
    path = reverse(f"admin:{meta.app_label}_{meta.model_name}_do", args=[thing.pk, name])
    answer = client.post(path, answers)
    thing.refresh_from_db()
    return answer


def page_of(client, thing):
    return client.get(
        reverse(f"admin:impact_{thing._meta.model_name}_change", args=[thing.pk])
    ).content.decode()


# Metrics ---------------------------------------------------------------------------------------------------------


def test_a_metric_is_verified_disputed_and_settled(staff, metric):
    press(staff, metric, "verify", seen_value="150.00", reason="")
    assert metric.verification_status == "verified"
    press(staff, metric, "dispute", seen_value="150.00", reason="The photo shows ten.")
    assert (metric.verification_status, metric.dispute_reason) == ("disputed", "The photo shows ten.")
    press(staff, metric, "resolve", seen_value="150.00", reason=WHY, corrected_value="140")

    assert (metric.verification_status, metric.current_value) == ("verified", 140)
    assert MetricReview.objects.count() == 3
    assert MetricCorrection.objects.get().reason == WHY


def test_a_value_that_changed_under_the_reader_is_not_verified(staff, metric):
    path = reverse("admin:impact_impactmetric_do", args=[metric.pk, "verify"])
    assert 'value="150.00"' in staff.get(path).content.decode()
    ImpactMetric.objects.filter(pk=metric.pk).update(current_value=Decimal(9000))

    answer = press(staff, metric, "verify", seen_value="150.00", reason="")

    assert "has changed in the meantime" in answer.content.decode()
    assert (metric.verification_status, MetricReview.objects.count()) == ("pending", 0)


def test_values_and_states_are_not_written_in_the_form(staff, metric):
    url = reverse("admin:impact_impactmetric_change", args=[metric.pk])

    staff.post(
        url,
        {
            "current_value": "9",
            "verification_status": "verified",
            "description": "Hot.",
            "tags": "[]",
            "metadata": "{}",
        },
    )

    metric.refresh_from_db()
    assert (metric.current_value, metric.verification_status, metric.description) == (150, "pending", "Hot.")


def test_staff_take_a_value_in_and_stop_counting_one(staff, metric):
    onlus = OnlusFactory()
    answers = {
        "onlus": str(onlus.pk),
        "metric_name": "Beds",
        "metric_type": "beneficiaries",
        "metric_unit": "people",
        "current_value": "12",
    }

    staff.post(reverse("admin:impact_impactmetric_do_on_list", args=["report"]), answers)
    press(staff, metric, "toggle")

    beds = ImpactMetric.objects.of_onlus(onlus.pk).get()
    assert (beds.metric_name, beds.current_value, beds.source) == ("Beds", 12, "admin_update")
    assert metric.is_active is False


def test_evidence_is_opened_with_a_purpose_that_stays_on_record(staff, metric, settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path)
    evidence = metric_evidence.add(
        metric=metric,
        upload=SimpleUploadedFile("register.pdf", PDF),
        shows="The register.",
        taken_on=date(2026, 3, 1),
        actor=UserFactory(),
        now=timezone.now(),
    )
    listed = staff.get(
        reverse("admin:impact_metricevidence_changelist"), {"metric__id__exact": str(metric.pk)}
    )

    without = press(staff, evidence, "open_file", purpose="")
    assert (without.status_code, DataAccess.objects.count()) == (200, 0)
    opened = press(staff, evidence, "open_file", purpose="Verifying the meals")

    assert "The register." in listed.content.decode()
    assert (opened.content, opened["Content-Type"]) == (PDF, "application/pdf")
    assert opened["Content-Disposition"].startswith("attachment;")
    assert DataAccess.objects.get().purpose == "Verifying the meals"


def test_old_metrics_are_listed_apart(staff, metric):
    ImpactMetricFactory(metric_name="Old trees", collection_date=timezone.now() - timedelta(days=31))

    page = staff.get(reverse("admin:impact_impactmetric_changelist"), {"age": "old"}).content.decode()

    assert ("Old trees" in page, "Meals served" in page) == (True, False)


# Updates and comments --------------------------------------------------------------------------------------------


def test_an_update_is_featured_taken_down_and_brought_back(staff, update):
    press(staff, update, "feature", until="2199-01-01T09:00")
    assert (update.status, update.featured_until.year) == ("featured", 2199)
    press(staff, update, "unfeature")
    assert update.status == "published"
    press(staff, update, "remove", reason="")
    assert update.status == "published"
    press(staff, update, "remove", reason="It names a child.")
    assert (update.status, update.removal_reason) == ("removed", "It names a child.")
    press(staff, update, "restore", reason="The name is out.")
    assert update.status == "published"
    press(staff, update, "archive")
    assert update.status == "archived"
    press(staff, update, "publish")

    assert update.status == "published"
    assert AuditEntry.objects.filter(action__startswith="update_").count() == 6


def test_staff_see_the_text_as_readers_do_and_no_script(staff):
    update = ImpactUpdateFactory(content="**Done** <script>alert(1)</script>")

    page = page_of(staff, update)

    assert ("<strong>Done</strong>" in page, "<script>alert(1)" in page) == (True, False)


def test_a_reported_comment_waits_and_is_hidden_shown_or_left(staff, update):
    now, text = timezone.now(), "Buy pills"
    comment = engagement.comment(user_id=UserFactory().pk, update_id=update.pk, text=text, now=now)
    fine = engagement.comment(user_id=UserFactory().pk, update_id=update.pk, text="Well done", now=now)
    for each in (comment, fine):
        engagement.report_comment(
            user_id=UserFactory().pk, comment_id=each.pk, reason="spam", details="Twice today", now=now
        )
    queue = reverse("admin:impact_updatecomment_changelist") + "?reported=open"
    assert text in staff.get(queue).content.decode()
    assert "Twice today" in page_of(staff, comment)

    press(staff, comment, "hide", reason="Advertising.")
    press(staff, fine, "leave", reason="An opinion.")

    assert text not in staff.get(queue).content.decode()
    assert UpdateComment.objects.visible().get() == fine
    press(staff, comment, "show", reason="A joke after all.")
    assert UpdateComment.objects.visible().count() == 2


def test_the_community_board_shows_what_waits(staff, update, metric):
    old = timezone.now() - timedelta(days=40)
    ImpactMetricFactory(collection_date=old)
    engagement.react(user_id=UserFactory().pk, update_id=update.pk, kind="like", now=timezone.now())
    engagement.refresh_trending(now=timezone.now())

    page = staff.get("/admin/?board=community").content.decode()

    for words in ("Metrics to verify, by age", "30 days and more", "Old metrics", "Reported comments"):
        assert words in page
    assert update.title in page


@pytest.mark.parametrize("name", ["verify", "dispute", "toggle"])
def test_staff_without_the_right_press_nothing(client, metric, name):
    client.force_login(UserFactory(is_staff=True))

    answer = press(client, metric, name, seen_value="150.00", reason=WHY)

    assert (answer.status_code, metric.verification_status, metric.is_active) == (403, "pending", True)


def test_what_is_too_old_or_of_closed_accounts_is_taken_out(update, metric, settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path)
    now = timezone.now()
    gone = UserFactory(deleted_at=now - timedelta(days=31), is_active=False)
    for author in (gone, UserFactory()):
        engagement.comment(user_id=author.pk, update_id=update.pk, text="Hello", now=now)
    evidence = metric_evidence.add(
        metric=metric,
        upload=SimpleUploadedFile("register.pdf", PDF),
        shows="The register.",
        taken_on=date(2019, 3, 1),
        actor=UserFactory(),
        now=now - timedelta(days=2558),
    )

    retention.forget_words(list(retention.comments_of_closed_accounts(now - timedelta(days=30))), now)
    retention.erase_files(list(retention.old_evidence(now - timedelta(days=2557))), now)

    assert set(UpdateComment.objects.values_list("author_id", "text")) == {
        (gone.pk, ""),
        (UpdateComment.objects.visible().get().author_id, "Hello"),
    }
    evidence.file.refresh_from_db()
    assert (evidence.file.erased_at, len(evidence.file.sha256)) == (now, 64)
