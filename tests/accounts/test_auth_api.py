import re
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import LoginSession, User
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = {"email": "Anna.Verdi@Example.org", "password": "a long phrase of my own"}


def register(api, commit, **changes):
    with commit(execute=True):
        return api.post("/api/auth/register", NEW | changes)


def mailed_token():
    return re.search(r"token=([\w-]+)", mail.outbox[-1].body).group(1)


def sign_in(api, user, password=PASSWORD):
    answer = api.post("/api/auth/login", {"email": user.email, "password": password}).json()
    return answer["data"]["tokens"]


def bearer(token):
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def test_register_verify_login_refresh_logout(api, commit):
    registered = register(api, commit)

    assert registered.status_code == 201
    assert registered.json()["message"] == "USER_REGISTRATION_SUCCESS"
    assert registered.json()["data"]["user"]["email"] == "anna.verdi@example.org"
    assert registered.json()["data"]["user"]["is_verified"] is False
    assert mail.outbox[0].to == ["anna.verdi@example.org"]

    verified = api.post("/api/auth/verify-email", {"token": mailed_token()})
    assert verified.json() == {
        "success": True,
        "message": "EMAIL_VERIFICATION_SUCCESS",
        "data": {"email": "anna.verdi@example.org", "is_verified": True},
    }

    tokens = api.post("/api/auth/login", NEW).json()["data"]["tokens"]
    fresh = api.post("/api/auth/refresh", **bearer(tokens["refresh_token"])).json()
    assert fresh["message"] == "TOKEN_REFRESH_SUCCESS"

    access = fresh["data"]["access_token"]
    assert api.get("/api/users/profile", **bearer(access)).status_code == 200
    assert api.post("/api/auth/logout", **bearer(access)).json()["message"] == "USER_LOGOUT_SUCCESS"

    for path in ("/api/users/profile", "/api/wallet"):
        refused = api.get(path, **bearer(access))
        assert (refused.status_code, refused.json()["message"]) == (401, "INVALID_TOKEN_OR_USER_DISABLED")
    refused = api.post("/api/auth/refresh", **bearer(fresh["data"]["refresh_token"]))
    assert (refused.status_code, refused.json()["message"]) == (401, "TOKEN_INVALID")


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"email": "a@example.org"}, 422, "CREDENTIALS_REQUIRED"),
        ({"email": "no address", "password": "a long phrase"}, 422, "INVALID_EMAIL_FORMAT"),
        ({"email": 7, "password": "a long phrase"}, 422, "INVALID_EMAIL_FORMAT"),
        ({"email": "a@example.org", "password": "short"}, 422, "PASSWORD_TOO_WEAK"),
        ({"email": "a@example.org", "password": "password123"}, 422, "PASSWORD_TOO_WEAK"),
        ({"email": "a@example.org", "password": ["x"]}, 422, "INVALID_REQUEST"),
        (NEW | {"preferred_language": "xx"}, 422, "INVALID_LANGUAGE_CODE"),
    ],
)
def test_register_refuses_bad_input_and_opens_nothing(api, body, status, constant):
    answer = api.post("/api/auth/register", body)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert answer.json()["success"] is False
    assert not User.objects.exists()


def test_an_address_is_registered_once_whatever_its_case(api, commit):
    register(api, commit)

    answer = register(api, commit, email="ANNA.VERDI@example.org")

    assert (answer.status_code, answer.json()["message"]) == (409, "EMAIL_ALREADY_REGISTERED")
    assert User.objects.count() == 1


def test_a_confirmation_link_works_once(api, commit):
    register(api, commit)
    token = mailed_token()
    api.post("/api/auth/verify-email", {"token": token})

    answer = api.post("/api/auth/verify-email", {"token": token})

    assert (answer.status_code, answer.json()["message"]) == (409, "EMAIL_ALREADY_VERIFIED")


def test_a_confirmation_link_expires_after_a_day(api, commit):
    register(api, commit)
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        answer = api.post("/api/auth/verify-email", {"token": mailed_token()})

    assert answer.json()["message"] == "VERIFICATION_TOKEN_EXPIRED"
    assert User.objects.get().email_verified_at is None


def test_a_new_link_kills_the_old_one(api, commit):
    answer = register(api, commit)
    old = mailed_token()
    with commit(execute=True):
        api.post("/api/auth/resend-verification", **bearer(answer.json()["data"]["tokens"]["access_token"]))

    assert (
        api.post("/api/auth/verify-email", {"token": old}).json()["message"] == "VERIFICATION_TOKEN_INVALID"
    )
    assert api.post("/api/auth/verify-email", {"token": mailed_token()}).status_code == 200


def test_mail_speaks_the_readers_language(api, commit):
    register(api, commit, preferred_language="it")

    assert mail.outbox[0].subject == "Conferma il tuo indirizzo e-mail"


