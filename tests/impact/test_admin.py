import pytest
from django.urls import reverse
from django.utils import timezone

from goodplay.lib.audit.models import AuditEntry
from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate, MetricPoint
from impact.operations import tracking
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.impact import (
    NOW,
    CommunityReportFactory,
    ImpactMetricFactory,
    ImpactStoryFactory,
    ImpactUpdateFactory,
)

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

FACTORIES = {
    "impactstory": ImpactStoryFactory,
    "impactmetric": ImpactMetricFactory,
    "impactupdate": ImpactUpdateFactory,
    "communityreport": CommunityReportFactory,
}


@pytest.fixture
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return client


def form_of(staff, url):
    """Return what the change form would send if nobody touched it."""
    form = staff.get(url).context["adminform"].form
    sent = {}
    for bound in form:
        value = bound.value()
        if hasattr(value, "isoformat"):
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            sent[f"{bound.html_name}_0"], sent[f"{bound.html_name}_1"] = (
                local.strftime("%Y-%m-%d"),
                local.strftime("%H:%M:%S"),
            )
        elif value is not None:
            sent[bound.html_name] = value
    return {name: value for name, value in sent.items() if value is not False}


def change_url(document):
    return reverse(f"admin:impact_{document._meta.model_name}_change", args=[document.pk])


@pytest.mark.parametrize("name", FACTORIES)
def test_documents_are_listed_searched_and_opened(staff, name):
    document = FACTORIES[name]()
    listing = reverse(f"admin:impact_{name}_changelist")

    assert str(document) in staff.get(listing).content.decode()
    assert str(document) in staff.get(listing, {"q": str(document)}).content.decode()
    assert str(document) not in staff.get(listing, {"q": "nowhere to be found"}).content.decode()
    assert staff.get(change_url(document)).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["impactstory", "impactmetric", "impactupdate"])
def test_a_list_fetches_its_organisations_together(
    staff, name, count, django_assert_max_num_queries, documents_apart
):
    model = FACTORIES[name]._meta.model
    model.objects.all().delete()
    names = [OnlusFactory().name for _ in range(count)]
    for onlus_name in names:
        FACTORIES[name](onlus_id=OnlusFactory._meta.model.objects.get(name=onlus_name).pk)

    with django_assert_max_num_queries(8 - 3 * documents_apart):
        page = staff.get(reverse(f"admin:impact_{name}_changelist")).content.decode()

    assert all(onlus_name in page for onlus_name in names)


def test_a_story_is_written_and_the_trail_says_by_whom(staff):
    story = ImpactStoryFactory()
    sent = form_of(staff, change_url(story)) | {"title": "The new well", "tags": '["water"]'}

    response = staff.post(change_url(story), sent)

    assert response.status_code == 302, response.context["adminform"].form.errors
    story.refresh_from_db()
    assert (story.title, story.tags) == ("The new well", ["water"])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.after["title"]) == ("change", str(story.pk), "The new well")
    assert entry.before["title"] != "The new well"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"media_urls": '["ftp://example.org/x"]'}, "media_urls"),
        ({"unlock_condition_value": "-1"}, "unlock_condition_value"),
        ({"estimated_read_time": "0"}, "estimated_read_time"),
    ],
)
def test_a_story_that_cannot_be_is_refused(staff, columns, field):
    story = ImpactStoryFactory()

    response = staff.post(change_url(story), form_of(staff, change_url(story)) | columns)

    assert field in response.context["adminform"].form.errors
    assert not AuditEntry.objects.exists()


def test_publishing_an_update_dates_it_once(staff):
    update = ImpactUpdateFactory(status=ImpactUpdate.Status.DRAFT, published_at=None)
    url = change_url(update)

    staff.post(url, form_of(staff, url) | {"status": "published"})
    update.refresh_from_db()
    published = update.published_at
    staff.post(url, form_of(staff, url) | {"title": "The roof is on, and green"})

    update.refresh_from_db()
    assert (update.status, update.title) == ("published", "The roof is on, and green")
    assert update.published_at == published is not None


def test_publishing_a_report_dates_it(staff):
    report = CommunityReportFactory(status=CommunityReport.Status.DRAFT, published_at=None)

    staff.post(change_url(report), form_of(staff, change_url(report)) | {"status": "published"})

    report.refresh_from_db()
    assert (report.status, report.published_at is not None) == ("published", True)


def test_editing_a_metric_keeps_what_donations_moved_meanwhile(staff, settled):
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(onlus_id=onlus.pk, metric_type="financial", metric_unit="eur")
    sent = form_of(staff, change_url(metric)) | {"description": "Counted by hand."}
    sent["current_value"] = "150.00"
    with settled():
        make_donation(UserFactory(), onlus, "5.00")

    response = staff.post(change_url(metric), sent)

    assert response.status_code == 302
    metric.refresh_from_db()
    assert metric.description == "Counted by hand."
    assert (metric.related_donations_count, str(metric.related_donations_amount)) == (1, "5.00")


def test_what_was_reached_is_only_shown(staff, settled):
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    with settled():
        make_donation(UserFactory(), onlus, "10.00")
    MetricPoint.objects.create(metric_id=metric.pk, value=1, source="onlus_report", recorded_at=NOW)

    pages = {
        "storyunlock": "First Impact",
        "usermilestone": "Player",
        "donationimpact": onlus.name,
        "metricpoint": metric.metric_name,
        "communitymilestone": "",
    }
    for name, words in pages.items():
        page = staff.get(reverse(f"admin:impact_{name}_changelist"))

        assert (page.status_code, words in page.content.decode()) == (200, True)
        assert staff.get(reverse(f"admin:impact_{name}_add")).status_code == 403


@pytest.mark.parametrize("name", FACTORIES)
def test_documents_are_never_deleted(staff, name):
    document = FACTORIES[name]()

    response = staff.post(reverse(f"admin:impact_{name}_delete", args=[document.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert type(document).objects.filter(pk=document.pk).exists()


def test_tracking_twice_by_hand_changes_nothing(settled):
    with settled():
        donation = make_donation(UserFactory(), OnlusFactory(), "10.00")

    assert tracking.track_donation(donation=donation, now=NOW).tracked_at != NOW
    assert ImpactStory.objects.filter(author="system").count() == 15
    assert ImpactMetric.objects.count() == 0
