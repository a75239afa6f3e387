"""Staff over REST: the second step, what is dangerous, and who tried what they may not do."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import LoginSession
from accounts.operations import addresses, second_factor
from accounts.queries.suspicious import watch
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_roles import member_of
from tests.accounts.test_second_step import code_of
from tests.factories.accounts import PASSWORD, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)
FIGURES = "/api/admin/financial/alerts"
SETTINGS = "/api/compliance/settings"
STEP = "/api/auth/second-step"


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_TOTP_REQUIRED = True


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def signed_in(api, user):
    answer = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD})
    tokens = answer.json()["data"]["tokens"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    return tokens


def with_app(user):
    second_factor.begin(user=user)
    yesterday = NOW - timedelta(days=1)
    user.codes = second_factor.confirm(user=user, code=code_of(user, yesterday), now=yesterday)
    return user


def said(response):
    return response.status_code, response.json()["message"]


def refusals():
    return list(
        AuditEntry.objects.filter(action="permission_refused")
        .order_by("sequence")
        .values_list("actor__email", "after")
    )


def test_a_password_alone_opens_no_staff_route_and_a_code_opens_them(api, clock):
    boss = with_app(member_of("compliance"))
    signed_in(api, boss)

    before = said(api.get(FIGURES))
    shown = api.post(STEP, {"code": code_of(boss, NOW)})
    after = said(api.get(FIGURES))

    assert before == (403, "SECOND_STEP_REQUIRED")
    assert said(shown) == (200, "SECOND_STEP_PASSED")
    assert shown.json()["data"] == {
        "second_step_at": "2026-11-20T09:00:05+00:00",
        "valid_until": "2026-11-20T21:00:05+00:00",
        "dangerous_until": "2026-11-20T09:05:05+00:00",
    }
    assert after == (200, "FINANCIAL_ALERTS_RETRIEVED")
    assert AuditEntry.objects.filter(action="api_second_step", actor=boss).count() == 1
    assert refusals() == []


def test_the_step_belongs_to_one_sign_in_and_outlives_its_tokens_for_twelve_hours(api, clock):
    boss = with_app(member_of("compliance"))
    tokens = signed_in(api, boss)
    api.post(STEP, {"code": code_of(boss, NOW)})

    api.credentials()
    renewed = api.post("/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed.json()['data']['access_token']}")
    same_sign_in = said(api.get(FIGURES))
    signed_in(api, boss)
    another = said(api.get(FIGURES))
    LoginSession.objects.update(second_step_at=NOW - timedelta(hours=12, seconds=1))
    old = said(api.get(FIGURES))

    assert same_sign_in == (200, "FINANCIAL_ALERTS_RETRIEVED")
    assert (another, old) == ((403, "SECOND_STEP_REQUIRED"),) * 2


def test_no_code_counts_twice_and_guesses_rest(api, clock):
    boss = with_app(member_of("compliance"))
    code = code_of(boss, NOW)
    signed_in(api, boss)
    api.post(STEP, {"code": code})
    LoginSession.objects.update(second_step_at=None)

    again = said(api.post(STEP, {"code": code}))
    second = said(api.post(STEP, {"code": "000000"}))
    resting = said(api.post(STEP, {"code": code_of(boss, NOW + timedelta(seconds=30))}))
    empty = said(api.post(STEP, {"code": ""}))

    assert (again, second) == ((422, "SECOND_FACTOR_CODE_REFUSED"),) * 2
    assert resting == (429, "SECOND_FACTOR_RESTS")
    assert empty == (422, "SECOND_FACTOR_CODE_REQUIRED")
    assert said(api.get(FIGURES)) == (403, "SECOND_STEP_REQUIRED")
    assert LoginSession.objects.get().second_step_at is None


def test_without_an_app_the_way_leads_to_the_back_office(api, clock):
    signed_in(api, member_of("compliance"))

    assert said(api.post(STEP, {"code": "123456"})) == (409, "SECOND_FACTOR_NOT_SET_UP")
    assert said(api.get(FIGURES)) == (403, "SECOND_STEP_REQUIRED")


def test_whoever_has_an_app_is_asked_also_where_nobody_must(api, clock, settings):
    settings.STAFF_TOTP_REQUIRED = False
    signed_in(api, member_of("compliance"))
    without = said(api.get(FIGURES))
    signed_in(api, with_app(member_of("compliance")))

    assert without == (200, "FINANCIAL_ALERTS_RETRIEVED")
    assert said(api.get(FIGURES)) == (403, "SECOND_STEP_REQUIRED")


def test_what_is_dangerous_asks_again_after_five_minutes(api, clock):
    boss = with_app(member_of("compliance"))
    signed_in(api, boss)
    api.post(STEP, {"code": code_of(boss, NOW)})

    fresh = said(api.put(SETTINGS, {}))
    clock.shift(timedelta(minutes=5, seconds=1))
    old = said(api.put(SETTINGS, {}))
    looking = said(api.get(SETTINGS))
    api.post(STEP, {"code": boss.codes[0]})
    again = said(api.put(SETTINGS, {}))

    assert fresh == again == (400, "DATA_REQUIRED")
    assert old == (403, "SECOND_STEP_TOO_OLD")
    assert looking == (200, "COMPLIANCE_SETTINGS_RETRIEVED")


def test_what_staff_may_not_do_is_on_the_trail_once_a_minute_for_each_route(api, clock):
    analyst = with_app(member_of("moderator"))
    signed_in(api, analyst)
    api.post(STEP, {"code": code_of(analyst, NOW)})

    answers = [said(api.get(FIGURES)), said(api.get(FIGURES)), said(api.put(SETTINGS, {}))]
    clock.shift(timedelta(seconds=61))
    answers.append(said(api.get(FIGURES)))

    assert answers == [(403, "ADMIN_ACCESS_REQUIRED")] * 4
    assert refusals() == [
        (analyst.email, {"method": "GET", "path": FIGURES}),
        (analyst.email, {"method": "PUT", "path": SETTINGS}),
        (analyst.email, {"method": "GET", "path": FIGURES}),
    ]
    assert [each.kind for each in watch(now=datetime.now(UTC)).patterns] == ["permission_refused"]


def test_what_one_batch_type_needs_is_on_the_trail_too_though_the_request_is_undone(api, clock):
    """The right is asked for inside the transaction of the request."""
    boss = with_app(member_of("compliance"))
    signed_in(api, boss)
    api.post(STEP, {"code": code_of(boss, NOW)})

    answer = api.post("/api/batch/operations", {"operation_type": "payouts", "items": [{}]})

    assert said(answer) == (403, "ADMIN_ACCESS_REQUIRED")
    assert refusals() == [(boss.email, {"method": "POST", "path": "/api/batch/operations"})]


def test_a_player_who_tries_all_staff_routes_leaves_one_entry(api, clock):
    player = UserFactory()
    signed_in(api, player)

    answers = {said(api.get(path)) for path in (FIGURES, SETTINGS, "/api/batch/history")}

    assert answers == {(403, "ADMIN_ACCESS_REQUIRED")}
    assert refusals() == [(player.email, {"method": "GET", "path": FIGURES})]
    assert said(api.get("/api/batch/nothing/status")) == (403, "ADMIN_ACCESS_REQUIRED")


def test_a_stranger_is_asked_to_sign_in_and_leaves_nothing(api):
    assert said(api.get(FIGURES)) == (401, "AUTHENTICATION_REQUIRED")
    assert said(api.post(STEP, {"code": "1"})) == (401, "AUTHENTICATION_REQUIRED")
    assert refusals() == []


# What donors did: open to the donor, and to staff ------------------------------------------------------------------


@pytest.fixture
def gift(clock):
    return make_donation(UserFactory(), OnlusFactory(), "10.00", now=NOW)


def others_impact(gift):
    return (
        f"/api/impact/user/{gift.donor_id}",
        f"/api/impact/user/{gift.donor_id}/timeline",
        f"/api/impact/donation/{gift.pk}",
        f"/api/impact/dashboard?user_id={gift.donor_id}",
    )


def test_a_password_alone_shows_staff_nothing_of_a_donor(api, gift):
    boss = with_app(member_of("finance"))
    signed_in(api, boss)
    pages = (*others_impact(gift), f"/api/impact/donation/{gift.pk}/proof", "/api/impact/donation/nothing")

    before = {said(api.get(path)) for path in pages}
    own = {said(api.get(f"/api/impact/user/{boss.pk}")), said(api.get("/api/impact/dashboard"))}
    api.post(STEP, {"code": code_of(boss, NOW)})
    after = {api.get(path).status_code for path in others_impact(gift)}

    assert before == {(403, "SECOND_STEP_REQUIRED")}
    assert own == {(200, "USER_IMPACT_SUMMARY_SUCCESS"), (200, "DASHBOARD_DATA_SUCCESS")}
    assert after == {200}


def test_from_elsewhere_staff_see_nothing_of_a_donor(api, gift, settings):
    settings.STAFF_TOTP_REQUIRED = False
    boss = member_of("finance")
    signed_in(api, boss)
    addresses.allow(
        network="203.0.113.0/24", user=boss, reason="At the office.", actor=StaffFactory(), now=NOW
    )

    assert {said(api.get(path)) for path in others_impact(gift)} == {(403, "IP_NOT_WHITELISTED")}


def test_staff_without_the_right_see_their_own_dashboard_whomever_they_ask_for(api, gift):
    clerk = with_app(member_of("moderator"))
    signed_in(api, clerk)
    page = f"/api/impact/dashboard?user_id={gift.donor_id}"

    shown = api.get(page).json()["data"]["user_summary"]

    assert shown["total_donated"] == 0.0
