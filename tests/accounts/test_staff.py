"""Staff at the back office's door, and what staff may end."""

import pytest
from django.contrib.auth import SESSION_KEY
from rest_framework.throttling import SimpleRateThrottle

from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NEUTRAL = "correct e-mail and password for a staff account"
LOCKED = "Too many failed attempts."


def enter(client, email, password=PASSWORD):
    return client.post("/admin/login/?next=/admin/", {"username": email, "password": password})


def inside(client):
    return SESSION_KEY in client.session


def test_staff_enter_with_their_password_in_any_case_of_the_address(client):
    staff = StaffFactory()

    answer = enter(client, staff.email.upper())

    assert (answer.status_code, answer.url) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "columns",
    [{"is_staff": False}, {"is_active": False}, {"email_verified_at": None}],
    ids=["player", "suspended", "unconfirmed"],
)
def test_whoever_stays_out_gets_the_answer_of_a_wrong_password(client, columns):
    person = UserFactory(**{"is_staff": True, **columns})

    answers = [
        enter(client, person.email),
        enter(client, person.email, "wrong"),
        enter(client, "nobody@example.org"),
    ]

    assert all(NEUTRAL in answer.text for answer in answers)
    assert not inside(client)


def test_five_wrong_passwords_lock_the_door_for_the_right_one_too(client):
    staff = StaffFactory()

    wrong = [enter(client, staff.email, "wrong").text for _ in range(6)]
    right = enter(client, staff.email).text

    assert all(NEUTRAL in page for page in wrong[:5])
    assert LOCKED in wrong[5]
    assert LOCKED in right
    assert not inside(client)


def test_failures_count_together_with_those_of_the_api(client, api):
    staff = StaffFactory()

    for _ in range(5):
        api.post("/api/auth/login", {"email": staff.email, "password": "wrong"})

    assert LOCKED in enter(client, staff.email).text
    assert not inside(client)


def test_one_address_cannot_try_many_people(client, monkeypatch):
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "sign_in", "2/min")
    staff = StaffFactory()

    for number in range(2):
        enter(client, f"guess{number}@example.org", "wrong")

    assert LOCKED in enter(client, staff.email).text
    assert not inside(client)
