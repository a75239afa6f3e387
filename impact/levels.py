"""A donor's ten levels: what each takes and what it opens."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
