"""Checks and cases as the other parts of the product open them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from donations.models import Case, CaseEvent, ComplianceCheck
from donations.operations.compliance import cases, checks
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)


def opened(user, **changes):
    facts = {
        "check_type": "aml",
        "risk_level": "high",
        "risk_score": Decimal("55.00"),
        "risk_factors": ["potential_structuring"],
        "results": {"seen": 3},
        "reason": "A rule asked for it",
        "now": NOW,
    }
    return checks.open_check(user=user, **(facts | changes))


def test_a_check_is_named_dated_and_waits_for_a_person():
    check = opened(UserFactory())

    assert check.check_id.startswith("CHK-20261123093015-")
    assert len(check.check_id) == 27
    assert check.requires_review
    assert check.expires_at == NOW + timedelta(days=30)
    assert check.compliance_score == Decimal("45.00")


def test_a_check_that_passed_by_itself_is_complete():
    check = opened(UserFactory(), status="passed")

    assert (check.completed_at, check.manual_review_required) == (NOW, False)


@pytest.mark.parametrize("change", [{"check_type": "horoscope"}, {"status": "perhaps"}])
def test_a_check_of_no_known_kind_is_refused(change):
    with pytest.raises((ValueError, ValidationError)):
        opened(UserFactory(), **change)

    assert not ComplianceCheck.objects.exists()


def test_a_case_names_its_subject_and_its_deadline():
    user = UserFactory()
    check = opened(user)

    case = cases.open_case(
        kind="aml", subject_user=user, title="Structuring", risk_level="high", checks=[check], now=NOW
    )

    assert case.due_at == NOW + timedelta(days=5)
    assert case.links.get().target_id == str(check.pk)
    assert [each.kind for each in case.events.order_by("created_at", "id")] == ["opened", "linked"]


def test_the_same_suspicion_joins_the_open_case_and_makes_it_more_urgent():
    user = UserFactory()
    first = cases.open_case(kind="aml", subject_user=user, title="Velocity", risk_level="medium", now=NOW)

    again = cases.open_case(
        kind="aml", subject_user=user, title="Structuring", risk_level="critical", now=NOW
    )

    assert again.pk == first.pk
    assert (again.risk_level, again.due_at) == ("critical", NOW + timedelta(hours=48))
    assert CaseEvent.objects.filter(case=first, kind="joined").count() == 1
    assert Case.objects.count() == 1


def test_a_case_about_nobody_is_refused():
    with pytest.raises(cases.SubjectMissing):
        cases.open_case(kind="aml", title="Nobody", risk_level="low", now=NOW)

    assert not Case.objects.exists()


def test_one_person_alone_closes_no_case():
    user, alice, bob = UserFactory(), UserFactory(is_staff=True), UserFactory(is_staff=True)
    case = cases.open_case(kind="fraud", subject_user=user, title="Odd play", risk_level="low", now=NOW)
    case = cases.propose_closing(case=case, outcome="no_action", reason="Explained", actor=alice, now=NOW)

    with pytest.raises(cases.FourEyesRequired):
        cases.close(case=case, proposal=case.proposal, reason="Agreed", actor=alice, now=NOW)
    case.refresh_from_db()
    assert case.status == Case.Status.CLOSING

    cases.close(case=case, proposal=case.proposal, reason="Agreed", actor=bob, now=NOW)
    case.refresh_from_db()
    assert (case.status, case.outcome, case.closed_by) == ("closed", "no_action", bob)


def test_the_database_itself_wants_a_second_person():
    user, alice = UserFactory(), UserFactory(is_staff=True)
    case = cases.open_case(kind="fraud", subject_user=user, title="Odd play", risk_level="low", now=NOW)
    case = cases.propose_closing(case=case, outcome="no_action", reason="Explained", actor=alice, now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(status="closed", closed_by=alice, closed_at=NOW)


def test_a_closed_case_takes_nothing_more_and_a_new_suspicion_opens_another():
    user, alice, bob = UserFactory(), UserFactory(is_staff=True), UserFactory(is_staff=True)
    case = cases.open_case(kind="fraud", subject_user=user, title="Odd play", risk_level="low", now=NOW)
    case = cases.propose_closing(case=case, outcome="reported", reason="Told", actor=alice, now=NOW)
    cases.close(case=case, proposal=case.proposal, reason="Agreed", actor=bob, now=NOW)

    with pytest.raises(cases.CaseClosed):
        cases.add_note(case=case, text="Late thought", actor=bob, now=NOW)
    other = cases.open_case(kind="fraud", subject_user=user, title="Again", risk_level="low", now=NOW)

    assert other.pk != case.pk
    assert not case.events.filter(kind="note").exists()


def test_nobody_decides_on_a_check_about_themselves_or_one_they_asked_for():
    user, alice, bob = UserFactory(), UserFactory(is_staff=True), UserFactory(is_staff=True)
    check = opened(user, started_by=alice)

    for person in (user, alice):
        with pytest.raises(checks.OwnCheck):
            checks.approve(check=check, decided_by=person, notes="Fine", now=NOW)
    check.refresh_from_db()
    assert check.requires_review

    checks.reject(check=check, decided_by=bob, notes="No", now=NOW)
    with pytest.raises(checks.CheckAlreadyDecided):
        checks.approve(check=check, decided_by=bob, notes="Yes", now=NOW)
    check.refresh_from_db()
    assert (check.status, check.reviewed_by) == ("failed", bob)


def test_escalating_keeps_the_check_open_on_the_next_level():
    check = opened(UserFactory())

    checks.escalate(check=check, decided_by=UserFactory(is_staff=True), notes="Above me", now=NOW)

    check.refresh_from_db()
    assert (check.status, check.escalation_level, check.escalated_at) == ("requires_review", 1, NOW)


def test_checks_expire_once():
    check = opened(UserFactory())
    later = NOW + timedelta(days=30)

    assert (checks.expire_due(now=NOW), checks.expire_due(now=later), checks.expire_due(now=later)) == (
        0,
        1,
        0,
    )
    check.refresh_from_db()
    assert check.status == "expired"


def test_timelines_cannot_be_rewritten():
    user = UserFactory()
    case = cases.open_case(kind="fraud", subject_user=user, title="Odd play", risk_level="low", now=NOW)

    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE donations_caseevent SET text = 'no'")

    assert case.events.get().text == "Odd play"
