"""The way of an update from draft to archive, what happens by itself, and what staff report over REST."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Onlus
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import DomainError
from goodplay.lib.events.models import Event
from goodplay.lib.pictures.models import Picture
from impact.models import ImpactMetric, ImpactUpdate, MetricPoint
from impact.operations import updates
from impact.tasks import publish_due_updates
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.impact import NOW, ImpactMetricFactory, ImpactUpdateFactory
from tests.factories.pictures import store

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

SOON = NOW + timedelta(hours=2)
WORDS = {
    "title": "The roof is on",
    "content": "Since Tuesday it no longer **rains** in.",
    "update_type": "project_completed",
}


@pytest.fixture
def onlus():
    return OnlusFactory()


@pytest.fixture
def writer():
    return UserFactory()


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def write(onlus, writer, **facts):
    return updates.write(onlus_id=onlus.pk, facts=WORDS | facts, actor=writer, now=NOW)


def published():
    return list(Event.objects.filter(name="impact_update_published").order_by("pk"))


# States ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_published_dated_and_told_once(onlus, writer):
    update = write(onlus, writer)
    assert (update.status, update.published_at, update.priority) == ("draft", None, 2)

    updates.publish(update=update, actor=writer, now=SOON)
    updates.archive(update=update, actor=writer, now=SOON)
    updates.publish(update=update, actor=writer, now=SOON + timedelta(days=9))

    assert (update.status, update.published_at) == ("published", SOON)
    [event] = published()
    assert event.payload["update_id"] == str(update.pk)
    actions = AuditEntry.objects.order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["update_write", "update_publish", "update_archive", "update_publish"]


@pytest.mark.parametrize(
    ("kind", "priority", "status"),
    [
        ("milestone_reached", 4, "featured"),
        ("emergency_response", 5, "featured"),
        ("emergency_response", None, "featured"),
        ("milestone_reached", None, "published"),
        ("project_completed", 5, "published"),
    ],
)
def test_what_is_urgent_is_featured_for_a_day_by_itself(onlus, writer, kind, priority, status):
    facts = {"update_type": kind} | ({"priority": priority} if priority else {})
    update = write(onlus, writer, **facts)

    updates.publish(update=update, actor=writer, now=NOW)

    assert update.status == status
    assert update.featured_until == (NOW + timedelta(hours=24) if status == "featured" else None)


@pytest.mark.parametrize(("kind", "priority"), [("milestone_reached", 3), ("emergency_response", 5)])
def test_milestones_are_high_and_emergencies_critical_by_default(onlus, writer, kind, priority):
    assert write(onlus, writer, update_type=kind).priority == priority


def test_the_job_publishes_what_is_due_and_ends_what_was_featured_exactly_once(onlus, writer):
    due = write(onlus, writer)
    updates.schedule(update=due, publish_at=SOON, actor=writer, now=NOW)
    later = write(onlus, writer)
    updates.schedule(update=later, publish_at=SOON + timedelta(days=1), actor=writer, now=NOW)
    over = ImpactUpdateFactory(onlus_id=onlus.pk, status="featured", featured_until=SOON)
    endless = ImpactUpdateFactory(onlus_id=onlus.pk, status="featured")

    assert updates.publish_due(now=SOON - timedelta(seconds=1)) == (0, 0)
    assert updates.publish_due(now=SOON) == (1, 1)
    assert updates.publish_due(now=SOON) == (0, 0)

    for update in (due, later, over, endless):
        update.refresh_from_db()
    assert [each.status for each in (due, later, over, endless)] == [
        "published",
        "scheduled",
        "published",
        "featured",
    ]
    assert (due.published_at, due.publish_at, over.featured_until) == (SOON, None, None)
    assert len(published()) == 1
    assert publish_due_updates() == "1 published, 0 no longer featured"


@pytest.mark.parametrize("status", ["suspended", "under_review"])
def test_an_organisation_that_is_not_shown_publishes_nothing(onlus, writer, status):
    draft, waiting = write(onlus, writer), write(onlus, writer)
    updates.schedule(update=waiting, publish_at=SOON, actor=writer, now=NOW)
    Onlus.objects.filter(pk=onlus.pk).update(status=status)

    with pytest.raises(updates.OrganisationNotPublic):
        updates.publish(update=draft, actor=writer, now=SOON)
    facts = WORDS | {"status": "published"}
    with pytest.raises(updates.OrganisationNotPublic):
        updates.write_as(onlus_id=onlus.pk, facts=facts, actor=writer, now=SOON)
    assert updates.publish_due(now=SOON) == (0, 0)

    assert set(ImpactUpdate.objects.values_list("status", flat=True)) == {"draft", "scheduled"}
    assert ImpactUpdate.objects.count() == 2
    assert published() == []
    Onlus.objects.filter(pk=onlus.pk).update(status="active")
    assert updates.publish_due(now=SOON) == (1, 0)


STATES = ("draft", "scheduled", "published", "featured", "archived", "removed")
ALLOWED = {
    "publish": {"draft", "scheduled", "archived"},
    "schedule": {"draft", "scheduled"},
    "unschedule": {"scheduled"},
    "archive": {"published", "featured"},
    "feature": {"published", "featured"},
    "unfeature": {"featured"},
    "remove": {"draft", "scheduled", "published", "featured", "archived"},
    "restore": {"removed"},
}
NEEDS = {"schedule": {"publish_at": SOON}, "feature": {"until": None}, "remove": {"reason": "Untrue."}}


@pytest.mark.parametrize("action", ALLOWED)
@pytest.mark.parametrize("status", STATES)
def test_each_action_knows_its_states(onlus, writer, action, status):
    dates = {"published_at": None if status in ("draft", "scheduled") else NOW, "publish_at": SOON}
    update = ImpactUpdateFactory(onlus_id=onlus.pk, status=status, **dates)

    def act():
        return getattr(updates, action)(update=update, actor=writer, now=NOW, **NEEDS.get(action, {}))

    if status in ALLOWED[action]:
        act()
        assert AuditEntry.objects.filter(action=f"update_{action}").count() == 1
        return
    with pytest.raises(updates.UpdateStateRefuses):
        act()
    update.refresh_from_db()
    assert (update.status, AuditEntry.objects.count()) == (status, 0)


def test_a_state_that_changed_since_it_was_read_is_respected(onlus, writer):
    update = write(onlus, writer)
    stale = ImpactUpdate.objects.get(pk=update.pk)
    updates.remove(update=update, reason="Untrue.", actor=writer, now=NOW)

    with pytest.raises(updates.UpdateStateRefuses):
        updates.publish(update=stale, actor=writer, now=NOW)

    stale.refresh_from_db()
    assert (stale.status, published()) == ("removed", [])


@pytest.mark.parametrize(
    ("action", "facts", "code"),
    [
        ("schedule", {"publish_at": NOW}, "UPDATE_PUBLISH_AT_REQUIRED"),
        ("schedule", {"publish_at": None}, "UPDATE_PUBLISH_AT_REQUIRED"),
        ("remove", {"reason": "  "}, "UPDATE_REASON_REQUIRED"),
    ],
)
def test_an_action_without_what_it_needs_is_refused(onlus, writer, action, facts, code):
    update = write(onlus, writer)

    with pytest.raises(DomainError) as refusal:
        getattr(updates, action)(update=update, actor=writer, now=NOW, **facts)

    update.refresh_from_db()
    assert (refusal.value.code, update.status) == (code, "draft")


def test_what_was_taken_down_comes_back_where_it_was(onlus, writer):
    draft, public = write(onlus, writer), write(onlus, writer)
    updates.publish(update=public, actor=writer, now=NOW)

    for update in (draft, public):
        updates.remove(update=update, reason="Untrue.", actor=writer, now=NOW)
        assert update.removal_reason == "Untrue."
        updates.restore(update=update, actor=writer, now=SOON)

    assert [(each.status, each.removal_reason) for each in (draft, public)] == [
        ("draft", ""),
        ("published", ""),
    ]


def test_pictures_follow_their_update(onlus, writer):
    update, picture = write(onlus, writer), store(owner=onlus)
    updates.show_pictures(update=update, picture_ids=[picture.pk], actor=writer, now=NOW)

    def is_public():
        return Picture.objects.get().published_at is not None

    assert not is_public()
    updates.publish(update=update, actor=writer, now=NOW)
    assert is_public()
    updates.archive(update=update, actor=writer, now=NOW)
    assert not is_public()
    with pytest.raises(updates.UpdateStateRefuses):
        updates.show_pictures(update=update, picture_ids=[], actor=writer, now=NOW)


def test_an_edit_keeps_on_the_trail_what_was_there(onlus, writer):
    update = write(onlus, writer)

    updates.edit(update=update, facts={"title": "The roof holds"}, actor=writer, now=SOON)
    updates.edit(update=update, facts={"title": "The roof holds"}, actor=writer, now=SOON)

    [entry] = AuditEntry.objects.filter(action="update_edit")
    assert (entry.before, entry.after) == ({"title": "The roof is on"}, {"title": "The roof holds"})


# What an update is about -----------------------------------------------------------------------------------------


def test_metrics_of_the_update_are_named_with_their_figures(onlus, writer):
    metric = ImpactMetricFactory(onlus_id=onlus.pk, metric_name="meals", current_value=Decimal("1.5"))

    update = write(onlus, writer, related_metric_ids=[str(metric.pk)])

    assert (update.related_metrics, update.related_metric_ids) == ({"meals": "1.5"}, [str(metric.pk)])
    with pytest.raises(updates.MetricsNotYours):
        write(onlus, writer, related_metric_ids=[str(ImpactMetricFactory().pk)])


def test_donations_of_the_update_are_told_by_the_event_alone(api, onlus, writer):
    mine = make_donation(UserFactory(), onlus, "5.00")
    theirs = make_donation(UserFactory(), OnlusFactory(), "5.00")
    day = mine.completed_at.date()
    keys = updates.donations_between(onlus_id=onlus.pk, first=day, last=day)

    update = write(onlus, writer, affected_donation_ids=keys)
    updates.publish(update=update, actor=writer, now=NOW)

    assert keys == [str(mine.pk)]
    assert published()[0].payload["donation_ids"] == [str(mine.pk)]
    page = api.get(f"/api/impact/updates/{update.pk}")
    assert page.json()["data"]["affected_donations_count"] == 1
    assert str(mine.pk) not in page.content.decode()
    assert str(mine.pk) not in str(list(AuditEntry.objects.values_list("after", flat=True)))
    with pytest.raises(updates.DonationsNotYours):
        write(onlus, writer, affected_donation_ids=[str(theirs.pk)])


# Staff over REST -------------------------------------------------------------------------------------------------


METRIC = {
    "metric_name": "meals",
    "metric_type": "beneficiaries",
    "unit": "people",
    "current_value": 150,
    "related_donations_amount": 2500,
}


@pytest.fixture
def staff_api(api):
    api.force_authenticate(StaffFactory())
    return api


def send(api, kind, onlus, **facts):
    return api.post(f"/api/impact/admin/{kind}", {"onlus_id": str(onlus.pk)} | facts)


def test_staff_report_a_metric_and_then_another_reading(staff_api, onlus):
    first = send(staff_api, "metrics", onlus, **METRIC)
    second = send(staff_api, "metrics", onlus, **METRIC | {"current_value": "175.50"})

    assert (first.status_code, first.json()["message"]) == (200, "METRIC_CREATED_SUCCESS")
    assert (second.status_code, second.json()["message"]) == (200, "METRIC_UPDATED_SUCCESS")
    shown = first.json()["data"]
    assert shown == shown | {
        "metric_unit": "people",
        "current_value": 150,
        "formatted_value": "150",
        "efficiency_ratio": 0.06,
        "verification_status": "pending",
        "source": "admin_update",
    }
    [metric] = ImpactMetric.objects.of_onlus(onlus.pk)
    assert (metric.current_value, metric.previous_value) == (Decimal("175.50"), 150)
    assert MetricPoint.objects.filter(metric_id=metric.pk).count() == 2


@pytest.mark.parametrize(
    ("change", "constant"),
    [
        ({"onlus_id": None}, "ONLUS_ID_REQUIRED"),
        ({"metric_name": None}, "METRIC_METRIC_NAME_REQUIRED"),
        ({"metric_name": " "}, "METRIC_METRIC_NAME_REQUIRED"),
        ({"metric_type": None}, "METRIC_TYPE_INVALID"),
        ({"metric_type": "cumulative"}, "METRIC_TYPE_INVALID"),
        ({"unit": "count"}, "METRIC_UNIT_INVALID"),
        ({"current_value": None}, "METRIC_CURRENT_VALUE_REQUIRED"),
        ({"current_value": -1}, "METRIC_CURRENT_VALUE_NEGATIVE"),
        ({"current_value": "many"}, "METRIC_CURRENT_VALUE_INVALID"),
        ({"current_value": True}, "METRIC_CURRENT_VALUE_INVALID"),
        ({"current_value": "1.234"}, "METRIC_CURRENT_VALUE_INVALID"),
        ({"target_value": -1}, "METRIC_TARGET_VALUE_NEGATIVE"),
        ({"target_value": []}, "METRIC_TARGET_VALUE_INVALID"),
        ({"period_type": "hourly"}, "METRIC_PERIOD_TYPE_INVALID"),
        ({"tags": ["Food"]}, "METRIC_DATA_INVALID_FORMAT"),
        ({"description": 5}, "METRIC_DATA_INVALID_FORMAT"),
    ],
)
def test_a_metric_that_cannot_be_is_refused_by_its_constant(staff_api, onlus, change, constant):
    answer = send(staff_api, "metrics", onlus, **METRIC | change)

    assert (answer.status_code, answer.json()["message"]) == (422, constant)
    assert not ImpactMetric.objects.of_onlus(onlus.pk).exists()


@pytest.mark.parametrize("field", ["metric_name", "metric_type", "unit", "current_value"])
def test_a_metric_needs_its_fields(staff_api, onlus, field):
    answer = send(
        staff_api, "metrics", onlus, **{name: each for name, each in METRIC.items() if name != field}
    )

    name = {"unit": "METRIC_UNIT"}.get(field, field.upper())
    assert answer.json()["message"] == f"METRIC_{name}_REQUIRED"


UPDATE = {**WORDS, "priority": "urgent"}


def test_staff_publish_an_update_at_once(staff_api, onlus):
    answer = send(staff_api, "updates", onlus, **UPDATE | {"financial_impact": 0, "media_urls": []})

    assert (answer.status_code, answer.json()["message"]) == (200, "IMPACT_UPDATE_CREATED_SUCCESS")
    shown = answer.json()["data"]
    assert shown == shown | {
        "status": "published",
        "priority": "urgent",
        "priority_score": 4,
        "financial_impact": 0,
        "affected_donation_ids": [],
    }
    assert shown["published_at"] is not None
    assert len(published()) == 1


def test_staff_schedule_draft_and_feature(staff_api, onlus):
    at = "2199-01-01T10:00:00+00:00"
    scheduled = send(staff_api, "updates", onlus, **UPDATE, status="scheduled", publish_at=at)
    draft = send(staff_api, "updates", onlus, **UPDATE, status="draft")
    featured = send(staff_api, "updates", onlus, **UPDATE, status="featured", featured_until=at)

    assert [each.json()["data"]["status"] for each in (scheduled, draft, featured)] == [
        "scheduled",
        "draft",
        "featured",
    ]
    assert (scheduled.json()["data"]["publish_at"], featured.json()["data"]["featured_until"]) == (at, at)
    undated = send(staff_api, "updates", onlus, **UPDATE, status="scheduled")
    assert (undated.status_code, undated.json()["message"]) == (422, "UPDATE_PUBLISH_AT_REQUIRED")
    assert ImpactUpdate.objects.of_onlus(onlus.pk).count() == 3


def test_a_retried_update_is_written_once(staff_api, onlus):
    body = {"onlus_id": str(onlus.pk)} | UPDATE
    headers = {"Idempotency-Key": "a-key-of-this-request"}

    answers = [staff_api.post("/api/impact/admin/updates", body, headers=headers) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert (ImpactUpdate.objects.count(), len(published())) == (1, 1)


@pytest.mark.parametrize(
    ("change", "constant"),
    [
        ({"title": ""}, "UPDATE_TITLE_REQUIRED"),
        ({"content": None}, "UPDATE_CONTENT_REQUIRED"),
        ({"update_type": "milestone"}, "UPDATE_TYPE_INVALID"),
        ({"priority": "huge"}, "UPDATE_PRIORITY_INVALID"),
        ({"priority": 6}, "UPDATE_PRIORITY_INVALID"),
        ({"priority": True}, "UPDATE_PRIORITY_INVALID"),
        ({"priority": []}, "UPDATE_PRIORITY_INVALID"),
        ({"status": "removed"}, "UPDATE_STATUS_INVALID"),
        ({"beneficiary_count": -1}, "UPDATE_BENEFICIARY_COUNT_NEGATIVE"),
        ({"beneficiary_count": "a few"}, "UPDATE_BENEFICIARY_COUNT_INVALID"),
        ({"financial_impact": -1}, "UPDATE_FINANCIAL_IMPACT_NEGATIVE"),
        ({"financial_impact": "much"}, "UPDATE_FINANCIAL_IMPACT_INVALID"),
        ({"media_urls": "https://example.org/a.jpg"}, "UPDATE_MEDIA_URLS_INVALID_FORMAT"),
        ({"media_urls": ["javascript:alert(1)"]}, "UPDATE_MEDIA_URL_INVALID"),
        ({"media_urls": [5]}, "UPDATE_MEDIA_URL_INVALID"),
        ({"related_metric_ids": ["nonsense"]}, "UPDATE_RELATED_METRICS_INVALID"),
        ({"affected_donation_ids": ["nonsense"]}, "UPDATE_AFFECTED_DONATIONS_INVALID"),
    ],
)
def test_an_update_that_cannot_be_is_refused_by_its_constant(staff_api, onlus, change, constant):
    answer = send(staff_api, "updates", onlus, **UPDATE | change)

    assert (answer.status_code, answer.json()["message"]) == (422, constant)
    assert (ImpactUpdate.objects.count(), published()) == (0, [])


@pytest.mark.parametrize("kind", ["metrics", "updates"])
def test_only_staff_with_the_right_report_over_rest(api, onlus, kind):
    facts = METRIC if kind == "metrics" else UPDATE
    assert send(api, kind, onlus, **facts).status_code == 401
    for person in (UserFactory(), UserFactory(is_staff=True)):
        api.force_authenticate(person)
        answer = send(api, kind, onlus, **facts)
        assert (answer.status_code, answer.json()["message"]) == (403, "ADMIN_ACCESS_REQUIRED")

    api.force_authenticate(StaffFactory())
    unknown = api.post(
        f"/api/impact/admin/{kind}", facts | {"onlus_id": "00000000-0000-0000-0000-000000000001"}
    )
    empty = api.post(f"/api/impact/admin/{kind}", {})
    broken = api.post(f"/api/impact/admin/{kind}", "[1]", content_type="application/json")

    assert (unknown.status_code, unknown.json()["message"]) == (404, "ONLUS_NOT_FOUND")
    assert (empty.status_code, empty.json()["message"]) == (400, "DATA_REQUIRED")
    assert (broken.status_code, broken.json()["message"]) == (400, "INVALID_REQUEST")
    assert (ImpactUpdate.objects.count(), ImpactMetric.objects.count()) == (0, 0)
