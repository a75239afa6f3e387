import pytest
from django.urls import reverse
from django.utils import timezone

from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from impact.models import CommunityReport, ImpactMetric, ImpactStory, ImpactUpdate, MetricPoint, StoryUnlock
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
    sent = form_of(staff, change_url(story)) | {"title": "The new well", "tags": "Water, water,  Wells "}

    response = staff.post(change_url(story), sent)

    assert response.status_code == 302, response.context["adminform"].form.errors
    story.refresh_from_db()
    assert (story.title, story.tags) == ("The new well", ["water", "wells"])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.after["title"]) == ("change", str(story.pk), "The new well")
    assert entry.before["title"] != "The new well"


@pytest.mark.parametrize(
    ("columns", "field", "constant"),
    [
        ({"title": " "}, "title", "STORY_TITLE_REQUIRED"),
        ({"content": ""}, "content", "STORY_CONTENT_REQUIRED"),
        ({"story_type": ""}, "story_type", "STORY_STORY_TYPE_REQUIRED"),
        ({"story_type": "novel"}, "story_type", "STORY_TYPE_INVALID"),
        ({"unlock_condition_type": ""}, "unlock_condition_type", "STORY_UNLOCK_CONDITION_TYPE_REQUIRED"),
        ({"unlock_condition_type": "luck"}, "unlock_condition_type", "STORY_UNLOCK_CONDITION_TYPE_INVALID"),
        ({"unlock_condition_value": ""}, "unlock_condition_value", "STORY_UNLOCK_CONDITION_VALUE_REQUIRED"),
        ({"unlock_condition_value": "-1"}, "unlock_condition_value", "STORY_UNLOCK_CONDITION_VALUE_NEGATIVE"),
        (
            {"unlock_condition_value": "much"},
            "unlock_condition_value",
            "STORY_UNLOCK_CONDITION_VALUE_INVALID",
        ),
        ({"estimated_read_time": "0"}, "estimated_read_time", "STORY_READ_TIME_TOO_SHORT"),
        ({"estimated_read_time": "long"}, "estimated_read_time", "STORY_READ_TIME_INVALID"),
        ({"media_urls": "ftp://example.org/x | A well"}, "media_urls", "STORY_MEDIA_URL_INVALID"),
        ({"media_urls": "https://a.example/x|a|b|c"}, "media_urls", "STORY_MEDIA_URLS_INVALID_FORMAT"),
        ({"media_urls": "https://a.example/x"}, "media_urls", "STORY_MEDIA_DESCRIPTION_REQUIRED"),
        ({"priority": "11"}, "priority", "STORY_PRIORITY_INVALID"),
        ({"unlock_condition_type": "special_event"}, "special_event", "STORY_SPECIAL_EVENT_REQUIRED"),
    ],
)
def test_a_story_that_cannot_be_is_refused_with_its_constant(staff, columns, field, constant):
    story = ImpactStoryFactory()

    response = staff.post(change_url(story), form_of(staff, change_url(story)) | columns)

    errors = response.context["adminform"].form.errors.as_data()
    assert {name: [each.code for each in found] for name, found in errors.items()} == {field: [constant]}
    assert not AuditEntry.objects.exists()


def test_a_story_from_zero_is_accepted_and_its_minutes_are_reckoned(staff):
    story = ImpactStoryFactory(offered_at=NOW)
    sent = form_of(staff, change_url(story)) | {
        "unlock_condition_value": "0",
        "content": "word " * 601,
        "estimated_read_time": "",
        "media_urls": "https://a.example/well.jpg | A well | Un pozzo\n\nhttps://a.example/b.mp4||Una pompa",
    }

    assert staff.post(change_url(story), sent).status_code == 302

    story.refresh_from_db()
    assert (story.unlock_condition_value, story.estimated_read_time, story.offered_at) == (0, 4, None)
    assert story.media_urls == ["https://a.example/well.jpg", "https://a.example/b.mp4"]
    assert story.media_descriptions["https://a.example/b.mp4"] == {"it": "Una pompa"}
    assert form_of(staff, change_url(story))["media_urls"].splitlines()[0] == (
        "https://a.example/well.jpg | A well | Un pozzo"
    )
    assert Event.objects.get(name="story_changed").payload == {"story_id": str(story.pk)}


