from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import Onlus
from donations.models import Bonus, Donation, LedgerAccount, Transfer, Wallet
from donations.operations import bonuses, ledger
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, Kind, balance, fund_pool, give_credits, make_donation
from tests.factories.games import finished_session, open_session

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


@pytest.fixture
def staff():
    member = UserFactory(is_staff=True)
    member.groups.add(Group.objects.get(name="finance"))
    return member


def automatic(player, onlus=None, **columns):
    settings = {"auto_donation_enabled": True, "auto_donation_threshold": "50.00", "preferred_onlus": onlus}
    return Wallet.objects.create(player=player, created_at=NOW, **settings | columns)


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


# Transactions -----------------------------------------------------------------------------------------------------


def test_a_transaction_tells_where_it_came_from(api, alice, onlus):
    fund_pool()
    session = finished_session(alice, minutes=10)
    donation = make_donation(
        alice, onlus, "4.00", message="Forza!", is_anonymous=True, now=NOW + timedelta(hours=1)
    )

    donated, bonus, earned = api.get(LIST).json()["data"]["transactions"]

    assert (donated["type"], donated["transaction_id"], donated["onlus_id"]) == (
        "donated",
        str(donation.pk),
        str(onlus.pk),
    )
    assert donated["metadata"] == {
        "onlus_name": onlus.name,
        "message": "Forza!",
        "is_anonymous": True,
        "donation_source": "user_initiated",
        "auto_donation": False,
    }
    assert (donated["receipt_available"], earned["receipt_available"]) == (True, False)
    assert (bonus["type"], bonus["metadata"]) == ("bonus", {})
    assert (earned["type"], earned["source_type"], earned["game_session_id"]) == (
        "earned",
        "gameplay",
        str(session.pk),
    )
    assert (earned["amount"], earned["multiplier_applied"], earned["effective_amount"]) == (0.05, 2.0, 0.1)
    assert earned["metadata"]["play_duration_ms"] == 10 * 60 * 1000
    assert earned["metadata"]["game_type"] == "number_guessing_game"
    assert earned["processed_at"] == earned["created_at"]


@pytest.mark.parametrize("count", [1, 3])
def test_transactions_with_donations_cost_three_queries(api, alice, onlus, count, django_assert_num_queries):
    fund_pool()
    for number in range(count):
        finished_session(alice, minutes=3, now=NOW + timedelta(hours=number))
        make_donation(alice, onlus, "1.00")

    with django_assert_num_queries(3):
        data = api.get(LIST).json()["data"]

    assert len(data["transactions"]) == 3 * count


def _holds(player):
    """A hold that is open, one that was posted, one that was voided, and a movement wholly given back."""
    fees = ledger.system_account(Kind.PLATFORM_FEES)
    rows = {}
    for name in ("pending", "completed", "cancelled"):
        account = ledger.player_account(player_id=player.pk, kind=Kind.PLAYER_CREDITS, now=NOW)
        cause = ledger.Cause(uuid4(), uuid4(), Transfer.Kind.FEE, player.pk)
        rows[name] = ledger.hold(debit=account, credit=fees, amount=Decimal("1.00"), cause=cause, now=NOW)
    ledger.post(pending=rows["completed"], now=NOW)
    ledger.void(pending=rows["cancelled"], now=NOW)
    rows["refunded"] = give_credits(player, "2.00")
    ledger.reverse(transfer=rows["refunded"], reason="Mistake", now=NOW)
    return rows


@pytest.mark.parametrize("status", ["pending", "cancelled", "refunded"])
def test_transactions_are_filtered_by_status(api, alice, status):
    give_credits(alice, "10.00")
    rows = _holds(alice)

    data = api.get(LIST, {"status": status}).json()["data"]

    assert [(row["id"], row["status"]) for row in data["transactions"]] == [(str(rows[status].pk), status)]


@pytest.mark.parametrize(
    ("type_name", "count"),
    [("earned", 0), ("bonus", 2), ("adjustment", 0), ("refund", 1), ("donated", 0), ("fee", 3)],
)
@pytest.mark.parametrize("key", ["type", "transaction_type"])
def test_transactions_are_filtered_by_type(api, alice, key, type_name, count):
    give_credits(alice, "10.00")
    _holds(alice)

    rows = api.get(LIST, {key: type_name}).json()["data"]["transactions"]

    assert [row["type"] for row in rows] == [type_name] * count


