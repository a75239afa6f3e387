"""Another password on the pages: forgotten, chosen with the mailed link, changed by who is signed in."""

import re

import pytest
from django.core import mail
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import OneTimeToken
from tests.factories.accounts import PASSWORD, MembershipFactory

pytestmark = pytest.mark.django_db
FORGOTTEN, CHANGE = "/portal/password/forgotten/", "/portal/password/"
NEW = "another phrase altogether"


@pytest.fixture
def seat():
    return MembershipFactory()


@pytest.fixture
def ask(client, settings, django_capture_on_commit_callbacks):
    settings.PUBLIC_URL = "https://goodplay.example"

    def ask(email):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(FORGOTTEN, {"email": email})

    return ask


def link():
    return re.search(r"https://goodplay\.example(/portal/password/\S+)", mail.outbox[-1].body).group(1)


def sign_in(client, seat, password):
    return client.post("/portal/sign-in/", {"email": seat.user.email, "password": password})


def test_the_way_back_in(client, seat, ask):
    assert FORGOTTEN in client.get("/portal/sign-in/").content.decode()

    asked = ask(seat.user.email)
    looked = client.get(link())
    chosen = client.post(link(), {"new_password": NEW}, follow=True)

    assert "If there is an account with this address" in asked.content.decode()
    assert looked.status_code == 200
    assert "Your new password is saved." in chosen.content.decode()
    assert sign_in(client, seat, PASSWORD).status_code == 422
    assert sign_in(client, seat, NEW).status_code == 302


def test_the_page_does_not_say_who_has_an_account(seat, ask):
    def told(answer):
        return re.sub(r'value="[^"]*"', "", answer.content.decode())

    assert told(ask(seat.user.email)) == told(ask("nobody@example.org"))
    assert len(mail.outbox) == 1


def test_what_is_no_address_is_refused_beside_the_field(client, ask):
    answer = client.post(FORGOTTEN, {"email": "nobody"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["email"]


def test_mails_asked_for_from_one_place_are_limited(client, monkeypatch):
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "mail", "2/hour")

    answers = [client.post(FORGOTTEN, {"email": "nobody@example.org"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Try again in an hour." in answers[-1].content.decode()


def test_an_old_link_leads_to_a_new_one(client, seat, ask):
    ask(seat.user.email)
    client.post(link(), {"new_password": NEW})

    again = client.post(link(), {"new_password": "a third phrase"})

    assert again.status_code == 422
    assert "was used already" in again.content.decode()
    assert FORGOTTEN in again.content.decode()
    assert sign_in(client, seat, NEW).status_code == 302


def test_a_weak_password_is_told_beside_the_field_and_the_link_lives(client, seat, ask):
    ask(seat.user.email)

    weak = client.post(link(), {"new_password": "12345678"})

    assert weak.status_code == 422
    assert weak.context["form"].errors["new_password"]
    assert OneTimeToken.objects.get().used_at is None


def test_who_is_signed_in_changes_it_and_stays(client, seat):
    elsewhere = Client()
    for each in (client, elsewhere):
        sign_in(each, seat, PASSWORD)

    changed = client.post(CHANGE, {"current_password": PASSWORD, "new_password": NEW}, follow=True)

    assert "Your password is changed." in changed.content.decode()
    assert client.get(f"/portal/{seat.onlus_id}/").status_code == 200
    assert elsewhere.get(f"/portal/{seat.onlus_id}/").status_code == 302
    assert sign_in(elsewhere, seat, NEW).status_code == 302


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"current_password": "wrong", "new_password": NEW}, "current_password"),
        ({"current_password": PASSWORD, "new_password": "short"}, "new_password"),
        ({"current_password": "", "new_password": NEW}, "current_password"),
        ({"current_password": PASSWORD, "new_password": ""}, "new_password"),
    ],
)
def test_what_is_not_right_is_told_beside_its_field(client, seat, sent, field):
    sign_in(client, seat, PASSWORD)

    answer = client.post(CHANGE, sent)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    seat.user.refresh_from_db()
    assert seat.user.check_password(PASSWORD)


def test_strangers_are_led_to_the_sign_in(client):
    assert client.get(CHANGE).status_code == 302
    assert client.get(CHANGE).url.startswith("/portal/apply/sign-in/")
