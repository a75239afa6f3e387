from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from accounts.models import Onlus
from donations.models import Donation, Wallet
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, Kind, automatic, balance, fund_pool, give_credits, make_donation
from tests.factories.games import finished_session

pytestmark = pytest.mark.django_db
WALLET, LIST = "/api/wallet", "/api/wallet/transactions"
SETTINGS, GIVE_NOW, ADD = (
    "/api/wallet/auto-donation",
    "/api/wallet/auto-donation/process",
    "/api/wallet/credits/add",
)


@pytest.fixture
def alice(api):
    player = UserFactory()
    api.force_authenticate(player)
    return player


@pytest.fixture
def onlus():
    return OnlusFactory()


# The wallet -------------------------------------------------------------------------------------------------------


def test_the_wallet_shows_everything_in_one_query(api, alice, onlus, django_assert_num_queries):
    fund_pool()
    finished_session(alice, minutes=10)
    give_credits(alice, "5.00", kind=Kind.PLAYER_CASH)
    make_donation(alice, onlus, "4.00")
    automatic(alice, onlus, round_up_enabled=True)

    with django_assert_num_queries(1):
        data = api.get(WALLET).json()["data"]

    settings = {
        "enabled": True,
        "threshold": 50.0,
        "percentage": 50,
        "preferred_onlus_id": str(onlus.pk),
        "round_up_enabled": True,
        "allocation_consent": False,
    }
    statistics = data.pop("statistics")
    assert statistics.pop("account_age_days") > 0
    assert statistics == {
        "current_balance": 5.1,
        "total_earned": 0.1,
        "total_donated": 4.0,
        "donation_ratio": 40.0,
        "auto_donation_enabled": True,
        "auto_donation_threshold": 50.0,
        "version": data["version"],
    }
    assert data.pop("created_at") <= data.pop("updated_at")
    assert data.pop("version") > 1
    assert data == {
        "wallet_id": str(alice.pk),
        "user_id": str(alice.pk),
        "current_balance": 5.1,
        "held_balance": 0.0,
        "waiting_credits": 0.0,
        "earned_balance": 0.1,
        "paid_balance": 5.0,
        "is_frozen": False,
        "total_earned": 0.1,
        "total_donated": 4.0,
        "auto_donation_settings": settings,
    }


def test_one_credit_makes_version_one_two(api, alice):
    api.get(WALLET)
    give_credits(alice, "1.00")

    assert api.get(WALLET).json()["data"]["version"] == 2


def test_settings_show_before_the_first_credit(api, alice):
    automatic(alice, auto_donation_enabled=False, auto_donation_threshold="3.00")

    data = api.get(WALLET).json()["data"]

    assert data["auto_donation_settings"]["threshold"] == 3.0
    assert (data["current_balance"], data["version"]) == (0.0, 1)


def test_a_wallet_is_nobody_elses(api, alice):
    give_credits(UserFactory(), "9.00")

    assert api.get(WALLET).json()["data"]["current_balance"] == 0.0
    assert api.get("/api/wallet/statistics").json()["data"]["transactions"]["total_transactions"] == 0


def test_statistics_add_up_by_type(api, alice, onlus, django_assert_num_queries):
    fund_pool()
    finished_session(alice, minutes=10)
    finished_session(alice, minutes=4, now=NOW + timedelta(hours=1))
    give_credits(alice, "3.00")
    make_donation(alice, onlus, "2.00")

    with django_assert_num_queries(4):
        data = api.get("/api/wallet/statistics").json()["data"]

    assert data["wallet"] == api.get(WALLET).json()["data"]["statistics"]
    assert data["transactions"] == {
        "total_transactions": 5,
        "completed_transactions": 5,
        "total_earned": 0.07,
        "total_donated": 2.0,
        "total_effective_earned": 0.12,
        "total_effective_donated": 2.0,
        "by_type": {
            "earned": {
                "count": 2,
                "total_amount": 0.07,
                "total_effective_amount": 0.12,
                "avg_amount": 0.04,
                "completed_count": 2,
            },
            "bonus": {
                "count": 2,
                "total_amount": 5.0,
                "total_effective_amount": 5.0,
                "avg_amount": 2.5,
                "completed_count": 2,
            },
            "donated": {
                "count": 1,
                "total_amount": 2.0,
                "total_effective_amount": 2.0,
                "avg_amount": 2.0,
                "completed_count": 1,
            },
        },
    }
    assert data["conversion_stats"] == {
        "credited_sessions": 2,
        "total_play_time_minutes": 14.0,
        "avg_credits_per_session": 0.06,
        "most_productive_day": "2026-03-04",
    }


# Automatic donation settings --------------------------------------------------------------------------------------


