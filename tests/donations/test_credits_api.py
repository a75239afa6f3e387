"""Credits from a session, credits by hand, and the routes of the first clients."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission

from donations.models import Bonus, Donation, LedgerAccount
from donations.operations import bonuses
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, automatic, balance, fund_pool, give_credits
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
