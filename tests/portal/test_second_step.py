"""The second step of portal people: set up by themselves, asked for, turned off, and told of."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import OnlusMembership, RecoveryCode, SecondFactor
from accounts.operations import own_second_factor, second_factor
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_second_step import code_of
from tests.factories.accounts import PASSWORD, MembershipFactory, StaffFactory, UserFactory
from tests.portal.conftest import NOON

Role = OnlusMembership.Role
CODE = re.compile(r"<code>([A-Z2-9]{5}(?:-[A-Z2-9]{5}){2})</code>")


def address(onlus, page=""):
    return f"/portal/{onlus.pk}/settings/second-step/{page}"


def set_up(browser, onlus, user):
    """Go through the page as somebody with an app does; return the recovery codes it shows."""
    browser.get(address(onlus))
    answer = browser.post(address(onlus), {"code": code_of(user, NOON), "password": PASSWORD})
    return CODE.findall(answer.text)


def state():
    """Everything a refused step must leave as it is, but the count of failures."""
    factors = list(SecondFactor.objects.values_list("user", "secret", "confirmed_at", "last_step"))
    codes = list(RecoveryCode.objects.order_by("pk").values_list("code_hash", "used_at"))
    entries = list(AuditEntry.objects.exclude(action="failed_login_attempt").values_list("action", flat=True))
    return factors, codes, entries


@pytest.fixture
def codes(portal, onlus, member):
    return set_up(portal, onlus, member)


@pytest.fixture
def later():
    """A minute later: the code of the set-up has had its day."""
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False) as clock:
        yield clock


def sign_in(user):
    """Sign in with the password; return the browser and where it leads."""
    browser = Client()
    return browser, browser.post("/portal/sign-in/", {"email": user.email, "password": PASSWORD}).url


@pytest.mark.parametrize("role", list(Role))
def test_it_is_set_up_asked_for_and_turned_off_again(client, onlus, role, django_capture_on_commit_callbacks):
    person = MembershipFactory(onlus=onlus, role=role).user
    client.force_login(person)
    before = client.get(f"/portal/{onlus.pk}/settings/").text
    shown = client.get(address(onlus)).text
    with django_capture_on_commit_callbacks(execute=True):
        made = set_up(client, onlus, person)
    again = client.get(address(onlus)).text

    assert ("Set it up" in before, "<svg" in shown) == (True, True)
    secret = SecondFactor.objects.get().secret
    assert secret in shown.replace(" ", "")
    assert len(set(made)) == 10
    assert not [code for code in [secret, *made] if code in again.replace(" ", "")]
    assert "10 recovery codes are left." in again
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        other, asked = sign_in(person)
        assert other.get(f"/portal/{onlus.pk}/").status_code == 302
        other.post(asked, {"code": code_of(person, NOON + timedelta(minutes=1))})
        assert other.get(f"/portal/{onlus.pk}/").status_code == 200
    moment = NOON + timedelta(minutes=2)
    with time_machine.travel(moment, tick=False), django_capture_on_commit_callbacks(execute=True):
        off = client.post(
            address(onlus, "off/"), {"code": code_of(person, moment), "password": PASSWORD}, follow=True
        )
    assert "the password alone is asked for" in off.text
    assert asked == "/portal/sign-in/code/"
    assert sign_in(person)[1] == "/portal/"
    assert not SecondFactor.objects.exists()
    entries = AuditEntry.objects.filter(actor=person).order_by("sequence")
    assert list(entries.values_list("action", flat=True)) == [
        "second_factor_set_up",
        "second_factor_turned_off",
    ]
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([person.email], "Your second step of signing in is set up"),
        ([person.email], "Your second step of signing in is turned off"),
    ]
    assert not [code for message in mail.outbox for code in [secret, *made] if code in message.body]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"password": "wrong-password"}, "E-mail address and password do not match."),
        ({"code": "000000"}, "This code does not fit"),
        ({"password": ""}, "This field is required."),
        ({"code": ""}, "This field is required."),
    ],
)
def test_a_wrong_password_or_code_sets_nothing_up(portal, onlus, member, entry, says):
    portal.get(address(onlus))
    before = state()

    answer = portal.post(address(onlus), {"code": code_of(member, NOON), "password": PASSWORD, **entry})

    assert (answer.status_code, says in answer.text) == (422, True)
    assert not CODE.findall(answer.text)
    assert state() == before
    assert not second_factor.is_set_up(member)


@pytest.mark.parametrize("page", ["off/", "codes/"])
@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"password": "wrong-password"}, "E-mail address and password do not match."),
        ({"code": "000000"}, "This code does not fit"),
        ({"code": "AAAAA-AAAAA-AAAAA"}, "This code does not fit"),
        ({"password": ""}, "This field is required."),
        ({}, ""),
    ],
)
def test_what_is_not_proven_changes_nothing(portal, onlus, member, codes, later, page, entry, says):
    before = state()
    proof = {"code": code_of(member, NOON + timedelta(minutes=1)), "password": PASSWORD}

    answer = portal.post(address(onlus, page), {**proof, **entry} if entry else {})

    assert (answer.status_code, says in answer.text) == (422, True)
    assert not CODE.findall(answer.text)
    assert state() == before


@pytest.mark.parametrize("page", ["off/", "codes/"])
def test_the_code_of_the_set_up_does_not_count_twice(portal, onlus, member, codes, page):
    before = state()

    answer = portal.post(address(onlus, page), {"code": code_of(member, NOON), "password": PASSWORD})

    assert (answer.status_code, "it was used already" in answer.text) == (422, True)
    assert state() == before


def test_a_wrong_password_uses_up_no_code(portal, onlus, codes):
    refused = portal.post(address(onlus, "off/"), {"code": codes[0], "password": "wrong-password"})
    done = portal.post(address(onlus, "off/"), {"code": codes[0], "password": PASSWORD})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert not SecondFactor.objects.exists()


def test_a_recovery_code_opens_the_portal_once(onlus, member, codes):
    first, asked = sign_in(member)
    first.post(asked, {"code": codes[3].lower()})
    second, asked = sign_in(member)
    refused = second.post(asked, {"code": codes[3]})

    assert first.get(f"/portal/{onlus.pk}/").status_code == 200
    assert (refused.status_code, second.get(f"/portal/{onlus.pk}/").status_code) == (422, 302)
    assert "9 recovery codes are left." in first.get(address(onlus)).text


def test_new_recovery_codes_take_the_place_of_the_old_ones(
    portal, onlus, member, codes, later, django_capture_on_commit_callbacks
):
    proof = {"code": code_of(member, NOON + timedelta(minutes=1)), "password": PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        made = CODE.findall(portal.post(address(onlus, "codes/"), proof).text)

    old = portal.post(address(onlus, "off/"), {"code": codes[0], "password": PASSWORD})
    new = portal.post(address(onlus, "off/"), {"code": made[0], "password": PASSWORD})

    assert len(set(made) - set(codes)) == 10
    assert (old.status_code, new.status_code) == (422, 302)
    assert AuditEntry.objects.filter(action="recovery_codes_made", actor=member).count() == 1
    assert [message.subject for message in mail.outbox] == ["You have new recovery codes"]


def test_five_wrong_passwords_rest_like_those_at_the_door(portal, onlus, member, codes):
    wrong = {"code": codes[0], "password": "wrong-password"}
    answers = [portal.post(address(onlus, "off/"), wrong).status_code for _each in range(6)]
    right = portal.post(address(onlus, "off/"), {"code": codes[0], "password": PASSWORD})

    assert answers == [422] * 5 + [429]
    assert right.status_code == 429
    assert second_factor.is_set_up(member)


@pytest.mark.parametrize("page", ["off/", "codes/"])
def test_where_nothing_is_set_up_nothing_is_turned_off(portal, onlus, member, page):
    proof = {"code": "123456", "password": PASSWORD}

    answer = portal.post(address(onlus, page), proof)

    assert (answer.status_code, answer.url) == (302, address(onlus))
    with pytest.raises(own_second_factor.NothingSetUp):
        own_second_factor.turn_off(user=member, now=NOON, **proof)
    assert not SecondFactor.objects.exists()


def test_a_second_set_up_does_not_replace_the_first(portal, onlus, member, codes):
    before = state()

    answer = portal.post(address(onlus), {"code": code_of(member, NOON), "password": PASSWORD})

    assert (answer.status_code, CODE.findall(answer.text)) == (200, [])
    assert state() == before


def test_staff_keep_the_second_step_the_back_office_needs(client, onlus):
    staff = MembershipFactory(onlus=onlus, user=StaffFactory()).user
    client.force_login(staff)
    made = set_up(client, onlus, staff)
    before = state()

    page = client.get(address(onlus)).text
    refused = client.post(address(onlus, "off/"), {"code": made[0], "password": PASSWORD})

    assert ("second-step/off/" in page, refused.status_code) == (False, 422)
    assert "The back office needs your second step" in refused.text
    assert state() == before


def test_people_without_a_seat_set_nothing_up_and_sign_in_as_before(client, onlus, member, codes):
    stranger = UserFactory()
    client.force_login(stranger)

    answers = [client.get(address(onlus)).status_code, client.post(address(onlus, "off/")).status_code]
    entry = {"email": stranger.email, "password": PASSWORD}
    told = client.post("/api/auth/login", entry, content_type="application/json")

    assert answers == [403, 403]
    assert told.status_code == 200
    assert not SecondFactor.objects.exclude(user=member).exists()


def test_owners_see_on_the_team_page_who_has_a_second_step(portal, client, onlus, member, codes):
    editor = MembershipFactory(onlus=onlus, role=Role.EDITOR).user
    begun = MembershipFactory(onlus=onlus, role=Role.VIEWER).user
    second_factor.begin(user=begun)
    seen = portal.get(f"/portal/{onlus.pk}/team/").text
    client.force_login(editor)

    assert (seen.count("With second step"), seen.count("Password only")) == (1, 2)
    assert "second step" not in client.get(f"/portal/{onlus.pk}/team/").text.lower()


@pytest.mark.parametrize(("make", "door"), [(StaffFactory, "/admin/"), (UserFactory, "/portal/")])
def test_the_mail_of_a_reset_leads_to_the_own_door(
    make, door, django_capture_on_commit_callbacks, member, codes
):
    person = make()
    second_factor.begin(user=person)

    with django_capture_on_commit_callbacks(execute=True):
        second_factor.reset(user=person, actor=StaffFactory(), reason="Lost the phone.", now=NOON)

    assert [message.to for message in mail.outbox] == [[person.email]]
    assert f"{door}\n" in mail.outbox[0].body
    assert ("back office" in mail.outbox[0].body) is (door == "/admin/")
