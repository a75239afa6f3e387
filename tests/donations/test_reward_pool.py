"""The pool never pays what it does not have, every credit arrives once, and nobody waits while it is rich."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from donations.models import Bonus, Funding, SessionCredit, Sponsor, Transfer
from donations.operations import bonuses, funding, reward_pool
from donations.queries.waiting import pool_balance, pool_free
from donations.tasks import pay_waiting_credits
from goodplay.lib import realtime
from goodplay.lib.events.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW, balance, fund_pool
from tests.factories.games import finished_session
from tests.threads import at_once, crowd


def grant(player, amount, *, now=NOW):
    return bonuses.grant(
        player_id=player.pk, amount=Decimal(amount), source=Bonus.Source.REFERRAL, cause_id=uuid4(), now=now
    )


def waiting(api, player):
    api.force_authenticate(player)
    return api.get("/api/wallet").json()["data"]["waiting_credits"]


@pytest.mark.django_db
def test_play_an_empty_pool_cannot_pay_waits_and_shows(api):
    session = finished_session(player := UserFactory(), minutes=10)

    session.refresh_from_db()
    credit = SessionCredit.objects.get()
    assert (session.credits_earned, credit.amount) == (Decimal("0.10"), Decimal("0.10"))
    assert credit.transfer.phase == Transfer.Phase.PENDING
    assert balance(player) == pool_balance() == 0
    assert waiting(api, player) == 0.1
    assert Event.objects.filter(name="credits_waiting").count() == 1
    assert not Event.objects.filter(name="credits_earned").exists()
    update = api.post("/api/wallet/convert-session", {"session_id": str(session.pk)}).json()["data"]
    assert update["wallet_update"]["is_waiting"] is True
    [row] = api.get("/api/wallet/transactions").json()["data"]["transactions"]
    assert (row["status"], row["processed_at"], row["source_type"]) == ("pending", None, "gameplay")


@pytest.mark.django_db
def test_money_pays_those_who_wait_once_and_in_order(api, django_capture_on_commit_callbacks):
    alice, bob, charlie = UserFactory.create_batch(3)
    for number, (player, amount) in enumerate([(alice, "5.00"), (bob, "4.00"), (charlie, "1.00")]):
        grant(player, amount, now=NOW + timedelta(minutes=number))

    with django_capture_on_commit_callbacks(execute=True):
        fund_pool("8.00", now=NOW + timedelta(hours=1))

    # Charlie's euro would be covered, but Bob's turn is first.
    assert [balance(player) for player in (alice, bob, charlie)] == [Decimal("5.00"), 0, 0]
    assert (pool_balance(), pool_free()) == (Decimal("3.00"), Decimal("-2.00"))
    fund_pool("2.00", now=NOW + timedelta(hours=2))
    assert pay_waiting_credits() == "2 credits paid"
    assert pay_waiting_credits() == "0 credits paid"
    assert [balance(player) for player in (alice, bob, charlie)] == [
        Decimal(n) for n in ("5.00", "4.00", "1.00")
    ]
    assert pool_balance() == 0
    assert Event.objects.filter(name="credits_earned").count() == 3
    assert waiting(api, bob) == 0


@pytest.mark.django_db
def test_a_new_credit_does_not_overtake_those_who_wait():
    alice, bob = UserFactory.create_batch(2)
    grant(alice, "5.00")
    fund_pool("3.00")

    assert grant(bob, "1.00").transfer.phase == Transfer.Phase.PENDING
    assert balance(bob) == 0


@pytest.mark.django_db
def test_the_last_cent_is_paid_and_no_more():
    fund_pool("0.10")
    players = UserFactory.create_batch(2)

    credits = [grant(player, "0.10") for player in players]

    assert [credit.transfer.phase for credit in credits] == [Transfer.Phase.SINGLE, Transfer.Phase.PENDING]
    assert pool_balance() == 0


@pytest.mark.django_db
def test_a_rich_pool_is_not_asked(django_assert_num_queries):
    fund_pool("5000.00")
    player = UserFactory()
    grant(player, "1.00")  # measures the pool

    with CaptureQueriesContext(
        connection,
    ) as captured:
        grant(player, "1.00")

    asked = [query["sql"] for query in captured if "SUM(" in query["sql"] or "advisory" in query["sql"]]
    assert asked == []


@pytest.mark.django_db
def test_the_gauge_counts_down_and_the_last_thousand_are_reckoned_exactly(settings):
    settings.POOL_MARGIN_EUR = Decimal("100.00")
    fund_pool("103.00")
    player = UserFactory()

    reckoned = []
    for _ in range(5):
        with CaptureQueriesContext(connection) as captured:
            grant(player, "1.00")
        reckoned.append(any("SUM(" in query["sql"] for query in captured))

    assert reckoned == [True, False, True, True, True]
    assert (balance(player), pool_balance()) == (Decimal("5.00"), Decimal("98.00"))


@pytest.mark.django_db
def test_a_large_credit_is_always_reckoned():
    fund_pool("1500.00")
    player = UserFactory()
    grant(player, "1.00")
    cache.set(reward_pool.GAUGE, 10**9)  # a gauge gone wrong

    credits = [grant(player, "1000.00").transfer.phase for _ in range(2)]

    assert credits == [Transfer.Phase.SINGLE, Transfer.Phase.PENDING]


@pytest.mark.django_db
def test_money_is_noticed_at_once(django_capture_on_commit_callbacks):
    fund_pool("1.00")
    player = UserFactory()
    grant(player, "1.00")
    with django_capture_on_commit_callbacks(execute=True):
        fund_pool("5000.00")

    assert grant(player, "1.00").transfer.phase == Transfer.Phase.SINGLE
    assert cache.get(reward_pool.GAUGE) == 499_900


@pytest.mark.django_db
def test_the_player_is_told_when_credits_wait_and_when_they_come(
    monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(
        realtime, "emit", lambda event, data, *, user_id=None: sent.append((event, data, user_id))
    )
    player = UserFactory()

    with django_capture_on_commit_callbacks(execute=True):
        grant(player, "2.00")
    with django_capture_on_commit_callbacks(execute=True):
        fund_pool("10.00")

    assert sent == [
        ("wallet_changed", {"current_balance": 0.0, "held_balance": 0.0, "waiting_credits": 2.0}, player.pk),
        ("wallet_changed", {"current_balance": 2.0, "held_balance": 0.0, "waiting_credits": 0.0}, player.pk),
    ]


@pytest.mark.django_db
def test_waiting_credits_count_towards_the_days_limit(settings):
    settings.DAILY_EARNING_LIMIT_EUR = Decimal("0.15")
    player = UserFactory()
    for hours in (0, 1):
        finished_session(player, minutes=20, now=NOW + timedelta(hours=hours))

    amounts = SessionCredit.objects.order_by("created_at").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("0.15"), Decimal("0.00")]


# Funding ----------------------------------------------------------------------------------------------------------


def record(sponsor, **changes):
    facts = {
        "sponsor": sponsor,
        "amount": Decimal("500.00"),
        "purpose": Funding.Purpose.REWARD_POOL,
        "received_on": NOW.date(),
        "bank_reference": "CRO 123",
        "recorded_by": None,
        "now": NOW,
    }
    return funding.record_funding(**facts | changes)


@pytest.fixture
def sponsor(db):
    return Sponsor.objects.create(name="Fondazione", created_at=NOW)


def test_a_payment_is_booked_from_the_bank_to_the_pool(sponsor):
    row = record(sponsor)

    moved = Transfer.objects.filter(transaction_id=row.pk).order_by("id")
    assert [(each.debit_account.kind, each.credit_account.kind, each.amount) for each in moved] == [
        ("bank", "sponsor", Decimal("500.00")),
        ("sponsor", "reward_pool", Decimal("500.00")),
    ]
    assert pool_balance() == Decimal("500.00")


def test_money_for_matching_stays_with_the_sponsors(sponsor):
    record(sponsor, purpose=Funding.Purpose.MATCHING)

    assert Transfer.objects.get().credit_account.kind == "sponsor"
    assert pool_balance() == 0
    assert not Event.objects.filter(name="pool_funded").exists()


def test_a_bank_reference_counts_once_for_a_sponsor(sponsor):
    record(sponsor)

    with pytest.raises(funding.FundingAlreadyRecorded):
        record(sponsor, amount=Decimal("1.00"), bank_reference=" CRO 123 ")

    record(Sponsor.objects.create(name="Another", created_at=NOW))
    assert pool_balance() == Decimal("1000.00")


def test_money_of_tomorrow_is_not_booked(sponsor):
    with pytest.raises(funding.FundingInTheFuture):
        record(sponsor, received_on=NOW.date() + timedelta(days=1))

    assert not Transfer.objects.exists()


# At the same moment -----------------------------------------------------------------------------------------------


@pytest.mark.race
def test_many_credits_at_once_never_overdraw_a_nearly_empty_pool(real_transactions):
    count = crowd(on_postgresql=60, elsewhere=8)
    fund_pool(Decimal(count) / 4)
    players = UserFactory.create_batch(count)

    results = at_once(count, lambda number: grant(players[number], "1.00").transfer.phase)

    paid = count // 4
    assert Counter(results) == {Transfer.Phase.SINGLE: paid, Transfer.Phase.PENDING: count - paid}
    assert (pool_balance(), pool_free()) == (0, paid - count)


@pytest.mark.race
def test_a_pool_that_runs_dry_under_load_stops_at_zero(real_transactions, settings):
    settings.POOL_MARGIN_EUR = Decimal("10.00")
    count = crowd(on_postgresql=300, elsewhere=24)
    fund_pool(Decimal(count) / 20)
    players = UserFactory.create_batch(5)

    results = at_once(count, lambda number: grant(players[number % 5], "0.10").transfer.phase)

    paid = count // 2
    assert Counter(results) == {Transfer.Phase.SINGLE: paid, Transfer.Phase.PENDING: count - paid}
    assert pool_balance() == 0


@pytest.mark.race
def test_two_runners_pay_each_waiting_credit_once(real_transactions):
    count = crowd(on_postgresql=30, elsewhere=8)
    players = UserFactory.create_batch(count)
    for player in players:
        grant(player, "1.00")
    fund_pool(count - 2)  # pays those who wait as its event is delivered, too
    runners = crowd(on_postgresql=8, elsewhere=3)

    results = at_once(runners, lambda number: reward_pool.pay_waiting(now=NOW))

    assert [type(result) for result in results] == [int] * runners
    assert sorted(balance(player) for player in players) == [0, 0] + [Decimal("1.00")] * (count - 2)
    assert pool_balance() == 0


@pytest.mark.race
def test_paying_those_who_wait_and_crediting_them_again_do_not_block_each_other(real_transactions):
    """Both take the pool before the player."""
    count = crowd(on_postgresql=24, elsewhere=8)
    players = UserFactory.create_batch(4)
    for player in players:
        grant(player, "1.00")

    def act(number):
        if number % 4 == 0:
            with transaction.atomic():
                return fund_pool("2.00").pk and reward_pool.pay_waiting(now=NOW)
        return grant(players[number % 4], "0.50")

    results = at_once(count, act)

    assert not [result for result in results if isinstance(result, Exception)]
    reward_pool.pay_waiting(now=NOW)
    funded, earned = Decimal(2 * count / 4), 4 + Decimal("0.5") * (count - count // 4)
    assert sum(balance(player) for player in players) + pool_balance() == funded
    assert pool_free() == funded - earned


@pytest.mark.race
def test_one_bonus_granted_many_times_at_once_is_paid_once(real_transactions):
    fund_pool()
    player, cause = UserFactory(), uuid4()

    def claim(number):
        return bonuses.grant(
            player_id=player.pk,
            amount=Decimal("3.00"),
            source=Bonus.Source.ACHIEVEMENT,
            cause_id=cause,
            now=NOW,
        ).pk

    results = at_once(crowd(on_postgresql=20, elsewhere=6), claim)

    assert len(set(results)) == 1
    assert balance(player) == Decimal("3.00")
