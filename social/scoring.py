"""The impact score as arithmetic: what a player did, by Rome days, becomes points. No database, no clock.

Every number of the formula stands here. Whoever changes one raises FORMULA_VERSION: each stored score names the
version that made it, and the refresh job works out anew whatever an older one made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from goodplay.lib.time import month_start, next_month

FORMULA_VERSION = 1

POINT = Decimal("0.01")
NONE = Decimal("0.00")

WEIGHTS = {"gaming": Decimal("0.30"), "social": Decimal("0.20"), "donation": Decimal("0.50")}
MOST = {"gaming": Decimal(1000), "social": Decimal(500), "donation": Decimal(2000)}
LARGEST_SCORE = sum((WEIGHTS[name] * MOST[name] for name in WEIGHTS), NONE)

PLAY_WINDOW = timedelta(days=30)
RECENT_WINDOW = timedelta(days=7)
TOURNAMENT_WINDOW = timedelta(days=90)
GIFT_WINDOW = timedelta(days=90)
GIFT_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """So many points for each one counted, up to a most."""

    points: Decimal
    most: Decimal

    def worth(self, count: Decimal | int) -> Decimal:
        return to_points(min(self.points * count, self.most))


PLAYED_MINUTE = Rule(Decimal("0.1"), Decimal(240))
PLAYED_DAY = Rule(Decimal(10), Decimal(60))
DISTINCT_GAME = Rule(Decimal(25), Decimal(200))
TOURNAMENT = Rule(Decimal(1), Decimal(300))
TOURNAMENT_ENTERED, TOURNAMENT_TOP_THREE, TOURNAMENT_WON = 25, 50, 100  # each on top of the one before
ACHIEVEMENT = Rule(Decimal(1), Decimal(200))
BADGE_VALUES = {"common": 10, "rare": 25, "epic": 50, "legendary": 100}
FRIEND = Rule(Decimal(10), Decimal(100))
RECENT_ACTIVITY = Rule(Decimal(5), Decimal(50))
CHALLENGE = Rule(Decimal(1), Decimal(150))
CHALLENGE_JOINED, CHALLENGE_COMPLETED, CHALLENGE_WON = 10, 25, 40  # the best of the three
COMMUNITY = Rule(Decimal(1), Decimal(100))
INTERACTION_GIVEN, LIKE_RECEIVED = 2, 5
SHARE = Rule(Decimal(5), Decimal(100))
AMOUNT = Rule(Decimal(200), Decimal(800))  # for each power of ten given
GIFT_MONTH = Rule(Decimal(40), Decimal(400))
DISTINCT_ONLUS = Rule(Decimal(40), Decimal(400))
CAMPAIGN = Rule(Decimal(100), Decimal(400))

IDLE_PLAY, STEADY_PLAY, MOST_STEADY_PLAY = Decimal("0.80"), Decimal("0.05"), Decimal("1.20")
ENGAGEMENT = ((10, Decimal("1.15")), (5, Decimal("1.10")), (1, Decimal("1.05")), (0, Decimal("0.95")))
IDLE_GIVING, STEADY_GIVING, MOST_STEADY_GIVING = Decimal("0.90"), Decimal("0.10"), Decimal("1.40")


# What is counted ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Verified play of one game on one day, the last of it ended `at`."""

    day: date
    game_id: UUID
    played_for: timedelta
    at: datetime


