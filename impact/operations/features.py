"""What each level opens, and the answer to who has not reached it."""

from typing import ClassVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from goodplay.lib.errors import AccessDenied, NotFound
from impact.donor_statistics import DonorStatistics
from impact.levels import LEVELS, Level, features_of

BY_FEATURE = {level.feature: level for level in LEVELS if level.feature}


class FeatureNotFound(NotFound):
    code = "FEATURE_NOT_FOUND"
    message = _("There is no such feature.")


class LevelRequired(AccessDenied):
    """The feature opens with a higher level. Which one is in the constant, and in the answer's data."""

    level: ClassVar[Level]


def _required(level: Level) -> type[LevelRequired]:
    members = {
        "level": level,
        "code": f"IMPACT_LEVEL_{level.number}_REQUIRED",
        "message": format_lazy(
            _("This opens with level {number}, {name}, at {amount} EUR given."),
            number=level.number,
            name=level.name,
            amount=level.amount,
        ),
    }
    return type(f"Level{level.number}Required", (LevelRequired,), members)


REFUSALS = {feature: _required(level) for feature, level in BY_FEATURE.items()}


def require(feature: str, statistics: DonorStatistics) -> Level:
    """Return the level that opens the feature. Raises FeatureNotFound, or LevelRequired for that level."""
    level = BY_FEATURE.get(feature)
    if level is None:
        raise FeatureNotFound
    if feature not in features_of(statistics.total_donated):
        missing = level.amount - statistics.total_donated
        raise REFUSALS[feature](
            data={
                "feature": feature,
                "required_level": level.number,
                "required_amount": level.amount,
                "missing_amount": missing,
            }
        )
    return level
