"""Each step of an application by its button in the back office."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApprovalCondition, Onlus, OnlusApplication
from accounts.operations import application_decisions, application_review, applications
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.applications.back_office import buttons_on, page_of, press, sign_in
from tests.factories.applications import (
    IBAN,
    answer_checks,
    approve_documents,
    final,
    make_reviewer,
    submitted,
    under_review,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client):
    return sign_in(client, make_reviewer(display_name="Carla"))


@pytest.fixture
def mine(reviewer):
    return under_review(reviewer, now=timezone.now())


def stands(application):
    application.refresh_from_db()
    return application.status, application.phase


def test_a_reviewer_takes_one(client, reviewer):
    application = submitted(now=timezone.now())

    page = press(client, application, "take")

    assert stands(application) == ("under_review", "documentation")
    assert application.reviewer == reviewer
    assert application.verification_checks.count() == 7
    assert "It is yours." in page.text


def test_one_is_given_to_a_colleague_who_is_suggested(client, reviewer):
    application, colleague = submitted(now=timezone.now()), make_reviewer(display_name="Bruno")
    asked = client.get(page_of(application).replace("/change/", "/do/assign/"))

    press(client, application, "assign", reviewer=colleague.pk)

    application.refresh_from_db()
    assert "Bruno (" in asked.text
    assert application.reviewer == colleague


def test_whoever_may_not_review_is_not_offered(client, reviewer):
    application, finance = submitted(now=timezone.now()), make_reviewer("finance")

    press(client, application, "assign", reviewer=finance.pk)

    assert stands(application) == ("submitted", "initial")


def test_a_question_stops_the_review_and_is_in_the_thread(client, reviewer, mine):
    press(client, mine, "ask", kind="clarification", text="Which <b>branch</b>?")
    press(client, mine, "write", text="We also saw your page.")

    assert stands(mine) == ("documentation_pending", "documentation")
    assert list(mine.messages.order_by("written_at").values_list("kind", "text")) == [
        ("clarification", "Which <b>branch</b>?"),
        ("message", "We also saw your page."),
    ]
    page = client.get(page_of(mine)).text
    assert "Which &lt;b&gt;branch&lt;/b&gt;?" in page
    assert "<b>branch" not in page


def test_notes_and_priority_stay_inside(client, reviewer, mine, api):
    press(client, mine, "keep_notes", notes="Odd accounts.")
    press(client, mine, "prioritise", priority="high", reason="The minister asked")

    mine.refresh_from_db()
    assert (mine.reviewer_notes, mine.priority) == ("Odd accounts.", "high")
    api.force_authenticate(mine.applicant)
    assert "Odd accounts." not in api.get(f"/api/onlus/applications/{mine.pk}").text


def test_escalating_tells_a_senior_person_once(client, reviewer, mine):
    press(client, mine, "escalate", reason="I know too little about foundations")

    mine.refresh_from_db()
    assert (mine.priority, mine.escalation_reason) == ("urgent", "I know too little about foundations")
    assert Alert.objects.filter(alert_type="application_escalated").count() == 1
    assert AuditEntry.objects.filter(action="application_escalate", actor=reviewer).count() == 1
    assert "escalate" not in buttons_on(client, mine)


def test_the_steps_to_the_approval_come_one_after_the_other(client, reviewer, mine):
    early = press(client, mine, "pass_verification")
    assert "Not every required document is approved yet." in early.text
    approve_documents(mine, now=timezone.now())
    press(client, mine, "examine")
    assert stands(mine) == ("due_diligence", "due_diligence")
    answer_checks(mine, now=timezone.now())
    press(client, mine, "pass_verification")
    assert stands(mine) == ("due_diligence", "final_approval")

    until = timezone.localdate() + timedelta(days=30)
    data = {"condition_1": "The accounts of this year", "due_on_1": until.isoformat()}
    press(client, mine, "approve", reason="All in order", **data)

    assert stands(mine) == ("approved", "final_approval")
    assert mine.onlus == Onlus.objects.get()
    assert (mine.decided_by, list(mine.conditions.values_list("text", "due_on"))) == (
        reviewer,
        [("The accounts of this year", until)],
    )


def test_checks_are_overruled_by_a_senior_person_alone(client, reviewer, mine):
    approve_documents(mine, now=timezone.now())

    press(client, mine, "pass_verification", override_reason="Known for years")
    assert stands(mine) == ("under_review", "documentation")
    sign_in(client, make_reviewer("admin"))
    press(client, mine, "pass_verification", override_reason="Known for years")

    assert stands(mine) == ("under_review", "final_approval")
    assert mine.override_reason == "Known for years"


@pytest.mark.parametrize(
    "data",
    [
        {"reason": "No"},
        {"reason": "All in order", "condition_1": "Accounts"},
        {"reason": "All in order", "due_on_1": "2099-01-01"},
        {"reason": "All in order", "condition_1": "Accounts", "due_on_1": "2020-01-01"},
    ],
)
def test_an_approval_that_says_too_little_is_asked_again(client, data):
    application = final(now=timezone.now())
    sign_in(client, application.reviewer)

    page = press(client, application, "approve", **data)

    assert "errornote" in page.text
    assert stands(application) == ("under_review", "final_approval")
    assert not Onlus.objects.exists()


def test_a_high_risk_is_approved_by_two(client):
    now, first, second = timezone.now(), make_reviewer(), make_reviewer("admin")
    application = under_review(first, now=now)
    approve_documents(application, now=now)
    answer_checks(application, now=now, risk="high")
    application_review.examine(application=application, actor=first, now=now)
    application_review.pass_verification(
        application=application, actor=make_reviewer("admin"), override_reason="Known for years", now=now
    )
    sign_in(client, first)
    assert "approve" not in buttons_on(client, application)

    press(client, application, "propose", reason="Two people know them")
    request = ApprovalRequest.objects.get()
    press(client, request, "approve", reason="I agree with it")
    assert stands(application)[0] != "approved"
    sign_in(client, second)
    press(client, request, "approve", reason="I agree with it")

    assert stands(application) == ("approved", "final_approval")
    assert application.decided_by == second


def test_a_rejection_says_why(client, reviewer, mine):
    short = press(client, mine, "reject", reason=" ")
    assert "errornote" in short.text
    assert stands(mine) == ("under_review", "documentation")

    press(client, mine, "reject", reason="The statute is of another organisation.")

    assert stands(mine)[0] == "rejected"
    assert buttons_on(client, mine) == {"bank_data"}


def test_an_appeal_is_decided_by_a_senior_person_who_did_not_reject(client, reviewer, mine):
    now = timezone.now()
    application_decisions.reject(application=mine, decided_by=reviewer, reason="Not ours", now=now)
    applications.appeal(
        applicant_id=mine.applicant_id, application_id=mine.pk, text="It is a mistake", now=now
    )
    assert "It is a mistake" in client.get(page_of(mine)).text
    assert press(client, mine, "decide_appeal", decision="grant", reason="Indeed").status_code == 403
    assert stands(mine)[0] == "rejected"

    senior = sign_in(client, make_reviewer("admin"))
    press(client, mine, "decide_appeal", decision="grant", reason="The statute was the new one")

    assert stands(mine) == ("under_review", "documentation")
    assert (mine.appeal.status, mine.appeal.decided_by) == ("granted", senior)


def test_an_appeal_is_not_decided_by_who_rejected(client):
    now, senior = timezone.now(), sign_in(client, make_reviewer("admin"))
    mine = under_review(now=now)
    application_decisions.reject(application=mine, decided_by=senior, reason="Not ours", now=now)
    applications.appeal(applicant_id=mine.applicant_id, application_id=mine.pk, text="Why?", now=now)

    page = press(client, mine, "decide_appeal", decision="grant", reason="I was wrong")

    assert "errornote" in page.text
    assert stands(mine)[0] == "rejected"


def test_a_condition_is_noted_as_met(client, reviewer):
    application = final(now=timezone.now())
    application_decisions.approve(
        application=application,
        decided_by=application.reviewer,
        reason="All in order",
        conditions=[("Accounts", timezone.localdate() + timedelta(days=9))],
        now=timezone.now(),
    )
    condition = ApprovalCondition.objects.get()

    press(client, condition, "met", how="They came by mail")

    condition.refresh_from_db()
    assert (condition.met_by, condition.met_note) == (reviewer, "They came by mail")
    assert "They came by mail" in client.get(page_of(application)).text


def test_the_bank_account_is_shown_for_a_purpose_that_is_on_record(client, reviewer, mine):
    short = press(client, mine, "bank_data", purpose="")
    assert IBAN not in short.text
    assert not DataAccess.objects.exists()

    page = press(client, mine, "bank_data", purpose="Compare with the statute")

    assert IBAN in page.text
    assert "no-store" in page["Cache-Control"]
    [look] = DataAccess.objects.all()
    assert (look.actor, look.purpose, look.target_id) == (
        reviewer,
        "Compare with the statute",
        str(mine.pk),
    )


def test_a_button_that_came_too_late_changes_nothing(client, reviewer, mine):
    application_decisions.reject(
        application=mine, decided_by=reviewer, reason="Not for us", now=timezone.now()
    )
    before = OnlusApplication.objects.values().get()

    page = press(client, mine, "ask", kind="information", text="And now?")

    assert "errorlist" in page.text or 'class="error"' in page.text
    assert OnlusApplication.objects.values().get() == before
