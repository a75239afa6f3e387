import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.throttling import SimpleRateThrottle

from accounts.operations.portal import NoWayIn
from accounts.operations.sign_in import TooManyFailures
from tests.factories.accounts import PASSWORD, MembershipFactory, OnlusFactory, UserFactory

SIGN_IN = "/portal/sign-in/"


def enter(client, email, password=PASSWORD, address=SIGN_IN):
    return client.post(address, {"email": email, "password": password})


def refusal(response):
    return response.context["form"].non_field_errors()


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_a_member_signs_in_and_lands_on_the_own_organisation(client, member, onlus):
    response = client.post(SIGN_IN, {"email": member.email.upper(), "password": PASSWORD}, follow=True)

    assert response.redirect_chain == [("/portal/", 302), (f"/portal/{onlus.pk}/", 302)]
    assert "Il Sentiero Verde" in response.text


@pytest.mark.parametrize("page", ["overview", "donations", "donations_csv"])
def test_pages_ask_strangers_to_sign_in_and_lead_back(client, member, onlus, page):
    address = reverse(f"portal:{page}", args=[onlus.pk])

    asked = client.get(address)
    entered = enter(client, member.email, address=asked.url)

    assert asked.url == f"{SIGN_IN}?next={address}"
    assert entered.url == address


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
)
def test_sign_in_leads_to_no_other_site(client, member, elsewhere):
    response = enter(client, member.email, address=f"{SIGN_IN}?next={elsewhere}")

    assert response.url == "/portal/"


def test_every_refusal_reads_the_same(client, member):
    player = UserFactory()
    suspended = MembershipFactory(user=UserFactory(is_active=False)).user
    unconfirmed = MembershipFactory(user=UserFactory(email_verified_at=None)).user

    refused = [
        enter(client, member.email, "not the password"),
        enter(client, "nobody@example.org"),
        enter(client, player.email),
        enter(client, suspended.email),
        enter(client, unconfirmed.email),
    ]

    assert [response.status_code for response in refused] == [422] * 5
    assert {tuple(refusal(response)) for response in refused} == {(str(NoWayIn.message),)}
    assert not is_signed_in(client)


def test_five_wrong_passwords_close_the_door_even_to_the_right_one(client, member):
    for _attempt in range(5):
        enter(client, member.email, "not the password")

    response = enter(client, member.email)

    assert response.status_code == 429
    assert refusal(response) == [str(TooManyFailures.message)]
    assert not is_signed_in(client)


def test_one_network_address_cannot_try_many_accounts(client, member, monkeypatch):
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "sign_in", "2/min")
    for number in range(2):
        enter(client, f"guess{number}@example.org")

    refused = client.post(
        SIGN_IN, {"email": member.email, "password": PASSWORD}, headers={"x-forwarded-for": "203.0.113.7"}
    )
    elsewhere = client.post(SIGN_IN, {"email": member.email, "password": PASSWORD}, REMOTE_ADDR="203.0.113.7")

    assert (refused.status_code, refusal(refused)) == (429, [str(TooManyFailures.message)])
    assert elsewhere.url == "/portal/"


def test_an_incomplete_form_says_what_is_missing(client, db):
    response = client.post(SIGN_IN, {"email": "not an address", "password": ""})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"email", "password"}


def test_sign_in_and_sign_out_refuse_forged_posts(member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)

    assert enter(client, member.email).status_code == 403
    assert client.post("/portal/sign-out/").status_code == 403
    assert is_signed_in(client)


def test_sign_out_ends_the_session(portal, onlus):
    response = portal.post("/portal/sign-out/", follow=True)

    assert "You are signed out." in response.text
    assert not is_signed_in(portal)
    assert portal.get(f"/portal/{onlus.pk}/").url.startswith(SIGN_IN)


def test_sign_out_by_a_link_does_nothing(portal):
    response = portal.get("/portal/sign-out/")

    assert response.status_code == 405
    assert is_signed_in(portal)


def test_who_is_signed_in_is_not_asked_again(portal):
    assert portal.get(SIGN_IN).url == "/portal/"


def test_a_person_without_a_seat_is_refused_and_can_leave(client, db):
    client.force_login(UserFactory())

    response = client.get("/portal/")

    assert response.status_code == 403
    assert 'action="/portal/sign-out/"' in response.text
    assert client.get(SIGN_IN).status_code == 200


def test_people_with_several_seats_choose(portal, member, onlus):
    second = MembershipFactory(user=member, onlus=OnlusFactory(name="Casa delle Rondini"))
    OnlusFactory(name="Somebody else's")

    choice = portal.get("/portal/")
    chosen = portal.get(f"/portal/{second.onlus_id}/")

    assert [seat.onlus.name for seat in choice.context["seats"]] == [
        "Casa delle Rondini",
        "Il Sentiero Verde",
    ]
    assert "Somebody else's" not in choice.text
    assert "Change organisation" in chosen.text


def test_portal_pages_are_kept_by_nobody(portal, onlus):
    response = portal.get(f"/portal/{onlus.pk}/")

    assert "no-store" in response["Cache-Control"]


def test_the_portal_is_found_without_its_last_slash(portal):
    assert portal.get("/portal").url == "/portal/"