def test_transactions_are_ordered_as_asked(api, alice):
    for amount, hours in (("2.00", 0), ("3.00", 1), ("1.00", 2)):
        give_credits(alice, amount, now=NOW + timedelta(hours=hours))

    def amounts(**query):
        return [row["amount"] for row in api.get(LIST, query).json()["data"]["transactions"]]

    assert amounts() == [1.0, 3.0, 2.0]
    assert amounts(sort_order="asc") == [2.0, 3.0, 1.0]
    assert amounts(sort_by="amount") == [3.0, 2.0, 1.0]
    assert amounts(sort_by="amount", sort_order="asc", page_size=1, page=2) == [2.0]


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ({"status": "lost"}, "INVALID_STATUS_FILTER"),
        ({"type": "gift"}, "INVALID_TYPE_FILTER"),
        ({"transaction_type": "player__password"}, "INVALID_TYPE_FILTER"),
        ({"sort_by": "player__password"}, "INVALID_SORT_FIELD"),
        ({"sort_order": "up"}, "INVALID_SORT_ORDER"),
        ({"page_size": "0"}, "INVALID_LIMIT_VALUE"),
        ({"cursor": "nonsense"}, "INVALID_CURSOR"),
        ({"cursor": "", "sort_by": "amount"}, "INVALID_CURSOR"),
    ],
)
def test_odd_filters_are_refused(api, alice, query, constant):
    answer = api.get(LIST, query)

    assert (answer.status_code, answer.json()["message"]) == (422, constant)


@pytest.mark.parametrize("order", ["desc", "asc"])
def test_a_cursor_walks_the_list_without_gap_or_count(api, alice, order, django_assert_num_queries):
    for number in range(7):
        give_credits(alice, "1.00", now=NOW + timedelta(hours=number // 2))
    whole = [row["id"] for row in api.get(LIST, {"sort_order": order}).json()["data"]["transactions"]]
    walked, cursor = [], ""

    while cursor is not None:
        with django_assert_num_queries(1):
            data = api.get(LIST, {"sort_order": order, "cursor": cursor, "page_size": 3}).json()["data"]
        walked += [row["id"] for row in data["transactions"]]
        cursor = data["pagination"]["next_cursor"]
        if len(walked) == 3:
            give_credits(alice, "1.00", now=NOW + timedelta(days=1 if order == "desc" else -1))  # behind us

    assert walked == whole


def test_a_first_page_hands_out_the_cursor_of_the_next(api, alice):
    for number in range(3):
        give_credits(alice, "1.00", now=NOW + timedelta(hours=number))

    first = api.get(LIST, {"page_size": 2}).json()["data"]
    rest = api.get(LIST, {"page_size": 2, "cursor": first["pagination"]["next_cursor"]}).json()["data"]

    assert len({row["id"] for row in first["transactions"] + rest["transactions"]}) == 3
    assert rest["pagination"]["next_cursor"] is None


def test_a_cursor_shows_nothing_of_others(api, alice):
    bob = UserFactory()
    for _ in range(3):
        give_credits(bob, "1.00")
    api.force_authenticate(bob)
    cursor = api.get(LIST, {"page_size": 1}).json()["data"]["pagination"]["next_cursor"]
    api.force_authenticate(alice)

    assert api.get(LIST, {"cursor": cursor}).json()["data"]["transactions"] == []


# Convert session --------------------------------------------------------------------------------------------------


def convert(api, **body):
    return api.post("/api/wallet/convert-session", body)


def test_what_a_client_claims_about_its_play_counts_for_nothing(api, alice):
    fund_pool()
    session = finished_session(alice, minutes=10)
    claims = {
        "session_id": str(session.pk),
        "play_duration_ms": 86_400_000,
        "game_type": "another",
        "game_mode": "tournament",
        "multipliers": ["tournament", "special_event"],
        "user_context": {"special_event_active": True, "user_loyalty_level": 9},
    }

    for body in (claims, {"session_data": claims}):
        data = convert(api, **body).json()["data"]

        assert data["credits_calculation"]["effective_amount"] == 0.1
        assert data["credits_calculation"]["active_multipliers"] == ["first_time"]
        assert data["credits_calculation"]["game_type"] == "number_guessing_game"
        assert data["wallet_update"]["auto_donation"] == {"eligible": False, "donated": False}
    assert balance(alice) == Decimal("0.10")


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({"session_id": None}, "SESSION_SESSION_ID_REQUIRED"),
        ({"game_id": "quiz"}, "SESSION_SESSION_ID_REQUIRED"),
        ({"session_data": {"game_id": "quiz"}}, "SESSION_SESSION_ID_REQUIRED"),
        ({"session_id": str(uuid4()), "play_duration_ms": 9999}, "SESSION_DURATION_TOO_SHORT"),
        ({"session_id": str(uuid4()), "play_duration_ms": 86_400_001}, "SESSION_DURATION_TOO_LONG"),
        ({"session_id": str(uuid4()), "play_duration_ms": "long"}, "SESSION_INVALID_PLAY_DURATION"),
        ({"session_id": str(uuid4()), "play_duration_ms": None}, "SESSION_PLAY_DURATION_MS_REQUIRED"),
        ({"session_id": str(uuid4()), "game_id": ""}, "SESSION_GAME_ID_REQUIRED"),
    ],
)
def test_convert_session_refuses_what_does_not_fit(api, alice, body, constant):
    answer = convert(api, **body)

    assert (answer.status_code, answer.json()["message"]) == (422, constant)


