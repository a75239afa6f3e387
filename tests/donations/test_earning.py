from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from donations.models import ConversionRate, SessionCredit, SpecialEvent, Transfer
from donations.operations import earning
from donations.queries import rates
from games import operations as games
from games.models import GameSession
from tests.factories.accounts import UserFactory
from tests.factories.donations import balance, fund_pool
from tests.factories.games import (
    GameFactory,
    GameSessionFactory,
    finished_session,
    open_session,
    play,
    winning_moves,
)
from tests.threads import at_once, crowd

MULTIPLIERS = {
    "tournament": "2.0",
    "challenge": "1.5",
    "daily_streak": "1.2",
    "weekend": "1.1",
    "special_event": "3.0",
    "loyalty": "1.3",
    "first_time": "2.0",
}
WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def funded_pool(request):
    if "django_db" in request.keywords:
        request.getfixturevalue("db")
        fund_pool()


def credits(minutes, *active):
    calculation = rates.calculate(
        minutes=Fraction(minutes), base_rate=Decimal("0.01"), multipliers=MULTIPLIERS, active=list(active)
    )
    return calculation.multiplier, calculation.amount


@pytest.mark.parametrize(
    ("minutes", "active", "multiplier", "amount"),
    [
        (5, [], "1", "0.05"),
        (10, ["tournament"], "2.0", "0.20"),
        (10, ["weekend"], "1.1", "0.11"),
        (30, ["challenge", "weekend"], "1.6", "0.48"),
        (10, ["special_event", "first_time", "weekend"], "4.1", "0.41"),
        (10, ["tournament", "weekend"], "2.1", "0.21"),
        (1, list(MULTIPLIERS), "6.1", "0.06"),
        (10, ["unknown"], "1", "0.10"),
        ("0.49", [], "1", "0.00"),
        ("0.50", [], "1", "0.01"),
        ("1.4", ["tournament"], "2.0", "0.03"),
    ],
)
def test_the_formula_gives_the_frozen_examples(minutes, active, multiplier, amount):
    assert credits(minutes, *active) == (Decimal(multiplier), Decimal(amount))


@given(seconds=st.integers(10, 86_400), active=st.lists(st.sampled_from(sorted(MULTIPLIERS)), unique=True))
def test_half_a_cent_counts_for_the_player_whatever_the_seconds(seconds, active):
    multiplier, amount = credits(Fraction(seconds, 60), *active)

    exact_thousandths = Fraction(seconds, 60) * Fraction("0.01") * Fraction(multiplier) * 1000
    assert amount == Decimal((exact_thousandths + 5) // 10) / 100


@pytest.mark.django_db
def test_play_of_a_hundred_and_ten_seconds_in_a_special_event_earns_its_half_cent():
    player = UserFactory()
    SpecialEvent.objects.create(
        name="Feast", starts_at=WEDNESDAY - timedelta(days=1), ends_at=WEDNESDAY + timedelta(days=1)
    )
    game = GameFactory()
    game.credit_rate = Decimal("0.75")
    game.save()
    session = GameSessionFactory(
        user=player,
        game=game,
        status="completed",
        is_verified=True,
        played_for=timedelta(seconds=110),
        started_at=WEDNESDAY,
        ended_at=WEDNESDAY,
    )

    credit = earning.credit_session(session=session)

    assert (credit.multiplier, credit.amount) == (Decimal("4.0"), Decimal("0.06"))
    GameSession.objects.filter(pk=session.pk).update(credits_earned=credit.amount)


@given(
    minutes=st.decimals(0, 1440, places=3),
    active=st.lists(st.sampled_from([*MULTIPLIERS, "unknown"]), unique=True),
)
def test_bonuses_never_cost_and_never_exceed_their_sum(minutes, active):
    multiplier, amount = credits(minutes, *active)

    assert Decimal(1) <= multiplier <= Decimal("6.1")
    assert amount >= credits(minutes)[1]
    assert abs(amount - minutes * Decimal("0.01") * multiplier) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("moment", "is_weekend"),
    [
        (datetime(2026, 3, 6, 16, 59, tzinfo=UTC), False),  # Friday 17:59 in Rome
        (datetime(2026, 3, 6, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 8, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 8, 23, 0, tzinfo=UTC), False),  # Monday 00:00 in Rome
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), True),  # summer time began that morning
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), False),
    ],
)
def test_the_weekend_is_romes(moment, is_weekend):
    assert rates.is_weekend(moment) is is_weekend


