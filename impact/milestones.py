"""The thresholds donors and the community cross, and what a donor's level opens."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from impact.models import CommunityMilestone


@dataclass(frozen=True, slots=True)
class Level:
    """One of the ten levels: the euros it takes, its name, and the feature it adds, if any.

    A feature only adds to what everybody sees; `admin_dashboards` is a community view to read, never staff access.
    """

    number: int
    amount: Decimal
    name: str | Promise
    feature: str = ""


LEVELS = (
    Level(1, Decimal(10), _("First Impact")),
    Level(2, Decimal(25), _("Growing Difference"), "basic_metrics"),
    Level(3, Decimal(50), _("Community Builder"), "trend_data"),
    Level(4, Decimal(100), _("Changemaker"), "detailed_analytics"),
    Level(5, Decimal(250), _("Impact Champion"), "onlus_direct_updates"),
    Level(6, Decimal(500), _("Philanthropist"), "community_leaderboard"),
    Level(7, Decimal(1000), _("Major Donor"), "platform_insights"),
    Level(8, Decimal(2500), _("Community Leader"), "admin_dashboards"),
    Level(9, Decimal(5000), _("Impact Hero"), "advanced_reporting"),
    Level(10, Decimal(10000), _("Transformation Leader"), "all_features"),
)

DONATION_COUNTS = (1, 5, 10, 25, 50, 100, 250, 500)

COMMUNITY = {
    CommunityMilestone.Kind.DONATIONS: (10_000, 50_000, 100_000, 250_000, 500_000, 1_000_000),
    CommunityMilestone.Kind.DONORS: (100, 500, 1_000, 5_000),
    CommunityMilestone.Kind.ONLUS: (10, 25, 50, 100),
}


_COMMUNITY_TITLES = {
    CommunityMilestone.Kind.DONATIONS: _("Together we gave %(threshold)s EUR"),
    CommunityMilestone.Kind.DONORS: _("We are %(threshold)s donors now"),
    CommunityMilestone.Kind.ONLUS: _("Together we support %(threshold)s ONLUS"),
}


def _community_title(kind: str, threshold: Decimal) -> str:
    return str(_COMMUNITY_TITLES[CommunityMilestone.Kind(kind)]) % {"threshold": f"{threshold:,.0f}"}


# Its words are chosen when they are shown: a cache keeps kind and threshold, not somebody's language.
community_title = lazy(_community_title, str)


def level_of(total: Decimal) -> int:
    """Return how many of the ten thresholds the total has reached."""
    return sum(total >= level.amount for level in LEVELS)


def next_level(total: Decimal) -> Level | None:
    return next((level for level in LEVELS if total < level.amount), None)


def features_of(total: Decimal) -> list[str]:
    return [level.feature for level in LEVELS if level.feature and total >= level.amount]


def percent_of(value: Decimal, threshold: Decimal) -> Decimal:
    """Return value ÷ threshold as a percentage with one decimal, from 0 to 100; only who is there reads 100."""
    if value >= threshold:
        return Decimal("100.0")
    return min((value * 100 / threshold).quantize(Decimal("0.1")), Decimal("99.9"))
