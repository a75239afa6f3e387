"""The second step of signing in to the back office, and how long a browser stays signed in."""

import base64
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.core.serializers import serialize
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from accounts.models import RecoveryCode, SecondFactor, StaffSession
from accounts.operations import second_factor
from accounts.operations.second_factor import AlreadySetUp, CodeRefused, CodesRest, NothingToReset
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.errors import AccessDenied
from tests.factories.accounts import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)
STEP = timedelta(seconds=30)
ASKED = reverse("admin:second_step")
SET_UP = reverse("admin:set_up_second_step")


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_TOTP_REQUIRED = True


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture
def with_app(staff):
    """A member of staff whose app is set up since yesterday; their recovery codes are at hand."""
    second_factor.begin(user=staff)
    yesterday = NOW - timedelta(days=1)
    staff.codes = second_factor.confirm(user=staff, code=code_of(staff, yesterday), now=yesterday)
    return staff


def code_of(user, moment):
    totp = TOTP(base64.b32decode(SecondFactor.objects.get(user=user).secret))
    totp.time = moment.timestamp()
    return f"{totp.token():06d}"


def enter(client, user, wanted="/admin/"):
    return client.post(f"/admin/login/?next={wanted}", {"username": user.email, "password": PASSWORD})


def give(client, code, page=ASKED):
    return client.post(page, {"code": code, "next": "/admin/"})


def inside(client):
    return client.get("/admin/").status_code == 200


# Setting it up --------------------------------------------------------------------------------------------------


def test_a_password_alone_leads_to_the_set_up_and_no_further(client, clock, staff):
    enter(client, staff)

    answers = [
        client.get("/admin/"),
        client.get("/admin/accounts/user/"),
        client.get(reverse("admin:own_account")),
    ]

    assert {answer.url.partition("?")[0] for answer in answers} == {SET_UP}
    assert client.post("/admin/accounts/user/").status_code == 302


def test_the_first_code_sets_it_up_and_shows_ten_codes_once(client, clock, staff):
    enter(client, staff)
    shown = client.get(SET_UP)
    secret = SecondFactor.objects.get(user=staff).secret

    page = give(client, code_of(staff, NOW), SET_UP)

    assert secret in shown.text.replace(" ", "")
    codes = re.findall(r"<li><code>([A-Z0-9-]{17})</code>", page.text)
    assert len(set(codes)) == 10
    assert inside(client)
    again = client.get(SET_UP)
    assert (again.status_code, again.url) == (302, reverse("admin:own_account"))
    assert [entry.action for entry in AuditEntry.objects.order_by("sequence")] == [
        "admin_login",
        "second_factor_set_up",
    ]


