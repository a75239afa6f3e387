"""Staff with a seat in an organisation leave its figures, stories and assessments to a colleague."""

from datetime import UTC, datetime

import pytest

from accounts.operations.application_states import OwnApplication
from donations.operations import assessments
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from impact.models import ImpactMetric, MetricReview, StoryProposal
from impact.operations import metric_reviews, proposals
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.impact import ImpactMetricFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)


@pytest.fixture
def onlus():
    return OnlusFactory()


@pytest.fixture
def insider(onlus):
    return MembershipFactory(onlus=onlus, user=StaffFactory(), role="viewer").user


@pytest.mark.parametrize(
    ("status", "decide", "more"),
    [
        ("pending", metric_reviews.verify, {}),
        ("pending", metric_reviews.dispute, {"reason": "No."}),
        ("disputed", metric_reviews.resolve, {"reason": "Yes."}),
    ],
)
def test_figures(onlus, insider, status, decide, more):
    metric = ImpactMetricFactory(onlus_id=onlus.pk, verification_status=status)
    facts = {"metric": metric, "seen_value": metric.current_value, "now": NOW, **more}

    with pytest.raises(OwnApplication):
        decide(actor=insider, **facts)
    assert ImpactMetric.objects.get(pk=metric.pk).verification_status == status
    assert not MetricReview.objects.exists()

    decide(actor=StaffFactory(), **facts)
    assert MetricReview.objects.count() == 1


def test_stories(onlus, insider):
    proposal = StoryProposal.objects.create(
        onlus=onlus, proposed_by=UserFactory(), title_it="Larici", created_at=NOW, updated_at=NOW
    )

    with pytest.raises(OwnApplication):
        proposals.decline(proposal=proposal, reason="No.", actor=insider, now=NOW)
    with pytest.raises(OwnApplication):
        proposals.accept(proposal=proposal, facts={}, actor=insider, now=NOW)

    proposal.refresh_from_db()
    assert proposal.is_waiting
    assert not Event.objects.filter(name="story_proposal_decided").exists()


def test_assessments(onlus, insider):
    made = assessments.assess(onlus=onlus, now=NOW)
    issue = onlus.compliance_issues.filter(resolved_at=None).first()

    with pytest.raises(OwnApplication):
        assessments.verify(assessment=made, actor=insider, notes="All well.", now=NOW)
    with pytest.raises(OwnApplication):
        assessments.resolve_issue(issue=issue, actor=insider, notes="Mended.", now=NOW)

    made.refresh_from_db()
    issue.refresh_from_db()
    assert (made.verified_at, issue.resolved_at) == (None, None)
    assert not AuditEntry.objects.exists()
