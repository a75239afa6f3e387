"""Every page of the applicants, read from the table of addresses, against everybody whose application it is not.

A page that is added falls under it by itself.
"""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from tests.applications.back_office import sign_in
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.applications import draft, hand_in, make_reviewer, under_review
from tests.permissions.doors import patterns
from tests.portal.test_matrix import changed, contents

pytestmark = pytest.mark.django_db
PAGES = [
    (str(pattern.name), sorted(pattern.pattern.converters))
    for path, namespace, pattern in patterns(get_resolver())
    if namespace == "portal:" and "<uuid:application_id>" in path
]
FORM = {"text": "Let me in", "appeal-text": "Let me in", "reason": "Mine", "document_type": "references"}


def addresses(application):
    ids = {"application_id": application.pk, "document_id": application.documents.first().pk}
    return {
        name: reverse(f"portal:{name}", kwargs={each: ids[each] for each in converters})
        for name, converters in PAGES
    }


def asked(browser, address):
    """Ask for a page and send it a form; what a page does not know at all is left out."""
    answers = {browser.get(address).status_code, browser.post(address, FORM).status_code}
    return answers - {405}


@pytest.fixture(params=["draft", "under review"])
def theirs(request):
    """Somebody's application with a paper, that waits for nothing from anybody else."""
    now, applicant = timezone.now(), UserFactory()
    if request.param == "under review":
        return under_review(applicant=applicant, now=now)
    application = draft(applicant, now=now)
    hand_in(application, now=now)
    return application


def test_there_are_pages_to_ask_for():
    assert len(PAGES) >= 10


def test_somebody_elses_application_is_not_there(theirs):
    now = timezone.now()
    other = draft(organization_name="Another", now=now).applicant
    member = MembershipFactory(onlus=OnlusFactory(name="A third")).user
    people = {"another applicant": other, "a member": member, "a reviewer": make_reviewer("admin")}
    browsers = {who: Client() for who in people}
    for who, browser in browsers.items():
        sign_in(browser, people[who])
    before = contents()

    answers = {
        (name, who): asked(browser, address)
        for name, address in addresses(theirs).items()
        for who, browser in browsers.items()
    }

    assert {key: found for key, found in answers.items() if found != {404}} == {}
    assert changed(before) == []


def test_strangers_are_led_to_the_applicants_sign_in_and_back(theirs, client):
    before = contents()

    for address in addresses(theirs).values():
        for answer in (client.get(address), client.post(address, FORM)):
            if answer.status_code != 405:
                assert answer.url == f"/portal/apply/sign-in/?next={address.replace('/', '%2F')}"
    assert changed(before) == []


def test_a_paper_of_another_application_is_not_found_below_the_own(theirs, client):
    own = draft(organization_name="Another", now=timezone.now())
    client.force_login(own.applicant)
    before = contents()

    for name in ("apply_paper", "apply_paper_remove"):
        ids = {"application_id": own.pk, "document_id": theirs.documents.first().pk}
        assert asked(client, reverse(f"portal:{name}", kwargs=ids)) == {404}
    assert changed(before) == []


def test_a_form_from_elsewhere_is_refused(theirs):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(theirs.applicant)
    before = contents()

    answers = {browser.post(address, FORM).status_code for address in addresses(theirs).values()}

    assert answers <= {403, 405}
    assert changed(before) == []
