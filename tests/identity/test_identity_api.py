"""A player proves who they are over REST, and nobody else's proof is there."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from donations.models import IdentityDocument, IdentityVerification
from goodplay.lib.private_files.models import PrivateFile
from tests.factories.accounts import UserFactory
from tests.factories.identity import add, begin, submitted
from tests.factories.ids import UNKNOWN_ID
from tests.factories.private_files import PDF, PNG

pytestmark = pytest.mark.django_db
HOME = "/api/users/identity"
BODY = {
    "level": 2,
    "given_names": "Alice",
    "family_names": "Rossi",
    "born_on": "1990-05-17",
    "nationality": "it",
}


def soon(days=400):
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def upload(api, verification, name="passport.png", content=PNG, **data):
    form = {"kind": "passport", "number": "YA 1234567", "expires_on": soon(), **data}
    form = {key: value for key, value in form.items() if value is not None}
    if name is not None:
        form["file"] = SimpleUploadedFile(name, content)
    key = getattr(verification, "pk", verification)
    return api.post(f"{HOME}/{key}/documents", form, format="multipart")


def files_in(root):
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def test_a_player_proves_their_identity_up_to_the_review(api, alice, private_root):
    begun = api.post(HOME, BODY)
    key = begun.json()["data"]["verification_id"]
    added = upload(api, key)
    missing = api.get(f"{HOME}/{key}").json()["data"]["missing_documents"]
    upload(api, key, "bill.pdf", PDF, kind="proof_of_address", number=None, expires_on=None)
    answer = api.post(f"{HOME}/{key}/submit")

    assert (begun.status_code, begun.json()["message"]) == (201, "IDENTITY_VERIFICATION_CREATED")
    assert (added.status_code, added.json()["message"]) == (201, "IDENTITY_DOCUMENT_ADDED")
    assert added.json()["data"]["number_end"] == "4567"
    assert missing == ["proof_of_address"]
    data = answer.json()["data"]
    assert (answer.status_code, data["status"], len(data["documents"])) == (200, "submitted", 2)
    assert IdentityVerification.objects.get().nationality == "IT"
    assert [PNG in path.read_bytes() for path in files_in(private_root)] == [False, False]
    assert "YA1234" not in str(IdentityDocument.objects.values())


def test_where_a_player_stands_is_told_with_the_limits(api, alice):
    data = api.get(HOME).json()["data"]

    assert (data["level"], data["single_limit"], data["daily_limit"], data["monthly_limit"]) == (
        1,
        1000,
        1000,
        10000,
    )
    assert (data["used_today"], data["limit_left"], data["verifications"]) == (0, 1000, [])


@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_costs_the_same_for_one_and_for_three(api, alice, count, django_assert_num_queries):
    for _number in range(count):
        row = begin(alice)
        add(row)
        IdentityVerification.objects.filter(pk=row.pk).update(status="withdrawn")
    begin(UserFactory())

    with django_assert_num_queries(7):
        answer = api.get(HOME)

    assert len(answer.json()["data"]["verifications"]) == count


@pytest.mark.parametrize(
    ("change", "constant"),
    [
        ({"level": 1}, "IDENTITY_LEVEL_INVALID"),
        ({"level": 4}, "IDENTITY_LEVEL_INVALID"),
        ({"given_names": " "}, "IDENTITY_NAME_INVALID"),
        ({"family_names": "x" * 101}, "IDENTITY_NAME_INVALID"),
        ({"born_on": "17/05/1990"}, "IDENTITY_BIRTH_DATE_INVALID"),
        ({"born_on": "2990-05-17"}, "IDENTITY_BIRTH_DATE_INVALID"),
        ({"born_on": "1790-05-17"}, "IDENTITY_BIRTH_DATE_INVALID"),
        ({"nationality": "ITA"}, "IDENTITY_NATIONALITY_INVALID"),
        ({"nationality": "ZQ"}, "IDENTITY_NATIONALITY_INVALID"),
    ],
)
def test_what_cannot_be_is_refused(api, alice, change, constant):
    answer = api.post(HOME, {**BODY, **change})

    assert answer.status_code == 422
    assert constant in str(answer.json())
    assert IdentityVerification.objects.count() == 0


def test_an_unconfirmed_address_comes_first(api, alice):
    alice.email_verified_at = None
    alice.save()

    answer = api.post(HOME, BODY)

    assert (answer.status_code, answer.json()["message"]) == (422, "EMAIL_NOT_VERIFIED")


def test_one_verification_at_a_time(api, alice):
    begin(alice)

    answer = api.post(HOME, BODY)

    assert (answer.status_code, answer.json()["message"]) == (409, "IDENTITY_VERIFICATION_OPEN")
    assert IdentityVerification.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "status", "constant"),
    [
        ({"name": None}, 422, "FILE_REQUIRED"),
        ({"content": b""}, 422, "FILE_EMPTY"),
        ({"name": "a.svg", "content": b"<svg/>"}, 422, "FILE_TYPE_NOT_ALLOWED"),
        ({"name": "a.pdf", "content": PNG}, 422, "FILE_CONTENT_MISMATCH"),
        ({"name": "a.png", "content": PNG[:60]}, 422, "FILE_CONTENT_MISMATCH"),
        ({"kind": "library_card"}, 422, "IDENTITY_DOCUMENT_KIND_INVALID"),
        ({"number": None}, 422, "IDENTITY_DOCUMENT_FACTS_REQUIRED"),
        ({"expires_on": None}, 422, "IDENTITY_DOCUMENT_FACTS_REQUIRED"),
        ({"expires_on": "2020-01-01"}, 422, "IDENTITY_DOCUMENT_EXPIRED"),
        ({"expires_on": "soon"}, 422, "IDENTITY_DOCUMENT_EXPIRY_INVALID"),
    ],
)
def test_a_document_that_is_not_in_order_leaves_nothing(api, alice, private_root, form, status, constant):
    verification = begin(alice)

    answer = upload(api, verification, **form)

    assert answer.status_code == status
    assert constant in str(answer.json())
    assert (IdentityDocument.objects.count(), PrivateFile.objects.count(), files_in(private_root)) == (
        0,
        0,
        [],
    )


def test_a_file_too_large_is_refused_before_it_is_read(api, alice, settings, private_root):
    settings.PRIVATE_FILE_MAX_BYTES = 1000
    verification = begin(alice)

    answer = upload(api, verification, "a.pdf", b"%PDF-" + b"x" * 200_000)

    assert (answer.status_code, answer.json()["message"]) == (413, "FILE_TOO_LARGE")
    assert files_in(private_root) == []


def test_a_document_as_json_is_not_taken(api, alice):
    answer = api.post(f"{HOME}/{begin(alice).pk}/documents", {"kind": "passport"}, format="json")

    assert (answer.status_code, answer.json()["message"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_verification_without_its_documents_is_not_taken(api, alice):
    verification = begin(alice, level=3)
    add(verification)

    answer = api.post(f"{HOME}/{verification.pk}/submit")

    assert (answer.status_code, answer.json()["message"]) == (422, "IDENTITY_DOCUMENTS_MISSING")
    assert answer.json()["data"] == {"missing": ["proof_of_address", "source_of_funds"]}
    assert IdentityVerification.objects.get().status == "draft"


def test_a_document_is_taken_out_and_erased(api, alice, private_root, django_capture_on_commit_callbacks):
    verification = begin(alice)
    document = add(verification)

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.delete(f"{HOME}/{verification.pk}/documents/{document.pk}")

    assert (answer.status_code, answer.json()["message"]) == (200, "IDENTITY_DOCUMENT_REMOVED")
    assert (IdentityDocument.objects.count(), files_in(private_root)) == (0, [])
    assert PrivateFile.objects.get().erased_at is not None


def test_withdrawing_erases_the_documents(api, alice, private_root, django_capture_on_commit_callbacks):
    verification = submitted(alice)

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(f"{HOME}/{verification.pk}/withdraw")
        again = api.post(f"{HOME}/{verification.pk}/withdraw")

    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "withdrawn")
    assert (again.status_code, again.json()["message"]) == (409, "IDENTITY_VERIFICATION_CLOSED")
    assert (IdentityDocument.objects.count(), files_in(private_root)) == (0, [])


def test_what_was_handed_in_cannot_be_changed(api, alice):
    verification = submitted(alice)
    document = verification.documents.first()

    answers = [
        upload(api, verification),
        api.delete(f"{HOME}/{verification.pk}/documents/{document.pk}"),
        api.post(f"{HOME}/{verification.pk}/submit"),
    ]

    assert {(each.status_code, each.json()["message"]) for each in answers} == {
        (409, "IDENTITY_VERIFICATION_NOT_DRAFT")
    }
    assert verification.documents.count() == 2


def test_somebody_elses_verification_is_not_there(api, alice):
    others = begin(UserFactory())
    document = add(others)

    answers = [
        api.get(f"{HOME}/{others.pk}"),
        upload(api, others),
        api.post(f"{HOME}/{others.pk}/submit"),
        api.post(f"{HOME}/{others.pk}/withdraw"),
        api.delete(f"{HOME}/{others.pk}/documents/{document.pk}"),
        api.get(f"{HOME}/{UNKNOWN_ID}"),
        api.get(f"{HOME}/nothing"),
    ]

    assert {(each.status_code, each.json()["message"]) for each in answers} == {
        (404, "IDENTITY_VERIFICATION_NOT_FOUND")
    }
    assert api.get(HOME).json()["data"]["verifications"] == []
    others.refresh_from_db()
    assert (others.status, others.documents.count()) == ("draft", 1)


def test_somebody_elses_document_is_not_in_ones_own_draft(api, alice):
    document = add(begin(UserFactory()))

    answer = api.delete(f"{HOME}/{begin(alice).pk}/documents/{document.pk}")

    assert (answer.status_code, answer.json()["message"]) == (404, "IDENTITY_DOCUMENT_NOT_FOUND")
    assert IdentityDocument.objects.count() == 1


def test_nobody_signed_in_reads_nothing(api):
    assert (api.get(HOME).status_code, api.post(HOME, BODY).status_code) == (401, 401)