def test_every_kind_of_story_and_condition_can_be_written(staff):
    assert set(ImpactStory.Type.values) == {
        *("milestone", "progress", "featured", "special"),
        *("onlus_update", "impact_report", "community_highlight", "seasonal"),
    }
    story = ImpactStoryFactory()
    for kind in ImpactStory.Type.values:
        sent = form_of(staff, change_url(story)) | {"story_type": kind}
        assert staff.post(change_url(story), sent).status_code == 302
        story.refresh_from_db()
        assert story.story_type == kind


def test_a_story_is_previewed_as_each_reader_finds_it(staff):
    story = ImpactStoryFactory(
        content="**Dug** <script>alert(1)</script>", title_it="Il pozzo", unlock_condition_value=4
    )
    page = reverse("admin:impact_impactstory_preview", args=[story.pk])

    def shown(**asked):
        return staff.get(page, asked).content.decode()

    assert staff.post(reverse("admin:impact_impactstory_do", args=[story.pk, "preview"])).url == page
    assert "Make 4 more donations." in shown()
    assert "Make 2 more donations." in shown(reader="halfway")
    assert "Dug" not in shown(reader="halfway")
    assert "<strong>Dug</strong> &lt;script&gt;" in shown(reader="reader", width="page")
    assert "This story was withdrawn." in shown(reader="withdrawn")
    assert "Il pozzo" in shown(language="it")
    assert 'class="story-width phone"' in shown(reader="nobody", language="xx", width="<b>")


def test_stories_are_featured_taken_out_and_withdrawn_by_staff(staff):
    first, second = ImpactStoryFactory.create_batch(2)
    reader = UserFactory()
    StoryUnlock.objects.create(user=reader, story_id=first.pk, unlocked_at=NOW, first_viewed_at=NOW)
    listing = reverse("admin:impact_impactstory_changelist")
    chosen = {"_selected_action": [str(first.pk), str(second.pk)]}

    def act(story, name, **data):
        staff.post(reverse("admin:impact_impactstory_do", args=[story.pk, name]), data)
        story.refresh_from_db()
        return story

    staff.post(listing, {**chosen, "action": "feature_selected"})
    assert ImpactStory.objects.filter(featured_until__gt=timezone.now()).count() == 2
    assert act(first, "unfeature").featured_until is None
    assert act(first, "feature", days="3").featured_until > timezone.now()
    assert "1 unlocked it, 1 read it" in staff.get(change_url(first)).content.decode()
    unlocks = reverse("admin:impact_storyunlock_changelist")
    assert str(reader) in staff.get(unlocks, {"story": str(first.pk)}).content.decode()
    assert act(first, "withdraw", reason="no").is_active  # a few words are not enough
    assert not act(first, "withdraw", reason="Consent was withdrawn.").is_active
    staff.post(listing, {**chosen, "action": "switch_on_selected"})
    first.refresh_from_db()
    assert not first.is_active  # withdrawn: only put back
    staff.post(listing, {**chosen, "action": "switch_off_selected"})
    second.refresh_from_db()
    assert not second.is_active
    assert act(first, "put_back", reason="All is well again.").is_active
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert done == {"feature", "withdraw", "switch_on", "switch_off", "put_back"}


def test_the_dashboard_shows_how_far_stories_come(staff):
    story = ImpactStoryFactory()
    for viewed in (None, timezone.now()):
        StoryUnlock.objects.create(
            user=UserFactory(), story_id=story.pk, unlocked_at=timezone.now(), first_viewed_at=viewed
        )

    page = staff.get(reverse("admin:index"), {"board": "stories"}).content.decode()

    assert "From locked to read" in page
    assert story.title in page
    assert "50 %" in page


def test_the_words_of_an_update_are_written_and_its_state_is_not(staff):
    update = ImpactUpdateFactory(status=ImpactUpdate.Status.DRAFT, published_at=None)
    url = change_url(update)

    staff.post(url, form_of(staff, url) | {"title": "The roof is on, and green", "status": "published"})

    update.refresh_from_db()
    assert (update.status, update.title) == ("draft", "The roof is on, and green")


def test_a_report_is_only_shown_and_published_by_a_button(staff):
    report = CommunityReportFactory(status=CommunityReport.Status.DRAFT, published_at=None)
    press = reverse("admin:impact_communityreport_do", args=[report.pk, "publish"])

    assert staff.post(change_url(report), {"status": "published"}).status_code == 403
    staff.post(press, {"reason": "Written by the board."})

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
