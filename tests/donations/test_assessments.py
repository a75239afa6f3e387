"""Assessments as they are made: from real figures, through the job, the back office and the portal."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Onlus
from donations.models import (
    ComplianceAssessment,
    ComplianceIssue,
    ComplianceRecommendation,
)
from donations.operations import assessments
from donations.queries.allocation import compliance_of, refusal
from donations.queries.allocation_score import NO_ASSESSMENT
from donations.tasks import assess_organisations, watch_organisations
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.applications import approved
from tests.factories.donations import make_donation

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
WHOLE = {
    "tax_id": "97812345678",
    "legal_entity_type": "association",
    "incorporation_date": date(2015, 5, 1),
    "verified_at": NOW - timedelta(days=100),
}


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(NOW, tick=False):
        yield


def assess(onlus, now=NOW, **options):
    return assessments.assess(onlus=onlus, now=now, **options)


def weak_onlus(**columns):
    """One without papers, whose compliance a person called bad."""
    return OnlusFactory(compliance_status="non_compliant", status="suspended", **columns)


def test_the_score_comes_from_the_gifts_of_the_ledger():
    onlus, faithful, once = OnlusFactory(**WHOLE), UserFactory(), UserFactory()
    for donor in (faithful, faithful, once):
        make_donation(donor, onlus, "5.00", now=NOW - timedelta(days=3))
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOW - timedelta(days=3))
    make_donation(UserFactory(), onlus, "5.00", now=NOW - timedelta(days=400))  # before the period

    made = assess(onlus)

    assert made.categories["donor_trust"] == {
        "score": 100,
        "base": 80,
        "moves": [["repeat_donors", 15], ["completion", 5]],
    }
    onlus.refresh_from_db()
    assert (onlus.compliance_score, onlus.transparency_score, onlus.impact_score) == (
        made.overall_score,
        77,
        65,
    )
    assert (made.overall_score, onlus.compliance_status) == (Decimal("82.25"), "minor_issues")


def moves_of(made, category):
    return dict(made.categories[category]["moves"])


def test_the_checks_of_the_dossier_count_where_they_were_passed_and_where_they_failed_lately():
    application = approved(now=NOW - timedelta(days=20))
    onlus, passed = application.onlus, application.verification_checks.count()
    approved(
        organization_name="Un altro coro", tax_id="80025160260", now=NOW - timedelta(days=20)
    )  # not ours
    assert passed >= 5
    assert moves_of(assess(onlus), "governance")["passed_checks"] == 10

    keys = list(application.verification_checks.values_list("pk", flat=True))
    rows = application.verification_checks
    rows.exclude(pk__in=keys[:3]).update(status="skipped")
    made = assess(onlus)
    assert moves_of(made, "governance")["passed_checks"] == 5
    assert "failed_checks" not in moves_of(made, "regulatory_compliance")

    rows.filter(pk__in=keys[:2]).update(status="failed")
    made = assess(onlus)
    assert "passed_checks" not in moves_of(made, "governance")
    assert moves_of(made, "regulatory_compliance")["failed_checks"] == -10

    rows.filter(pk=keys[0]).update(completed_at=NOW - timedelta(days=30))
    assert moves_of(assess(onlus), "regulatory_compliance")["failed_checks"] == -5


def test_a_new_assessment_closes_the_one_before_and_keeps_what_is_open():
    onlus = weak_onlus()
    first = assess(onlus)
    issues = set(ComplianceIssue.objects.open().values_list("pk", flat=True))
    advice = set(ComplianceRecommendation.objects.values_list("pk", flat=True))

    second = assess(onlus, now=NOW + timedelta(days=1))

    first.refresh_from_db()
    assert (first.is_current, second.is_current) == (False, True)
    assert second.next_due_at == NOW + timedelta(days=91)
    assert set(ComplianceIssue.objects.open().values_list("pk", flat=True)) == issues
    assert set(ComplianceRecommendation.objects.values_list("pk", flat=True)) == advice

    Onlus.objects.update(**WHOLE, compliance_status="compliant", status="active")
    assess(onlus, now=NOW + timedelta(days=2))
    assert not ComplianceIssue.objects.open().exists()
    assert ComplianceIssue.objects.count() == len(issues)
    # Nothing is reported yet, so that advice stays.
    assert list(ComplianceRecommendation.objects.filter(done_at=None).values_list("category", flat=True)) == [
        "impact_reporting"
    ]


def test_a_drop_closes_the_organisation_and_is_announced(django_capture_on_commit_callbacks):
    onlus = OnlusFactory(compliance_status="compliant")  # no papers at all
    assert onlus.accepts_donations

    assess(onlus)

    onlus.refresh_from_db()
    assert onlus.compliance_status == "minor_issues"
    event = Event.objects.get(name="compliance_level_changed")
    assert event.payload["is_drop"] is True
    assert event.payload["before"] == "compliant"


def test_the_weekly_job_assesses_what_is_due_and_no_more():
    due, fresh = OnlusFactory(**WHOLE), OnlusFactory(**WHOLE)
    OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    OnlusFactory(status=Onlus.Status.DEACTIVATED)
    assess(fresh, now=NOW - timedelta(days=89))
    assess(due, now=NOW - timedelta(days=90))

    first, second = assess_organisations(), assess_organisations()

    assert (first, second) == ("1 assessed", "0 assessed")
    assert ComplianceAssessment.objects.get(onlus=due, is_current=True).assessed_at == NOW


def test_the_nightly_watch_raises_each_alert_once():
    risky, late = weak_onlus(), OnlusFactory(**WHOLE)
    assess(risky)
    assess(late, now=NOW - timedelta(days=98))

    watch_organisations()
    watch_organisations()

    assert sorted(Alert.objects.values_list("alert_type", flat=True)) == [
        "assessment_overdue",
        "onlus_at_risk",
    ]


def test_allocation_weighs_the_score_of_the_current_assessment():
    onlus = OnlusFactory()
    assert compliance_of(onlus) == NO_ASSESSMENT
    onlus.compliance_score = Decimal("59.99")
    assert refusal(onlus) == "ONLUS_COMPLIANCE_SCORE_TOO_LOW"
    onlus.compliance_score = Decimal(60)
    assert refusal(onlus) == ""


# The portal ------------------------------------------------------------------------------------------------------


@pytest.fixture
def portal(client):
    seat = MembershipFactory(role="viewer", onlus=OnlusFactory(**WHOLE))
    client.force_login(seat.user)
    return client, seat.onlus


def page(client, onlus):
    return client.get(f"/portal/{onlus.pk}/compliance/")


def test_the_page_says_what_pulls_the_score_down_and_how_to_mend_it(portal):
    client, onlus = portal
    assert "Not assessed yet" in page(client, onlus).text
    Onlus.objects.filter(pk=onlus.pk).update(tax_id="", compliance_notes="Watch them.")
    assess(onlus)

    text = page(client, onlus).text

    assert "The codice fiscale is missing." in text
    assert "Write your codice fiscale to our staff" in text
    assert "Report at least three figures" in text
    assert "Watch them." not in text
    assert "on average" not in text  # nobody to compare with


def test_peers_are_compared_from_five_on_and_only_those_of_the_field(portal):
    client, onlus = portal
    assess(onlus)
    for number in range(5):
        assert "on average" not in page(client, onlus).text
        assess(OnlusFactory(name=f"Vicina {number}"))

    response = page(client, onlus)

    financial = response.context["categories"][0]
    assert financial["peers"] == {
        "organization_value": 77,
        "peer_average": Decimal("70.00"),
        "percentile": 100,
    }
    assert "Vicina" not in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_much_is_open(portal, count, django_assert_num_queries):
    client, onlus = portal
    staff = UserFactory(is_staff=True)
    for number in range(count):
        assess(onlus, now=NOW + timedelta(minutes=number))
        facts = {"issue_type": f"note-{number}", "description": f"Point {number}", "severity": "medium"}
        assessments.open_issue(onlus=onlus, category="governance", actor=staff, now=NOW, **facts)

    with django_assert_num_queries(9):
        page(client, onlus)


# The back office -------------------------------------------------------------------------------------------------


@pytest.fixture
def officer(client):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="compliance"))
    client.force_login(user)
    return user


def press(client, model, name, row=None, **data):
    base = f"admin:donations_{model._meta.model_name}_do"
    address = reverse(base, args=[row.pk, name]) if row else reverse(f"{base}_on_list", args=[name])
    return client.post(address, data, follow=True)


def test_staff_assess_verify_open_and_resolve(client, officer):
    onlus = OnlusFactory(**WHOLE)

    press(client, ComplianceAssessment, "assess", onlus=onlus.pk, months=6)
    made = ComplianceAssessment.objects.get()
    press(client, ComplianceAssessment, "verify", made, notes="Read with the accounts.")
    press(
        client,
        ComplianceIssue,
        "open",
        onlus=onlus.pk,
        issue_type="board",
        description="The board has one member.",
        severity="high",
        category="governance",
    )
    issue = ComplianceIssue.objects.get()
    press(client, ComplianceIssue, "resolve", issue, notes="Three members now.")

    made.refresh_from_db()
    issue.refresh_from_db()
    assert (made.assessor, made.verified_by, made.verification_notes) == (
        officer,
        officer,
        "Read with the accounts.",
    )
    assert (made.period_end - made.period_start).days == 182
    assert (issue.resolved_by, issue.resolution_notes) == (officer, "Three members now.")
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "compliance_assess",
        "compliance_assessment_verify",
        "compliance_issue_open",
        "compliance_issue_resolve",
    ]


def test_what_staff_wrote_only_staff_resolve(officer):
    onlus = OnlusFactory(**WHOLE)
    assessments.open_issue(
        onlus=onlus,
        issue_type="board",
        description="The board has one member.",
        severity="critical",
        category="governance",
        actor=officer,
        now=NOW,
    )

    made = assess(onlus)

    assert made.risk_level == "critical"
    assert ComplianceIssue.objects.open().count() == 1
