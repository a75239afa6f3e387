import operator
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Area(models.TextChoices):
    SYSTEM = "system", _("System")
    SECURITY = "security", _("Security")
    COMPLIANCE = "compliance", _("Compliance")
    FINANCIAL = "financial", _("Money")


class Severity(models.TextChoices):
    """Worst first."""

    CRITICAL = "critical", _("Critical")
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


def right_of(area: str) -> str:
    """Return the permission that opens the alerts of an area."""
    return f"alerts.handle_{area}"


def areas_of(user: Any) -> list[str]:
    return [area.value for area in Area if user.has_perm(right_of(area.value))]


class AlertQuerySet(models.QuerySet["Alert"]):
    def unresolved(self) -> Self:
        return self.exclude(status=Alert.Status.RESOLVED)

    def visible_to(self, user: Any) -> Self:
        """Return those of the areas the person holds the right for."""
        return self.filter(area__in=areas_of(user))

    def by_urgency(self) -> Self:
        return self.order_by(*URGENCY)


class Alert(models.Model):
    """One warning. As long as it is not resolved, whatever raises it again counts it up."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        RESOLVED = "resolved", _("Resolved")

    id = fields.key()
    area = models.CharField(_("area"), max_length=10, choices=Area.choices)
    alert_type = models.CharField(_("type"), max_length=60)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    title = models.CharField(_("title"), max_length=200)
    message = models.TextField(_("message"), blank=True, default="")
    translations = models.JSONField(
        default=dict, blank=True, editable=False, help_text='{"it": {"title": …, "message": …}}'
    )
    data = models.JSONField(_("data"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=60)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    dedupe_key = models.CharField(_("counted under"), max_length=200)
    count = models.PositiveIntegerField(_("times seen"), default=1)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("acknowledged by"),
        related_name="+",
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("resolved by"),
        help_text=_("Empty where what raised it saw that it is over."),
        related_name="+",
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        permissions = [
            ("handle_system", "Can see and handle alerts of the system"),
            ("handle_security", "Can see and handle alerts of security"),
            ("handle_compliance", "Can see and handle alerts of compliance"),
            ("handle_financial", "Can see and handle alerts of money"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="alert_one_unresolved", fields=["dedupe_key"], condition=~Q(status="resolved")
            ),
            models.CheckConstraint(
                name="alert_resolved_iff_dated",
                condition=Q(status="resolved", resolved_at__isnull=False)
                | (~Q(status="resolved") & Q(resolved_at=None, resolved_by=None)),
            ),
            models.CheckConstraint(
                name="alert_acknowledged_iff_dated",
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="alert_acknowledged_by_somebody",
                condition=~Q(status="acknowledged") | Q(acknowledged_at__isnull=False),
            ),
            models.CheckConstraint(name="alert_was_seen", condition=Q(count__gte=1)),
            models.CheckConstraint(
                name="alert_last_seen_is_last", condition=Q(last_seen_at__gte=F("first_seen_at"))
            ),
        ]
        indexes = [
            # What is open, on dashboards and in the list's filter.
            models.Index(
                name="alert_unresolved", fields=["area", "-last_seen_at"], condition=~Q(status="resolved")
            ),
            # The list, newest first, and retention of what is over.
            models.Index(name="alert_seen", fields=["-last_seen_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def heading(self) -> str:
        """The title in the language of whoever reads."""
        return self._in_their_language("title")

    @property
    def text(self) -> str:
        return self._in_their_language("message")

    def _in_their_language(self, name: str) -> str:
        language = (get_language() or "").split("-")[0]
        return str(self.translations.get(language, {}).get(name) or getattr(self, name))

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_resolved(self) -> bool:
        return self.status == self.Status.RESOLVED


URGENCY = (
    Case(When(status="resolved", then=Value(1)), default=Value(0), output_field=IntegerField()).asc(),
    Case(
        *(When(severity=each.value, then=Value(each.rank)) for each in Severity),
        default=Value(9),
        output_field=IntegerField(),
    ).asc(),
    F("last_seen_at").desc(),
    F("id").desc(),
)
"""Unresolved first, the worst of them first, the latest of those first."""


class AlertRuleQuerySet(models.QuerySet["AlertRule"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class AlertRule(models.Model):
    """A threshold of something that is measured. Rules of one measure make one alert: the worst of them names it."""

    class Operator(models.TextChoices):
        ABOVE = "gt", _("is above")
        BELOW = "lt", _("is below")
        AT_MOST = "lte", _("is at most")
        AT_LEAST = "gte", _("is at least")

    id = fields.key()
    metric = models.CharField(
        _("measure"), max_length=60, help_text=_("Its name, as under System metrics and in /metrics.")
    )
    operator = models.CharField(
        _("raises when it"), max_length=3, choices=Operator.choices, default=Operator.ABOVE
    )
    threshold = models.DecimalField(_("threshold"), max_digits=14, decimal_places=3)
    over_minutes = models.PositiveIntegerField(
        _("reckoned over"),
        default=1,
        help_text=_("Minutes: what is counted is added up over them, everything else averaged."),
    )
    holds_for_minutes = models.PositiveIntegerField(
        _("must hold for"), default=0, help_text=_("Minutes it must stay so before the alert is raised.")
    )
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.MEDIUM
    )
    area = models.CharField(_("area"), max_length=10, choices=Area.choices, default=Area.SYSTEM)
    is_active = models.BooleanField(_("active"), default=True)
    breached_since = models.DateTimeField(_("breached since"), null=True, blank=True, editable=False)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        constraints = [
            models.UniqueConstraint(
                name="alert_rule_once", fields=["metric", "operator", "threshold", "over_minutes"]
            ),
            models.CheckConstraint(
                name="alert_rule_window", condition=Q(over_minutes__gte=1, over_minutes__lte=1440)
            ),
            models.CheckConstraint(name="alert_rule_patience", condition=Q(holds_for_minutes__lte=1440)),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.get_operator_display()} {self.threshold.normalize():f}"

    def is_breached_by(self, value: float) -> bool:
        compare = {"gt": operator.gt, "lt": operator.lt, "lte": operator.le, "gte": operator.ge}
        return bool(compare[self.operator](Decimal(str(value)), self.threshold))
