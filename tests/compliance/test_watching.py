"""What compliance does by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from donations.models import Case, ComplianceCheck, Review
from donations.operations import giving
from donations.operations.compliance import checks, watching
from goodplay.lib.alerts.models import Alert
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import give_credits

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def held_gift():
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "8900.00")
    for amount in ("2900.00", "3000.00", "3000.00"):
        giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=NOW)
    return donor, Review.objects.get()


def opened(**changes):
    facts = {
        "check_type": "aml",
        "risk_level": "critical",
        "risk_score": Decimal("75.00"),
        "risk_factors": [],
        "results": {},
        "reason": "A rule",
        "now": NOW,
    }
    return checks.open_check(user=UserFactory(), **(facts | changes))


def test_a_grave_review_is_followed_by_a_check_and_a_case():
    donor, review = held_gift()
    Review.objects.update(risk_level="high")

    check = watching.follow_review(review_id=review.pk, now=NOW)

    case = Case.objects.get()
    assert (check.user, check.check_type, check.status) == (donor, "aml", "requires_review")
    assert (case.subject_user, case.kind) == (donor, "aml")
    assert {link.target_type for link in case.links.all()} == {
        "donations.compliancecheck",
        "donations.review",
    }


def test_a_small_risk_opens_no_check():
    _donor, review = held_gift()
    Review.objects.update(risk_level="medium")

    assert watching.follow_review(review_id=review.pk, now=NOW) is None
    assert not ComplianceCheck.objects.exists()


def test_the_review_of_a_gift_reaches_the_case_by_its_event(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        donor, onlus = UserFactory(), OnlusFactory()
        give_credits(donor, "5000.00")
        giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("5000.00"), now=NOW)

    assert ComplianceCheck.objects.get().transaction_id == Review.objects.get().subject_id


def test_a_critical_check_is_an_alert_until_it_is_decided():
    check = opened()

    watching.warn(check_id=check.check_id, now=NOW)
    assert Alert.objects.unresolved().get().data["check_id"] == check.check_id

    checks.approve(check=check, decided_by=StaffFactory(), notes="Known", now=NOW)
    watching.calm(check_id=check.check_id, now=NOW)
    assert not Alert.objects.unresolved().exists()


def test_a_check_alerts_when_it_was_escalated_twice():
    check = opened(risk_level="medium")
    staff = StaffFactory()

    checks.escalate(check=check, decided_by=staff, notes="Up", now=NOW)
    watching.warn(check_id=check.check_id, now=NOW)
    assert not Alert.objects.exists()
    checks.escalate(check=check, decided_by=staff, notes="Up", now=NOW)
    watching.warn(check_id=check.check_id, now=NOW)

    assert Alert.objects.get().alert_type == "critical"


def test_undecided_checks_that_expire_are_told_about():
    waiting, done = opened(), opened(status="passed")
    later = NOW + timedelta(days=31)

    assert watching.expire(now=later) == 2
    assert watching.expire(now=later) == 0

    assert Alert.objects.get().data["check_id"] == waiting.check_id
    done.refresh_from_db()
    assert done.status == "expired"


def test_people_are_checked_again_after_a_year():
    old = opened(status="passed", now=NOW - timedelta(days=366))
    opened(status="passed", now=NOW - timedelta(days=300))

    assert (watching.renew(now=NOW), watching.renew(now=NOW)) == (1, 0)

    assert ComplianceCheck.objects.filter(user=old.user).count() == 2
