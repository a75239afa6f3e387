from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodplay.lib.time import ROME
from social import scoring
from social.scoring import Facts, Gift, Play, Tournament

TODAY = date(2026, 11, 22)
CHESS, SUDOKU, QUIZ = (UUID(int=number) for number in (1, 2, 3))
EMERGENCY, CARITAS = UUID(int=11), UUID(int=12)


def at(day, hour=12):
    return datetime.combine(day, time(hour), ROME)


def played(minutes, *, days_ago=0, game=CHESS, hour=12):
    day = TODAY - timedelta(days=days_ago)
    return Play(day, game, timedelta(minutes=minutes), at(day, hour))


def gave(euros, *, on=TODAY, onlus=EMERGENCY):
    return Gift(on, onlus, Decimal(euros), at(on))


def ranked(rank, *, days_ago=0):
    day = TODAY - timedelta(days=days_ago)
    return Tournament(day, rank, at(day))


def gaming(*plays, **more):
    return scoring.score(Facts(plays=plays, **more), TODAY).gaming


def donation(*gifts, **more):
    return scoring.score(Facts(gifts=gifts, **more), TODAY).donation


def social(**facts):
    return scoring.score(Facts(**facts), TODAY).social


# Frozen examples ------------------------------------------------------------------------------------------------


def test_a_brand_new_player_has_zero():
    made = scoring.score(Facts(), TODAY)

    assert made.total == Decimal("0.00")
    assert (made.gaming.score, made.social.score, made.donation.score) == (0, 0, 0)


def test_one_hour_of_play_and_fifty_euros_in_full():
    facts = Facts(plays=[played(60)], gifts=[gave("50.00")])

    made = scoring.score(facts, TODAY)

    assert made.gaming.details == {
        "play_time_score": Decimal("16.00"),  # 60 / 10 + one day
        "game_variety_score": Decimal("25.00"),
        "tournament_score": Decimal("0.00"),
        "achievement_score": Decimal("0.00"),
        "base_score": Decimal("41.00"),
        "consistency_multiplier": Decimal("1"),
    }
    assert made.donation.details == {
        "amount_score": Decimal("341.51"),  # 200 * log10(51)
        "frequency_score": Decimal("40.00"),
        "diversity_score": Decimal("40.00"),
        "event_score": Decimal("0.00"),
        "base_score": Decimal("421.51"),
        "consistency_multiplier": Decimal("1.10"),
        "total_donated": Decimal("50.00"),
    }
    assert made.gaming.score == Decimal("41.00")
    assert made.donation.score == Decimal("463.66")
    assert made.total == Decimal("244.13")  # 0.30 * 41.00 + 0.50 * 463.66


@pytest.mark.parametrize(
    ("minutes", "points"),
    [(0, "10.00"), (1, "10.10"), (10, "11.00"), (2400, "250.00"), (2401, "250.00"), (40_000, "250.00")],
)
def test_play_time_counts_minutes_and_days(minutes, points):
    assert gaming(played(minutes)).details["play_time_score"] == Decimal(points)


def test_play_time_counts_each_day_once_and_at_most_six():
    two_on_a_day = gaming(played(0), played(0, game=SUDOKU), played(0, days_ago=1))
    every_day = gaming(*(played(0, days_ago=number) for number in range(30)))

    assert two_on_a_day.details["play_time_score"] == Decimal("20.00")
    assert every_day.details["play_time_score"] == Decimal("60.00")


def test_play_leaves_after_thirty_days():
    assert gaming(played(100, days_ago=29)).details["base_score"] == Decimal("45.00")
    assert gaming(played(100, days_ago=30)).details["base_score"] == Decimal("0.00")


def test_variety_counts_each_game_once_and_at_most_eight():
    twice = gaming(played(1), played(1, days_ago=3))
    nine = gaming(*(played(1, game=UUID(int=number)) for number in range(9)))

    assert twice.details["game_variety_score"] == Decimal("25.00")
    assert nine.details["game_variety_score"] == Decimal("200.00")


@pytest.mark.parametrize(
    ("days_ago", "multiplier"),
    [
        ([], "0.80"),
        ([7], "0.80"),
        ([6], "1.00"),
        ([0], "1.00"),
        ([0, 0], "1.00"),
        ([0, 1], "1.05"),
        ([0, 1, 2, 3, 4], "1.20"),
        (range(7), "1.20"),
    ],
)
def test_play_consistency(days_ago, multiplier):
    made = gaming(*(played(1, days_ago=each) for each in days_ago))

    assert made.details["consistency_multiplier"] == Decimal(multiplier)


