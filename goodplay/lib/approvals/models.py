from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ApprovalRequestQuerySet(models.QuerySet["ApprovalRequest"]):
    def pending(self) -> Self:
        return self.filter(state=ApprovalRequest.State.PENDING)

    def overdue(self, now: datetime) -> Self:
        return self.pending().filter(expires_at__lte=now)

    def about(self, target: models.Model) -> Self:
        return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))


class ApprovalRequest(models.Model):
    """Somebody asks for a dangerous action; somebody else looks at the facts and decides. Decided once."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Taken back")

    id = fields.key()
    kind = models.CharField(_("kind"), max_length=60)
    target_type = models.CharField(_("target type"), max_length=60)
    target_id = models.CharField(_("target"), max_length=64)
    summary = models.CharField(_("what"), max_length=300)
    facts = models.JSONField(_("facts"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), related_name="+"
    )
    requested_at = models.DateTimeField(_("asked at"))
    reason = models.TextField(_("why"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("decided by"),
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True, default="")
    expires_at = models.DateTimeField(_("expires at"))
    result = models.JSONField(_("result"), default=dict, blank=True)

    objects = ApprovalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        constraints = [
            models.CheckConstraint(
                name="approval_decided_iff_dated",
                condition=Q(state="pending", decided_at=None, decided_by=None)
                | Q(state__in=["approved", "rejected"], decided_at__isnull=False, decided_by__isnull=False)
                | Q(state__in=["expired", "cancelled"], decided_at__isnull=False, decided_by=None),
            ),
            models.CheckConstraint(
                name="approval_takes_two_people",
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(name="approval_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="approval_expires_later", condition=Q(expires_at__gt=F("requested_at"))
            ),
            models.UniqueConstraint(
                name="approval_one_open",
                fields=["kind", "target_type", "target_id"],
                condition=Q(state="pending"),
            ),
        ]
        indexes = [
            # "What was asked about this thing?"
            models.Index(name="approval_target", fields=["target_type", "target_id", "-requested_at"]),
            # The queue, and what is due to expire.
            models.Index(name="approval_queue", fields=["expires_at"], condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    def is_overdue(self, now: datetime) -> bool:
        return self.is_pending and self.expires_at <= now
