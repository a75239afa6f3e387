"""Coming in to apply: with any account, with a new one, after the address is confirmed."""

import re

import pytest
from django.core import mail
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import OnlusApplication, User
from tests.applications.test_wizard import ORGANISATION
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.applications import draft

pytestmark = pytest.mark.django_db
SIGN_IN = "/portal/apply/sign-in/"
NEW = {
    "email": "Lucia@Radici.example",
    "first_name": "Lucia",
    "last_name": "Ferri",
    "password": "a long phrase of hers",
    "preferred_language": "it",
}


def enter(client, email, password=PASSWORD, address=SIGN_IN):
    return client.post(address, {"email": email, "password": password})


def is_signed_in(client):
    return "_auth_user_id" in client.session


@pytest.fixture
def deliver(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_player_signs_in_and_goes_where_they_wanted(client):
    player = UserFactory()
    asked = client.get("/portal/apply/new/")

    entered = enter(client, player.email, address=asked.url)

    assert entered.url == "/portal/apply/new/"
    assert client.get(entered.url).status_code == 200
    assert client.get(SIGN_IN).url == "/portal/apply/own/"


def test_refusals_read_the_same(client):
    player, closed = UserFactory(), UserFactory(is_active=False)

    refused = [
        enter(client, player.email, "wrong"),
        enter(client, "nobody@example.org"),
        enter(client, closed.email),
    ]

    assert {answer.status_code for answer in refused} == {422}
    assert len({tuple(answer.context["form"].non_field_errors()) for answer in refused}) == 1
    assert not is_signed_in(client)


def test_it_leads_to_no_other_site(client):
    answer = enter(client, UserFactory().email, address=f"{SIGN_IN}?next=https://evil.example/")

    assert answer.url == "/portal/apply/own/"


def test_an_unconfirmed_address_stays_out_and_gets_the_mail_again(client, deliver):
    user = UserFactory(email_verified_at=None)

    with deliver():
        answer = enter(client, user.email)

    assert "Confirm your e-mail address first" in answer.text
    assert not is_signed_in(client)
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_who_applied_comes_in_by_the_portals_door_too(client):
    application = draft()

    client.post("/portal/sign-in/", {"email": application.applicant.email, "password": PASSWORD})

    assert is_signed_in(client)
    assert client.get("/portal/").url == "/portal/apply/own/"


def test_somebody_new_opens_an_account_confirms_it_and_begins(client, deliver, settings):
    settings.PUBLIC_URL = "https://goodplay.example"
    with deliver():
        opened = client.post("/portal/apply/register/", NEW)
    user = User.objects.get()
    assert opened.url == "/portal/apply/own/"
    assert (user.email, user.is_verified, user.preferred_language) == ("lucia@radici.example", False, "it")
    early = client.post("/portal/apply/new/", ORGANISATION)
    assert early.status_code == 422
    assert not OnlusApplication.objects.exists()

    link = re.search(r"https://goodplay.example(/portal/apply/confirm/[\w-]+/)", mail.outbox[0].body)[1]
    assert client.get(link).status_code == 200
    user.refresh_from_db()
    assert not user.is_verified
    assert client.post(link).url == "/portal/apply/own/"
    client.post("/portal/apply/new/", ORGANISATION)

    assert OnlusApplication.objects.get().applicant == user
    again = client.post(link)
    assert again.status_code == 409
    assert "already confirmed" in again.text


def test_a_link_that_is_none_confirms_nobody(client):
    answer = client.post("/portal/apply/confirm/nothing/")

    assert answer.status_code == 422
    assert "not valid" in answer.text


def test_the_mail_is_sent_again_on_request(client, deliver):
    user = UserFactory(email_verified_at=None)
    client.force_login(user)
    assert "We sent a mail to" in client.get("/portal/apply/own/").text

    with deliver():
        client.post("/portal/apply/confirm/")

    assert [message.to for message in mail.outbox] == [[user.email]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "taken@mail.example"}, "email"),
        ({"password": "12345"}, "password"),
        ({"email": ""}, "email"),
    ],
)
def test_an_account_that_cannot_be_opened_is_told_beside_the_field(client, change, field):
    UserFactory(email="taken@mail.example")

    answer = client.post("/portal/apply/register/", {**NEW, **change})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == 1
    assert not is_signed_in(client)


def test_new_accounts_are_limited_per_network(client, monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"register": "1/hour", "sign_in": "20/min"})
    client.post("/portal/apply/register/", NEW)
    client.post("/portal/sign-out/")

    answer = client.post("/portal/apply/register/", {**NEW, "email": "b@mail.example"})

    assert answer.status_code == 429
    assert User.objects.count() == 1
