"""Staff at the back office's door, and what staff may end."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import LoginSession, OnlusMembership
from accounts.operations import roles
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NEUTRAL = "correct e-mail and password for a staff account"
LOCKED = "Too many failed attempts."
CLOSED = "This account is locked"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONLUS_FIELDS = (
    "name",
    "legal_name",
    "mission_statement",
    "description",
    "contact_email",
    "website_url",
    "city",
    "region",
    "tax_id",
    "runts_number",
    "runts_section",
)


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


def test_five_wrong_passwords_lock_the_account_and_only_the_right_one_is_told(client):
    staff = StaffFactory()

    wrong = [enter(client, staff.email, "wrong").text for _ in range(7)]
    right = enter(client, staff.email).text

    assert all(NEUTRAL in page for page in wrong)
    assert CLOSED in right
    assert not inside(client)
    assert Alert.objects.get().dedupe_key == f"staff-locked:{staff.pk}"


def test_a_lock_opens_after_a_day(client):
    staff = StaffFactory()
    with time_machine.travel(NOW, tick=False):
        for _ in range(5):
            enter(client, staff.email, "wrong")

    with time_machine.travel(NOW + timedelta(hours=23, minutes=59), tick=False):
        closed = enter(client, staff.email).text
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        opened = enter(client, staff.email)

    assert CLOSED in closed
    assert opened.status_code == 302


def test_four_failures_are_forgotten_with_the_right_password(client):
    staff = StaffFactory()

    for _ in range(2):
        for _ in range(4):
            enter(client, staff.email, "wrong")
        assert enter(Client(), staff.email).status_code == 302


def test_signing_in_and_failing_to_are_on_the_trail(client):
    staff = StaffFactory()

    enter(client, staff.email, "wrong")
    enter(client, staff.email)

    failed, entered = AuditEntry.objects.order_by("sequence")
    assert (failed.action, failed.actor, failed.target_id) == ("failed_login_attempt", None, str(staff.pk))
    assert (entered.action, entered.actor, entered.address) == ("admin_login", staff, "127.0.0.1")


def test_failures_count_together_with_those_of_the_api(client, api):
    staff = StaffFactory()

    for _ in range(5):
        api.post("/api/auth/login", {"email": staff.email, "password": "wrong"})

    assert CLOSED in enter(client, staff.email).text
    assert not inside(client)


def test_one_address_cannot_try_many_people(client, monkeypatch):
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "sign_in", "2/min")
    staff = StaffFactory()

    for number in range(2):
        enter(client, f"guess{number}@example.org", "wrong")

    assert LOCKED in enter(client, staff.email).text
    assert not inside(client)


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


@pytest.fixture
def colleague():
    """A member of staff with a seat in an organisation, signed in on every door."""
    return MembershipFactory(user=StaffFactory()).user


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def phone(user):
    api = APIClient()
    answer = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD})
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['data']['tokens']['access_token']}")
    return api


def doors(user):
    """Open every door, and return a function that says which still stand open."""
    back_office, portal, hot, whole = browser(user), browser(user), phone(user), phone(user)
    page = reverse("portal:overview", args=[OnlusMembership.objects.get(user=user).onlus_id])
    calls = {
        "back office": lambda: back_office.get("/admin/"),
        "portal": lambda: portal.get(page),
        "hot read": lambda: hot.get("/api/wallet"),
        "read": lambda: whole.get("/api/users/profile"),
    }
    return lambda: {name for name, call in calls.items() if call().status_code == 200}


def change(client, user, **fields):
    form = {
        "display_name": user.display_name,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "preferred_language": "en",
        **fields,
    }
    answer = client.post(reverse("admin:accounts_user_change", args=[user.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]


def press(client, user, name, **form):
    return client.post(reverse("admin:accounts_user_do", args=[user.pk, name]), form)


def leave_the_staff(client, user):
    """Asked for by another super administrator, approved by the one at the browser."""
    asked = roles.request_role(
        user=user, role="", requested_by=StaffFactory(), reason="Left the house.", now=timezone.now()
    )
    client.post(reverse("admin:approvals_approvalrequest_do", args=[asked.pk, "approve"]), {"reason": ""})


@pytest.mark.parametrize(
    "end",
    [
        lambda client, user: press(client, user, "sign_out", reason="A lost phone."),
        lambda client, user: press(client, user, "suspend", reason="Left the house."),
        lambda client, user: leave_the_staff(client, user),
    ],
    ids=["signed out", "suspended", "no longer staff"],
)
def test_staff_end_everything_somebody_has_open(client, boss, colleague, end):
    still_open = doors(colleague)
    assert still_open() == {"back office", "portal", "hot read", "read"}

    end(client, colleague)

    assert still_open() == set()
    assert {row.ended_because for row in LoginSession.objects.filter(user=colleague)} == {"staff"}
    entry = AuditEntry.objects.filter(target_id=str(colleague.pk), actor=boss).last()
    assert entry.action in {"sign_out_everywhere", "user_suspend", "permission_revoke"}
    assert client.get("/admin/").status_code == 200


def test_other_changes_leave_people_signed_in(client, boss, colleague):
    still_open = doors(colleague)

    change(client, colleague, display_name="Another name")

    assert still_open() == {"back office", "portal", "hot read", "read"}


def test_a_signed_out_person_signs_in_again(client, boss, colleague):
    press(client, colleague, "sign_out", reason="A lost phone.")

    assert enter(Client(), colleague.email).status_code == 302
    assert phone(colleague).get("/api/users/profile").status_code == 200


def test_a_changed_password_ends_what_the_old_one_opened_and_is_on_the_trail(client, boss, colleague):
    still_open, here = doors(colleague), browser(colleague)
    new = "another phrase of my own"

    answer = here.post(
        "/admin/password_change/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert (answer.status_code, answer.url) == (302, "/admin/password_change/done/")
    assert here.get("/admin/").status_code == 200
    assert still_open() == set()
    assert {row.ended_because for row in LoginSession.objects.filter(user=colleague)} == {"password"}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target_id) == ("password_change", colleague, str(colleague.pk))
    assert (entry.before, entry.after, entry.address) == ({}, {}, "127.0.0.1")
    assert enter(Client(), colleague.email, new).status_code == 302


def test_a_password_is_not_changed_without_the_old_one(client, boss):
    new = "another phrase of my own"
    form = {"old_password": "wrong", "new_password1": new, "new_password2": new}

    page = client.post("/admin/password_change/", form)

    assert page.status_code == 200
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)
    assert not AuditEntry.objects.exists()


def test_a_right_given_to_a_role_is_named(client, boss):
    role = Group.objects.create(name="guests")
    right = Permission.objects.get(codename="view_onlus")

    client.post(
        reverse("admin:auth_group_change", args=[role.pk]),
        {"name": "guests", "permissions": [str(right.pk)]},
    )

    entry = AuditEntry.objects.get()
    assert entry.before == {"permissions": []}
    assert entry.after == {"permissions": [str(right)]}


def test_a_form_saved_without_a_change_leaves_no_entry(client, boss, colleague):
    change(client, colleague)

    assert not AuditEntry.objects.exists()


def test_seats_are_shown_and_change_only_in_the_portal(client, boss):
    owner = MembershipFactory()
    form = {name: getattr(owner.onlus, name) or "" for name in ONLUS_FIELDS}
    form |= {
        "category": owner.onlus.category_id,
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
    }
    form |= {"memberships-0-id": owner.pk, "memberships-0-role": "viewer", "memberships-0-DELETE": "on"}

    answer = client.post(reverse("admin:accounts_onlus_change", args=[owner.onlus_id]), form)

    assert answer.status_code == 302, answer.context["errors"]
    owner.refresh_from_db()
    assert owner.role == "owner"
    assert not AuditEntry.objects.filter(target_type="accounts.onlusmembership").exists()
