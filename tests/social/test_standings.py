from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodplay.lib.time import ROME
from social import operations, queries
from social.boards import BEGINNING, Ladder, Period, Span
from social.models import Standing
from tests.factories.accounts import UserFactory
from tests.factories.social import give, play

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)  # a Wednesday
DAY = timedelta(days=1)


def order_of(period, day):
    """The players on a board, best first."""
    board = queries.global_board(period, day)
    return list(Standing.objects.on(board).best_first().values_list("user_id", flat=True))


def standing(user, period, starts_on):
    """Growth and baseline of one standing."""
    return Standing.objects.values_list("score", "baseline").get(
        user=user, period=period, starts_on=starts_on
    )


def rank_of(user, period, day):
    found = queries.position_on(queries.global_board(period, day), user.pk, Ladder())
    return found and found["rank"]


# Calendar -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        (Period.DAILY, date(2026, 11, 18), date(2026, 11, 18), date(2026, 11, 18)),
        (Period.WEEKLY, date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 22)),
        (Period.WEEKLY, date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        (Period.WEEKLY, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        (Period.MONTHLY, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Period.MONTHLY, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Period.ALL_TIME, date(2026, 11, 18), BEGINNING, None),
    ],
)
def test_span(period, day, first, last):
    assert Span.around(period, day) == Span(period, first, last)


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), period=st.sampled_from(Period))
def test_every_day_of_a_span_has_that_span(day, period):
    span = Span.around(period, day)

    assert span.first <= day <= (span.last or day)
    assert Span.around(period, span.closing(day)) == span
    if span.last:
        assert Span.around(period, span.last) == span
        assert Span.around(period, span.last + DAY).first == span.last + DAY
        assert Span.around(period, span.eve).last == span.eve


# Growth ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_session_stands_on_all_four_boards():
    alice = UserFactory()

    play(alice, minutes=60, at=NOON)

    rows = Standing.objects.filter(user=alice).order_by("starts_on", "period")
    assert list(rows.values_list("period", "starts_on", "score", "baseline", "is_listed")) == [
        ("all_time", BEGINNING, Decimal("12.30"), Decimal("0.00"), True),
        ("monthly", date(2026, 11, 1), Decimal("12.30"), Decimal("0.00"), True),
        ("weekly", date(2026, 11, 16), Decimal("12.30"), Decimal("0.00"), True),
        ("daily", date(2026, 11, 18), Decimal("12.30"), Decimal("0.00"), True),
    ]


@pytest.mark.django_db
def test_boards_of_a_period_rank_growth_not_the_total():
    alice, bob = UserFactory(), UserFactory()
    give(alice, "5000.00", at=NOON - 10 * DAY)
    give(alice, "1.00", at=NOON)
    give(bob, "20.00", at=NOON)

    assert order_of(Period.ALL_TIME, NOON.date()) == [alice.pk, bob.pk]
    assert order_of(Period.MONTHLY, NOON.date()) == [alice.pk, bob.pk]
    assert order_of(Period.WEEKLY, NOON.date()) == [bob.pk, alice.pk]
    growth, baseline = standing(alice, "weekly", date(2026, 11, 16))
    assert baseline == Decimal("450.90")  # what 5,000 euros alone were worth
    assert growth == Decimal("0.01")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "day", "week"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=ROME), date(2026, 11, 22), date(2026, 11, 16)),
        (datetime(2026, 11, 23, 0, 0, 0, tzinfo=ROME), date(2026, 11, 23), date(2026, 11, 23)),
        # The clock goes back on this Sunday, which has 25 hours, and forward on the other, which has 23.
        (datetime(2026, 10, 25, 23, 59, 59, tzinfo=ROME), date(2026, 10, 25), date(2026, 10, 19)),
        (datetime(2026, 10, 26, 0, 0, 0, tzinfo=ROME), date(2026, 10, 26), date(2026, 10, 26)),
        (datetime(2027, 3, 28, 23, 59, 59, tzinfo=ROME), date(2027, 3, 28), date(2027, 3, 22)),
        (datetime(2027, 3, 29, 0, 0, 0, tzinfo=ROME), date(2027, 3, 29), date(2027, 3, 29)),
    ],
)
def test_a_period_turns_at_midnight_in_rome(moment, day, week):
    alice = UserFactory()

    play(alice, at=moment)

    days = dict(Standing.objects.filter(user=alice).values_list("period", "starts_on"))
    assert (days["daily"], days["weekly"]) == (day, week)


@pytest.mark.django_db
def test_a_new_week_starts_from_the_score_the_old_one_closed_with():
    alice = UserFactory()
    sunday = datetime(2026, 11, 22, 23, 30, tzinfo=ROME)
    play(alice, minutes=60, at=sunday)

    play(alice, minutes=60, at=sunday + timedelta(hours=1))

    assert standing(alice, "weekly", date(2026, 11, 16)) == (Decimal("12.30"), Decimal("0.00"))
    growth, baseline = standing(alice, "weekly", date(2026, 11, 23))
    assert baseline == Decimal("12.30")
    assert baseline + growth == standing(alice, "all_time", BEGINNING)[0] == Decimal("17.96")


