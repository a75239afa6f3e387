"""Papers of an organisation that was taken in: told before they end, handed in anew, looked at, and missed when late."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import OnlusDocument
from accounts.operations import documents, renewals
from accounts.tasks import watch_applications
from goodplay.lib.alerts.models import Alert
from goodplay.lib.errors import AccessDenied
from goodplay.lib.private_files.checks import PDF as PDF_TYPE
from goodplay.lib.private_files.checks import Upload
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.applications import MONDAY, approved, make_reviewer
from tests.factories.private_files import PDF

pytestmark = pytest.mark.django_db
ENDS = MONDAY + timedelta(days=365)
INSURANCE, STATUTE = "insurance_coverage", "legal_certificate"


@pytest.fixture
def taken_in(settings, tmp_path):
    """An approved organisation with its applicant, a second owner who is Italian, and a viewer."""
    settings.PRIVATE_FILES_ROOT = str(tmp_path)
    application = approved()
    for role, name, language in (("owner", "lina", "it"), ("viewer", "vito", "en")):
        user = UserFactory(email=f"{name}@radici.example", preferred_language=language)
        MembershipFactory(onlus=application.onlus, user=user, role=role)
    return application


def paper(application, kind=INSURANCE):
    return application.documents.current().get(document_type=kind)


def hand_in(client, application, kind=INSURANCE, *, email="lina@radici.example", now, content=PDF):
    file = SimpleUploadedFile("new.pdf", content, content_type="application/pdf")
    with time_machine.travel(now, tick=False):
        client.force_login(application.onlus.memberships.get(user__email=email).user)
        return client.post(
            f"/portal/{application.onlus_id}/papers/", {"document_type": kind, "file": file}, follow=True
        )


@pytest.fixture
def on(django_capture_on_commit_callbacks):
    def run(moment):
        mail.outbox.clear()
        with time_machine.travel(moment, tick=False), django_capture_on_commit_callbacks(execute=True):
            watch_applications()
        return sorted({(sent.to[0], sent.subject) for sent in mail.outbox})

    return run


def test_owners_are_told_before_a_paper_ends_and_when_it_has(taken_in, on):
    asked = "Please hand in a document again"

    assert on(ENDS - timedelta(days=31)) == []
    told = on(ENDS - timedelta(days=30))
    assert {subject for address, subject in told if address == taken_in.applicant.email} == {
        "A document ends soon"
    }
    assert [address for address, _s in told if address.startswith(("lina", "vito"))] == [
        "lina@radici.example"
    ]
    assert f"/portal/{taken_in.onlus_id}/papers/" in mail.outbox[0].body
    assert on(ENDS - timedelta(days=29)) == []
    on(ENDS)
    assert asked in {sent.subject for sent in mail.outbox if sent.to == [taken_in.applicant.email]}
    taken_in.refresh_from_db()
    assert (taken_in.status, paper(taken_in).status) == ("approved", "expired")


def test_a_new_paper_is_taken_in_its_last_month_and_looked_at(taken_in, client):
    before = paper(taken_in)

    early = hand_in(client, taken_in, now=ENDS - timedelta(days=31))
    assert early.status_code == 422
    assert "taken in the thirty days before it ends" in early.text
    assert paper(taken_in) == before

    late = ENDS - timedelta(days=30)
    answer = hand_in(client, taken_in, now=late)
    assert answer.status_code == 200
    made = paper(taken_in)
    assert (made.version, made.status, made.previous_version) == (2, "pending", before)
    assert made.expires_at == late + timedelta(days=365)

    documents.approve(document=made, reviewer=make_reviewer(), now=late + timedelta(days=1))
    taken_in.refresh_from_db()
    assert (paper(taken_in).status, taken_in.status, taken_in.progress) == ("approved", "approved", 100)


def test_what_never_ends_stays_and_what_was_refused_comes_again(
    taken_in, client, on, django_capture_on_commit_callbacks
):
    assert hand_in(client, taken_in, STATUTE, now=ENDS).status_code == 422
    hand_in(client, taken_in, now=ENDS)

    with django_capture_on_commit_callbacks(execute=True):
        documents.refuse(
            document=paper(taken_in), reviewer=make_reviewer(), reason="It is not signed.", now=ENDS
        )

    taken_in.refresh_from_db()
    assert (taken_in.status, taken_in.answer_due_at) == ("approved", None)
    told = next(sent for sent in mail.outbox if sent.to == [taken_in.applicant.email])
    assert "It is not signed." in told.body
    assert hand_in(client, taken_in, now=ENDS + timedelta(days=1)).status_code == 200
    assert paper(taken_in).version == 3


def test_a_paper_owed_for_a_month_is_an_alert_until_it_is_there(taken_in, client, on):
    on(ENDS)
    on(ENDS + timedelta(days=30) - timedelta(seconds=1))
    assert not Alert.objects.filter(alert_type="paper_overdue").exists()

    for _time in range(2):
        on(ENDS + timedelta(days=30))

    ended = OnlusDocument.objects.current().filter(status="expired", is_required=True).count()
    open_ones = Alert.objects.filter(alert_type="paper_overdue", resolved_at=None)
    assert open_ones.count() == ended == 2  # tax status and insurance
    hand_in(client, taken_in, now=ENDS + timedelta(days=31))
    assert open_ones.count() == 1


def test_only_those_who_write_for_the_organisation_hand_papers_in(taken_in):
    viewer = taken_in.onlus.memberships.get(role="viewer").user
    papers = OnlusDocument.objects.count()

    for person, refusal in ((viewer, AccessDenied), (UserFactory(), renewals.ApplicationNotFound)):
        with pytest.raises(refusal):
            renewals.renew(
                onlus_id=taken_in.onlus_id,
                member=person,
                document_type=INSURANCE,
                upload=Upload("a.pdf", PDF, PDF_TYPE),
                now=ENDS,
            )

    assert OnlusDocument.objects.count() == papers


def test_a_file_that_is_no_document_is_refused_where_it_was_chosen(taken_in, client):
    answer = hand_in(client, taken_in, now=ENDS, content=b"MZ nothing of the kind")

    assert answer.status_code == 422
    assert f'id="error-{INSURANCE}"' in answer.text
    assert paper(taken_in).version == 1