def test_convert_session_says_why_nothing_was_paid(api, alice):
    running = open_session(alice)
    short = finished_session(UserFactory(), minutes=0.1)
    given_up = finished_session(UserFactory(), minutes=10, reason="abandoned")

    assert convert(api, session_id=str(running.pk)).json()["message"] == "SESSION_NOT_COMPLETED"
    assert convert(api, session_id=str(short.pk)).json()["message"] == "SESSION_NOT_FOUND"
    for session, constant in ((short, "SESSION_DURATION_TOO_SHORT"), (given_up, "SESSION_CONVERSION_ERROR")):
        api.force_authenticate(session.user)
        assert convert(api, session_id=str(session.pk)).json()["message"] == constant


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


# Credits by hand --------------------------------------------------------------------------------------------------


def test_players_cannot_credit_anybody(api, alice):
    fund_pool()
    for path in (ADD, "/api/users/credits", "/api/user/credits"):
        for player in (alice, UserFactory()):
            answer = api.post(path, {"user_id": str(player.pk), "amount": 5, "reason": "Mine"})

            assert (answer.status_code, answer.json()["message"]) == (403, "ADMIN_ACCESS_REQUIRED")
    assert not Bonus.objects.exists()
    assert balance(alice) == 0


def test_staff_without_the_right_cannot_either(api):
    api.force_authenticate(member := UserFactory(is_staff=True))
    body = {"user_id": str(UserFactory().pk), "amount": 5, "reason": "Sorry"}

    assert api.post(ADD, body).json()["message"] == "ADMIN_ACCESS_REQUIRED"
    member.user_permissions.add(Permission.objects.get(codename="add_bonus"))
    member.is_staff = False
    member.save()
    api.force_authenticate(type(member).objects.get(pk=member.pk))
    assert api.post(ADD, body).json()["message"] == "ADMIN_ACCESS_REQUIRED"
    assert not Bonus.objects.exists()


def test_staff_credits_a_player_once_and_leaves_a_trace(api, alice, staff, onlus):
    fund_pool()
    automatic(alice, onlus)
    api.force_authenticate(staff)
    body = {"user_id": str(alice.pk), "amount": "100.00", "reason": "The server was down"}

    answer = api.post(ADD, body, HTTP_IDEMPOTENCY_KEY="once")
    again = api.post(ADD, body, HTTP_IDEMPOTENCY_KEY="once")

    bonus, donation = Bonus.objects.get(), Donation.objects.get()
    assert (answer.status_code, again.content) == (201, answer.content)
    assert answer.json()["data"] == {
        "transaction_id": str(bonus.transfer.transaction_id),
        "new_balance": 75.0,
        "amount_added": 100.0,
        "is_waiting": False,
        "auto_donation": {
            "eligible": True,
            "donated": True,
            "amount": 25.0,
            "transaction_id": str(donation.pk),
            "onlus_id": str(onlus.pk),
        },
    }
    entry = AuditEntry.objects.get(action="credits added")
    assert (entry.actor, entry.target_id, entry.reason) == (staff, str(bonus.pk), "The server was down")
    assert bonus.source_type == Bonus.Source.MANUAL
    api.force_authenticate(alice)
    [_given, added] = api.get(LIST).json()["data"]["transactions"]
    assert (added["type"], added["source_type"], added["reason"]) == (
        "bonus",
        "manual",
        "The server was down",
    )