@pytest.mark.django_db
def test_what_arrives_after_midnight_counts_where_it_happened():
    alice, bob = UserFactory(), UserFactory()
    before = datetime(2026, 11, 22, 23, 59, 58, tzinfo=ROME)
    after = datetime(2026, 11, 23, 0, 0, 3, tzinfo=ROME)
    play(alice, minutes=60, at=after)

    play(alice, minutes=60, at=before, now=after)  # overtaken by the first of the new day
    play(bob, minutes=60, at=before)
    play(bob, minutes=60, at=after)

    for period, starts_on in [
        ("daily", date(2026, 11, 22)),
        ("daily", date(2026, 11, 23)),
        ("weekly", date(2026, 11, 16)),
        ("weekly", date(2026, 11, 23)),
        ("monthly", date(2026, 11, 1)),
        ("all_time", BEGINNING),
    ]:
        assert standing(alice, period, starts_on) == standing(bob, period, starts_on)


@pytest.mark.django_db
def test_who_only_faded_is_not_on_the_boards_of_growth():
    alice = UserFactory()
    play(alice, minutes=60, at=NOON)

    operations.refresh_due_scores(now=NOON + 7 * DAY)
    assert order_of(Period.ALL_TIME, NOON.date() + 7 * DAY) == [alice.pk]
    assert order_of(Period.WEEKLY, NOON.date() + 7 * DAY) == []

    operations.refresh_due_scores(now=NOON + 30 * DAY)
    assert order_of(Period.ALL_TIME, NOON.date() + 30 * DAY) == []
    assert rank_of(alice, Period.ALL_TIME, NOON.date()) is None


@pytest.mark.django_db
def test_growth_shrinks_when_time_takes_some_of_it_back():
    alice = UserFactory()
    first = datetime(2026, 11, 2, 12, tzinfo=ROME)
    play(alice, minutes=60, at=first)

    operations.refresh_due_scores(now=first + 7 * DAY)

    assert standing(alice, "monthly", date(2026, 11, 1)) == (Decimal("9.84"), Decimal("0.00"))
    assert standing(alice, "weekly", date(2026, 11, 2)) == (Decimal("12.30"), Decimal("0.00"))


# Ties -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_of_two_equals_the_first_to_reach_is_ahead():
    alice, bob = UserFactory(), UserFactory()
    give(bob, "50.00", at=NOON)
    give(alice, "50.00", at=NOON + timedelta(microseconds=1))

    assert order_of(Period.ALL_TIME, NOON.date()) == [bob.pk, alice.pk]
    assert (rank_of(bob, Period.ALL_TIME, NOON.date()), rank_of(alice, Period.ALL_TIME, NOON.date())) == (
        1,
        2,
    )


@pytest.mark.django_db
def test_of_two_at_the_same_moment_the_older_account_is_ahead():
    alice, bob = UserFactory(), UserFactory()
    give(bob, "50.00", at=NOON)
    give(alice, "50.00", at=NOON)

    assert order_of(Period.ALL_TIME, NOON.date()) == [alice.pk, bob.pk]
    assert (rank_of(alice, Period.ALL_TIME, NOON.date()), rank_of(bob, Period.ALL_TIME, NOON.date())) == (
        1,
        2,
    )


@pytest.mark.django_db
def test_an_event_that_adds_nothing_does_not_cost_the_place():
    alice, bob = UserFactory(), UserFactory()
    for player in (alice, bob):
        play(player, minutes=3000, at=NOON)
    play(alice, minutes=3000, at=NOON + timedelta(hours=1))  # already at the most

    assert order_of(Period.ALL_TIME, NOON.date()) == [alice.pk, bob.pk]


@pytest.mark.django_db
def test_ranks_are_one_to_n_in_the_order_of_the_page():
    players = UserFactory.create_batch(9)
    for number, player in enumerate(players):
        give(player, f"{10 + number % 3}.00", at=NOON + timedelta(seconds=number % 2))

    listed = order_of(Period.ALL_TIME, NOON.date())

    by_key = {player.pk: player for player in players}
    assert [rank_of(by_key[key], Period.ALL_TIME, NOON.date()) for key in listed] == list(range(1, 10))


# Who is listed --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "hidden",
    [
        {"preferences__leaderboard_participation": False},
        {"preferences__impact_score_visibility": "private"},
        {"preferences__impact_score_visibility": "friends"},
        {"preferences__profile_visibility": "private"},
        {"is_active": False},
        {"is_active": False, "deleted_at": NOON},
    ],
)
def test_who_stays_off_the_boards_has_no_position(hidden):
    alice, carol = UserFactory(), UserFactory(**hidden)
    give(carol, "500.00", at=NOON)
    give(alice, "5.00", at=NOON)

    for period in Period:
        assert order_of(period, NOON.date()) == [alice.pk]
        assert rank_of(alice, period, NOON.date()) == 1
        assert rank_of(carol, period, NOON.date()) is None


