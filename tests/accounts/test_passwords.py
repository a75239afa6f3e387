"""Changing a password, and choosing another when it is forgotten: over the API."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.models import LoginSession, OneTimeToken, SecondFactor, User
from accounts.operations import sign_in
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = "  another phrase, with blanks  "


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def tokens_of(api, user, password=PASSWORD):
    answer = api.post("/api/auth/login", {"email": user.email, "password": password})
    return answer.json()["data"]["tokens"]


def as_(tokens):
    return {"HTTP_AUTHORIZATION": f"Bearer {tokens['access_token']}"}


def signs_in(api, user, password):
    return api.post("/api/auth/login", {"email": user.email, "password": password}).status_code == 200


def forgot(api, commit, email):
    with commit(execute=True):
        return api.post("/api/auth/forgot-password", {"email": email})


def mailed_token():
    return re.search(r"token=([\w-]+)", mail.outbox[-1].body).group(1)


def reset(api, token, password=NEW):
    return api.post("/api/auth/reset-password", {"token": token, "new_password": password})


def change(api, tokens, current=PASSWORD, new=NEW):
    body = {"current_password": current, "new_password": new}
    return api.put("/api/auth/change-password", body, **as_(tokens))


# Changing ---------------------------------------------------------------------------------------------------------


def test_a_changed_password_ends_every_other_sign_in(api, commit):
    user = UserFactory()
    here, elsewhere = tokens_of(api, user), tokens_of(api, user)

    with commit(execute=True):
        answer = change(api, here)

    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "message": "PASSWORD_CHANGED_SUCCESS"},
    )
    assert api.get("/api/users/profile", **as_(here)).status_code == 200
    assert api.get("/api/users/profile", **as_(elsewhere)).status_code == 401
    refreshed = api.post("/api/auth/refresh", {"refresh_token": elsewhere["refresh_token"]})
    assert refreshed.status_code == 401
    assert signs_in(api, user, NEW)
    assert not signs_in(api, user, PASSWORD)
    assert not signs_in(api, user, NEW.strip())
    assert mail.outbox[-1].subject == "Your password was changed"
    assert AuditEntry.objects.filter(action="password_change", actor=user).count() == 1


def test_an_account_that_is_not_confirmed_can_change_its_password(api):
    user = UserFactory(email_verified_at=None)
    opened = sign_in.open_session(user=user, device=sign_in.Device("", ""), now=timezone.now())

    assert change(api, {"access_token": opened.access_token}).status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"current_password": PASSWORD}, 422, "CREDENTIALS_REQUIRED"),
        ({"new_password": NEW}, 422, "CREDENTIALS_REQUIRED"),
        ({"current_password": None, "new_password": NEW}, 422, "CREDENTIALS_REQUIRED"),
        ({"current_password": "wrong", "new_password": NEW}, 422, "CURRENT_PASSWORD_INCORRECT"),
        ({"current_password": PASSWORD, "new_password": "short"}, 422, "NEW_PASSWORD_TOO_WEAK"),
        ({"current_password": PASSWORD, "new_password": "password1"}, 422, "NEW_PASSWORD_TOO_WEAK"),
        ({"current_password": PASSWORD, "new_password": 12345678}, 422, "INVALID_REQUEST"),
    ],
)
def test_what_is_not_right_changes_nothing(api, body, status, constant):
    user = UserFactory()
    tokens, elsewhere = tokens_of(api, user), tokens_of(api, user)

    answer = api.put("/api/auth/change-password", body, **as_(tokens))

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert api.get("/api/users/profile", **as_(elsewhere)).status_code == 200
    assert not AuditEntry.objects.filter(action="password_change").exists()


def test_guessing_the_present_password_locks(api):
    user = UserFactory()
    tokens = tokens_of(api, user)

    answers = [change(api, tokens, current="wrong").status_code for _ in range(5)]
    last = change(api, tokens)

    assert answers == [422] * 5
    assert (last.status_code, last.json()["message"]) == (429, "TOO_MANY_REQUESTS")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_nobody_changes_a_password_without_a_token(api):
    answer = api.put("/api/auth/change-password", {"current_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 401


# Forgotten --------------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_chosen_anew(api, commit):
    user = UserFactory()
    elsewhere = tokens_of(api, user)

    asked = forgot(api, commit, f" {user.email.upper()} ")
    with commit(execute=True):
        answer = reset(api, mailed_token())

    assert (asked.status_code, asked.json()) == (
        200,
        {"success": True, "message": "PASSWORD_RESET_EMAIL_SENT"},
    )
    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "message": "PASSWORD_RESET_SUCCESS"},
    )
    assert [message.subject for message in mail.outbox] == [
        "Choose another password",
        "Your password was changed",
    ]
    assert api.get("/api/users/profile", **as_(elsewhere)).status_code == 401
    assert LoginSession.objects.get().ended_because == LoginSession.Ended.PASSWORD
    assert signs_in(api, user, NEW)


def test_known_and_unknown_addresses_are_answered_alike(api, commit, django_assert_num_queries):
    known, closed = UserFactory(), UserFactory(is_active=False)

    answers, events = [], []
    for email in (known.email, closed.email, "nobody@example.org"):
        with django_assert_num_queries(4):  # the user, a savepoint, the event
            answers.append(api.post("/api/auth/forgot-password", {"email": email}).json())
        events.append(Event.objects.latest("pk").payload["user_id"])

    assert answers[0] == answers[1] == answers[2]
    assert events == [str(known.pk), "", ""]


def test_nothing_is_mailed_to_unknown_and_closed_accounts(api, commit):
    closed = UserFactory(is_active=False)

    forgot(api, commit, closed.email)
    forgot(api, commit, "nobody@example.org")

    assert mail.outbox == []
    assert not OneTimeToken.objects.exists()


def test_an_address_gets_three_mails_an_hour(api, commit):
    user = UserFactory()

    answers = [forgot(api, commit, user.email).status_code for _ in range(5)]

    assert answers == [200] * 5
    assert len(mail.outbox) == 3


def test_a_link_works_once_and_only_the_newest(api, commit):
    user = UserFactory()
    forgot(api, commit, user.email)
    older = mailed_token()
    forgot(api, commit, user.email)
    newer = mailed_token()

    answers = [reset(api, older), reset(api, newer), reset(api, newer, "yet another phrase")]

    told = [(answer.status_code, answer.json()["message"]) for answer in answers]
    assert told == [
        (422, "INVALID_RESET_TOKEN"),
        (200, "PASSWORD_RESET_SUCCESS"),
        (422, "INVALID_RESET_TOKEN"),
    ]
    assert signs_in(api, user, NEW)


def test_a_changed_password_ends_a_link_that_is_on_its_way(api, commit):
    user = UserFactory()
    forgot(api, commit, user.email)

    change(api, tokens_of(api, user))
    answer = reset(api, mailed_token(), "the phrase of who reads old mail")

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_RESET_TOKEN")
    assert signs_in(api, user, NEW)


def test_a_link_lives_an_hour(api, commit):
    user = UserFactory()
    forgot(api, commit, user.email)
    token = mailed_token()

    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1), tick=False):
        answer = reset(api, token)

    assert (answer.status_code, answer.json()["message"]) == (422, "RESET_TOKEN_EXPIRED")
    assert signs_in(api, user, PASSWORD)


def test_an_account_closed_meanwhile_stays_closed(api, commit):
    user = UserFactory()
    forgot(api, commit, user.email)
    User.objects.filter(pk=user.pk).update(is_active=False)

    answer = reset(api, mailed_token())

    assert (answer.status_code, answer.json()["message"]) == (409, "ACCOUNT_DISABLED")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"new_password": NEW}, 422, "RESET_TOKEN_REQUIRED"),
        ({"token": "x"}, 422, "NEW_PASSWORD_REQUIRED"),
        ({"token": "x", "new_password": "short"}, 422, "NEW_PASSWORD_TOO_WEAK"),
        ({"token": "x", "new_password": NEW}, 422, "INVALID_RESET_TOKEN"),
        ({"token": 7, "new_password": NEW}, 422, "INVALID_RESET_TOKEN"),
    ],
)
def test_what_a_reset_needs(api, body, status, constant):
    answer = api.post("/api/auth/reset-password", body)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"email": ""}, 422, "EMAIL_REQUIRED"),
        ({"email": "no address"}, 422, "INVALID_EMAIL_FORMAT"),
        ({"email": 7}, 422, "INVALID_EMAIL_FORMAT"),
    ],
)
def test_what_asking_for_a_link_needs(api, body, status, constant):
    answer = api.post("/api/auth/forgot-password", body)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not Event.objects.filter(name="password_reset_requested").exists()


def test_a_weak_password_leaves_the_link_alive(api, commit):
    user = UserFactory()
    forgot(api, commit, user.email)
    token = mailed_token()

    refused = reset(api, token, user.email)

    assert refused.json()["message"] == "NEW_PASSWORD_TOO_WEAK"
    assert reset(api, token).status_code == 200


def test_who_locked_themselves_out_signs_in_after_the_reset(api, commit):
    user = UserFactory()
    for _ in range(6):
        signs_in(api, user, "wrong")
    forgot(api, commit, user.email)

    reset(api, mailed_token())

    assert signs_in(api, user, NEW)


def test_an_account_nobody_confirmed_belongs_to_who_reads_its_mail(api, commit):
    user = UserFactory(email_verified_at=None)
    SecondFactor.objects.create(user=user, secret="A" * 32, confirmed_at=timezone.now())
    forgot(api, commit, user.email)

    with commit(execute=True):
        reset(api, mailed_token())

    user.refresh_from_db()
    assert user.is_verified
    assert not SecondFactor.objects.exists()
    assert Event.objects.filter(name="email_verified").count() == 1
    assert signs_in(api, user, NEW)


def test_a_second_step_survives_the_reset_of_a_confirmed_account(api, commit):
    user = UserFactory()
    SecondFactor.objects.create(user=user, secret="A" * 32, confirmed_at=timezone.now())
    forgot(api, commit, user.email)

    reset(api, mailed_token())

    assert SecondFactor.objects.filter(user=user).exists()