@pytest.mark.parametrize("known", [True, False])
def test_login_answers_alike_for_known_and_unknown_addresses(api, known):
    user = UserFactory()
    email = user.email if known else "nobody@example.org"

    answer = api.post("/api/auth/login", {"email": email, "password": "wrong password"})

    assert answer.status_code == 401
    assert answer.json() == {
        "success": False,
        "message": "INVALID_CREDENTIALS",
        "detail": "E-mail address and password do not match.",
    }


def test_login_refuses_suspended_and_unverified_people_only_after_the_password(api):
    suspended, unverified = UserFactory(is_active=False), UserFactory(email_verified_at=None)

    def message(user, password):
        return api.post("/api/auth/login", {"email": user.email, "password": password}).json()["message"]

    assert message(suspended, "wrong password") == "INVALID_CREDENTIALS"
    assert message(suspended, PASSWORD) == "ACCOUNT_DISABLED"
    assert message(unverified, PASSWORD) == "ACCOUNT_NOT_VERIFIED"


def test_five_failures_lock_the_address_even_for_the_right_password(api):
    user = UserFactory()
    for _ in range(5):
        api.post("/api/auth/login", {"email": user.email, "password": "wrong password"})

    answer = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD})

    assert (answer.status_code, answer.json()["message"]) == (429, "TOO_MANY_REQUESTS")
    assert not LoginSession.objects.exists()


def test_a_reused_refresh_token_ends_its_whole_family(api):
    user = UserFactory()
    first = sign_in(api, user)
    other_device = sign_in(api, user)
    second = api.post("/api/auth/refresh", {"refresh_token": first["refresh_token"]}).json()["data"]

    stolen = api.post("/api/auth/refresh", {"refresh_token": first["refresh_token"]})

    assert (stolen.status_code, stolen.json()["message"]) == (401, "TOKEN_INVALID")
    assert api.post("/api/auth/refresh", {"refresh_token": second["refresh_token"]}).status_code == 401
    assert api.get("/api/users/profile", **bearer(second["access_token"])).status_code == 401
    assert api.get("/api/users/profile", **bearer(other_device["access_token"])).status_code == 200
    assert LoginSession.objects.get(ended_at__isnull=False).ended_because == "reuse"


def unsigned(token):
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, key="", algorithm="none")


@pytest.mark.parametrize("path", ["/api/users/profile", "/api/wallet"])
@pytest.mark.parametrize(
    ("spoil", "constant"),
    [
        (lambda tokens: tokens["access_token"][:-3] + "abc", "TOKEN_INVALID"),
        (lambda tokens: unsigned(tokens["access_token"]), "TOKEN_INVALID"),
        (lambda tokens: tokens["refresh_token"], "TOKEN_INVALID"),
        (lambda tokens: "garbage", "TOKEN_INVALID"),
        (lambda tokens: "", "TOKEN_INVALID"),
    ],
)
def test_spoiled_tokens_are_401_in_the_envelope(api, path, spoil, constant):
    tokens = sign_in(api, UserFactory())

    answer = api.get(path, **bearer(spoil(tokens)))

    assert (answer.status_code, answer.json()["message"]) == (401, constant)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_says_so(api):
    token = sign_in(api, UserFactory())["access_token"]

    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        answer = api.get("/api/users/profile", **bearer(token))

    assert (answer.status_code, answer.json()["message"]) == (401, "TOKEN_EXPIRED")


def test_no_token_is_401(api):
    answer = api.get("/api/users/profile")

    assert (answer.status_code, answer.json()["message"]) == (401, "AUTHENTICATION_REQUIRED")


def test_a_suspended_person_is_out_at_once(api):
    user = UserFactory()
    token = sign_in(api, user)["access_token"]
    User.objects.filter(pk=user.pk).update(is_active=False)

    answer = api.get("/api/users/profile", **bearer(token))

    assert (answer.status_code, answer.json()["message"]) == (401, "INVALID_TOKEN_OR_USER_DISABLED")


def test_profile_is_changed_by_its_owner_and_repeats_are_fine(api):
    user = UserFactory()
    api.force_authenticate(user)

    for _ in range(2):
        answer = api.put(
            "/api/users/profile", {"display_name": "Ada", "is_staff": True, "email": "x@example.org"}
        )

    assert answer.json()["message"] == "PROFILE_UPDATED_SUCCESS"
    user.refresh_from_db()
    assert (user.display_name, user.is_staff) == ("Ada", False)


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({"display_name": "A"}, "DISPLAY_NAME_LENGTH_INVALID"),
        ({"preferred_language": "klingon"}, "INVALID_LANGUAGE_CODE"),
        ({"friends_count": 999}, "NO_VALID_FIELDS_TO_UPDATE"),
        ({"first_name": {"a": 1}}, "invalid"),
    ],
)
def test_profile_refuses_bad_fields(api, body, constant):
    user = UserFactory(display_name="Before")
    api.force_authenticate(user)

    answer = api.put("/api/users/profile", body)

    assert answer.status_code == 422
    assert answer.json()["message"] == (constant if constant.isupper() else "VALIDATION_ERROR")
    user.refresh_from_db()
    assert (user.display_name, user.first_name) == ("Before", "Alice")
