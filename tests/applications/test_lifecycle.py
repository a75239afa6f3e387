"""Every step of the state machine, who may take it, and every step that is refused."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import (
    ApplicationAppeal,
    ApprovalCondition,
    BlockedAddress,
    Onlus,
    OnlusApplication,
    OnlusMembership,
    VerificationCheck,
)
from accounts.operations import (
    application_decisions,
    application_jobs,
    application_review,
    applications,
    documents,
    verification,
)
from accounts.operations.application_states import ApplicationNotReviewable, OwnApplication
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired, ReasonRequired
from goodplay.lib.approvals.operations import approve as approve_request
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied
from goodplay.lib.events.models import Event
from goodplay.lib.working_days import after_working_days, working_days_between
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.applications import (
    MONDAY,
    answer_checks,
    approve_documents,
    approved,
    complete,
    draft,
    final,
    hand_in,
    make_reviewer,
    submitted,
    under_review,
)

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=1)


def snapshot():
    return list(OnlusApplication.objects.order_by("pk").values()), AuditEntry.objects.count()


def refused(error, operation, **arguments):
    before = snapshot()
    with pytest.raises(error):
        operation(**arguments)
    assert snapshot() == before


def names_of_events():
    return list(Event.objects.order_by("pk").values_list("name", flat=True))


# The straight way ------------------------------------------------------------------------------------------------


def test_assigning_begins_the_review_and_opens_the_checks():
    application = submitted()
    reviewer = make_reviewer()

    row = application_review.assign(application=application, reviewer=reviewer, actor=reviewer, now=MONDAY)

    assert (row.status, row.phase, row.reviewer) == ("under_review", "documentation", reviewer)
    assert set(row.documents.values_list("status", flat=True)) == {"under_review"}
    checks = dict(row.verification_checks.values_list("check_type", "status"))
    assert checks == {
        "legal_status": "completed",
        "tax_exempt_status": "completed",
        "fraud_screening": "completed",
        "sanctions_screening": "pending",
        "financial_health": "pending",
        "insurance_verification": "pending",
        "operational_assessment": "pending",
    }
    assert names_of_events()[-3:] == [
        "application_submitted",
        "application_verification_opened",
        "application_assigned",
    ]


@pytest.mark.parametrize(
    ("category", "more"),
    [
        ("healthcare", {"compliance_check", "impact_validation"}),
        ("environment", {"compliance_check", "impact_validation"}),
        ("education", {"impact_validation"}),
        ("social_services", {"background_check", "impact_validation"}),
        ("humanitarian", {"background_check", "compliance_check"}),
        ("animal_welfare", {"compliance_check"}),
        ("research", set()),
    ],
)
def test_each_field_of_work_has_its_checks(category, more):
    application = under_review(category=category)

    types = set(application.verification_checks.values_list("check_type", flat=True))
    assert len(types) == 7 + len(more)
    assert more <= types


def test_approval_makes_the_organisation_and_its_owner():
    application = approved()

    onlus = application.onlus
    assert (application.status, application.progress, application.closed_at is not None) == (
        "approved",
        100,
        True,
    )
    assert (onlus.name, onlus.tax_id, onlus.status, onlus.verified_at) == (
        "Radici nel Cielo",
        application.tax_id,
        "under_review",
        None,
    )
    assert not onlus.accepts_donations
    [seat] = OnlusMembership.objects.all()
    assert (seat.user, seat.onlus, seat.role) == (application.applicant, onlus, "owner")
    assert names_of_events()[-2:] == ["application_approved", "organization_approved"]
    assert AuditEntry.objects.filter(action="application_approve", reason="All in order").exists()


def test_a_medium_risk_is_examined_in_depth_first():
    application = under_review()
    approve_documents(application)
    answer_checks(application, risk="medium", score=60)
    application.refresh_from_db()
    reviewer = application.reviewer

    assert application.risk_level == "medium"
    refused(
        application_review.DueDiligenceRequired,
        application_review.pass_verification,
        application=application,
        actor=reviewer,
        now=MONDAY,
    )
    application_review.examine(application=application, actor=reviewer, now=MONDAY)
    row = application_review.pass_verification(application=application, actor=reviewer, now=MONDAY)

    assert (row.status, row.phase) == ("due_diligence", "final_approval")


# Refusals --------------------------------------------------------------------------------------------------------


def test_no_step_can_be_skipped():
    application = under_review()
    reviewer = application.reviewer
    step = {"application": application, "actor": reviewer, "now": MONDAY}
    decision = {"application": application, "decided_by": reviewer, "now": MONDAY}

    refused(application_review.DocumentsNotApproved, application_review.examine, **step)
    refused(application_review.DocumentsNotApproved, application_review.pass_verification, **step)
    refused(
        application_decisions.ApplicationNotApprovable,
        application_decisions.approve,
        **decision,
        reason="Good",
    )
    approve_documents(application)
    refused(application_review.VerificationNotComplete, application_review.pass_verification, **step)
    refused(
        application_decisions.ApplicationNotApprovable,
        application_decisions.approve,
        **decision,
        reason="Good",
    )
    answer_checks(application)
    refused(
        application_decisions.ApplicationNotApprovable,
        application_decisions.approve,
        **decision,
        reason="Good",
    )
    application_review.pass_verification(**step)
    refused(ReasonRequired, application_decisions.approve, **decision, reason=" ")
    refused(
        application_decisions.RejectionReasonRequired, application_decisions.reject, **decision, reason=" "
    )
    assert not Onlus.objects.exists()


@pytest.mark.parametrize("state", ["draft", "withdrawn", "approved"])
def test_nothing_is_reviewed_outside_a_review(state):
    reviewer = make_reviewer()
    application = {"draft": complete, "withdrawn": submitted, "approved": approved}[state]()
    if state == "withdrawn":
        applications.withdraw(
            applicant_id=application.applicant_id, application_id=application.pk, now=MONDAY
        )
    step = {"application": application, "actor": reviewer, "now": MONDAY}

    refused(ApplicationNotReviewable, application_review.assign, **step, reviewer=reviewer)
    refused(ApplicationNotReviewable, application_review.ask, **step, text="Why?")
    refused(ApplicationNotReviewable, application_review.examine, **step)
    refused(ApplicationNotReviewable, application_review.pass_verification, **step)
    decision = {"application": application, "decided_by": reviewer, "now": MONDAY, "reason": "No"}
    refused(ApplicationNotReviewable, application_decisions.reject, **decision)
    refused(ApplicationNotReviewable, application_decisions.approve, **decision)


def test_nobody_decides_on_their_own():
    reviewer = make_reviewer()
    of_member = under_review(organization_name="One")
    OnlusFactory(name="One more", tax_id=of_member.tax_id)
    MembershipFactory(user=reviewer, onlus=Onlus.objects.get(name="One more"))
    as_leader = under_review(
        organization_name="Two", leadership_team=[{"name": "R", "role": "Chair", "email": reviewer.email}]
    )
    as_applicant = submitted(make_reviewer(), organization_name="Three")

    for application, actor in (
        (of_member, reviewer),
        (as_leader, reviewer),
        (as_applicant, as_applicant.applicant),
    ):
        decision = {"application": application, "decided_by": actor, "reason": "Good", "now": MONDAY}
        refused(OwnApplication, application_decisions.reject, **decision)
        refused(
            OwnApplication,
            application_review.assign,
            application=application,
            reviewer=actor,
            actor=actor,
            now=MONDAY,
        )
        document = application.documents.first()
        refused(OwnApplication, documents.approve, document=document, reviewer=actor, now=MONDAY)
        refused(OwnApplication, documents.read, document=document, actor=actor, purpose="curious", now=MONDAY)
        check = application.verification_checks.filter(status="pending").first()
        if check is not None:
            answer = {"passed": True, "result_summary": "Fine", "risk_level": "low", "now": MONDAY}
            refused(OwnApplication, verification.answer_check, check=check, reviewer=actor, **answer)
    refused(
        application_review.ReviewerNotSuitable,
        application_review.assign,
        application=as_applicant,
        reviewer=as_applicant.applicant,
        actor=make_reviewer(),
        now=MONDAY,
    )


def test_only_those_with_the_right_review():
    application = under_review()
    nobody = make_reviewer("finance")

    refused(
        AccessDenied,
        application_decisions.reject,
        application=application,
        decided_by=nobody,
        reason="No",
        now=MONDAY,
    )
    refused(
        AccessDenied, documents.approve, document=application.documents.first(), reviewer=nobody, now=MONDAY
    )
    refused(
        application_review.ReviewerNotSuitable,
        application_review.assign,
        application=application,
        reviewer=nobody,
        actor=application.reviewer,
        now=MONDAY,
    )


# High risk takes two ---------------------------------------------------------------------------------------------


def risky():
    """Risk above what one person decides: passed checks, two of them at high risk."""
    application = under_review()
    approve_documents(application)
    answer_checks(application, risk="high", score=40)
    application.refresh_from_db()
    reviewer = application.reviewer
    application_review.examine(application=application, actor=reviewer, now=MONDAY)
    senior = make_reviewer("admin")
    return application_review.pass_verification(
        application=application, actor=senior, override_reason="Explained by the auditor", now=MONDAY
    )


def test_a_reviewer_overrules_nothing():
    application = under_review()
    approve_documents(application)

    refused(
        AccessDenied,
        application_review.pass_verification,
        application=application,
        actor=application.reviewer,
        override_reason="I like them",
        now=MONDAY,
    )


def test_high_risk_is_approved_by_two():
    application = risky()
    reviewer, senior = application.reviewer, make_reviewer("super_admin", is_superuser=True)
    decision = {"application": application, "reason": "Explained", "now": LATER}

    refused(
        application_decisions.SecondPersonRequired,
        application_decisions.approve,
        **decision,
        decided_by=reviewer,
    )
    request = application_decisions.propose(**decision, proposed_by=reviewer)
    refused(AccessDenied, approve_request, request=request, decided_by=make_reviewer(), now=LATER)
    approve_request(request=request, decided_by=senior, now=LATER)

    application.refresh_from_db()
    assert (application.status, application.decided_by) == ("approved", senior)
    assert application.onlus.name == application.organization_name


def test_what_changed_since_is_not_approved():
    application = risky()
    senior = make_reviewer("super_admin", is_superuser=True)
    request = application_decisions.propose(
        application=application, proposed_by=application.reviewer, reason="Explained", now=LATER
    )
    application_review.ask(
        application=application, actor=application.reviewer, text="Why?", now=LATER + timedelta(hours=1)
    )

    refused(
        application_decisions.ApplicationChanged,
        approve_request,
        request=request,
        decided_by=senior,
        now=LATER,
    )
    assert ApprovalRequest.objects.get().is_pending
    assert not Onlus.objects.exists()


def test_who_proposed_does_not_approve():
    application = risky()
    senior = make_reviewer("super_admin", is_superuser=True)
    request = application_decisions.propose(
        application=application, proposed_by=senior, reason="Explained", now=LATER
    )

    refused(FourEyesRequired, approve_request, request=request, decided_by=senior, now=LATER)


def test_conditions_are_followed_up():
    application = final()
    reviewer, due = application.reviewer, date(2026, 4, 30)
    decision = {"application": application, "decided_by": reviewer, "reason": "Good"}
    refused(
        application_decisions.ConditionInvalid,
        application_decisions.approve,
        **decision,
        conditions=[("Accounts", date(2026, 3, 2))],
        now=MONDAY,
    )
    application_decisions.approve(**decision, conditions=[("Publish the accounts of 2025", due)], now=MONDAY)
    [condition] = ApprovalCondition.objects.all()
    in_time = application_jobs.watch_conditions(now=datetime(2026, 4, 30, 12, tzinfo=UTC))
    late = application_jobs.watch_conditions(now=datetime(2026, 5, 1, 12, tzinfo=UTC))

    assert (in_time, late) == (0, 1)
    assert Alert.objects.get(alert_type="approval_condition_overdue").severity == "high"
    application_decisions.meet_condition(condition=condition, actor=reviewer, how="On their site", now=LATER)
    refused(
        application_decisions.ConditionMet,
        application_decisions.meet_condition,
        condition=condition,
        actor=reviewer,
        how="Again",
        now=LATER,
    )
    assert application_jobs.watch_conditions(now=datetime(2026, 5, 2, 12, tzinfo=UTC)) == 0


def test_a_name_that_was_taken_meanwhile_stops_the_approval():
    application = final()
    OnlusFactory(name="RADICI NEL CIELO")

    refused(
        application_decisions.OrganizationAlreadyExists,
        application_decisions.approve,
        application=application,
        decided_by=application.reviewer,
        reason="Good",
        now=LATER,
    )


# Documents -------------------------------------------------------------------------------------------------------


def test_a_refused_document_hands_the_application_back_for_fifteen_working_days():
    application = under_review()
    document = application.documents.get(document_type="legal_certificate")
    refuse = {"document": document, "reviewer": application.reviewer, "now": MONDAY}
    refused(ReasonRequired, documents.refuse, **refuse, reason=" ")

    documents.refuse(**refuse, reason="A page is missing")

    application.refresh_from_db()
    assert (application.status, application.answer_due_at) == (
        "documentation_pending",
        datetime(2026, 3, 23, 23, tzinfo=UTC),
    )
    assert application.progress == 90  # ten of eleven parts
    assert applications.next_steps(application) == ["Hand in again: Deed and statute."]
    made = hand_in(application, now=LATER)
    application.refresh_from_db()
    assert (application.status, made.version, made.status) == ("under_review", 2, "under_review")
    document.refresh_from_db()
    refused(
        documents.DocumentNotReviewable,
        documents.approve,
        document=document,
        reviewer=application.reviewer,
        now=LATER,
    )


def test_the_review_goes_on_only_when_everything_is_there():
    application = under_review()
    reviewer = application.reviewer
    for document in application.documents.filter(
        document_type__in=["legal_certificate", "mission_statement"]
    ):
        documents.refuse(document=document, reviewer=reviewer, reason="Unreadable", now=MONDAY)
    application_review.ask(application=application, actor=reviewer, text="Who teaches?", now=MONDAY)
    states = []
    for kind in ("legal_certificate", "mission_statement"):
        hand_in(application, kind, now=LATER)
        application.refresh_from_db()
        states.append(application.status)
    applications.write_message(
        applicant_id=application.applicant_id, application_id=application.pk, text="Volunteers", now=LATER
    )
    application.refresh_from_db()

    assert states == ["documentation_pending"] * 2
    assert application.status == "under_review"


def test_the_fourth_refusal_escalates():
    application = under_review()
    for _number in range(4):
        document = application.documents.current().get(document_type="legal_certificate")
        documents.refuse(document=document, reviewer=application.reviewer, reason="Unreadable", now=MONDAY)
        application.refresh_from_db()
        early = application.escalated_at
        hand_in(application, now=MONDAY)

    assert early == MONDAY
    assert document.version == 4
    application.refresh_from_db()
    assert application.priority == "urgent"
    assert Alert.objects.filter(alert_type="application_escalated").count() == 1


def test_papers_expire_are_asked_for_again_and_are_announced_before():
    application = under_review()
    ends = application.documents.get(document_type="insurance_coverage").expires_at
    told = [
        application_jobs.remind_of_documents(now=ends - timedelta(days=days)) for days in (31, 29, 28, 6, 5)
    ]
    ended = [application_jobs.expire_documents(now=ends) for _ in range(2)]

    assert told == [0, 2, 0, 2, 0]  # insurance and tax status
    assert ended == [2, 0]
    application.refresh_from_db()
    assert application.status == "documentation_pending"
    assert application.documents.get(document_type="insurance_coverage").status == "expired"


# Time ------------------------------------------------------------------------------------------------------------


def test_working_days_leave_out_weekends_and_holidays():
    thursday = datetime(2026, 4, 2, 9, tzinfo=UTC)  # Easter Monday is the 6th of April

    assert after_working_days(thursday, 1) == datetime(2026, 4, 3, 22, tzinfo=UTC)
    assert after_working_days(thursday, 2) == datetime(2026, 4, 7, 22, tzinfo=UTC)
    assert working_days_between(thursday, datetime(2026, 4, 8, 9, tzinfo=UTC)) == 3
    assert (
        working_days_between(datetime(2026, 4, 30, 9, tzinfo=UTC), datetime(2026, 5, 2, 9, tzinfo=UTC)) == 0
    )


def test_no_answer_in_time_is_a_rejection():
    application = under_review()
    application_review.ask(application=application, actor=application.reviewer, text="Who?", now=MONDAY)
    application.refresh_from_db()
    due = application.answer_due_at

    results = [
        application_jobs.reject_unanswered(now=moment) for moment in (due - timedelta(seconds=1), due, due)
    ]

    application.refresh_from_db()
    assert results == [0, 1, 0]
    assert (application.status, application.decided_by, application.closed_at) == ("rejected", None, due)
    assert application.rejection_reason


@pytest.mark.parametrize("state", ["draft", "submitted", "under_review", "documentation_pending"])
def test_what_is_not_decided_in_ninety_days_expires(state):
    makers = {"draft": draft, "submitted": submitted}
    application = makers.get(state, under_review)()
    if state == "documentation_pending":
        application_review.ask(application=application, actor=application.reviewer, text="Who?", now=MONDAY)
    over = MONDAY + timedelta(days=90)

    assert application_jobs.expire_due(now=over - timedelta(minutes=1)) == 0
    assert [application_jobs.expire_due(now=over) for _ in range(2)] == [1, 0]
    application.refresh_from_db()
    assert (application.status, application.closed_at) == ("expired", over)


def test_an_examination_in_depth_does_not_expire():
    application = under_review()
    approve_documents(application)
    application_review.examine(application=application, actor=application.reviewer, now=MONDAY)

    assert application_jobs.expire_due(now=MONDAY + timedelta(days=200)) == 0


def test_what_has_used_nine_tenths_of_its_time_is_escalated_once():
    application = submitted()

    early, late, again = (
        application_jobs.watch_deadlines(now=MONDAY + timedelta(days=days)) for days in (12, 13, 14)
    )

    assert (early, late, again) == (0, 1, 0)
    application.refresh_from_db()
    assert application.is_overdue(MONDAY + timedelta(days=15))


def test_answers_of_a_year_ago_count_no_more():
    application = under_review()
    answer_checks(application)

    count = application_jobs.expire_checks(now=MONDAY + timedelta(days=366))

    assert count == application.verification_checks.count()
    application.refresh_from_db()
    assert application.compliance_score is None


# Again, and appeal -----------------------------------------------------------------------------------------------


def rejected(**facts):
    application = under_review(**facts)
    return application_decisions.reject(
        application=application, decided_by=application.reviewer, reason="No accounts", now=MONDAY
    )


def test_the_same_organisation_applies_again_after_six_months():
    first = rejected()

    for facts in ({}, {"organization_name": "Radici due"}):
        with pytest.raises(applications.ReapplicationTooEarly) as caught:
            draft(first.applicant, now=LATER, **facts)
        assert caught.value.data == {"from": "2026-09-01"}
    assert draft(first.applicant, now=MONDAY + timedelta(days=184)).status == "draft"
    assert OnlusApplication.objects.count() == 2


def test_who_rejected_before_does_not_review_again():
    first = rejected()
    later = MONDAY + timedelta(days=184)
    second = submitted(first.applicant, now=later)

    refused(
        application_review.ReviewerNotSuitable,
        application_review.assign,
        application=second,
        reviewer=first.reviewer,
        actor=first.reviewer,
        now=later,
    )


def test_an_appeal_is_decided_one_level_above_and_begins_anew():
    application = rejected()
    appeal = applications.appeal(
        applicant_id=application.applicant_id, application_id=application.pk, text="They are there", now=LATER
    )
    decide = {"appeal": appeal, "grant": True, "reason": "They are", "now": LATER}
    refused(AccessDenied, application_decisions.decide_appeal, **decide, decided_by=application.reviewer)
    refused(
        applications.AppealNotAllowed,
        applications.appeal,
        applicant_id=application.applicant_id,
        application_id=application.pk,
        text="Again",
        now=LATER,
    )

    senior = make_reviewer("admin")
    application_decisions.decide_appeal(**decide, decided_by=senior)

    application.refresh_from_db()
    assert (application.status, application.phase, application.reviewer) == (
        "under_review",
        "documentation",
        senior,
    )
    assert (application.closed_at, application.decided_by, application.rejection_reason) == (None, None, "")
    assert ApplicationAppeal.objects.get().status == "granted"
    refused(
        application_decisions.AppealDecided, application_decisions.decide_appeal, **decide, decided_by=senior
    )
    refused(
        application_review.ReviewerNotSuitable,
        application_review.assign,
        application=application,
        reviewer=appeal.rejected_by,
        actor=senior,
        now=LATER,
    )


def test_whoever_rejected_does_not_decide_on_the_appeal():
    senior = make_reviewer("admin")
    application = under_review(senior)
    application_decisions.reject(application=application, decided_by=senior, reason="No accounts", now=MONDAY)
    appeal = applications.appeal(
        applicant_id=application.applicant_id, application_id=application.pk, text="They are there", now=LATER
    )

    refused(
        FourEyesRequired,
        application_decisions.decide_appeal,
        appeal=appeal,
        decided_by=senior,
        grant=False,
        reason="No",
        now=LATER,
    )


@pytest.mark.parametrize(("days", "may"), [(30, True), (31, False)])
def test_an_appeal_has_thirty_days(days, may):
    application = rejected()

    assert applications.can_appeal(application, MONDAY + timedelta(days=days)) is may


# What holds whatever the code does -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"status": "submitted"},
        {"status": "under_review"},
        {"status": "approved"},
        {"status": "rejected", "closed_at": MONDAY},
        {"closed_at": MONDAY},
        {"answer_due_at": MONDAY},
        {"phase": "final_approval"},
        {"progress": 101},
    ],
)
def test_the_database_refuses_states_that_cannot_be(change):
    application = draft()

    with pytest.raises(IntegrityError), transaction.atomic():
        OnlusApplication.objects.filter(pk=application.pk).update(**change)


def test_the_applicant_reads_each_decision_in_their_language(django_capture_on_commit_callbacks):
    applicant = UserFactory(preferred_language="it")
    with django_capture_on_commit_callbacks(execute=True):
        application = under_review(organization_name="Radici")
        OnlusApplication.objects.filter(pk=application.pk).update(applicant=applicant)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        application_decisions.reject(
            application=application, decided_by=application.reviewer, reason="Mancano i bilanci", now=MONDAY
        )

    [message] = mail.outbox
    assert message.to == [applicant.email]
    assert "Mancano i bilanci" in message.body
    assert "Mancano i bilanci" in message.alternatives[0][0]


# Checks ----------------------------------------------------------------------------------------------------------


def check_of(application, kind):
    return application.verification_checks.get(check_type=kind)


@pytest.mark.parametrize(
    ("facts", "status", "risk", "score"),
    [
        ({}, "completed", "low", "100.00"),
        ({"incorporation_date": None}, "completed", "medium", "66.67"),
        ({"incorporation_date": None, "legal_entity_type": ""}, "failed", "high", "33.33"),
    ],
)
def test_the_legal_status_is_what_is_there_of_three(facts, status, risk, score):
    application = under_review(**facts)

    check = check_of(application, "legal_status")
    assert (check.status, check.risk_level, check.score) == (status, risk, Decimal(score))
    assert check.performed_by is None


@pytest.mark.parametrize(
    ("facts", "weight", "risk", "status"),
    [
        ({}, "0", "low", "completed"),
        ({"website_url": ""}, "0", "medium", "completed"),
        ({"website_url": "", "annual_budget": 20_000_000}, "0", "medium", "completed"),
        (
            {"website_url": "", "annual_budget": 20_000_000, "organization_name": "ab"},
            "0",
            "high",
            "manual_review_required",
        ),
        ({"contact_email": "x123456@radici.example"}, "0.4", "medium", "completed"),
        ({"contact_email": "blocked@evil.example"}, "0.9", "critical", "failed"),
    ],
)
def test_signs_of_fraud_are_weighed(facts, weight, risk, status):
    BlockedAddress.objects.create(value="evil.example", reason="Phishing")
    application = under_review(**facts)

    check = check_of(application, "fraud_screening")
    assert (check.detailed_results["weight"], check.risk_level, check.status) == (weight, risk, status)


def test_a_codice_fiscale_that_is_taken_is_critical():
    OnlusFactory(tax_id="97745120010")

    check = check_of(under_review(), "fraud_screening")

    assert (check.detailed_results["signs"], check.risk_level) == (["duplicate_tax_id"], "critical")


def test_a_person_answers_what_the_house_cannot_and_once():
    application = under_review()
    check = check_of(application, "financial_health")
    answer = {
        "check": check,
        "reviewer": application.reviewer,
        "passed": True,
        "risk_level": "high",
        "now": MONDAY,
    }
    refused(verification.ResultSummaryRequired, verification.answer_check, **answer, result_summary=" ")
    refused(
        verification.ScoreInvalid,
        verification.answer_check,
        **answer,
        result_summary="Hm",
        score=Decimal(101),
    )

    row = verification.answer_check(
        **answer, result_summary="Reserves of a month", score=Decimal(50), findings="Low reserves\nOne donor"
    )

    assert (row.status, row.follow_up_required, len(row.findings)) == ("completed", True, 2)
    refused(verification.CheckAlreadyCompleted, verification.answer_check, **answer, result_summary="Again")
    application.refresh_from_db()
    assert application.compliance_score == Decimal("87.50")  # (100 + 100 + 100 + 50) / 4
    assert application.risk_score == Decimal("37.50")  # (1 + 1 + 1 + 3) / 4 x 25


def test_a_check_is_left_out_by_a_senior_person_only():
    application = under_review()
    check = check_of(application, "insurance_verification")
    skip = {"check": check, "reason": "No volunteers", "now": MONDAY}
    refused(AccessDenied, verification.skip_check, **skip, senior=application.reviewer)

    row = verification.skip_check(**skip, senior=make_reviewer("admin"))

    assert row.status == "skipped"


def test_the_checks_of_the_house_look_again_after_an_answer():
    application = under_review(incorporation_date=None, legal_entity_type="")
    application_review.ask(application=application, actor=application.reviewer, text="Your form?", now=MONDAY)
    applications.update(
        applicant_id=application.applicant_id,
        application_id=application.pk,
        legal_entity_type="association",
        incorporation_date=date(2015, 5, 4),
        now=LATER,
    )
    applications.write_message(
        applicant_id=application.applicant_id, application_id=application.pk, text="Done", now=LATER
    )

    assert check_of(application, "legal_status").status == "completed"
    assert VerificationCheck.objects.count() == 7