@pytest.mark.django_db
def test_a_player_without_stored_preferences_is_listed():
    alice = UserFactory()
    alice.preferences.delete()

    give(alice, at=NOON)

    assert order_of(Period.ALL_TIME, NOON.date()) == [alice.pk]


@pytest.mark.django_db
def test_leaving_the_boards_and_coming_back():
    alice, bob = UserFactory(), UserFactory()
    give(alice, "50.00", at=NOON)
    give(bob, "5.00", at=NOON)
    assert operations.update_listings(now=NOON) == 0

    alice.preferences.privacy["leaderboard_participation"] = False
    alice.preferences.save()
    assert operations.update_listings(now=NOON) == 1
    assert [order_of(period, NOON.date()) for period in Period] == [[bob.pk]] * 4
    assert rank_of(bob, Period.ALL_TIME, NOON.date()) == 1

    alice.preferences.privacy["leaderboard_participation"] = True
    alice.preferences.save()
    assert operations.update_listings(now=NOON) == 1
    assert operations.update_listings(now=NOON) == 0
    assert order_of(Period.ALL_TIME, NOON.date()) == [alice.pk, bob.pk]


@pytest.mark.django_db
def test_coming_back_does_not_list_a_standing_without_points():
    alice = UserFactory(preferences__leaderboard_participation=False)
    play(alice, at=NOON)
    operations.refresh_due_scores(now=NOON + 30 * DAY)
    alice.preferences.privacy["leaderboard_participation"] = True
    alice.preferences.save()

    operations.update_listings(now=NOON + 30 * DAY)

    assert order_of(Period.ALL_TIME, NOON.date()) == []
    assert order_of(Period.DAILY, NOON.date()) == [alice.pk]


@pytest.mark.django_db
def test_the_next_event_brings_the_listing_in_line():
    alice = UserFactory()
    give(alice, "50.00", at=NOON)
    alice.preferences.privacy["leaderboard_participation"] = False
    alice.preferences.save()

    give(alice, "50.00", at=NOON)

    assert [order_of(period, NOON.date()) for period in Period] == [[]] * 4


# Large boards ---------------------------------------------------------------------------------------------------


@given(scores=st.lists(st.integers(1, 2000), max_size=60), offset=st.integers(0, 70))
def test_a_ladder_splits_the_rows_at_whole_points(scores, offset):
    """Scores in hundredths; the ladder is what the database would count."""
    counted = Counter(score // 100 for score in scores)
    ladder = Ladder(tuple(sorted(counted.items(), reverse=True)))
    best_first = sorted(scores, reverse=True)

    skipped, below = ladder.skip(offset)

    assert skipped <= offset
    left = [score for score in best_first if below is None or score < below * 100]
    assert best_first[skipped:] == left
    for score in scores:
        assert ladder.above(Decimal(score) / 100) == sum(each // 100 > score // 100 for each in scores)


@pytest.mark.django_db
def test_a_kept_ladder_changes_no_rank_and_no_page(monkeypatch):
    players = UserFactory.create_batch(12)
    for number, player in enumerate(players):
        give(player, f"{0.20 + number % 5 * 0.01:.2f}", at=NOON + timedelta(seconds=number % 2))
        play(player, minutes=10 + number % 3, at=NOON)
    board = queries.global_board(Period.ALL_TIME, NOON.date())
    counted = queries.figures_of(board)
    ranks = {player.pk: rank_of(player, Period.ALL_TIME, NOON.date()) for player in players}
    places = queries.Places(board, counted)
    pages = [places[start : start + 3] for start in range(0, 15, 3)]
    score_ranks = {player.pk: queries.ranks_of(player.pk, NOON.date()) for player in players}

    monkeypatch.setattr(queries, "LARGE_BOARD", 2)
    assert operations.keep_large_boards(now=NOON) == 4
    kept = queries.figures_of(board)

    assert len(kept.ladder.steps) > 1
    assert (kept.participants, kept.least, kept.most) == (12, counted.least, counted.most)
    assert {key: queries.position_on(board, key, kept.ladder)["rank"] for key in ranks} == ranks
    assert sorted(ranks.values()) == list(range(1, 13))
    laddered = queries.Places(board, kept)
    assert [laddered[start : start + 3] for start in range(0, 15, 3)] == pages
    assert {key: queries.ranks_of(key, NOON.date()) for key in ranks} == score_ranks


@pytest.mark.django_db
def test_a_board_that_is_small_again_is_counted_at_each_read(monkeypatch):
    monkeypatch.setattr(queries, "LARGE_BOARD", 1)
    alice = UserFactory()
    give(alice, at=NOON)
    operations.keep_large_boards(now=NOON)
    monkeypatch.setattr(queries, "LARGE_BOARD", 2)

    assert operations.keep_large_boards(now=NOON) == 0

    assert queries.figures_of(queries.global_board(Period.ALL_TIME, NOON.date())).ladder == Ladder()