def test_the_picture_holds_what_apps_read(staff):
    factor = second_factor.begin(user=staff)

    address = urlsplit(second_factor.address_for_apps(factor))

    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query) == {
        "secret": [factor.secret],
        "issuer": ["GoodPlay"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
    assert len(base64.b32decode(factor.secret)) == 20


def test_a_wrong_first_code_sets_nothing_up(client, clock, staff):
    enter(client, staff)
    client.get(SET_UP)

    page = give(client, "000000", SET_UP)

    assert "does not fit" in page.text
    assert SecondFactor.objects.get().confirmed_at is None
    assert not RecoveryCode.objects.exists()
    assert not inside(client)


def test_what_is_set_up_is_not_set_up_again(with_app):
    with pytest.raises(AlreadySetUp):
        second_factor.begin(user=with_app)


def test_no_secret_and_no_code_lies_open(with_app):
    secret = SecondFactor.objects.get().secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        (stored,) = cursor.fetchone()

    dumped = serialize("json", [*SecondFactor.objects.all(), *RecoveryCode.objects.all()])
    trail = str(list(AuditEntry.objects.values_list("before", "after")))

    for text in (stored, dumped, trail):
        assert secret not in text
        assert not any(code in text or code.replace("-", "") in text for code in with_app.codes)


# Passing it -----------------------------------------------------------------------------------------------------


def test_a_code_opens_the_page_that_was_wanted(client, clock, with_app):
    wanted = reverse("admin:accounts_user_changelist")
    led = client.get(enter(client, with_app, wanted).url)

    assert urlsplit(led.url).path == ASKED
    assert not inside(client)
    before = client.session.session_key
    answer = client.post(led.url, {"code": code_of(with_app, NOW)})

    assert answer.url == wanted
    assert inside(client)
    assert client.session.session_key != before
    assert StaffSession.objects.get().verified_at == NOW


@pytest.mark.parametrize(("steps", "passes"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_be_wrong_by_one_step(with_app, steps, passes):
    code = code_of(with_app, NOW + steps * STEP)

    if passes:
        second_factor.verify(user=with_app, code=code, now=NOW)
    else:
        with pytest.raises(CodeRefused):
            second_factor.verify(user=with_app, code=code, now=NOW)


@pytest.mark.parametrize("steps", [0, 1])
def test_no_code_counts_twice_nor_an_older_one_after_it(with_app, steps):
    second_factor.verify(user=with_app, code=code_of(with_app, NOW + steps * STEP), now=NOW)

    for code in (code_of(with_app, NOW + steps * STEP), code_of(with_app, NOW)):
        with pytest.raises((CodeRefused, CodesRest)):
            second_factor.verify(user=with_app, code=code, now=NOW + timedelta(seconds=2))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "      "])
def test_what_is_no_code_is_refused(with_app, code):
    with pytest.raises(CodeRefused):
        second_factor.verify(user=with_app, code=code, now=NOW)


def test_guessing_rests_longer_each_time_and_the_right_code_waits_too(with_app):
    moment = NOW
    for rest in (0, 2, 4, 8, 16):
        with pytest.raises(CodeRefused):
            second_factor.verify(user=with_app, code="000000", now=moment)
        moment += timedelta(seconds=rest)

    refused_at = moment + timedelta(seconds=-1)
    with pytest.raises(CodesRest):
        second_factor.verify(user=with_app, code=code_of(with_app, refused_at), now=refused_at)
    second_factor.verify(user=with_app, code=code_of(with_app, moment), now=moment)

    assert SecondFactor.objects.get().failures == 0


def test_a_recovery_code_opens_once_however_it_is_typed(client, clock, with_app):
    typed = with_app.codes[3].lower().replace("-", " ")
    enter(client, with_app)

    answer = give(client, typed)

    assert answer.url == "/admin/"
    assert inside(client)
    other = Client()
    enter(other, with_app)
    assert "does not fit" in give(other, typed).text
    assert not inside(other)
    assert AuditEntry.objects.get(action="recovery_code_used").after == {"codes_left": 9}


def test_new_recovery_codes_end_the_old_ones(client, clock, with_app):
    enter(client, with_app)
    give(client, code_of(with_app, NOW))

    page = client.post(reverse("admin:new_recovery_codes"))

    fresh = re.findall(r"<li><code>([A-Z0-9-]{17})</code>", page.text)
    assert len(fresh) == 10
    with pytest.raises(CodeRefused):
        second_factor.verify(user=with_app, code=with_app.codes[0], now=NOW + STEP)
    second_factor.verify(user=with_app, code=fresh[0], now=NOW + 2 * STEP)


def test_whoever_set_it_up_is_asked_also_where_it_is_not_required(client, clock, with_app, settings):
    settings.STAFF_TOTP_REQUIRED = False

    enter(client, with_app)

    assert urlsplit(client.get("/admin/").url).path == ASKED


def test_where_it_is_not_required_a_password_is_enough(client, clock, staff, settings):
    settings.STAFF_TOTP_REQUIRED = False

    enter(client, staff)

    assert inside(client)


def test_a_session_of_the_portal_does_not_open_the_back_office(client, clock, with_app):
    client.force_login(with_app)

    assert urlsplit(client.get("/admin/").url).path == ASKED


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/"])
def test_a_code_leads_to_no_other_site(client, clock, with_app, wanted):
    enter(client, with_app)

    answer = client.post(ASKED, {"code": code_of(with_app, NOW), "next": wanted})

    assert answer.url == "/admin/"


def test_the_pages_are_for_those_who_gave_the_password(client):
    pages = [ASKED, SET_UP, reverse("admin:confirm_identity"), reverse("admin:own_account")]

    assert {client.get(page).url for page in pages} == {"/admin/login/"}
    assert not SecondFactor.objects.exists()


# Resetting it ---------------------------------------------------------------------------------------------------


def test_a_reset_makes_them_set_it_up_anew_and_tells_them(
    client, clock, with_app, django_capture_on_commit_callbacks
):
    boss = StaffFactory()
    enter(client, with_app)
    give(client, code_of(with_app, NOW))

    with django_capture_on_commit_callbacks(execute=True):
        second_factor.reset(user=with_app, actor=boss, reason="Lost the phone.", now=NOW)

    assert client.get("/admin/").url.startswith("/admin/login/")
    entry = AuditEntry.objects.get(action="second_factor_reset")
    assert (entry.actor, entry.target_id, entry.reason) == (boss, str(with_app.pk), "Lost the phone.")
    assert [message.to for message in mail.outbox] == [[with_app.email]]
    enter(client, with_app)
    assert client.get("/admin/").url.startswith(SET_UP)


def test_nobody_resets_their_own_nor_what_is_not_there(with_app, staff):
    with pytest.raises(AccessDenied):
        second_factor.reset(user=with_app, actor=with_app, reason="Because.", now=NOW)
    with pytest.raises(NothingToReset):
        second_factor.reset(user=StaffFactory(), actor=with_app, reason="Because.", now=NOW)

    assert SecondFactor.objects.filter(user=with_app).exists()


# How long a browser stays signed in -----------------------------------------------------------------------------


@pytest.fixture
def signed_in(client, clock, with_app):
    enter(client, with_app)
    give(client, code_of(with_app, NOW))
    return with_app


def test_an_hour_without_use_signs_out(client, clock, signed_in):
    clock.move_to(NOW + timedelta(minutes=60))
    assert inside(client)
    clock.move_to(NOW + timedelta(minutes=120, seconds=1))

    answer = client.get("/admin/accounts/user/")

    assert answer.url == "/admin/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert SESSION_KEY not in client.session
    assert StaffSession.objects.get().ended_because == "idle"


def test_twelve_hours_sign_out_whoever_is_busy(client, clock, signed_in):
    for half_hours in range(1, 25):
        clock.move_to(NOW + timedelta(minutes=30 * half_hours))
        assert inside(client)
    clock.move_to(NOW + timedelta(hours=12, seconds=1))

    assert not inside(client)
    assert StaffSession.objects.get().ended_because == "age"


def test_signing_out_ends_the_session_on_record(client, clock, signed_in):
    client.post("/admin/logout/")

    assert StaffSession.objects.get().ended_because == "logout"


def test_one_ends_ones_other_browsers_and_nobody_elses(client, clock, signed_in):
    phone, stranger = Client(), StaffFactory()
    enter(phone, signed_in)
    give(phone, code_of(signed_in, NOW + STEP))
    Client().force_login(stranger)
    listed = client.get(reverse("admin:own_account")).context["browsers"]

    assert len(listed) == 2
    theirs = StaffSession.objects.get(user=stranger)
    client.post(reverse("admin:end_browser", args=[theirs.pk]))
    assert StaffSession.objects.living().filter(pk=theirs.pk).exists()
    assert inside(phone)


def test_a_browser_that_was_ended_is_out_at_once(
    client, clock, signed_in, django_capture_on_commit_callbacks
):
    phone = Client()
    enter(phone, signed_in)
    give(phone, code_of(signed_in, NOW + STEP))
    session = StaffSession.objects.get(session_key=phone.session.session_key)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:end_browser", args=[session.pk]))

    assert not inside(phone)
    assert inside(client)
    session.refresh_from_db()
    assert session.ended_because == "revoked"
    assert AuditEntry.objects.filter(action="session_revoked", target_id=str(session.pk)).count() == 1


# Proving it again before something dangerous --------------------------------------------------------------------


def test_after_five_minutes_dangerous_things_ask_again(client, clock, signed_in):
    codes = reverse("admin:new_recovery_codes")
    clock.move_to(NOW + timedelta(minutes=5, seconds=1))

    asked = client.post(codes)

    assert asked.url == f"{reverse('admin:confirm_identity')}?next=%2Fadmin%2Faccount%2F"
    assert not AuditEntry.objects.filter(action="recovery_codes_made").exists()
    back = client.post(asked.url, {"code": code_of(signed_in, NOW + timedelta(minutes=5, seconds=1))})
    assert back.url == reverse("admin:own_account")
    assert client.post(codes).status_code == 200


def test_without_an_app_the_password_is_asked_for(client, clock, staff, settings):
    settings.STAFF_TOTP_REQUIRED = False
    enter(client, staff)
    page = reverse("admin:confirm_identity")

    wrong = client.post(page, {"password": "wrong"})
    right = client.post(page, {"password": PASSWORD})

    assert wrong.context["form"].non_field_errors()
    assert right.url == "/admin/"
