from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class EventQuerySet(models.QuerySet["Event"]):
    def named(self, names: frozenset[str]) -> Self:
        """Return those with one of the names; no names mean all."""
        return self.filter(name__in=names) if names else self.all()


class Event(models.Model):
    """One announced fact: the outbox and the history in one. Rows never change."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    name = models.CharField(_("name"), max_length=80)
    payload = models.JSONField(_("payload"), default=dict)
    aggregate = models.CharField(_("aggregate"), max_length=64, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            # The sweep and the admin's date filter.
            models.Index(name="event_recorded", fields=["recorded_at", "id"]),
            # Handlers that keep order look for earlier events of the same aggregate.
            models.Index(
                name="event_aggregate", fields=["aggregate", "id"], condition=~models.Q(aggregate="")
            ),
            # replay_events reads one name from a date on.
            models.Index(name="event_name", fields=["name", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: Any) -> "DeliveryQuerySet":
        return self.filter(status=Delivery.Status.RETRYING, next_attempt_at__lte=now)

    def parked(self) -> "DeliveryQuerySet":
        return self.filter(status=Delivery.Status.PARKED)


class Delivery(models.Model):
    """One handler's dealing with one event. DONE is written in the transaction of the handler's effect."""

    class Status(models.TextChoices):
        DONE = "done", _("Done")
        RETRYING = "retrying", _("Retrying")
        PARKED = "parked", _("Parked")

    id = fields.key()
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries", verbose_name=_("event"))
    handler = models.CharField(_("handler"), max_length=120)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=1)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True, default="")
    updated_at = models.DateTimeField(_("updated at"))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["event", "handler"]),
            models.CheckConstraint(
                name="delivery_retrying_iff_dated",
                condition=models.Q(status="retrying", next_attempt_at__isnull=False)
                | (~models.Q(status="retrying") & models.Q(next_attempt_at=None)),
            ),
        ]
        indexes = [
            # The sweep's queue of failed deliveries, and the admin's list of parked ones.
            models.Index(
                name="delivery_open", fields=["status", "next_attempt_at"], condition=~models.Q(status="done")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handler}: {self.get_status_display()}"


class SweepCursor(models.Model):
    """How far the sweep has proved that no event lacks a delivery row."""

    name = models.CharField(primary_key=True, max_length=20, default="sweep")
    swept_to = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sweep cursor")

    def __str__(self) -> str:
        return f"{self.name} {self.swept_to}"
