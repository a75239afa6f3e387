"""The queue of applications in the back office, and who sees what of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OnlusApplication
from accounts.operations import application_decisions, applications, escalation
from tests.applications.back_office import page_of, press, sign_in
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.applications import IBAN, PEOPLE, draft, make_reviewer, submitted, under_review

pytestmark = pytest.mark.django_db
QUEUE = "/admin/accounts/onlusapplication/"


@pytest.fixture
def reviewer(client):
    return sign_in(client, make_reviewer(display_name="Carla"))


def names(page):
    return [row.organization_name for row in page.context["cl"].result_list]


def test_the_queue_shows_what_was_handed_in_most_pressing_first(client, reviewer):
    now = timezone.now()
    submitted(organization_name="Later", now=now - timedelta(days=1))
    submitted(organization_name="Sooner", now=now - timedelta(days=20))
    gone = submitted(organization_name="Gone", now=now - timedelta(days=30))
    applications.withdraw(applicant_id=gone.applicant_id, application_id=gone.pk, now=now)
    draft(organization_name="Only a draft", now=now)

    page = client.get(QUEUE)

    assert names(page) == ["Sooner", "Later", "Gone"]
    assert "late" in page.text
    assert "Only a draft" not in page.text
    assert IBAN not in page.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_for_one_and_for_three(client, reviewer, count, django_assert_num_queries):
    for number in range(count):
        under_review(reviewer, organization_name=f"Radici {number}", now=timezone.now())
    client.get(QUEUE)

    with django_assert_num_queries(9):
        page = client.get(QUEUE)

    assert len(names(page)) == count


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("desk=mine", ["Mine"]),
        ("desk=nobody", ["Late"]),
        ("desk=others", ["Theirs"]),
        ("time=late", ["Late"]),
        ("time=soon", ["Theirs"]),
        ("time=escalated", ["Mine"]),
        ("status__exact=submitted", ["Late"]),
        ("q=theirs", ["Theirs"]),
        ("q=info@late.example", ["Late"]),
        ("appeal=open", []),
    ],
)
def test_the_queue_is_narrowed_down(client, reviewer, query, expected):
    now = timezone.now()
    mine = under_review(reviewer, organization_name="Mine", now=now)
    escalation.hand_up(application=mine, actor=reviewer, reason="Look at this", now=now)
    under_review(organization_name="Theirs", tax_id="", now=now - timedelta(days=12))
    submitted(organization_name="Late", contact_email="info@late.example", now=now - timedelta(days=20))

    assert names(client.get(f"{QUEUE}?{query}")) == expected


def test_several_are_taken_at_once_and_a_refusal_stops_no_other(client, reviewer):
    now = timezone.now()
    rows = [submitted(organization_name=f"Radici {number}", now=now) for number in range(2)]
    gone = submitted(organization_name="Gone", now=now)
    applications.withdraw(applicant_id=gone.applicant_id, application_id=gone.pk, now=now)
    keys = [row.pk for row in (*rows, gone)]

    page = client.post(QUEUE, {"action": "take_selected", "_selected_action": keys}, follow=True)

    taken = OnlusApplication.objects.filter(reviewer=reviewer, status="under_review")
    assert set(taken) == set(rows)
    assert "Gone: In its present state" in page.text


def test_the_search_of_the_back_office_finds_what_was_handed_in(client, reviewer):
    application = submitted(organization_name="Radici", now=timezone.now())
    draft(organization_name="Bozza", now=timezone.now())

    found = client.get("/admin/search/?q=Radici")
    nothing = client.get("/admin/search/?q=Bozza")

    assert found.url == page_of(application)
    assert nothing.context["found"] == []


def test_the_board_counts_what_waits_and_links_to_it(client, reviewer):
    now = timezone.now()
    under_review(reviewer, organization_name="Mine", now=now)
    submitted(organization_name="Late", tax_id="", now=now - timedelta(days=20))
    rejected = under_review(organization_name="Gone", tax_id="", now=now - timedelta(days=2))
    application_decisions.reject(
        application=rejected, decided_by=rejected.reviewer, reason="Not an ONLUS", now=now
    )
    draft(organization_name="Only a draft", now=now)

    page = client.get("/admin/?board=applications")

    figures = {str(each.label): each for each in page.context["content"].figures}
    counted = ("Open applications", "Nobody's yet", "Past the day", "Papers to look at", "Rejected")
    assert [figures[name].value for name in counted] == [2, 1, 1, 12, 1]
    assert figures["Decided"].written_note == "2 days on average"
    for each in figures.values():
        assert not each.url or client.get(each.url).status_code == 200
    assert "Only a draft" not in page.text


def test_one_application_is_read_on_one_page(client, reviewer, django_assert_max_num_queries):
    application = under_review(reviewer, now=timezone.now())
    client.get(page_of(application))

    with django_assert_max_num_queries(24):
        page = client.get(page_of(application)).text

    told = ["Music lessons", "Ugo Bassi", "Deed and statute", "Signs of fraud", "Under review", "Trentino"]
    assert [each for each in told if each not in page] == []
    assert IBAN not in page
    assert "IT60" in page


@pytest.mark.parametrize("role", ["finance", "moderator", "analyst"])
def test_other_roles_do_not_see_applications(client, role):
    application = under_review(now=timezone.now())
    sign_in(client, make_reviewer(role))

    assert client.get(QUEUE).status_code == 403
    assert client.get(page_of(application)).status_code == 403
    assert client.get(page_of(application.documents.first())).status_code == 403
    assert client.get(page_of(application.verification_checks.first())).status_code == 403


def test_an_auditor_reads_and_does_nothing(client):
    application = under_review(now=timezone.now())
    sign_in(client, make_reviewer("auditor"))
    before = OnlusApplication.objects.values().get()

    page = client.get(page_of(application))
    answers = {
        client.post(f"{page_of(application).replace('/change/', '')}/do/{name}/", {}).status_code
        for name in ("assign", "ask", "reject", "approve", "bank_data", "decide_appeal")
    }

    assert page.status_code == 200
    assert "buttons-bar" not in page.text
    assert answers == {403}
    assert OnlusApplication.objects.values().get() == before


def test_who_belongs_to_the_organisation_does_not_see_its_application(client):
    now = timezone.now()
    member, leader, contact = (make_reviewer(email=f"{name}@staff.example") for name in ("m", "l", "c"))
    MembershipFactory(user=member, onlus=OnlusFactory(name="radici nel cielo", tax_id=""))
    leaders = [{"name": "L", "role": "President", "email": "l@staff.example"}, *PEOPLE]
    reviewer = make_reviewer()
    OnlusFactory._meta.model.objects.update(name="Something else")
    application = under_review(reviewer, leadership_team=leaders, contact_email="c@staff.example", now=now)
    OnlusFactory._meta.model.objects.update(name="Radici nel Cielo")

    answers, before = {}, OnlusApplication.objects.values().get()
    for person in (member, leader, contact, reviewer):
        sign_in(client, person)
        if person != reviewer:
            assert press(client, application, "reject", reason="I know them").status_code == 403
            assert press(client, application, "bank_data", purpose="Just looking").status_code == 403
        doors = [application, application.documents.first(), application.verification_checks.first()]
        answers[person.email] = {client.get(page_of(each)).status_code for each in doors}

    assert answers == {
        "m@staff.example": {403},
        "l@staff.example": {403},
        "c@staff.example": {403},
        reviewer.email: {200},
    }
    assert OnlusApplication.objects.values().get() == before


def test_staff_who_apply_do_not_meet_their_own_application_at_work(client):
    me = make_reviewer()
    application = submitted(me, now=timezone.now())
    sign_in(client, me)

    assert names(client.get(QUEUE)) == []
    assert "application" not in client.get(page_of(application), follow=True).redirect_chain[-1][0]
    papers = client.get(reverse("admin:accounts_onlusdocument_changelist"))
    assert list(papers.context["cl"].result_list) == []


def test_nobody_writes_a_field_of_an_application(client):
    application = under_review(now=timezone.now())
    sign_in(client, UserFactory(is_staff=True, is_superuser=True))
    before = OnlusApplication.objects.values().get()

    answer = client.post(page_of(application), {"status": "approved", "priority": "low"})

    assert answer.status_code == 403
    assert OnlusApplication.objects.values().get() == before
