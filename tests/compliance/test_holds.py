"""Movements before the rules: what passes, waits or is refused, and what is written down about it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from donations.models import Donation, Review, RiskDecision, RiskRule, SessionCredit
from donations.operations import earning, giving, reviews, reward_pool
from donations.operations.risk import judging
from donations.queries import risk_facts, risk_rules
from donations.queries.books import contradictions
from donations.queries.wallet import wallet_summary
from games.models import GameSession
from goodplay.lib.alerts.models import Alert
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import balance, fund_pool, give_credits
from tests.factories.games import GameSessionFactory
from tests.factories.risk import hold_from, make_rule
from tests.threads import at_once, crowd

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def give(donor, amount, *, now=NOW, onlus=None):
    give_credits(donor, amount, now=now)
    onlus = onlus or OnlusFactory()
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=now)


def played(player, hours, *, started_at=NOW, **columns):
    ended = started_at + timedelta(hours=hours)
    session = GameSessionFactory(
        user=player,
        status="completed",
        is_verified=True,
        played_for=timedelta(hours=hours),
        started_at=started_at,
        ended_at=ended,
        **columns,
    )
    session = GameSession.objects.select_related("game").get(pk=session.pk)
    credit = earning.credit_session(session=session)
    GameSession.objects.filter(pk=session.pk).update(credits_earned=credit.amount if credit else 0)
    return session, credit


# Donations ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_ordinary_gift_leaves_no_decision():
    donation = give(UserFactory(), "20.00")

    assert donation.status == "completed"
    assert not RiskDecision.objects.exists()


@pytest.mark.django_db
def test_a_large_gift_passes_and_is_remembered():
    donation = give(UserFactory(), "3000.01")

    decision = RiskDecision.objects.get()
    assert donation.status == "completed"
    assert (decision.action, decision.score, decision.subject_id) == ("allow", 15, donation.pk)
    assert decision.reasons[0]["seen"] == [
        {"fact": "amount", "value": "3000.01", "operator": "gt", "threshold": "3000.00"}
    ]


@pytest.mark.django_db
def test_three_gifts_right_below_the_threshold_wait():
    donor = UserFactory()

    statuses = [give(donor, amount).status for amount in ("2700.00", "2999.99", "3000.00")]

    assert statuses == ["completed", "completed", "pending"]
    review = Review.objects.get()
    assert "potential_structuring" in review.reasons
    assert review.decision.facts["near_threshold_of_20"] == 3


@pytest.mark.django_db
def test_what_lies_below_the_band_is_no_structuring():
    donor = UserFactory()

    for _each in range(3):
        give(donor, "2699.99")

    assert not Review.objects.exists()


@pytest.mark.django_db
def test_a_score_of_seventy_waits_though_no_single_rule_wants_it():
    donor = UserFactory()
    for code, score in (("first_sign", 30), ("second_sign", 39)):
        make_rule("donation", code, action="score", score=score)
    passed = give(donor, "30.00", now=NOW)
    make_rule("donation", "third_sign", action="score", score=1)

    held = give(donor, "30.00", now=NOW + timedelta(days=2))

    assert (passed.status, held.status) == ("completed", "pending")
    assert Review.objects.get().risk_level == "critical"


@pytest.mark.django_db
def test_a_rule_on_trial_is_written_down_and_holds_nothing():
    make_rule("donation", "tried", status="shadow")

    donation = give(UserFactory(), "30.00")

    decision = RiskDecision.objects.get()
    assert donation.status == "completed"
    assert (decision.reasons, decision.shadow_reasons[0]["rule"]) == ([], "tried")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "once"])
def test_a_refused_gift_changes_nothing_and_is_remembered(api, key):
    make_rule("donation", "never", action="block")
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "50.00")
    api.force_authenticate(donor)
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}

    answer = api.post("/api/donations/create", {"amount": 40, "onlus_id": str(onlus.pk)}, **headers)

    assert (answer.status_code, answer.json()["message"]) == (422, "FRAUD_DETECTION_TRIGGERED")
    assert (Donation.objects.count(), balance(donor)) == (0, Decimal("50.00"))
    assert RiskDecision.objects.get().action == "block"


@pytest.mark.django_db
def test_facts_that_fail_hold_the_gift_and_call_somebody():
    make_rule("donation", "asks_much", conditions={"fact": "origin", "operator": "eq", "threshold": "batch"})
    broken = risk_facts.Source(risk_facts.moment.NAMES, lambda *_: 1 / 0)
    kept = risk_facts.SOURCES
    risk_facts.SOURCES = (broken, *kept[1:])
    try:
        donation = give(UserFactory(), "1.00")
    finally:
        risk_facts.SOURCES = kept

    assert donation.status == "pending"
    assert (Review.objects.get().reasons, RiskDecision.objects.get().has_failed) == (
        ["FACTS_UNAVAILABLE"],
        True,
    )
    assert Alert.objects.get().alert_type == "risk_facts_failed"


@pytest.mark.django_db
def test_a_decision_can_be_made_again_though_rules_and_settings_went_on():
    donor = UserFactory()
    rule = make_rule("donation", "old_rule")
    give(donor, "30.00")
    stored = RiskDecision.objects.get()
    RiskRule.objects.filter(pk=rule.pk).update(status="retired", retired_at=NOW)
    make_rule("donation", "old_rule", version=2, action="score", score=1)

    again = judging.replay(stored)

    assert (again.action, again.score, again.codes) == ("review", stored.score, ["old_rule"])


@pytest.mark.django_db
def test_judging_a_gift_costs_a_query_for_its_past_and_one_for_the_lists():
    movement = judging.Movement("donation", uuid4(), UserFactory().pk, Decimal(5), {"origin": "auto"})
    risk_rules.rule_set("donation")

    with CaptureQueriesContext(connection) as with_history:
        judging.judge(movement=movement, now=NOW)
    RiskRule.objects.filter(subject="donation").delete()
    cache.clear()
    hold_from("donation", "100.00")
    risk_rules.rule_set("donation")
    with CaptureQueriesContext(connection) as without:
        judging.judge(movement=movement, now=NOW)

    assert (len(with_history), len(without)) == (2, 0)


@pytest.mark.race
def test_two_people_release_one_review_and_the_money_moves_once(real_transactions):
    hold_from("donation", "10.00")
    donor = UserFactory()
    donation = give(donor, "10.00")
    review, staff = Review.objects.get(), StaffFactory.create_batch(4)

    def release(number):
        person = staff[number % 4]
        return reviews.release(review=review, decided_by=person, reason="Known", now=NOW)

    results = at_once(crowd(on_postgresql=12, elsewhere=4), release)

    refused = [each for each in results if isinstance(each, reviews.ReviewAlreadyDecided)]
    donation.refresh_from_db()
    assert len(refused) == len(results) - 1
    assert (donation.status, balance(donor)) == ("completed", Decimal("0.00"))
    assert contradictions() == []


# Sessions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def suspicious(db):
    """Play from one cent on waits."""
    fund_pool()
    return hold_from("session", "0.01")


def test_held_play_is_not_in_the_wallet_and_the_door_says_so(api, suspicious):
    player = UserFactory()
    session, credit = played(player, 1)
    api.force_authenticate(player)

    answer = api.post("/api/wallet/convert-session", {"session_id": str(session.pk)})

    wallet = wallet_summary(player.pk, NOW)
    assert (balance(player), wallet["waiting_credits"]) == (Decimal("0.00"), credit.amount)
    assert (answer.status_code, answer.json()["message"]) == (422, "FRAUD_DETECTION_TRIGGERED")
    assert Review.objects.get().subject_id == session.pk


def test_held_play_is_paid_when_it_is_released(suspicious):
    player = UserFactory()
    _session, credit = played(player, 1)

    reviews.release(review=Review.objects.get(), decided_by=StaffFactory(), reason="Real", now=NOW)

    assert balance(player) == credit.amount
    assert wallet_summary(player.pk, NOW)["waiting_credits"] == 0
    assert contradictions() == []


def test_held_play_goes_back_to_the_pool_when_it_is_refused(api, suspicious):
    player = UserFactory()
    session, _credit = played(player, 1)

    reviews.reject(review=Review.objects.get(), decided_by=StaffFactory(), reason="A bot", now=NOW)

    session.refresh_from_db()
    wallet = wallet_summary(player.pk, NOW)
    assert (balance(player), wallet["total_earned"], session.credits_earned) == (0, 0, 0)
    assert contradictions() == []
    api.force_authenticate(player)
    answer = api.post("/api/wallet/convert-session", {"session_id": str(session.pk)})
    assert answer.json()["message"] == "FRAUD_DETECTION_TRIGGERED"


def test_the_pool_does_not_pay_what_is_under_review(suspicious):
    player = UserFactory()
    played(player, 1)

    paid = reward_pool.pay_waiting(now=NOW + timedelta(hours=2))

    assert (paid, balance(player)) == (0, Decimal("0.00"))


def test_refused_play_earns_nothing_and_says_why(db, api):
    fund_pool()
    make_rule(
        "session", "never", conditions={"fact": "amount", "operator": "gt", "threshold": 0}, action="block"
    )
    player = UserFactory()

    session, credit = played(player, 1)

    api.force_authenticate(player)
    answer = api.post("/api/wallet/convert-session", {"session_id": str(session.pk)})
    assert (credit, SessionCredit.objects.count(), balance(player)) == (None, 0, 0)
    assert answer.json()["message"] == "FRAUD_DETECTION_TRIGGERED"


def test_night_play_alone_is_no_fraud(db):
    fund_pool()
    player = UserFactory()

    _session, credit = played(player, 1, started_at=datetime(2026, 3, 4, 0, 30, tzinfo=UTC))

    assert balance(player) == credit.amount > 0
    assert not RiskDecision.objects.exists()


def test_judging_play_asks_the_database_nothing(db):
    given = {
        "multiplier": Decimal(1),
        "minutes_played": Decimal(60),
        "earned_that_day": Decimal(1),
        "earned_that_hour": Decimal(1),
        "streak_days": 1,
        "months_played": 1,
    }
    movement = judging.Movement("session", uuid4(), UserFactory().pk, Decimal("0.60"), given)
    risk_rules.rule_set("session")

    with CaptureQueriesContext(connection) as queries:
        judgement = judging.judge(movement=movement, now=NOW)

    assert (len(queries), judgement.decision.is_plain_allow) == (0, True)
