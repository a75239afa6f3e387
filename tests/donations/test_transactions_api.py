"""The wallet's transactions over the API."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from donations.models import Transfer
from donations.operations import ledger
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, Kind, fund_pool, give_credits, make_donation
from tests.factories.games import finished_session

pytestmark = pytest.mark.django_db
WALLET, LIST = "/api/wallet", "/api/wallet/transactions"


@pytest.fixture
def alice(api):
    player = UserFactory()
    api.force_authenticate(player)
    return player


@pytest.fixture
def onlus():
    return OnlusFactory()


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