@pytest.mark.parametrize(
    ("ranks", "points"),
    [([], "0.00"), ([9], "25.00"), ([3], "75.00"), ([1], "175.00"), ([1, 1], "300.00")],
)
def test_tournaments_count_entry_rank_and_victory(ranks, points):
    made = gaming(tournaments=[ranked(rank, days_ago=89) for rank in ranks])

    assert made.details["tournament_score"] == Decimal(points)
    assert gaming(tournaments=[ranked(1, days_ago=90)]).score == 0


def test_badges_count_by_rarity():
    assert gaming(badge_rarities=["common", "rare"]).details["achievement_score"] == Decimal("35.00")
    assert gaming(badge_rarities=["legendary"] * 3).details["achievement_score"] == Decimal("200.00")


@pytest.mark.parametrize(
    ("euros", "points"),
    [("0.01", "0.86"), ("1.00", "60.21"), ("9.00", "200.00"), ("99.00", "400.00"), ("9999.00", "800.00")],
)
def test_amount_grows_by_powers_of_ten(euros, points):
    assert donation(gave(euros)).details["amount_score"] == Decimal(points)


def test_ten_thousand_euros_reach_the_most():
    assert donation(gave("10000.00")).details["amount_score"] == Decimal("800.00")
    assert donation(gave("250000.00")).details["amount_score"] == Decimal("800.00")


def test_amount_counts_everything_ever_given():
    made = donation(gave("4.00", on=date(2019, 3, 1)), gave("5.00", on=date(2025, 12, 31), onlus=CARITAS))

    assert made.details["total_donated"] == Decimal("9.00")
    assert made.details["amount_score"] == Decimal("200.00")
    assert made.details["diversity_score"] == Decimal("80.00")


@pytest.mark.parametrize(
    ("days", "points"),
    [
        ([date(2026, 11, 1), date(2026, 11, 22)], "40.00"),
        ([date(2025, 12, 1)], "40.00"),
        ([date(2025, 11, 30)], "0.00"),
        ([date(2026, month, 15) for month in range(1, 12)], "400.00"),
    ],
)
def test_frequency_counts_months_of_the_last_twelve(days, points):
    assert donation(*(gave("1.00", on=day) for day in days)).details["frequency_score"] == Decimal(points)


@pytest.mark.parametrize(
    ("days", "multiplier"),
    [
        ([], "0.90"),
        ([TODAY - timedelta(days=90)], "0.90"),
        ([TODAY - timedelta(days=89)], "1.00"),  # August: no month in a row up to now
        ([date(2026, 10, 3)], "1.10"),  # November may still come
        ([date(2026, 11, 3)], "1.10"),
        ([date(2026, 9, 30), date(2026, 11, 1)], "1.10"),
        ([date(2026, 10, 31), date(2026, 11, 1)], "1.20"),
        ([date(2026, month, 9) for month in (7, 8, 9, 10, 11)], "1.40"),
    ],
)
def test_giving_consistency(days, multiplier):
    made = donation(*(gave("1.00", on=day) for day in days))

    assert made.details["consistency_multiplier"] == Decimal(multiplier)


def test_giving_row_of_months_crosses_new_year():
    gifts = [gave("1.00", on=date(2025, 12, 31)), gave("1.00", on=date(2026, 1, 1))]

    made = scoring.score(Facts(gifts=gifts), date(2026, 1, 2)).donation

    assert made.details["consistency_multiplier"] == Decimal("1.20")


def test_campaigns_count_up_to_four():
    assert donation(campaign_count=3).details["event_score"] == Decimal("300.00")
    assert donation(campaign_count=9).details["event_score"] == Decimal("400.00")


def test_social_parts():
    made = social(
        friend_count=3,
        activity_days=[TODAY, TODAY - timedelta(days=6), TODAY - timedelta(days=7)],
        challenges_joined=3,
        challenges_completed=2,
        challenges_won=1,
        interactions_given=4,
        likes_received=2,
        share_count=1,
    )

    assert made.details == {
        "friends_score": Decimal("40.00"),
        "challenges_score": Decimal("75.00"),  # one joined, one completed, one won
        "community_score": Decimal("18.00"),
        "sharing_score": Decimal("5.00"),
        "base_score": Decimal("138.00"),
        "engagement_multiplier": Decimal("1.05"),
    }
    assert made.score == Decimal("144.90")


@pytest.mark.parametrize(
    ("events", "multiplier"), [(0, "0.95"), (1, "1.05"), (4, "1.05"), (5, "1.10"), (9, "1.10"), (10, "1.15")]
)
def test_engagement(events, multiplier):
    assert social(activity_days=[TODAY] * events).details["engagement_multiplier"] == Decimal(multiplier)


# Rules ----------------------------------------------------------------------------------------------------------

