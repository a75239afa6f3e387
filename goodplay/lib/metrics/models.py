from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class SystemMetric(models.Model):
    """The figures of one kind for one minute, hour or day; `timestamp` is where it begins. Numbers only, or null."""

    class Type(models.TextChoices):
        PERFORMANCE = "performance", _("Performance")
        USER_ACTIVITY = "user_activity", _("Activity of players")
        FINANCIAL = "financial", _("Money")
        SECURITY = "security", _("Security")
        INFRASTRUCTURE = "infrastructure", _("Infrastructure")
        BUSINESS = "business", _("Business")

    class Period(models.TextChoices):
        MINUTE = "1m", _("A minute")
        HOUR = "1h", _("An hour")
        DAY = "1d", _("A day")

    id = fields.key()
    metric_type = models.CharField(_("type"), max_length=14, choices=Type.choices)
    period = models.CharField(_("period"), max_length=2, choices=Period.choices, default=Period.MINUTE)
    timestamp = models.DateTimeField(_("from"))
    data = models.JSONField(_("figures"), default=dict)
    tags = models.JSONField(_("tags"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=60, default="system")

    class Meta:
        verbose_name = _("system metric")
        verbose_name_plural = _("system metrics")
        constraints = [
            # Also the index of every chart: one type and period, by time.
            models.UniqueConstraint(name="system_metric_once", fields=["metric_type", "period", "timestamp"]),
        ]
        indexes = [
            # The list, newest first, and retention.
            models.Index(name="system_metric_time", fields=["period", "-timestamp", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.metric_type} {self.period} {self.timestamp:%Y-%m-%d %H:%M}"


class RequestTally(models.Model):
    """What one process counted in some seconds. The job of the minute reads it and takes it away."""

    id = fields.key()
    process = models.CharField(_("process"), max_length=80)
    ended_at = models.DateTimeField(_("until"))
    routes = models.JSONField(_("by route"), default=dict)
    counts = models.JSONField(_("counted"), default=dict)

    class Meta:
        verbose_name = _("request tally")
        verbose_name_plural = _("request tallies")
        indexes = [
            # The job of the minute takes up what was counted until then.
            models.Index(name="request_tally_ended", fields=["ended_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.process} {self.ended_at:%H:%M:%S}"


class RouteTotal(models.Model):
    """All requests of one route since the beginning, for counters that only grow."""

    route = models.CharField(_("route"), primary_key=True, max_length=300)
    requests = models.BigIntegerField(_("requests"), default=0)
    errors = models.BigIntegerField(_("errors of the server"), default=0)
    refusals = models.BigIntegerField(_("refusals"), default=0)
    total_ms = models.FloatField(_("milliseconds together"), default=0)
    buckets = models.JSONField(_("by duration"), default=list)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("route total")
        verbose_name_plural = _("route totals")

    def __str__(self) -> str:
        return self.route