@dataclass(frozen=True, slots=True)
class Gift:
    """Money given to one ONLUS on one day, the last of it `at`."""

    day: date
    onlus_id: UUID
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Tournament:
    day: date
    rank: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the score is made from. What nobody can do yet is empty."""

    plays: Sequence[Play] = ()
    gifts: Sequence[Gift] = ()
    tournaments: Sequence[Tournament] = ()
    badge_rarities: Sequence[str] = ()
    friend_count: int = 0
    activity_days: Sequence[date] = ()
    challenges_joined: int = 0
    challenges_completed: int = 0
    challenges_won: int = 0
    interactions_given: int = 0
    likes_received: int = 0
    share_count: int = 0
    campaign_count: int = 0

    def until(self, day: date) -> "Facts":
        """Leave out what happened after the day."""
        return self._where(lambda deed: deed.day <= day)

    def before(self, moment: datetime) -> "Facts":
        return self._where(lambda deed: deed.at < moment)

    def moments(self) -> list[datetime]:
        """List when something was done, the latest first."""
        return sorted({deed.at for deed in self._deeds()}, reverse=True)

    def days(self) -> set[date]:
        """Collect the days on which something was done."""
        return {deed.day for deed in self._deeds()}

    def _deeds(self) -> list[Play | Gift | Tournament]:
        return [*self.plays, *self.gifts, *self.tournaments]

    def _where(self, keeps: Callable[[Play | Gift | Tournament], bool]) -> "Facts":
        return replace(
            self,
            plays=[each for each in self.plays if keeps(each)],
            gifts=[each for each in self.gifts if keeps(each)],
            tournaments=[each for each in self.tournaments if keeps(each)],
        )


# What comes out -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Component:
    """One third of the score, with the parts it was made of."""

    score: Decimal
    details: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Score:
    gaming: Component
    social: Component
    donation: Component

    @property
    def total(self) -> Decimal:
        return to_points(sum((WEIGHTS[name] * part.score for name, part in self.components().items()), NONE))

    def components(self) -> dict[str, Component]:
        return {"gaming": self.gaming, "social": self.social, "donation": self.donation}


def score(facts: Facts, day: date) -> Score:
    """Work out the score as it stands on a Rome day. Who did nothing yet has zero."""
    return Score(_gaming(facts, day), _social(facts, day), _donation(facts, day))


def to_points(value: Decimal) -> Decimal:
    """Round to hundredths of a point, half up. Every published part is rounded, and sums are made of those."""
    return value.quantize(POINT, rounding=ROUND_HALF_UP)


def reached_at(facts: Facts, day: date) -> datetime | None:
    """Return when the last deed was done without which the score of the day would be another; None without one."""
    total = score(facts, day).total
    return next((each for each in facts.moments() if score(facts.before(each), day).total != total), None)


def next_change(facts: Facts, day: date) -> date | None:
    """Return the first later day on which time alone may change the score; None when it never will."""
    leaving = [play.day + window for play in facts.plays for window in (RECENT_WINDOW, PLAY_WINDOW)]
    leaving += [each.day + TOURNAMENT_WINDOW for each in facts.tournaments]
    leaving += [each + RECENT_WINDOW for each in facts.activity_days]
    leaving += [gift.day + GIFT_WINDOW for gift in facts.gifts]
    if _gift_months(facts.gifts, day):
        leaving.append(next_month(month_start(day)))
    return min((each for each in leaving if each > day), default=None)


# The three components -------------------------------------------------------------------------------------------


def _gaming(facts: Facts, day: date) -> Component:
    plays = [play for play in facts.plays if _within(play.day, day, PLAY_WINDOW)]
    minutes = (
        Decimal(sum((play.played_for for play in plays), timedelta()) // timedelta(milliseconds=1)) / 60_000
    )
    active_days = {play.day for play in plays}
    parts = {
        "play_time_score": PLAYED_MINUTE.worth(minutes) + PLAYED_DAY.worth(len(active_days)),
        "game_variety_score": DISTINCT_GAME.worth(len({play.game_id for play in plays})),
        "tournament_score": TOURNAMENT.worth(_tournament_points(facts.tournaments, day)),
        "achievement_score": ACHIEVEMENT.worth(sum(BADGE_VALUES[rarity] for rarity in facts.badge_rarities)),
    }
    return _component("gaming", parts, consistency_multiplier=_play_consistency(active_days, day))


def _social(facts: Facts, day: date) -> Component:
    recent = sum(_within(each, day, RECENT_WINDOW) for each in facts.activity_days)
    community = INTERACTION_GIVEN * facts.interactions_given + LIKE_RECEIVED * facts.likes_received
    parts = {
        "friends_score": FRIEND.worth(facts.friend_count) + RECENT_ACTIVITY.worth(recent),
        "challenges_score": CHALLENGE.worth(_challenge_points(facts)),
        "community_score": COMMUNITY.worth(community),
        "sharing_score": SHARE.worth(facts.share_count),
    }
    multiplier = next(value for least, value in ENGAGEMENT if recent >= least)
    return _component("social", parts, engagement_multiplier=multiplier)


def _donation(facts: Facts, day: date) -> Component:
    total = sum((gift.amount for gift in facts.gifts), NONE)
    months = _gift_months(facts.gifts, day)
    parts = {
        "amount_score": AMOUNT.worth((total + 1).log10()),
        "frequency_score": GIFT_MONTH.worth(len(months)),
        "diversity_score": DISTINCT_ONLUS.worth(len({gift.onlus_id for gift in facts.gifts})),
        "event_score": CAMPAIGN.worth(facts.campaign_count),
    }
    multiplier = _gift_consistency((gift.day for gift in facts.gifts), months, day)
    made = _component("donation", parts, consistency_multiplier=multiplier)
    return Component(made.score, {**made.details, "total_donated": total})


def _component(name: str, parts: Mapping[str, Decimal], **multiplier: Decimal) -> Component:
    [factor] = multiplier.values()
    base = sum(parts.values(), NONE)
    return Component(to_points(min(base * factor, MOST[name])), {**parts, "base_score": base, **multiplier})


# Their parts ----------------------------------------------------------------------------------------------------


def _tournament_points(tournaments: Iterable[Tournament], day: date) -> int:
    ranks = [each.rank for each in tournaments if _within(each.day, day, TOURNAMENT_WINDOW)]
    top_three, won = sum(rank <= 3 for rank in ranks), sum(rank == 1 for rank in ranks)
    return TOURNAMENT_ENTERED * len(ranks) + TOURNAMENT_TOP_THREE * top_three + TOURNAMENT_WON * won


def _challenge_points(facts: Facts) -> int:
    """Count each challenge once, by how far the player came: who won has completed, who completed has joined."""
    only_completed = facts.challenges_completed - facts.challenges_won
    only_joined = facts.challenges_joined - facts.challenges_completed
    return (
        CHALLENGE_WON * facts.challenges_won
        + CHALLENGE_COMPLETED * only_completed
        + CHALLENGE_JOINED * only_joined
    )


def _play_consistency(active_days: Iterable[date], day: date) -> Decimal:
    recent = sum(_within(each, day, RECENT_WINDOW) for each in active_days)
    return min(1 + STEADY_PLAY * (recent - 1), MOST_STEADY_PLAY) if recent else IDLE_PLAY


def _gift_consistency(gift_days: Iterable[date], months: set[int], day: date) -> Decimal:
    """Reward months in a row; a running month without a gift yet does not break the row."""
    if not any(_within(each, day, GIFT_WINDOW) for each in gift_days):
        return IDLE_GIVING
    month = _month(day) if _month(day) in months else _month(day) - 1
    in_a_row = 0
    while month - in_a_row in months:
        in_a_row += 1
    return min(1 + STEADY_GIVING * in_a_row, MOST_STEADY_GIVING)


def _gift_months(gifts: Iterable[Gift], day: date) -> set[int]:
    """Collect the calendar months with a gift among the last twelve, the running one included."""
    return {month for gift in gifts if 0 <= _month(day) - (month := _month(gift.day)) < GIFT_MONTHS}


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _within(moment: date, day: date, window: timedelta) -> bool:
    """Say whether a day is one of the last so many, today included."""
    return timedelta() <= day - moment < window