DAYS_AGO = st.integers(0, 500)
DAYS = DAYS_AGO.map(lambda days_ago: TODAY - timedelta(days=days_ago))
PLAYS = st.lists(
    st.builds(
        played,
        st.integers(0, 1500),
        days_ago=DAYS_AGO,
        game=st.integers(1, 12).map(lambda number: UUID(int=number)),
        hour=st.integers(0, 23),
    ),
    max_size=40,
)
GIFTS = st.lists(
    st.builds(
        gave,
        st.integers(1, 10**8).map(lambda cents: Decimal(cents) / 100),
        on=DAYS,
        onlus=st.integers(1, 15).map(lambda number: UUID(int=number)),
    ),
    max_size=40,
)
COUNTS = st.integers(0, 1000)
FACTS = st.builds(
    Facts,
    plays=PLAYS,
    gifts=GIFTS,
    tournaments=st.lists(st.builds(ranked, st.integers(1, 50), days_ago=DAYS_AGO), max_size=10),
    badge_rarities=st.lists(st.sampled_from(sorted(scoring.BADGE_VALUES)), max_size=20),
    friend_count=COUNTS,
    activity_days=st.lists(DAYS, max_size=15),
    interactions_given=COUNTS,
    likes_received=COUNTS,
    share_count=COUNTS,
    campaign_count=COUNTS,
)


@given(facts=FACTS)
def test_every_score_is_in_range_and_adds_up(facts):
    made = scoring.score(facts, TODAY)

    assert 0 <= made.gaming.score <= 1000
    assert 0 <= made.social.score <= 500
    assert 0 <= made.donation.score <= 2000
    weighted = (
        Decimal("0.30") * made.gaming.score
        + Decimal("0.20") * made.social.score
        + Decimal("0.50") * made.donation.score
    )
    assert abs(made.total - weighted) <= Decimal("0.005")
    assert 0 <= made.total <= 1400


@given(facts=FACTS, gift=GIFTS.filter(bool).map(lambda gifts: gifts[0]))
def test_a_gift_never_lowers_the_score(facts, gift):
    more = Facts(plays=facts.plays, gifts=[*facts.gifts, gift])
    less = Facts(plays=facts.plays, gifts=facts.gifts)

    assert scoring.score(more, TODAY).total >= scoring.score(less, TODAY).total


@given(facts=FACTS, order=st.randoms())
def test_the_order_of_facts_does_not_matter(facts, order):
    plays, gifts = list(facts.plays), list(facts.gifts)
    order.shuffle(plays)
    order.shuffle(gifts)

    shuffled = Facts(plays=plays, gifts=gifts)

    assert scoring.score(shuffled, TODAY) == scoring.score(Facts(plays=facts.plays, gifts=facts.gifts), TODAY)


@given(plays=PLAYS, gifts=GIFTS)
def test_one_row_a_day_says_as_much_as_every_deed(plays, gifts):
    """The queries add deeds up by day and game, and by day and ONLUS; that must not change the score."""
    play_sums, gift_sums = {}, {}
    for play in plays:
        known = play_sums.get((play.day, play.game_id), played(0, hour=0))
        total = known.played_for + play.played_for
        play_sums[play.day, play.game_id] = Play(play.day, play.game_id, total, play.at)
    for gift in gifts:
        known = gift_sums.get((gift.day, gift.onlus_id), gave("0"))
        gift_sums[gift.day, gift.onlus_id] = Gift(
            gift.day, gift.onlus_id, known.amount + gift.amount, gift.at
        )

    folded = Facts(plays=list(play_sums.values()), gifts=list(gift_sums.values()))

    assert scoring.score(folded, TODAY) == scoring.score(Facts(plays=plays, gifts=gifts), TODAY)
    assert scoring.next_change(folded, TODAY) == scoring.next_change(Facts(plays=plays, gifts=gifts), TODAY)


@given(facts=FACTS, ahead=st.integers(0, 400))
def test_nothing_changes_before_the_next_change(facts, ahead):
    due = scoring.next_change(facts, TODAY)
    later = TODAY + timedelta(days=ahead)

    assert due is None or due > TODAY
    if due is None or later < due:
        assert scoring.score(facts, later) == scoring.score(facts, TODAY)


@given(facts=FACTS)
def test_the_score_was_reached_with_the_last_deed_that_counts(facts):
    moment = scoring.reached_at(facts, TODAY)

    total = scoring.score(facts, TODAY).total
    if moment is None:
        assert scoring.score(facts.until(date.min), TODAY).total == total
    else:
        assert scoring.score(facts.before(moment), TODAY).total != total
        assert scoring.score(facts.before(moment + timedelta(microseconds=1)), TODAY).total == total


def test_a_deed_that_adds_nothing_is_not_when_the_score_was_reached():
    facts = Facts(plays=[played(3000, hour=9), played(60, hour=17)])

    assert scoring.reached_at(facts, TODAY) == at(TODAY, 9)
    assert scoring.reached_at(Facts(), TODAY) is None
