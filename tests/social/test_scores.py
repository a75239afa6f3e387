from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from goodplay.lib.events.models import Event
from goodplay.lib.ids import new_id
from goodplay.lib.time import ROME
from social import operations, scoring
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import UserFactory
from tests.factories.social import give, play

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)
DAY = timedelta(days=1)


def history_of(user):
    return list(ImpactScoreHistory.objects.filter(user=user).order_by("day").values_list("day", "score"))


def test_a_session_and_a_donation_make_the_score():
    alice = UserFactory()

    play(alice, minutes=60, at=NOON)
    score = give(alice, "50.00", at=NOON)

    assert score.score == Decimal("244.13")
    assert score.gaming_component == Decimal("41.00")
    assert score.social_component == Decimal("0.00")
    assert score.donation_component == Decimal("463.66")
    assert score.gaming_details["play_time_score"] == "16.00"
    assert score.donation_details["total_donated"] == "50.00"
    assert score.formula_version == scoring.FORMULA_VERSION
    assert ImpactScore.objects.get(user=alice).score == Decimal("244.13")


def test_two_halves_of_a_minute_count_as_one():
    alice = UserFactory()

    play(alice, minutes=0.5, at=NOON)
    score = play(alice, minutes=0.5, at=NOON)

    assert score.gaming_details["play_time_score"] == "10.10"


def test_the_same_session_and_donation_count_once():
    alice, session_id, donation_id = UserFactory(), new_id(), new_id()
    play(alice, at=NOON, session_id=session_id)
    before = give(alice, at=NOON, donation_id=donation_id)
    standings = list(Standing.objects.order_by("pk").values())

    play(alice, at=NOON, session_id=session_id)
    after = give(alice, at=NOON, donation_id=donation_id)

    assert after.score == before.score
    assert CountedSession.objects.count() == CountedDonation.objects.count() == 1
    assert list(Standing.objects.order_by("pk").values()) == standings


def test_players_do_not_share_facts():
    alice, bob = UserFactory(), UserFactory()
    give(bob, "5000.00", at=NOON)

    score = play(alice, minutes=60, at=NOON)

    assert score.score == Decimal("12.30")
    assert score.donation_details["total_donated"] == "0.00"


def test_only_a_moved_total_is_announced():
    alice, session_id = UserFactory(), new_id()

    play(alice, minutes=60, at=NOON, session_id=session_id)
    play(alice, minutes=60, at=NOON, session_id=session_id)

    event = Event.objects.get(name="impact_score_changed")
    assert event.aggregate == str(alice.pk)
    assert event.payload == {
        "user_id": str(alice.pk),
        "score": "12.30",
        "previous_score": "0.00",
        "gaming_component": "41.00",
        "social_component": "0.00",
        "donation_component": "0.00",
        "formula_version": 1,
        "calculated_at": NOON.isoformat(),
    }


def test_history_has_one_row_for_each_rome_day():
    alice = UserFactory()
    last_minute = datetime(2026, 11, 18, 23, 59, tzinfo=ROME)

    play(alice, minutes=10, at=NOON)
    play(alice, minutes=10, at=last_minute)
    play(alice, minutes=10, at=last_minute + timedelta(minutes=1))

    assert history_of(alice) == [
        (date(2026, 11, 18), Decimal("11.10")),  # (2 + 10 + 25) * 0.30
        (date(2026, 11, 19), Decimal("15.12")),  # (3 + 20 + 25) * 1.05 * 0.30
    ]


def test_history_keeps_ninety_days():
    alice = UserFactory()

    for days in (0, 1, 90):
        play(alice, minutes=10, at=NOON + days * DAY)

    assert [day for day, _score in history_of(alice)] == [date(2026, 11, 19), date(2027, 2, 16)]


# What time does -------------------------------------------------------------------------------------------------


def test_play_fades_on_the_days_it_leaves_the_windows():
    alice = UserFactory()
    score = play(alice, minutes=60, at=NOON)
    assert (score.score, score.due_on) == (Decimal("12.30"), date(2026, 11, 25))

    after = []
    for days in (6, 7, 8, 29, 30, 31):
        refreshed = operations.refresh_due_scores(now=NOON + days * DAY)
        score.refresh_from_db()
        after.append((days, refreshed, score.score))

    assert after == [
        (6, 0, Decimal("12.30")),
        (7, 1, Decimal("9.84")),
        (8, 0, Decimal("9.84")),
        (29, 0, Decimal("9.84")),
        (30, 1, Decimal("0.00")),
        (31, 0, Decimal("0.00")),
    ]
    assert score.due_on is None


def test_a_late_refresh_catches_up_and_a_second_finds_nothing():
    alice, bob = UserFactory(), UserFactory()
    play(alice, at=NOON)
    play(bob, at=NOON + 40 * DAY)

    assert operations.refresh_due_scores(now=NOON + 46 * DAY) == 1
    assert operations.refresh_due_scores(now=NOON + 46 * DAY) == 0
    assert ImpactScore.objects.get(user=alice).score == Decimal("0.00")
    assert ImpactScore.objects.get(user=bob).score > 0


def test_the_refresh_works_in_slices(monkeypatch):
    monkeypatch.setattr(operations, "SLICE", 2)
    players = UserFactory.create_batch(5)
    for each in players:
        play(each, at=NOON)

    assert operations.refresh_due_scores(now=NOON + 7 * DAY) == 5
    assert not ImpactScore.objects.due(date(2026, 11, 25)).exists()


def test_a_score_of_an_older_formula_is_due():
    alice = UserFactory()
    give(alice, "99.00", at=NOON)
    ImpactScore.objects.update(formula_version=0, score="1.00", due_on=None)

    assert operations.refresh_due_scores(now=NOON) == 1

    score = ImpactScore.objects.get()
    assert (score.formula_version, score.score) == (1, Decimal("264.00"))  # 480 * 1.10 * 0.50


def test_closing_ranks_are_written_after_midnight():
    alice, bob, carol = (
        UserFactory(),
        UserFactory(),
        UserFactory(preferences__leaderboard_participation=False),
    )
    give(alice, "5.00", at=NOON)
    give(bob, "50.00", at=NOON)
    give(carol, "500.00", at=NOON)

    assert operations.rank_yesterday(now=NOON) == 0
    assert operations.rank_yesterday(now=NOON + DAY) == 2
    assert operations.rank_yesterday(now=NOON + DAY) == 0

    ranks = dict(ImpactScoreHistory.objects.values_list("user_id", "rank"))
    assert ranks == {alice.pk: 2, bob.pk: 1, carol.pk: None}


def test_a_rank_is_not_invented_for_a_day_long_gone():
    give(UserFactory(), at=NOON)

    assert operations.rank_yesterday(now=NOON + 2 * DAY) == 0
    assert ImpactScoreHistory.objects.get().rank is None
