"""What players learn of what their gifts did: through the donation, the staff's acts and the report."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import transaction

from accounts.models import Notification, Onlus
from accounts.operations.notifications import carry_announcements
from impact.models import CommunityMilestone, CommunityReport, ImpactStory, StoryProposal
from impact.operations import metric_reviews, reports, stories, updates
from impact.signals import community_milestone, impact_update_published, story_proposal_decided
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation, take_back
from tests.factories.impact import CommunityReportFactory, ImpactMetricFactory, ImpactUpdateFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
FEED = "/api/notifications"


def feed_of(api, person, language="en"):
    api.force_authenticate(person)
    answer = api.get(FEED, {"per_page": 100}, headers={"accept-language": language})
    return {row["title"]: row for row in answer.json()["data"]["notifications"]}


def test_a_gift_tells_its_giver_of_stories_and_milestones_once(api, settled):
    giver, onlus = UserFactory(), OnlusFactory()
    bystander = UserFactory()

    with settled():
        make_donation(giver, onlus, "25.00")
    with settled():
        make_donation(giver, onlus, "0.01")

    english, italian = feed_of(api, giver), feed_of(api, giver, "it")
    story = english["A new story: The first gift"]
    assert story["link"] == {
        "type": "story",
        "id": str(ImpactStory.objects.get(title="The first gift").pk),
    }
    assert any("Il primo dono" in title for title in italian)
    assert {"You have given €10.00", "That was your gift number 1"} <= set(english)
    assert any("10,00\N{NO-BREAK SPACE}€" in title for title in italian)
    keys = Notification.objects.filter(user=giver).values_list("kind", "dedupe_key")
    assert len(keys) == len(set(keys)) == len(english)
    assert feed_of(api, bystander) == {}


def test_a_giver_who_silenced_achievements_is_left_in_peace(api, settled):
    giver = UserFactory()
    giver.preferences.notifications["achievement_alerts"] = False
    giver.preferences.save()

    with settled():
        make_donation(giver, OnlusFactory(), "25.00")

    kinds = {row["kind"] for row in feed_of(api, giver).values()}
    assert not kinds & {"story_unlocked", "euros_reached", "donations_reached"}


def test_readers_of_a_withdrawn_story_are_told_and_nobody_else(api, settled):
    reader = UserFactory()
    with settled():
        make_donation(reader, OnlusFactory(), "0.10")
    story = ImpactStory.objects.get(title="The first gift")

    with settled():
        stories.withdraw(story=story, reason="A figure was wrong.", actor=StaffFactory(), now=NOW)

    assert "A story was withdrawn: The first gift" in feed_of(api, reader)
    assert Notification.objects.filter(kind="story_withdrawn").count() == 1


@pytest.mark.parametrize(("status", "title"), [("accepted", "accepted"), ("declined", "declined")])
def test_who_proposed_a_story_learns_what_became_of_it(api, settled, status, title):
    author = UserFactory()
    proposal = StoryProposal(
        onlus=OnlusFactory(), proposed_by=author, title_it="Il pozzo", status=status, reason="100% chiaro."
    )

    with settled(), transaction.atomic():
        story_proposal_decided.announce(proposal=proposal)

    (row,) = feed_of(api, author).values()
    assert row["title"] == f"Your story was {title}: Il pozzo"
    assert ("100% chiaro." in row["text"]) is (status == "declined")


@pytest.mark.parametrize(
    ("report_type", "told"), [("monthly", 1), ("annual", 1), ("daily", 0), ("weekly", 0)]
)
def test_a_report_is_told_to_those_who_asked_for_it(api, settled, report_type, told):
    curious, _other = UserFactory(), UserFactory()
    curious.preferences.notifications["community_reports"] = True
    curious.preferences.save()
    report = CommunityReportFactory(status=CommunityReport.Status.COMPLETED, report_type=report_type)

    with settled():
        reports.publish(report=report, now=NOW)
    assert not Notification.objects.exists()
    assert [carry_announcements(now=NOW), carry_announcements(now=NOW)] == [told, 0]

    assert list(Notification.objects.values_list("user_id", flat=True)) == [curious.pk] * told
    if told:
        assert f"A new report: {report.title}" in feed_of(api, curious)


def test_news_of_an_organisation_reach_those_who_gave_to_it_once(api, settled):
    onlus = OnlusFactory(name="Mani Tese")
    giver, quiet, elsewhere, repaid = UserFactory(), UserFactory(), UserFactory(), UserFactory()
    quiet.preferences.notifications["impact_updates"] = False
    quiet.preferences.save()
    for _time in range(2):
        make_donation(giver, onlus, "5.00")
    make_donation(quiet, onlus, "5.00")
    make_donation(elsewhere, OnlusFactory(), "5.00")
    take_back(make_donation(repaid, onlus, "5.00"))
    update = ImpactUpdateFactory(onlus_id=onlus.pk, title="The roof is on", status="draft", published_at=None)

    with settled():
        updates.publish(update=update, actor=StaffFactory(), now=NOW)
    assert not Notification.objects.filter(kind="impact_update").exists()  # nobody is told in the request
    assert [carry_announcements(now=NOW), carry_announcements(now=NOW)] == [1, 0]

    row = feed_of(api, giver)["News of Mani Tese: The roof is on"]
    assert row["link"] == {"type": "update", "id": str(update.pk)}


def test_a_suspended_organisation_tells_donors_nothing(api, settled):
    onlus, giver = OnlusFactory(name="Mani Tese"), UserFactory()
    make_donation(giver, onlus, "5.00")
    update = ImpactUpdateFactory(onlus_id=onlus.pk, status="draft", published_at=None)
    with settled():
        updates.publish(update=update, actor=StaffFactory(), now=NOW)
    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.SUSPENDED)

    carry_announcements(now=NOW)  # suspended between the news and its mails
    with settled(), transaction.atomic():
        impact_update_published.announce(update=update)
    carry_announcements(now=NOW)

    assert not Notification.objects.filter(kind="impact_update").exists()


def test_what_all_reached_together_is_told_to_those_who_asked_for_it(api, settled):
    curious, _other = UserFactory(), UserFactory()
    curious.preferences.notifications["community_reports"] = True
    curious.preferences.save()
    reached = CommunityMilestone.Kind.DONATIONS

    for _time in range(2):
        with settled(), transaction.atomic():
            milestone = CommunityMilestone(
                kind=reached, threshold="10000.00", value="10003.50", reached_at=NOW
            )
            community_milestone.announce(milestone=milestone)
    assert [carry_announcements(now=NOW), carry_announcements(now=NOW)] == [1, 0]

    assert list(Notification.objects.values_list("user_id", flat=True)) == [curious.pk]
    row = feed_of(api, curious)["Together we gave 10,000 EUR"]
    assert row["link"] == {"type": "community_milestone", "id": "donations:10000.00"}
    assert any("10.000" in title for title in feed_of(api, curious, "it"))


# What staff decided about an ONLUS is mailed to those who report for it -------------------------------------------


@pytest.fixture
def writers():
    """An ONLUS with an Italian owner, an editor and a viewer; only the first two report."""
    onlus = OnlusFactory(name="Mani Tese")
    for role, language in (("owner", "it"), ("editor", "en"), ("viewer", "en")):
        user = UserFactory(email=f"{role}@mani.example", preferred_language=language)
        MembershipFactory(onlus=onlus, user=user, role=role)
    return onlus


def test_who_reports_is_mailed_when_staff_doubt_a_figure(writers, settled):
    metric = ImpactMetricFactory(onlus_id=writers.pk, metric_name="Wells dug")

    with settled():
        metric_reviews.dispute(
            metric=metric,
            seen_value=metric.current_value,
            actor=StaffFactory(),
            reason="100% are not 150.",
            now=NOW,
        )

    by_address = {sent.to[0]: sent for sent in mail.outbox}
    assert set(by_address) == {"owner@mani.example", "editor@mani.example"}
    english = by_address["editor@mani.example"]
    assert english.subject == "A figure of yours is doubted"
    assert "Our staff doubt the figure “Wells dug”: 100% are not 150." in english.body
    assert f"/portal/{writers.pk}/metrics/" in english.body
    assert "Wells dug" in by_address["owner@mani.example"].body


def test_who_reports_is_mailed_when_staff_take_an_update_down_and_not_otherwise(writers, settled):
    update, staff = ImpactUpdateFactory(onlus_id=writers.pk, title="The roof is on"), StaffFactory()
    with settled():
        updates.feature(update=update, until=None, actor=staff, now=NOW)
        with pytest.raises(updates.RemovalReasonRequired):
            updates.remove(update=update, reason=" ", actor=staff, now=NOW)
    assert mail.outbox == []

    with settled():
        updates.remove(update=update, reason="The photo shows a child's face.", actor=staff, now=NOW)

    assert sorted(sent.to[0] for sent in mail.outbox) == ["editor@mani.example", "owner@mani.example"]
    told = mail.outbox[1].body
    assert "“The roof is on” down: The photo shows a child's face." in told
