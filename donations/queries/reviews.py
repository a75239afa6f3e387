"""What waits for a person before its money moves."""

from decimal import Decimal

from django.core.cache import cache

from donations.models import ReviewThreshold

THRESHOLDS_KEY, THRESHOLDS_CACHED_FOR = "review-thresholds", 60  # seconds


def threshold(subject: ReviewThreshold.Subject) -> Decimal | None:
    """Return from which amount on this kind of movement waits, in EUR; None when none does."""
    thresholds: dict[str, Decimal] = (
        cache.get_or_set(THRESHOLDS_KEY, _active_thresholds, THRESHOLDS_CACHED_FOR) or {}
    )
    return thresholds.get(subject.value)


def forget_thresholds() -> None:
    cache.delete(THRESHOLDS_KEY)


def _active_thresholds() -> dict[str, Decimal]:
    return dict(ReviewThreshold.objects.filter(is_active=True).values_list("subject", "amount"))