@pytest.mark.django_db
def test_a_finished_session_is_paid_by_the_card_and_remembers_it():
    player = UserFactory()

    session = finished_session(player, minutes=10, now=WEDNESDAY)

    session.refresh_from_db()
    credit = SessionCredit.objects.get()
    assert credit.active_multipliers == ["first_time"]
    assert (credit.minutes, credit.base_rate, credit.multiplier) == (
        Decimal("10.0000"),
        Decimal("0.00500000"),
        Decimal("2.0000"),
    )
    assert credit.amount == session.credits_earned == balance(player) == Decimal("0.10")
    assert credit.rate.rate_id == "default"
    assert credit.transfer.cause_id == session.pk


@pytest.mark.django_db
def test_streak_loyalty_and_first_time_come_from_history_alone():
    player, active = UserFactory(), []
    for ended_at in (
        WEDNESDAY,
        WEDNESDAY + timedelta(hours=2),
        WEDNESDAY + timedelta(days=1),
        WEDNESDAY + timedelta(days=5),
        datetime(2026, 4, 8, 12, tzinfo=UTC),
        datetime(2026, 5, 6, 12, tzinfo=UTC),
    ):
        finished_session(player, minutes=3, now=ended_at)
        active.append(SessionCredit.objects.latest("created_at").active_multipliers)

    assert active == [["first_time"], [], ["daily_streak"], [], [], ["loyalty"]]


@pytest.mark.django_db
def test_a_running_event_and_the_weekend_pay_more():
    finished_session(player := UserFactory(), minutes=3, now=WEDNESDAY)
    SpecialEvent.objects.create(
        code="trees", name="Trees", kind="holiday", starts_at=SATURDAY - timedelta(hours=1), ends_at=SATURDAY
    )
    rates.forget_cards()

    finished_session(player, minutes=10, now=SATURDAY - timedelta(minutes=1))
    inside = SessionCredit.objects.latest("created_at")
    finished_session(player, minutes=10, now=SATURDAY + timedelta(minutes=30))
    after = SessionCredit.objects.latest("created_at")

    assert inside.active_multipliers == ["weekend", "special_event"]
    assert inside.amount == Decimal("0.16")  # 10 x 0.005 x 3.1 = 0.155
    assert after.active_multipliers == ["weekend"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "reason", "shown"), [(0.1, "completed", Decimal("0.00")), (10, "abandoned", None)]
)
def test_too_short_or_abandoned_play_earns_nothing(minutes, reason, shown):
    session = finished_session(player := UserFactory(), minutes=minutes, now=WEDNESDAY, reason=reason)

    session.refresh_from_db()
    assert (session.credits_earned, balance(player)) == (shown, Decimal("0.00"))
    assert not SessionCredit.objects.exists()


@pytest.mark.django_db
def test_the_days_limit_cuts_the_credit_and_starts_anew_in_rome(settings):
    settings.DAILY_EARNING_LIMIT_EUR = Decimal("0.12")
    player = UserFactory()
    earned = []
    for ended_at in (
        datetime(2026, 3, 4, 21, 0, tzinfo=UTC),
        datetime(2026, 3, 4, 22, 59, tzinfo=UTC),
        datetime(2026, 3, 4, 23, 30, tzinfo=UTC),  # Thursday in Rome
    ):
        finished_session(player, minutes=10, now=ended_at)
        earned.append(SessionCredit.objects.latest("created_at").amount)

    assert earned == [Decimal("0.10"), Decimal("0.02"), Decimal("0.06")]
    assert balance(player) == Decimal("0.18")


