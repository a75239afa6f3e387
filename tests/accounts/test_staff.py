"""Staff at the back office's door, and what staff may end."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import LoginSession, OnlusMembership
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NEUTRAL = "correct e-mail and password for a staff account"
LOCKED = "Too many failed attempts."
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
    "compliance_status",
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
        "is_active": "on" if user.is_active else "",
        "is_staff": "on" if user.is_staff else "",
        **fields,
    }
    answer = client.post(reverse("admin:accounts_user_change", args=[user.pk]), form)
    assert answer.status_code == 302, answer.context["errors"]


def end_by_action(client, user):
    body = {"action": "sign_out_everywhere", "_selected_action": [str(user.pk)]}
    client.post(reverse("admin:accounts_user_changelist"), body)


@pytest.mark.parametrize(
    "end",
    [
        end_by_action,
        lambda client, user: change(client, user, is_active=""),
        lambda client, user: change(client, user, is_staff=""),
    ],
    ids=["signed out", "suspended", "no longer staff"],
)
def test_staff_end_everything_somebody_has_open(client, boss, colleague, end):
    still_open = doors(colleague)
    assert still_open() == {"back office", "portal", "hot read", "read"}

    end(client, colleague)

    assert still_open() == set()
    assert {row.ended_because for row in LoginSession.objects.filter(user=colleague)} == {"staff"}
    entry = AuditEntry.objects.get(action="sign_out_everywhere")
    assert (entry.actor, entry.target_id) == (boss, str(colleague.pk))
    assert client.get("/admin/").status_code == 200


def test_other_changes_leave_people_signed_in(client, boss, colleague):
    still_open = doors(colleague)

    change(client, colleague, display_name="Another name")

    assert still_open() == {"back office", "portal", "hot read", "read"}


def test_a_signed_out_person_signs_in_again(client, boss, colleague):
    end_by_action(client, colleague)

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


def test_a_role_handed_out_is_named_before_and_after(client, boss, colleague):
    colleague.groups.set(Group.objects.filter(name="analyst"))
    roles = Group.objects.filter(name__in=["finance", "moderator"])

    change(client, colleague, groups=[str(role.pk) for role in roles])

    entry = AuditEntry.objects.get()
    assert entry.before == {"groups": ["analyst"]}
    assert entry.after == {"groups": ["finance", "moderator"]}


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


def seats_form(onlus, *seats):
    """Fill in the form of an organisation; of each seat: its row, its person, its role, and whether to delete it."""
    form = {name: getattr(onlus, name) or "" for name in ONLUS_FIELDS} | {"category": onlus.category_id}
    form |= {"memberships-TOTAL_FORMS": len(seats), "memberships-INITIAL_FORMS": len(seats)}
    for number, (seat, user, role, delete) in enumerate(seats):
        prefix = f"memberships-{number}"
        form |= {f"{prefix}-id": seat.pk, f"{prefix}-onlus": onlus.pk}
        form |= {f"{prefix}-user": user.pk, f"{prefix}-role": role}
        form |= {f"{prefix}-DELETE": "on"} if delete else {}
    return form


def test_a_seat_that_moves_or_goes_is_on_the_trail(client, boss):
    owner, intruder = UserFactory(), UserFactory()
    moved = MembershipFactory(user=owner)
    gone = MembershipFactory(onlus=moved.onlus, role="viewer")
    form = seats_form(moved.onlus, (moved, intruder, "owner", False), (gone, gone.user, "viewer", True))

    answer = client.post(reverse("admin:accounts_onlus_change", args=[moved.onlus_id]), form)

    assert answer.status_code == 302, answer.context["errors"]
    changed, deleted = AuditEntry.objects.order_by("sequence")
    assert (changed.action, changed.target_type, changed.target_id) == (
        "change",
        "accounts.onlusmembership",
        str(moved.pk),
    )
    assert (changed.before, changed.after) == ({"user": str(owner.pk)}, {"user": str(intruder.pk)})
    assert (deleted.action, deleted.target_id) == ("delete", str(gone.pk))
    assert (deleted.before["user"], deleted.before["role"]) == (str(gone.user_id), "viewer")