def test_settings_change_one_by_one_and_unknown_keys_are_dropped(api, alice, onlus):
    api.put(SETTINGS, {"threshold": 20, "percentage": 30.0, "favourite_colour": "green"})
    answer = api.put(SETTINGS, {"enabled": True, "preferred_onlus_id": str(onlus.pk)})

    assert answer.json()["message"] == "AUTO_DONATION_SETTINGS_UPDATED_SUCCESS"
    assert answer.json()["data"] == {
        "enabled": True,
        "threshold": 20.0,
        "percentage": 30,
        "preferred_onlus_id": str(onlus.pk),
        "round_up_enabled": False,
        "allocation_consent": False,
    }


@pytest.mark.parametrize(
    ("changes", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"enabled": "yes"}, 422, "AUTO_DONATION_ENABLED_INVALID"),
        ({"enabled": 1}, 422, "AUTO_DONATION_ENABLED_INVALID"),
        ({"enabled": None}, 422, "AUTO_DONATION_ENABLED_INVALID"),
        ({"threshold": -1}, 422, "WALLET_AUTO_DONATION_THRESHOLD_INVALID"),
        ({"threshold": "1.001"}, 422, "WALLET_AUTO_DONATION_THRESHOLD_INVALID"),
        ({"threshold": True}, 422, "WALLET_AUTO_DONATION_THRESHOLD_INVALID"),
        ({"percentage": 0}, 422, "WALLET_AUTO_DONATION_PERCENTAGE_INVALID"),
        ({"percentage": 101}, 422, "WALLET_AUTO_DONATION_PERCENTAGE_INVALID"),
        ({"percentage": 50.5}, 422, "WALLET_AUTO_DONATION_PERCENTAGE_INVALID"),
        ({"percentage": True}, 422, "WALLET_AUTO_DONATION_PERCENTAGE_INVALID"),
        ({"preferred_onlus_id": "nope"}, 422, "AUTO_DONATION_SETTINGS_INVALID"),
        ({"preferred_onlus_id": str(uuid4())}, 404, "ONLUS_NOT_FOUND"),
        ({"round_up_enabled": "no"}, 422, "AUTO_DONATION_SETTINGS_INVALID"),
        ({"enabled": True}, 422, "AUTO_DONATION_SETTINGS_INVALID"),
    ],
)
def test_settings_refuse_what_does_not_fit(api, alice, changes, status, constant):
    answer = api.put(SETTINGS, changes)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not Wallet.objects.exists()


def test_an_organisation_out_of_order_cannot_be_chosen(api, alice):
    suspended = OnlusFactory(status=Onlus.Status.SUSPENDED)
    body = {"preferred_onlus_id": str(suspended.pk)}

    assert api.put(SETTINGS, body).json()["message"] == "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"
    assert api.put(SETTINGS, body | {"enabled": True}).json()["message"] == "AUTO_DONATION_SETTINGS_INVALID"
    assert not Wallet.objects.exists()


def test_the_installations_default_is_enough_to_switch_on(api, alice, onlus, settings):
    settings.DEFAULT_ONLUS_ID = onlus.pk

    data = api.put(SETTINGS, {"enabled": True}).json()["data"]

    assert (data["enabled"], data["preferred_onlus_id"]) == (True, None)


def test_giving_now_gives_the_share_of_the_excess(api, alice, onlus):
    automatic(alice, onlus)
    give_credits(alice, "100.00")

    answer = api.post(GIVE_NOW, HTTP_IDEMPOTENCY_KEY="now")
    again = api.post(GIVE_NOW, HTTP_IDEMPOTENCY_KEY="now")

    donation = Donation.objects.get()
    assert answer.json()["message"] == "AUTO_DONATION_SUCCESS"
    assert answer.json()["data"] == {
        "eligible": True,
        "donated": True,
        "amount": 25.0,
        "transaction_id": str(donation.pk),
        "onlus_id": str(onlus.pk),
    }
    assert again.content == answer.content
    assert donation.origin == Donation.Origin.AUTO
    assert balance(alice) == Decimal("75.00")


@pytest.mark.parametrize(
    ("credits", "columns", "data"),
    [
        ("50.00", {}, {"eligible": True, "donated": False, "reason": "calculation_failed"}),
        ("49.99", {}, {"eligible": False, "donated": False}),
        ("100.00", {"auto_donation_enabled": False}, {"eligible": False, "donated": False}),
    ],
)
def test_giving_now_says_when_there_is_nothing_to_give(api, alice, onlus, credits, columns, data):
    automatic(alice, onlus, **columns)
    give_credits(alice, credits)

    answer = api.post(GIVE_NOW)

    assert (answer.status_code, answer.json()["message"]) == (200, "AUTO_DONATION_NOT_ELIGIBLE")
    assert answer.json()["data"] == data
    assert not Donation.objects.exists()
