"""Papers and checks of applications in the back office: looked at for a purpose, decided with a reason."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import BlockedAddress, OnlusDocument, VerificationCheck
from accounts.operations import documents
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.audit.models import AuditEntry
from tests.applications.back_office import page_of, press, sign_in
from tests.factories.applications import make_reviewer, submitted, under_review
from tests.factories.private_files import PDF

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(client):
    return sign_in(client, make_reviewer(display_name="Carla"))


@pytest.fixture
def mine(reviewer):
    return under_review(reviewer, now=timezone.now())


@pytest.fixture
def paper(mine):
    return mine.documents.get(document_type="legal_certificate")


@pytest.fixture
def check(mine):
    return mine.verification_checks.get(check_type="financial_health")


@pytest.mark.parametrize(("way", "disposition"), [("open", "inline"), ("save", "attachment")])
def test_a_paper_is_opened_for_a_purpose_and_the_look_is_on_record(client, reviewer, paper, way, disposition):
    answer = press(client, paper, "look", purpose="Compare the statute", way=way)

    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith(disposition)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    [look] = DataAccess.objects.all()
    assert (look.actor, look.purpose) == (reviewer, "Compare the statute")
    assert "Compare the statute" in client.get(page_of(paper)).text


def test_without_a_purpose_nothing_is_shown(client, reviewer, paper):
    answer = press(client, paper, "look", purpose="", way="open")

    assert PDF not in answer.content
    assert not DataAccess.objects.exists()


def test_a_paper_is_approved_and_the_work_goes_on_at_the_application(client, reviewer, mine, paper):
    page = press(client, paper, "approve", notes="Notary known")

    paper.refresh_from_db()
    assert (paper.status, paper.reviewed_by, paper.reviewer_notes) == ("approved", reviewer, "Notary known")
    assert page.redirect_chain[-1][0] == page_of(mine)
    assert "Approved: Deed and statute." in page.text
    again = press(client, paper, "approve")
    assert AuditEntry.objects.filter(action="document_approve").count() == 1
    assert again.status_code == 200


@pytest.mark.parametrize(("name", "status"), [("ask_again", "resubmission_required"), ("reject", "rejected")])
def test_a_paper_is_refused_with_a_reason_the_applicant_reads(client, reviewer, mine, paper, name, status):
    press(client, paper, name, reason="")
    paper.refresh_from_db()
    assert paper.status == "under_review"

    press(client, paper, name, reason="The last page is missing", notes="Third time")

    paper.refresh_from_db()
    mine.refresh_from_db()
    assert (paper.status, paper.rejection_reason) == (status, "The last page is missing")
    assert mine.status == "documentation_pending"
    assert mine.steps.order_by("-taken_at").first().note.endswith("The last page is missing")


def test_papers_wait_in_a_queue_of_their_own(client, reviewer, mine):
    done = mine.documents.first()
    documents.approve(document=done, reviewer=reviewer, now=timezone.now())

    page = client.get(reverse("admin:accounts_onlusdocument_changelist"))

    rows = list(page.context["cl"].result_list)
    assert rows[-1] == done
    assert len(rows) == OnlusDocument.objects.count()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["onlusdocument", "verificationcheck"])
def test_the_queues_cost_the_same_for_one_and_for_three(
    client, reviewer, name, count, django_assert_num_queries
):
    for number in range(count):
        under_review(reviewer, organization_name=f"Radici {number}", now=timezone.now())
    address = reverse(f"admin:accounts_{name}_changelist")
    client.get(address)

    with django_assert_num_queries(8):
        client.get(address)


def test_a_check_is_answered_by_a_person(client, reviewer, mine, check):
    data = {"risk_level": "low", "score": "82.5", "result_summary": "Sound for three years."}
    page = press(client, check, "answer", passed="yes", findings="A\nB", recommendations="C", **data)

    check.refresh_from_db()
    assert (check.status, check.risk_level, str(check.score)) == ("completed", "low", "82.50")
    assert [each["description"] for each in check.findings] == ["A", "B"]
    assert (check.performed_by, check.recommendations) == (reviewer, ["C"])
    assert page.redirect_chain[-1][0] == page_of(mine)
    assert "Sound for three years." in client.get(page_of(check)).text


@pytest.mark.parametrize(
    "change", [{"result_summary": ""}, {"score": "101"}, {"passed": ""}, {"risk_level": "none"}]
)
def test_an_answer_that_says_too_little_is_asked_again(client, reviewer, check, change):
    data = {"passed": "yes", "risk_level": "low", "score": "80", "result_summary": "Sound."}

    page = press(client, check, "answer", **{**data, **change})

    check.refresh_from_db()
    assert "errornote" in page.text
    assert check.status == "pending"


def test_the_page_of_an_automatic_check_says_why(client, reviewer, mine):
    check = mine.verification_checks.get(check_type="fraud_screening")

    page = client.get(page_of(check)).text

    assert "weight" in page
    assert check.result_summary in page


def test_a_check_is_left_out_by_a_senior_person_alone(client, reviewer, check):
    refused = press(client, check, "leave_out", reason="Not needed here")
    assert refused.status_code == 403
    senior = sign_in(client, make_reviewer("admin"))

    press(client, check, "leave_out", reason="Not needed here")

    check.refresh_from_db()
    assert (check.status, check.performed_by) == (VerificationCheck.Status.SKIPPED, senior)


def test_nothing_is_decided_on_before_the_review(client, reviewer):
    paper = submitted(now=timezone.now()).documents.first()

    press(client, paper, "approve")

    paper.refresh_from_db()
    assert paper.status == "pending"


def test_blocked_addresses_are_kept_on_the_trail(client, reviewer):
    address = reverse("admin:accounts_blockedaddress_add")
    client.post(address, {"value": "bad.example", "reason": "Fraud in 2025"})

    assert BlockedAddress.objects.get().value == "bad.example"
    assert AuditEntry.objects.filter(action="add", actor=reviewer).exists()
