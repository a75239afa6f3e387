"""Networks that are kept out, networks staff come from, and passwords long enough for staff."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language

from accounts.models import AddressBlock, AddressRule
from accounts.operations import addresses
from accounts.tasks import publish_blocks
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_roles import member_of
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)
REASON = "They try passwords all night."
FOREIGN, HOME = "203.0.113.7", "127.0.0.1"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def login(api, email, password=PASSWORD, address=FOREIGN):
    answer = api.post("/api/auth/login", {"email": email, "password": password}, REMOTE_ADDR=address)
    return answer.status_code, answer.json()["message"]


def press(client, name, row=None, model="addressblock", **form):
    if row is None:
        address = reverse(f"admin:accounts_{model}_do_on_list", args=[name])
    else:
        address = reverse(f"admin:accounts_{model}_do", args=[row.pk, name])
    return client.post(address, {"reason": REASON, **form})


def block(network, everything=False):
    return addresses.block(
        network=network, hours=24, everything=everything, reason=REASON, actor=StaffFactory(), now=NOW
    )


def test_ten_failures_close_sign_ins_from_an_address_at_every_door_for_an_hour(api, client, clock):
    player, boss = UserFactory(), StaffFactory()
    for number in range(10):
        assert login(api, f"nobody{number}@example.org", "wrong") == (401, "INVALID_CREDENTIALS")
        clock.shift(timedelta(seconds=10))

    blocked = login(api, player.email)
    form = {"username": boss.email, "password": PASSWORD}
    page = client.post("/admin/login/", form, REMOTE_ADDR=FOREIGN)
    elsewhere = login(api, player.email, address="203.0.113.8")
    clock.shift(timedelta(hours=1))

    assert blocked == (403, "IP_BLOCKED")
    assert str(addresses.AddressBlocked.message) in page.content.decode()
    assert elsewhere == login(api, player.email) == (200, "USER_LOGIN_SUCCESS")
    row = AddressBlock.objects.get()
    assert (row.network, row.everything, row.created_by) == ("203.0.113.7/32", False, None)
    [entry] = AuditEntry.objects.filter(action="ip_block")
    assert (entry.actor, entry.after["network"]) == (None, "203.0.113.7/32")
    assert Alert.objects.get(alert_type="ip_blocked").severity == "high"


def test_failures_far_apart_or_from_different_addresses_close_nothing(api, clock):
    for number in range(18):
        address = FOREIGN if number % 2 else HOME
        login(api, f"nobody{number}@example.org", "wrong", address)
        clock.shift(timedelta(seconds=4))

    assert not AddressBlock.objects.exists()


def test_a_block_is_seen_and_lifted_with_a_reason_on_the_trail(api, client, clock):
    player, row = UserFactory(), block("203.0.113.0/24")
    client.force_login(StaffFactory())
    before = login(api, player.email)

    shown = client.get(reverse("admin:accounts_addressblock_changelist"))
    lifted = press(client, "lift", row)
    press(client, "lift", row)

    assert before == (403, "IP_BLOCKED")
    assert "203.0.113.0/24" in shown.content.decode()
    assert lifted.status_code == 302
    assert login(api, player.email) == (200, "USER_LOGIN_SUCCESS")
    assert [each.reason for each in AuditEntry.objects.filter(action="ip_unblock")] == [REASON]


def test_a_network_blocked_by_hand_can_be_answered_nothing_at_all(
    api, client, clock, django_capture_on_commit_callbacks
):
    client.force_login(StaffFactory())
    with django_capture_on_commit_callbacks(execute=True):
        press(client, "block", network="203.0.113.9/24", hours="24", everything="on")

    answers = [
        api.get("/api/onlus/organizations", REMOTE_ADDR=FOREIGN),
        client.get("/admin/login/", REMOTE_ADDR=FOREIGN),
        api.get("/api/onlus/organizations", REMOTE_ADDR="::ffff:203.0.113.7"),
    ]
    elsewhere = api.get("/api/onlus/organizations", REMOTE_ADDR=HOME)

    assert {answer.status_code for answer in answers} == {403}
    assert answers[0].json()["message"] == "IP_BLOCKED"
    assert elsewhere.status_code == 200
    assert AddressBlock.objects.get().network == "203.0.113.0/24"


def test_who_is_kept_out_is_told_in_their_language(api, client, clock):
    block("203.0.113.0/24", everything=True)
    publish_blocks()

    told = {
        language: [
            api.get("/api/onlus/organizations", REMOTE_ADDR=FOREIGN, headers={"accept-language": language}),
            client.get("/admin/login/", REMOTE_ADDR=FOREIGN, headers={"accept-language": language}),
        ]
        for language in ("en", "it-IT,it;q=0.9", "xx")
    }

    for language, sentence in zip(
        told, ("network is blocked", "rete è bloccata", "network is blocked"), strict=True
    ):
        assert [sentence in answer.content.decode() for answer in told[language]] == [True, True]
        assert all("Accept-Language" in answer["Vary"] for answer in told[language])
    assert get_language() == "en"


def test_an_emptied_cache_is_filled_again_by_the_job(api, clock):
    block("203.0.113.0/24", everything=True)
    before = api.get("/api/onlus/organizations", REMOTE_ADDR=FOREIGN).status_code

    publish_blocks()

    assert (before, api.get("/api/onlus/organizations", REMOTE_ADDR=FOREIGN).status_code) == (200, 403)


@pytest.mark.parametrize(
    ("network", "error"),
    [
        ("nonsense", addresses.NotANetwork),
        ("203.0.113.7/33", addresses.NotANetwork),
        ("0.0.0.0/0", addresses.NetworkTooWide),
        ("127.0.0.0/8", addresses.LocksYouOut),
    ],
)
def test_what_is_no_network_or_ones_own_is_refused(client, network, error):
    client.force_login(StaffFactory())

    page = press(client, "block", network=network, hours="24")

    assert str(error.message) in page.context["form"].non_field_errors()
    assert not AddressBlock.objects.exists()


def test_only_super_administrators_say_who_stays_out(client):
    client.force_login(member_of("admin"))

    assert press(client, "block", network=FOREIGN, hours="24").status_code == 403
    assert press(client, "allow", model="addressrule", network=HOME).status_code == 403
    assert not AddressBlock.objects.exists()


# Where staff come from --------------------------------------------------------------------------------------------


def allow(client, network, user=None):
    form = {"network": network, "user": str(user.pk) if user else ""}
    return press(client, "allow", model="addressrule", **form)


def test_staff_work_from_the_networks_that_were_named(client, django_capture_on_commit_callbacks):
    boss, abroad = StaffFactory(), member_of("analyst")
    client.force_login(boss)
    with django_capture_on_commit_callbacks(execute=True):
        allow(client, "127.0.0.0/24")
        allow(client, "203.0.113.0/24", abroad)

    at_home = client.get("/admin/").status_code
    away = client.get("/admin/", REMOTE_ADDR=FOREIGN)
    client.force_login(abroad)
    own_rule = client.get("/admin/", REMOTE_ADDR=FOREIGN).status_code
    not_own = client.get("/admin/").status_code

    assert (at_home, away.status_code, own_rule, not_own) == (200, 403, 200, 403)
    assert str(addresses.AddressNotAllowed.message) in away.content.decode()
    refused = AuditEntry.objects.filter(action="permission_refused").values_list("actor", flat=True)
    assert list(refused.order_by("sequence")) == [boss.pk, abroad.pk]


def test_an_open_browser_is_looked_at_again_when_a_rule_comes(client, django_capture_on_commit_callbacks):
    analyst = member_of("analyst")
    client.force_login(analyst)
    before = client.get("/admin/").status_code
    with django_capture_on_commit_callbacks(execute=True):
        addresses.allow(network="203.0.113.0/24", user=analyst, reason=REASON, actor=StaffFactory(), now=NOW)

    assert (before, client.get("/admin/").status_code) == (200, 403)


def test_a_rule_holds_within_a_minute_also_when_the_cache_was_emptied(client, clock):
    analyst = member_of("analyst")
    client.force_login(analyst)
    addresses.allow(network="203.0.113.0/24", user=analyst, reason=REASON, actor=StaffFactory(), now=NOW)
    cache.clear()
    before = client.get("/admin/").status_code
    clock.shift(timedelta(seconds=61))

    assert (before, client.get("/admin/").status_code) == (200, 403)


def test_nobody_locks_themselves_out(client):
    boss = StaffFactory()
    client.force_login(boss)

    for form in ({"network": "203.0.113.0/24"}, {"network": "203.0.113.0/24", "user": str(boss.pk)}):
        page = press(client, "allow", model="addressrule", **form)
        assert str(addresses.LocksYouOut.message) in page.context["form"].non_field_errors()

    assert not AddressRule.objects.exists()


def test_staff_rest_asks_where_from_too(api, clock):
    analyst = member_of("analyst")
    addresses.allow(network="203.0.113.0/24", user=analyst, reason=REASON, actor=StaffFactory(), now=NOW)
    token = api.post("/api/auth/login", {"email": analyst.email, "password": PASSWORD}).json()["data"][
        "tokens"
    ]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token['access_token']}")

    here = api.get("/api/admin/financial/alerts")
    there = api.get("/api/admin/financial/alerts", REMOTE_ADDR=FOREIGN)

    assert (here.status_code, here.json()["message"]) == (403, "IP_NOT_WHITELISTED")
    assert there.status_code == 200


# Passwords --------------------------------------------------------------------------------------------------------


def test_a_password_of_staff_has_twelve_characters():
    short = "Zu-kurz-11!"

    with pytest.raises(ValidationError, match="at least 12 characters"):
        validate_password(short, StaffFactory())

    validate_password(short, UserFactory())
    validate_password("Lang-genug-12", StaffFactory())


def test_whoever_comes_in_with_a_short_one_chooses_another_first(client):
    boss = StaffFactory()
    boss.set_password("Zu-kurz-11!")
    boss.save()
    client.post("/admin/login/", {"username": boss.email, "password": "Zu-kurz-11!"})

    led = client.get("/admin/")
    changed = {"old_password": "Zu-kurz-11!", "new_password1": "Zu-kurz-22!", "new_password2": "Zu-kurz-22!"}
    refused = client.post("/admin/password_change/", changed)
    changed |= {"new_password1": "Lang-genug-12", "new_password2": "Lang-genug-12"}
    client.post("/admin/password_change/", changed)

    assert (led.status_code, led.url) == (302, "/admin/password_change/")
    assert "at least 12 characters" in str(refused.context["form"].errors)
    assert client.get("/admin/").status_code == 200
