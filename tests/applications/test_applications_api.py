"""An applicant's way over REST: begin, fill in, hand in, follow. Everything of somebody else is a 404."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import ApplicationMessage, OnlusApplication, OnlusDocument
from accounts.operations import application_review
from accounts.queries.applications import required_documents
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.private_files.models import PrivateFile
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.applications import (
    FACTS,
    IBAN,
    MONDAY,
    complete,
    draft,
    hand_in,
    make_reviewer,
    submitted,
    under_review,
)
from tests.factories.ids import UNKNOWN_ID
from tests.factories.private_files import PDF, PNG

pytestmark = pytest.mark.django_db
HOME = "/api/onlus/applications"
BODY = {**FACTS, "incorporation_date": "2015-05-04"}
LEAST = {
    name: FACTS[name]
    for name in ("organization_name", "mission_statement", "category", "contact_email", "contact_phone")
}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def upload(api, key, kind="legal_certificate", name="paper.pdf", content=PDF):
    form = {"document_type": kind, **({"file": SimpleUploadedFile(name, content)} if name else {})}
    return api.post(f"{HOME}/{key}/documents", form, format="multipart")


def test_an_organisation_applies_over_rest_up_to_the_submission(mine, applicant):
    begun = mine.post(HOME, BODY)
    key = begun.json()["data"]["application_id"]
    early = mine.post(f"{HOME}/{key}/submit")
    for kind in begun.json()["data"]["required_documents"]:
        assert upload(mine, key, kind).json()["message"] == "DOCUMENT_UPLOADED_SUCCESS"
    progress = mine.get(f"{HOME}/{key}/progress").json()["data"]
    done = mine.post(f"{HOME}/{key}/submit")

    assert (begun.status_code, begun.json()["message"]) == (201, "APPLICATION_CREATED_SUCCESS")
    assert begun.json()["data"]["progress_percentage"] == 45  # five blocks of eleven parts
    assert (early.status_code, early.json()["message"]) == (422, "APPLICATION_INCOMPLETE")
    assert len(early.json()["data"]["missing_documents"]) == 6
    assert (progress["progress_percentage"], progress["documents"]["completion_percentage"]) == (100, 100)
    assert progress["next_steps"] == ["Everything is there: hand the application in."]
    assert (done.status_code, done.json()["message"]) == (200, "APPLICATION_SUBMITTED_SUCCESS")
    assert done.json()["data"]["review_deadline"] == "2026-03-16T09:00:00+00:00"
    assert OnlusApplication.objects.get().status == "submitted"


@pytest.mark.parametrize(
    ("change", "status", "constant"),
    [
        *(({name: ""}, 422, f"{name.upper()}_REQUIRED") for name in LEAST),
        *(({name: None}, 422, f"{name.upper()}_REQUIRED") for name in ("organization_name", "category")),
        ({"contact_email": "nobody"}, 422, "CONTACT_EMAIL_INVALID"),
        ({"contact_phone": "call me"}, 422, "CONTACT_PHONE_INVALID"),
        ({"category": "weapons"}, 422, "ONLUS_CATEGORY_INVALID"),
        ({"annual_budget": -1}, 422, "ANNUAL_BUDGET_INVALID"),
        ({"annual_budget": "1e9"}, 422, "ANNUAL_BUDGET_INVALID"),
        ({"tax_id": "97745120011"}, 422, "TAX_ID_INVALID"),
        ({"tax_id": "RSSMRA85T10A562S"}, 422, "TAX_ID_INVALID"),
        ({"bank_account_info": {"iban": "IT60X0542811101000000123457"}}, 422, "BANK_ACCOUNT_INFO_INVALID"),
        ({"bank_account_info": {"pin": "1234"}}, 422, "BANK_ACCOUNT_INFO_INVALID"),
        ({"leadership_team": [{"name": "Lucia"}]}, 422, "LEADERSHIP_TEAM_INVALID"),
        ({"board_members": [{"name": "a", "role": "b", "email": "c"}]}, 422, "BOARD_MEMBERS_INVALID"),
        ({"board_members": "everybody"}, 422, "BOARD_MEMBERS_INVALID"),
        ({"address": {"planet": "Mars"}}, 422, "ADDRESS_INVALID"),
        ({"incorporation_date": "2999-01-01"}, 422, "INCORPORATION_DATE_INVALID"),
        ({"website_url": "javascript:alert(1)"}, 422, "WEBSITE_URL_INVALID"),
        ({"runts_number": "12a"}, 422, "RUNTS_NUMBER_INVALID"),
        ({"runts_section": "zzz"}, 422, "RUNTS_SECTION_INVALID"),
        ({"legal_entity_type": "gang"}, 422, "LEGAL_ENTITY_TYPE_INVALID"),
        ({"description": "x" * 2001}, 422, "APPLICATION_DATA_INVALID"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(mine, change, status, constant):
    answer = mine.post(HOME, {**BODY, **change})

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not OnlusApplication.objects.exists()


def test_an_empty_body_wants_data(mine):
    assert mine.post(HOME, {}).json()["message"] == "DATA_REQUIRED"


def test_nobody_gives_themselves_a_state_or_a_score(mine, applicant):
    other = UserFactory()
    wish = {
        "status": "approved",
        "phase": "final_approval",
        "priority": "urgent",
        "progress": 100,
        "progress_percentage": 100,
        "compliance_score": 100,
        "risk_level": "low",
        "applicant_id": str(other.pk),
        "reviewer": str(other.pk),
        "submitted_at": "2026-01-01T00:00:00Z",
        "required_documents": [],
        "reviewer_notes": "fine",
    }

    key = mine.post(HOME, {**LEAST, **wish}).json()["data"]["application_id"]
    mine.put(f"{HOME}/{key}", {**wish, "description": "New words"})

    row = OnlusApplication.objects.get()
    assert (row.status, row.phase, row.priority, row.progress) == ("draft", "initial", "normal", 18)
    assert (row.applicant, row.reviewer, row.compliance_score) == (applicant, None, None)
    assert (row.submitted_at, row.reviewer_notes, row.description) == (None, "", "New words")


def test_a_name_is_taken_once_whatever_its_case(mine):
    draft()
    OnlusFactory(name="Casa Comune")

    for name in ("RADICI  nel cielo", "casa comune"):
        answer = mine.post(HOME, {**BODY, "organization_name": name})
        assert (answer.status_code, answer.json()["message"]) == (409, "ORGANIZATION_NAME_EXISTS")
    assert OnlusApplication.objects.count() == 1


def test_five_a_day_and_only_with_a_confirmed_address(mine, applicant):
    for number in range(5):
        assert mine.post(HOME, {**LEAST, "organization_name": f"Radici {number}"}).status_code == 201
    sixth = mine.post(HOME, {**LEAST, "organization_name": "Radici 6"})
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        tomorrow = mine.post(HOME, {**LEAST, "organization_name": "Radici 7"})
    applicant.email_verified_at = None
    unconfirmed = mine.post(HOME, {**LEAST, "organization_name": "Radici 8"})

    assert (sixth.status_code, sixth.json()["message"]) == (429, "APPLICATION_LIMIT_REACHED")
    assert tomorrow.status_code == 201
    assert unconfirmed.json()["message"] == "EMAIL_NOT_VERIFIED"
    assert OnlusApplication.objects.count() == 6


def test_older_names_of_categories_are_understood(mine):
    mine.post(HOME, {**BODY, "category": "international_cooperation"})

    assert OnlusApplication.objects.get().category_id == "humanitarian"


def test_the_account_is_encrypted_and_read_back_masked(mine, applicant):
    key = mine.post(HOME, BODY).json()["data"]["application_id"]

    answer = mine.get(f"{HOME}/{key}")

    data = answer.json()["data"]
    assert data["bank_account_info"]["iban"] == "IT60 … 3456"
    assert (data["tax_id"], data["leadership_team"][0]["name"]) == (FACTS["tax_id"], "Lucia Ferri")
    assert data["_id"] == data["id"] == key
    assert IBAN not in answer.content.decode()
    assert "reviewer" not in answer.content.decode()
    assert "risk" not in answer.content.decode()
    raw = str(OnlusApplication.objects.values_list("organization_name", "tax_id"))
    assert IBAN not in raw


def test_everything_of_somebody_else_is_not_there(mine):
    other = under_review()
    document = other.documents.first()
    before = OnlusApplication.objects.values().get()

    for key in (other.pk, UNKNOWN_ID, "not-a-key"):
        for method, path in [
            ("get", ""),
            ("put", ""),
            ("post", "/submit"),
            ("post", "/withdraw"),
            ("get", "/progress"),
            ("get", "/documents"),
            ("get", "/messages"),
        ]:
            answer = getattr(mine, method)(
                f"{HOME}/{key}{path}", {"description": "mine"} if method == "put" else None
            )
            assert (answer.status_code, answer.json()["message"]) == (404, "APPLICATION_NOT_FOUND")
        for path in ("/messages", "/appeal"):
            assert mine.post(f"{HOME}/{key}{path}", {"text": "Hello"}).status_code == 404
        assert upload(mine, key).json()["message"] == "APPLICATION_NOT_FOUND"
    for method, path in (("delete", ""), ("get", "/download")):
        answer = getattr(mine, method)(f"/api/onlus/documents/{document.pk}{path}")
        assert (answer.status_code, answer.json()["message"]) == (404, "DOCUMENT_NOT_FOUND")
    assert mine.get(HOME).json()["data"] == []
    assert OnlusApplication.objects.values().get() == before
    assert OnlusDocument.objects.count() == other.documents.count()
    assert not ApplicationMessage.objects.exists()


def test_nothing_is_there_for_strangers(api):
    assert api.get(HOME).status_code == 401
    assert api.post(HOME, BODY).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_more(mine, applicant, count, django_assert_num_queries):
    for number in range(count):
        application = draft(applicant, organization_name=f"Radici {number}")
        hand_in(application)
    draft(organization_name="Somebody else's")

    with django_assert_num_queries(4):
        rows = mine.get(HOME).json()["data"]

    assert [row["document_count"] for row in rows] == [1] * count
    assert mine.get(f"{HOME}?status=submitted").json()["data"] == []


def test_what_was_handed_in_changes_only_when_we_ask(mine, applicant):
    application = submitted(applicant)
    first = mine.put(f"{HOME}/{application.pk}", {"description": "Other"})
    reviewer = make_reviewer()
    application_review.assign(application=application, reviewer=reviewer, actor=reviewer, now=MONDAY)
    second = mine.put(f"{HOME}/{application.pk}", {"description": "Other"})
    application_review.ask(application=application, actor=reviewer, text="Who teaches?", now=MONDAY)
    third = mine.put(f"{HOME}/{application.pk}", {"description": "Forty volunteers"})

    assert [each.status_code for each in (first, second, third)] == [409, 409, 200]
    assert first.json()["message"] == second.json()["message"] == "APPLICATION_UPDATE_NOT_ALLOWED"
    application.refresh_from_db()
    assert application.description == "Forty volunteers"


def test_a_question_is_answered_and_the_review_goes_on(mine, applicant):
    application = submitted(applicant)
    reviewer = make_reviewer()
    application_review.assign(application=application, reviewer=reviewer, actor=reviewer, now=MONDAY)
    application_review.ask(application=application, actor=reviewer, text="Who teaches?", now=MONDAY)
    waiting = mine.get(f"{HOME}/{application.pk}").json()["data"]
    empty = mine.post(f"{HOME}/{application.pk}/messages", {"text": "  "})
    answered = mine.post(f"{HOME}/{application.pk}/messages", {"text": "Forty volunteers."})

    assert (waiting["status"], waiting["answer_due_at"]) == (
        "documentation_pending",
        "2026-03-16T23:00:00+00:00",  # the end of the tenth working day in Rome
    )
    assert (empty.status_code, empty.json()["message"]) == (422, "MESSAGE_REQUIRED")
    assert (answered.status_code, answered.json()["message"]) == (201, "APPLICATION_MESSAGE_SENT_SUCCESS")
    application.refresh_from_db()
    assert (application.status, application.answer_due_at) == ("under_review", None)
    thread = mine.get(f"{HOME}/{application.pk}/messages").json()["data"]
    assert [(each["is_from_staff"], each["text"]) for each in thread] == [
        (True, "Who teaches?"),
        (False, "Forty volunteers."),
    ]
    assert thread[0]["answered_at"] is not None


def test_of_a_long_thread_the_latest_hundred_messages_are_shown(mine, applicant):
    application = submitted(applicant)
    ApplicationMessage.objects.bulk_create(
        ApplicationMessage(
            application=application,
            author=applicant,
            is_from_staff=False,
            text=str(number),
            written_at=MONDAY + timedelta(minutes=number),
        )
        for number in range(101)
    )

    thread = mine.get(f"{HOME}/{application.pk}/messages").json()["data"]

    assert [each["text"] for each in thread] == [str(number) for number in range(1, 101)]


def test_a_draft_is_submitted_once(mine, applicant):
    application = complete(applicant)

    answers = [mine.post(f"{HOME}/{application.pk}/submit") for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 409]
    assert answers[1].json()["message"] == "APPLICATION_SUBMISSION_FAILED"
    assert application.steps.filter(status="submitted").count() == 1


def test_an_application_is_withdrawn_until_it_is_decided(mine, applicant):
    application = submitted(applicant)

    done = mine.post(f"{HOME}/{application.pk}/withdraw", {"withdrawal_reason": "We merge"})
    again = mine.post(f"{HOME}/{application.pk}/withdraw")

    assert done.json()["data"] == {"application_id": str(application.pk), "status": "withdrawn"}
    assert (again.status_code, again.json()["message"]) == (409, "APPLICATION_WITHDRAWAL_NOT_ALLOWED")
    application.refresh_from_db()
    assert (application.withdrawal_reason, application.closed_at) == ("We merge", MONDAY)


# Documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "status", "constant"),
    [
        ({"name": None}, 422, "FILE_REQUIRED"),
        ({"content": b""}, 422, "FILE_EMPTY"),
        ({"kind": "diary"}, 422, "DOCUMENT_TYPE_INVALID"),
        ({"kind": "impact_evidence"}, 422, "DOCUMENT_TYPE_NOT_REQUIRED"),
        ({"name": "a.zip", "content": b"PK\x03\x04"}, 422, "FILE_TYPE_NOT_ALLOWED"),
        ({"name": "a.pdf", "content": b"PK\x03\x04 %PDF-"}, 422, "FILE_CONTENT_MISMATCH"),
        ({"name": "a.pdf", "content": PNG}, 422, "FILE_CONTENT_MISMATCH"),
        ({"name": "a.png", "content": PNG[:60]}, 422, "FILE_CONTENT_MISMATCH"),
        ({"name": "a.svg", "content": b"<svg onload='alert(1)'/>"}, 422, "FILE_TYPE_NOT_ALLOWED"),
        ({"name": "a.pdf", "content": b"%PDF-1.7 cut off"}, 422, "FILE_CONTENT_MISMATCH"),
    ],
)
def test_an_upload_that_lies_leaves_nothing(mine, applicant, form, status, constant):
    application = draft(applicant)

    answer = upload(mine, application.pk, **form)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not OnlusDocument.objects.exists()
    assert not PrivateFile.objects.exists()


def test_a_file_that_is_too_large_is_not_even_read(mine, applicant, settings):
    settings.PRIVATE_FILE_MAX_BYTES = 1000
    application = draft(applicant)

    answer = upload(mine, application.pk, content=PDF + b"0" * 200_000 + b"%%EOF")

    assert (answer.status_code, answer.json()["message"]) == (413, "FILE_TOO_LARGE")
    assert not PrivateFile.objects.exists()


def test_an_address_is_no_file(mine, applicant):
    application = draft(applicant)
    said = {
        "document_type": "references",
        "filename": "a.pdf",
        "file_url": "https://evil.example/a.pdf",
        "file_size": 100,
        "file_format": "pdf",
    }

    def post(**changes):
        answer = mine.post(f"{HOME}/{application.pk}/documents", {**said, **changes})
        return answer.status_code, answer.json()["message"]

    assert post() == (422, "FILE_URL_INVALID")
    for name in ("filename", "file_url", "file_size", "file_format"):
        assert post(**{name: None}) == (422, f"{name.upper()}_REQUIRED")
    assert post(filename="") == (422, "FILENAME_REQUIRED")
    assert post(file_size=0) == (422, "FILE_SIZE_INVALID")
    assert post(file_size=11_000_000) == (422, "FILE_SIZE_TOO_LARGE")
    assert post(file_format="exe") == (422, "FILE_FORMAT_UNSUPPORTED")
    assert not OnlusDocument.objects.exists()


def test_a_new_file_is_a_new_version_and_the_old_one_stays(mine, applicant):
    application = draft(applicant)
    upload(mine, application.pk)

    second = upload(mine, application.pk, name="better.png", content=PNG).json()["data"]

    data = mine.get(f"{HOME}/{application.pk}/documents").json()["data"]
    versions = data["grouped_by_type"]["legal_certificate"]
    assert (second["version"], data["total_documents"]) == (2, 2)
    assert [(each["version"], each["status"], each["is_latest_version"]) for each in versions] == [
        (2, "pending", True),
        (1, "superseded", False),
    ]
    assert mine.get(f"{HOME}/{application.pk}").json()["data"]["document_count"] == 1


def test_a_paper_that_gets_old_has_a_day(mine, applicant):
    application = draft(applicant)

    upload(mine, application.pk, "insurance_coverage")
    upload(mine, application.pk, "legal_certificate")

    told = mine.get(f"{HOME}/{application.pk}").json()["data"]["documents"]
    days = {each["document_type"]: each["expiration_date"] for each in told}
    assert days == {"insurance_coverage": "2027-03-02T09:00:00+00:00", "legal_certificate": None}


def test_a_document_leaves_a_draft_with_its_file(mine, applicant):
    application = draft(applicant)
    upload(mine, application.pk)
    upload(mine, application.pk, content=PDF + b"%%EOF")
    second, first = OnlusDocument.objects.order_by("-version")

    done = mine.delete(f"/api/onlus/documents/{second.pk}")

    assert (done.status_code, done.json()["message"]) == (200, "DOCUMENT_DELETED_SUCCESS")
    assert done.json()["data"]["document_id"] == str(second.pk)
    first.refresh_from_db()
    assert (first.status, first.is_latest) == ("pending", True)
    assert PrivateFile.objects.kept().count() == 1
    mine.delete(f"/api/onlus/documents/{first.pk}")
    application.refresh_from_db()
    assert (OnlusDocument.objects.count(), application.progress) == (0, 45)


def test_a_document_of_a_submitted_application_stays(mine, applicant):
    application = submitted(applicant)
    document = application.documents.first()

    gone = mine.delete(f"/api/onlus/documents/{document.pk}")
    more = upload(mine, application.pk)

    assert (gone.status_code, gone.json()["message"]) == (409, "DOCUMENT_DELETE_NOT_ALLOWED")
    assert (more.status_code, more.json()["message"]) == (409, "DOCUMENT_UPLOAD_NOT_ALLOWED")
    assert application.documents.count() == len(required_documents("arts_culture"))


def test_a_signed_link_opens_the_file_for_five_minutes_and_is_on_record(mine, api, applicant):
    application = draft(applicant)
    upload(mine, application.pk)
    document = application.documents.get()
    link = mine.get(f"/api/onlus/documents/{document.pk}/download").json()["data"]["download_url"]
    path = link[link.index("/api/") :]
    api.force_authenticate(None)

    fetched = api.get(path)
    forged = api.get(f"{path[:-2]}xx")
    with time_machine.travel(MONDAY + timedelta(minutes=6), tick=False):
        late = api.get(path)

    assert (fetched.status_code, fetched.content) == (200, PDF)
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in fetched["Content-Disposition"]
    assert [each.json()["message"] for each in (forged, late)] == ["DOCUMENT_LINK_EXPIRED"] * 2
    [look] = DataAccess.objects.all()
    assert (look.actor, look.target_id) == (applicant, str(document.file_id))
