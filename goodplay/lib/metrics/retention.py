from django.utils.translation import gettext_lazy as _

from goodplay.lib.metrics.models import SystemMetric
from goodplay.lib.retention.registry import kept

Period = SystemMetric.Period

kept(
    "metrics_minutes",
    label=_("Figures of each minute"),
    law=_("Needed to look into what happened lately; hours and days stay."),
    days=30,
    least_days=15,
    rows=lambda before: SystemMetric.objects.filter(period=Period.MINUTE, timestamp__lt=before),
)
kept(
    "metrics_rolled_up",
    label=_("Figures of hours and days"),
    law=_("Needed to compare with the year before."),
    days=730,
    least_days=90,
    rows=lambda before: SystemMetric.objects.exclude(period=Period.MINUTE).filter(timestamp__lt=before),
)