@pytest.mark.django_db
def test_the_card_with_priority_pays_and_an_ended_card_does_not():
    base = {"base_rate": "0.02", "multipliers": {}, "created_at": WEDNESDAY}
    ConversionRate.objects.create(
        rate_id="spring",
        priority=5,
        valid_from=WEDNESDAY - timedelta(days=1),
        valid_until=WEDNESDAY + timedelta(days=1),
        **base,
    )
    rates.forget_cards()

    assert rates.current_rate(WEDNESDAY).rate_id == "spring"
    assert rates.current_rate(WEDNESDAY + timedelta(days=1)).rate_id == "default"


@pytest.mark.django_db
def test_the_player_sees_how_a_session_was_paid_and_nobody_else_does(api):
    player = UserFactory()
    session = finished_session(player, minutes=10, now=WEDNESDAY)
    path, body = "/api/wallet/convert-session", {"session_id": str(session.pk)}
    api.force_authenticate(player)

    for _ in range(2):
        data = api.post(path, body).json()["data"]

    assert data["credits_calculation"]["effective_amount"] == 0.1
    assert data["wallet_update"]["new_balance"] == 0.1
    assert Transfer.objects.filter(player=player).count() == 1
    api.force_authenticate(UserFactory())
    assert api.post(path, body).json()["message"] == "SESSION_NOT_FOUND"


@pytest.mark.django_db
def test_the_rate_card_is_shown(api):
    api.force_authenticate(UserFactory())

    data = api.get("/api/conversion-rates").json()["data"]

    assert (data["rate_id"], data["base_rate_eur_per_minute"]) == ("default", 0.01)
    assert data["multipliers"]["tournament"] == 2.0


@pytest.mark.django_db
def test_play_of_more_than_a_day_counts_as_a_day():
    session = GameSessionFactory(
        status="completed", is_verified=True, played_for=timedelta(hours=30), started_at=WEDNESDAY
    )

    session = GameSession.objects.get(pk=session.pk)

    credit = earning.credit_session(session=session)

    assert credit.minutes == Decimal("1440.0000")
    GameSession.objects.filter(pk=session.pk).update(credits_earned=credit.amount)


@pytest.mark.race
def test_sessions_ended_at_once_never_earn_more_than_the_days_limit(real_transactions, settings):
    settings.DAILY_EARNING_LIMIT_EUR = Decimal("0.25")
    fund_pool()
    player = UserFactory()
    columns = {"status": "completed", "is_verified": True, "played_for": timedelta(minutes=10)}
    sessions = [
        GameSessionFactory(user=player, game=GameFactory(engine_name=f"game-{number}"), **columns)
        for number in range(crowd(on_postgresql=20, elsewhere=6))
    ]

    def end(number):
        with transaction.atomic():
            session = GameSession.objects.select_related("game").get(pk=sessions[number].pk)
            credit = earning.credit_session(session=session)
            GameSession.objects.filter(pk=session.pk).update(credits_earned=credit.amount)
            return credit.amount

    results = at_once(len(sessions), end)

    assert sum(results) == balance(player) == Decimal("0.25")


@pytest.mark.race
def test_the_same_session_ended_many_times_at_once_is_credited_once(real_transactions):
    fund_pool()
    player = UserFactory()
    games.sync_games(now=WEDNESDAY)
    session = open_session(player, now=WEDNESDAY)
    play(session, *winning_moves(session), now=WEDNESDAY)

    def end(number):
        return games.end_session(
            player=player, session_id=session.pk, reason="completed", now=WEDNESDAY + timedelta(minutes=4)
        )

    results = at_once(crowd(on_postgresql=50, elsewhere=8), end)

    refused = [result for result in results if isinstance(result, games.SessionAlreadyEnded)]
    assert len(refused) == len(results) - 1
    assert balance(player) == SessionCredit.objects.get().amount == Decimal("0.04")
