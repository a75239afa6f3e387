"""Facts about standing among players."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from social.models import ImpactScore


def _score_facts(score: "ImpactScore", previous: Decimal) -> dict[str, Any]:
    return {
        "user_id": str(score.user_id),
        "score": str(score.score),
        "previous_score": str(previous),
        "gaming_component": str(score.gaming_component),
        "social_component": str(score.social_component),
        "donation_component": str(score.donation_component),
        "formula_version": score.formula_version,
        "calculated_at": score.calculated_at.isoformat(),
    }


impact_score_changed = DomainSignal("impact_score_changed", facts=_score_facts, aggregate="user_id")
"""Arguments: score, previous (the total before). Announced only when the total moved: then a board's order may have."""