@pytest.mark.parametrize(
    ("changes", "constant"),
    [
        ({"amount": None}, "AMOUNT_REQUIRED"),
        ({"amount": 0}, "AMOUNT_MUST_BE_POSITIVE"),
        ({"amount": 1500}, "CREDITS_ADD_FAILED"),
        ({"amount": "1000.01"}, "CREDITS_ADD_FAILED"),
        ({"amount": True}, "INVALID_AMOUNT"),
        ({"amount": "NaN"}, "INVALID_AMOUNT"),
        ({"user_id": None}, "USER_ID_REQUIRED"),
        ({"user_id": str(uuid4())}, "USER_NOT_FOUND"),
        ({"reason": ""}, "REASON_REQUIRED"),
        ({"source": "tournament"}, "CREDITS_ADD_ERROR"),
    ],
)
def test_credits_by_hand_refuse_what_does_not_fit(api, alice, staff, changes, constant):
    api.force_authenticate(staff)

    answer = api.post(ADD, {"user_id": str(alice.pk), "amount": 5, "reason": "Sorry"} | changes)

    assert answer.json()["message"] == constant
    assert not Bonus.objects.exists()
    assert not LedgerAccount.objects.filter(player=alice).exists()


def test_nobody_credits_themselves(api, staff):
    api.force_authenticate(staff)

    answer = api.post(ADD, {"user_id": str(staff.pk), "amount": 5, "reason": "I deserve it"})

    assert (answer.status_code, answer.json()["message"]) == (403, "SELF_CREDIT_NOT_ALLOWED")
    assert not Bonus.objects.exists()


def test_a_bonus_is_granted_once_for_its_cause(alice):
    fund_pool()
    prize = {
        "player_id": alice.pk,
        "amount": Decimal("5.00"),
        "source": Bonus.Source.ACHIEVEMENT,
        "cause_id": uuid4(),
        "now": NOW,
    }

    first, second = bonuses.grant(**prize), bonuses.grant(**prize)

    assert first == second
    assert balance(alice) == Decimal("5.00")


def test_a_bonus_of_more_than_a_thousand_is_refused(alice):
    with pytest.raises(bonuses.CreditTooLarge):
        bonuses.grant(
            player_id=alice.pk,
            amount=Decimal("1500"),
            source=Bonus.Source.REFERRAL,
            cause_id=uuid4(),
            now=NOW,
        )

    assert balance(alice) == 0


# The first clients ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["/api/users", "/api/user"])
def test_the_old_routes_use_the_same_wallet(api, alice, onlus, prefix):
    give_credits(alice, "100.00")

    given = api.post(f"{prefix}/donate", {"amount": 40, "onlus_id": str(onlus.pk)}).json()
    shown = api.get(f"{prefix}/wallet").json()

    credits = {"current_balance": 60.0, "total_earned": 0.0, "total_donated": 40.0}
    assert given["message"] == "DONATION_SUCCESS"
    assert given["data"]["user"] == {"id": str(alice.pk), "user_id": str(alice.pk), "wallet_credits": credits}
    assert shown["message"] == "WALLET_RETRIEVED_SUCCESS"
    assert shown["data"] == {"wallet_credits": credits}
    assert Donation.objects.get().pk == Donation.objects.get(pk=given["data"]["transaction_id"]).pk


def test_the_old_donate_refuses_more_than_the_balance(api, alice, onlus):
    give_credits(alice, "20.00")

    answer = api.post("/api/users/donate", {"amount": 50, "onlus_id": str(onlus.pk)})

    assert answer.json()["message"] == "INSUFFICIENT_CREDITS"
    assert balance(alice) == Decimal("20.00")


def test_staff_credits_over_the_old_route(api, alice, staff):
    fund_pool()
    api.force_authenticate(staff)

    answer = api.post("/api/users/credits", {"user_id": str(alice.pk), "amount": 5, "reason": "Sorry"}).json()

    assert answer["message"] == "CREDITS_ADDED_SUCCESS"
    assert answer["data"]["user"]["wallet_credits"]["current_balance"] == 5.0
    assert balance(alice) == Decimal("5.00")
