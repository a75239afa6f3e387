"""How good the screener was when it was measured last."""

from donations.models import ScreeningQuality


def latest() -> ScreeningQuality | None:
    return ScreeningQuality.objects.order_by("-measured_at", "-id").first()
