"""What is given back was never given: scores, their history and the boards of every period follow."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from goodplay.lib.events.models import Event
from goodplay.lib.time import rome_day
from social import operations, scoring
from social.boards import BEGINNING, Period, Span
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back
from tests.factories.social import game_id, give, onlus_id, play
from tests.social.events import (
    HANDLER_OF,
    NOON,
    deliver,
    donation_given_back,
    donation_made,
    numbers,
    session_ended,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

DAY = timedelta(days=1)
TODAY = NOON.date()


def standings_of(user):
    rows = Standing.objects.filter(user=user).order_by("period", "starts_on")
    return list(rows.values_list("period", "starts_on", "score", "baseline"))


def figures_of(user):
    """What stands of one player's score and places, without the rows' keys and the times of the calculation."""
    score = ImpactScore.objects.values("score", "donation_component", "donation_details", "due_on").get(
        user=user
    )
    return score, standings_of(user)


def test_a_whole_refund_leaves_nothing_of_the_donation():
    alice = UserFactory()
    gift = donation_made(alice, "50.00")
    deliver(gift)
    assert ImpactScore.objects.get(user=alice).score == Decimal("231.83")

    deliver(donation_given_back(gift, "50.00", left="0.00", at=NOON))

    score = ImpactScore.objects.get(user=alice)
    assert (score.score, score.donation_component) == (Decimal("0.00"), Decimal("0.00"))
    assert score.donation_details["frequency_score"] == "0.00"
    assert score.donation_details["diversity_score"] == "0.00"
    assert score.donation_details["total_donated"] == "0.00"
    assert list(Standing.objects.values_list("score", flat=True)) == []
    assert ImpactScoreHistory.objects.get(user=alice).score == Decimal("0.00")


def test_a_part_given_back_counts_the_rest_as_if_it_were_all():
    alice, bob = UserFactory.create_batch(2)
    gift = donation_made(alice, "50.00")
    deliver(gift)
    deliver(donation_made(bob, "20.00"))

    deliver(donation_given_back(gift, "30.00", left="20.00", at=NOON))

    assert figures_of(alice) == figures_of(bob)
    assert ImpactScore.objects.get(user=alice).donation_details["total_donated"] == "20.00"


def test_two_parts_and_then_the_rest():
    alice = UserFactory()
    gift = donation_made(alice, "50.00")
    deliver(gift)
    totals = []

    for part, left in (("10.00", "40.00"), ("15.00", "25.00"), ("25.00", "0.00")):
        deliver(donation_given_back(gift, part, left=left, at=NOON))
        totals.append(ImpactScore.objects.get(user=alice).donation_details["total_donated"])

    assert totals == ["40.00", "25.00", "0.00"]
    assert ImpactScore.objects.get(user=alice).score == Decimal("0.00")


def test_a_refund_delivered_twice_counts_once():
    alice = UserFactory()
    gift = donation_made(alice, "50.00")
    refund = donation_given_back(gift, "30.00", left="20.00", at=NOON)
    deliver(gift)
    deliver(refund)
    before = numbers()

    deliver(refund)

    assert numbers() == before


def test_the_order_of_delivery_does_not_matter():
    alice, bob = UserFactory.create_batch(2)
    for user, order in ((alice, (0, 1, 2)), (bob, (2, 0, 1))):
        gift = donation_made(user, "50.00")
        events = (
            gift,
            donation_given_back(gift, "10.00", left="40.00", at=NOON),
            donation_given_back(gift, "15.00", left="25.00", at=NOON),
        )
        for each in order:
            deliver(events[each])

    assert figures_of(alice) == figures_of(bob)
    assert ImpactScore.objects.get(user=bob).donation_details["total_donated"] == "25.00"


def test_the_operation_that_gives_back_lowers_the_score(django_capture_on_commit_callbacks):
    alice, bob, onlus = UserFactory(), UserFactory(), OnlusFactory()
    with django_capture_on_commit_callbacks(execute=True):
        donation = make_donation(alice, onlus, "50.00", now=NOON)
        make_donation(bob, onlus, "20.00", now=NOON)

    with django_capture_on_commit_callbacks(execute=True):
        take_back(donation, "10.00", now=NOON)
        take_back(donation, "20.00", now=NOON)

    assert figures_of(alice) == figures_of(bob)
    with django_capture_on_commit_callbacks(execute=True):
        take_back(donation, now=NOON)
    assert ImpactScore.objects.get(user=alice).score == Decimal("0.00")
    assert standings_of(alice) == []


def test_streak_and_diversity_fall_with_the_last_donation_of_a_month_and_to_an_onlus():
    alice, bob = UserFactory.create_batch(2)
    gifts = [
        donation_made(alice, "10.00", at=NOON - 62 * DAY),
        donation_made(alice, "10.00", at=NOON - 31 * DAY, onlus="shelter"),
        donation_made(alice, "10.00"),
    ]
    for gift in (*gifts, donation_made(bob, "10.00", at=NOON - 62 * DAY), donation_made(bob, "10.00")):
        deliver(gift)
    before = ImpactScore.objects.get(user=alice).donation_details
    assert [before["frequency_score"], before["diversity_score"], before["consistency_multiplier"]] == [
        "120.00",
        "80.00",
        "1.30",
    ]

    deliver(donation_given_back(gifts[1], "10.00", left="0.00", at=NOON))

    after = ImpactScore.objects.get(user=alice).donation_details
    assert [after["frequency_score"], after["diversity_score"], after["consistency_multiplier"]] == [
        "80.00",
        "40.00",
        "1.10",
    ]
    assert figures_of(alice)[0] == figures_of(bob)[0]


def test_history_shows_the_correction_from_the_day_of_the_donation_on(time_machine):
    alice = UserFactory()
    given, refunded = NOON - 20 * DAY, NOON - 3 * DAY
    gift = donation_made(alice, "50.00", at=given)
    for event in (gift, session_ended(alice, minutes=60, at=NOON - 10 * DAY)):
        time_machine.move_to(event.recorded_at)
        deliver(event)

    # Told late: the day of the refund has its row all the same.
    time_machine.move_to(NOON)
    deliver(donation_given_back(gift, "50.00", left="0.00", at=refunded))

    history = ImpactScoreHistory.objects.filter(user=alice).order_by("day")
    assert dict(history.values_list("day", "donation_component")) == {
        given.date(): Decimal("0.00"),
        (NOON - 10 * DAY).date(): Decimal("0.00"),
        refunded.date(): Decimal("0.00"),
        TODAY: Decimal("0.00"),
    }
    assert [score > 0 for score in history.values_list("score", flat=True)] == [False, True, True, True]


def test_the_boards_of_the_period_the_donation_fell_in_follow(time_machine):
    alice, bob = UserFactory.create_batch(2)
    last_month = NOON - 30 * DAY
    gift = donation_made(alice, "50.00", at=last_month)
    for event in (gift, donation_made(bob, "20.00", at=last_month)):
        time_machine.move_to(event.recorded_at)
        deliver(event)
    time_machine.move_to(NOON)
    untouched = figures_of(bob)

    deliver(donation_given_back(gift, "40.00", left="10.00", at=NOON))

    month = Standing.objects.filter(period=Period.MONTHLY, starts_on=date(2026, 10, 1))
    assert list(month.best_first().values_list("user_id", flat=True)) == [bob.pk, alice.pk]
    assert set(Standing.objects.filter(user=alice).values_list("starts_on", flat=True)) == {
        BEGINNING,
        date(2026, 10, 1),
        date(2026, 10, 19),
    }
    assert figures_of(bob) == untouched


def test_a_later_deed_may_earn_the_place_it_did_not_earn_before(time_machine):
    """One euro more than nine thousand moves no point that the boards would show; alone it is a hundred points."""
    alice = UserFactory()
    first, later = NOON - 10 * DAY, NOON - 5 * DAY
    for event in (
        gift := donation_made(alice, "12000.00", at=first),
        donation_made(alice, "1.00", at=later),
    ):
        time_machine.move_to(event.recorded_at)
        deliver(event)
    daily = Standing.objects.filter(user=alice, period=Period.DAILY).order_by("starts_on")
    assert list(daily.values_list("starts_on", flat=True)) == [first.date()]

    time_machine.move_to(NOON)
    deliver(donation_given_back(gift, "12000.00", left="0.00", at=NOON))

    assert list(daily.values_list("starts_on", flat=True)) == [later.date()]


def test_a_refund_moves_nobody_else():
    alice, bob = UserFactory.create_batch(2)
    gift = donation_made(alice, "50.00")
    for event in (gift, donation_made(bob, "50.00"), session_ended(bob)):
        deliver(event)
    theirs = figures_of(bob)

    deliver(donation_given_back(gift, "50.00", left="0.00", at=NOON))

    assert figures_of(bob) == theirs
    assert CountedDonation.objects.get(user=bob).amount == Decimal("50.00")


def test_only_a_moved_total_is_announced():
    alice = UserFactory()
    gift = donation_made(alice, "50.00")
    refund = donation_given_back(gift, "50.00", left="0.00", at=NOON)
    deliver(gift)
    deliver(refund)

    deliver(donation_given_back(gift, "50.00", left="0.00", at=NOON))

    announced = Event.objects.filter(name="impact_score_changed").order_by("pk")
    assert [(each.payload["previous_score"], each.payload["score"]) for each in announced] == [
        ("0.00", "231.83"),
        ("231.83", "0.00"),
    ]


@pytest.mark.parametrize("gifts", [1, 3])
def test_a_refund_costs_as_many_queries_whatever_was_given(gifts, django_assert_num_queries):
    alice = UserFactory()
    made = [donation_made(alice, "5.00", onlus=f"onlus {number}") for number in range(gifts)]
    for event in made:
        deliver(event)
    gift = made[0].payload

    # The same statements as for a donation, and the one that lowers it.
    with django_assert_num_queries(16):
        operations.count_refund(
            donation_id=gift["donation_id"],
            user_id=alice.pk,
            onlus_id=gift["onlus_id"],
            remaining_amount=Decimal("3.00"),
            given_at=NOON,
            refunded_at=NOON,
            now=NOON,
        )


# Replay ----------------------------------------------------------------------------------------------------------


def history_with_refunds():
    """Two players over two months; donations given back whole, in parts, and not at all."""
    alice, bob = UserFactory.create_batch(2)
    whole = donation_made(alice, "12.50", at=NOON - 45 * DAY)
    parts = donation_made(alice, "30.00", at=NOON - 33 * DAY, onlus="shelter")
    return [
        *(session_ended(alice, minutes=30 + days, at=NOON - days * DAY) for days in range(50, 0, -7)),
        whole,
        parts,
        donation_made(alice, "3.10", at=NOON - 9 * DAY, onlus="shelter"),
        donation_given_back(parts, "10.00", left="20.00", at=NOON - 30 * DAY),
        donation_given_back(whole, "12.50", left="0.00", at=NOON - 8 * DAY),
        donation_given_back(parts, "5.50", left="14.50", at=NOON - 2 * DAY),
        donation_made(bob, "20.00", at=NOON - 9 * DAY),
        # Both did something today: only then has today a row in the history whatever is replayed.
        session_ended(alice, at=NOON),
        session_ended(bob, at=NOON),
    ]


def test_replay_from_scratch_gives_the_same_numbers_as_live(time_machine):
    for event in sorted(history_with_refunds(), key=lambda event: event.recorded_at):
        time_machine.move_to(event.recorded_at)
        deliver(event)
    time_machine.move_to(NOON)
    replay("social.count_session")
    live, days = numbers(), closing_scores()

    for model in (CountedSession, CountedDonation, ImpactScore, ImpactScoreHistory, Standing):
        model.objects.all().delete()
    for handler in HANDLER_OF.values():
        replay(handler)

    assert numbers() == live
    assert days == {key: closing_scores()[key] for key in days}
    assert len(live["standings"]) > 12


@pytest.mark.parametrize(
    "order", [("social.count_refund", "social.count_donation"), tuple(HANDLER_OF.values())]
)
def test_replay_in_either_order_changes_no_number(time_machine, order):
    for event in sorted(history_with_refunds(), key=lambda event: event.recorded_at):
        time_machine.move_to(event.recorded_at)
        deliver(event)
    time_machine.move_to(NOON)
    replay("social.count_session")
    live = numbers()

    for handler in order:
        replay(handler)

    assert numbers() == live


def replay(handler):
    call_command("replay_events", handler=handler, since="2026-01-01", stdout=StringIO())


def closing_scores():
    rows = ImpactScoreHistory.objects.values_list("user_id", "day", "score", "donation_component")
    return {(user, day): rest for user, day, *rest in rows}


# Against the formula ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_refunded_the_numbers_are_those_of_what_remains(seed):
    """Two months at random; the formula, applied to what was never given back, says what must stand where."""
    chance, alice, kept = random.Random(seed), UserFactory(), defaultdict(Decimal)
    deeds, gifts = sorted(chance.sample(range(60 * 24), 25)), []
    plays = []
    for hour in deeds:
        at = NOON - 60 * DAY + timedelta(hours=hour)
        if chance.random() < 0.4:
            minutes, game = chance.randint(1, 300), chance.choice(("chess", "sudoku"))
            play(alice, minutes=minutes, at=at, game=game)
            plays.append(scoring.Play(rome_day(at), game_id(game), timedelta(minutes=minutes), at))
            continue
        gift = {"donation_id": game_id(f"gift {seed} {hour}"), "onlus": chance.choice(("parks", "shelter"))}
        euros = Decimal(chance.choice(("0.50", "3.00", "40.00", "900.00", "15000.00")))
        give(alice, euros, at=at, **gift)
        kept[gift["donation_id"]] = euros
        gifts.append((gift, at))
        if chance.random() < 0.6:
            back, given_at = chance.choice(gifts)
            left = kept[back["donation_id"]] * chance.choice((0, 0, Decimal("0.5")))
            kept[back["donation_id"]] = left
            refund(alice, back, left, given_at=given_at, at=at + timedelta(minutes=5))
    operations.recalculate(user_id=alice.pk, since=rome_day(NOON - 60 * DAY), now=NOON)

    facts = scoring.Facts(
        plays=plays,
        gifts=[
            scoring.Gift(rome_day(at), onlus_id(gift["onlus"]), kept[gift["donation_id"]], at)
            for gift, at in gifts
            if kept[gift["donation_id"]]
        ],
    )
    assert ImpactScore.objects.get(user=alice).score == score_on(facts, TODAY)
    assert standings_of(alice) == expected_standings(facts)
    for row in ImpactScoreHistory.objects.filter(user=alice):
        assert row.score == score_on(facts, row.day)


def refund(user, gift, left, *, given_at, at):
    operations.count_refund(
        donation_id=gift["donation_id"],
        user_id=user.pk,
        onlus_id=onlus_id(gift["onlus"]),
        remaining_amount=left,
        given_at=given_at,
        refunded_at=at,
        now=at,
    )


def score_on(facts, day):
    return scoring.score(facts.until(day), day).total


def expected_standings(facts):
    spans = {Span.around(period, day) for period in Period for day in (*facts.days(), TODAY)}
    expected = []
    for span in spans:
        baseline = score_on(facts, span.eve) if span.eve else Decimal("0.00")
        growth = score_on(facts, span.closing(TODAY)) - baseline
        if growth > 0:
            expected.append((span.period.value, span.first, growth, baseline))
    return sorted(expected)
