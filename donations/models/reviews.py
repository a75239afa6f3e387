from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ReviewThreshold(models.Model):
    """From which amount on a movement waits for a person. No row, or an inactive one: it passes."""

    class Subject(models.TextChoices):
        DONATION = "donation", _("Donation")
        PAYOUT = "payout", _("Payout")
        TOP_UP = "top_up", _("Top-up")

    subject = models.CharField(_("movement"), max_length=10, choices=Subject.choices, primary_key=True)
    amount = fields.euros(verbose_name=_("held from this amount on"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("review threshold")
        verbose_name_plural = _("review thresholds")
        constraints = [models.CheckConstraint(name="threshold_positive", condition=Q(amount__gt=0))]

    def __str__(self) -> str:
        return self.get_subject_display()


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(status=Review.Status.OPEN)


class Review(models.Model):
    """A movement the check point held: its money is a hold until somebody releases or rejects it.

    Withdrawn: the movement ended by itself before anybody decided.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        RELEASED = "released", _("Released")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = fields.key()
    subject = models.CharField(_("movement"), max_length=10, choices=ReviewThreshold.Subject.choices)
    subject_id = models.UUIDField(_("of"))
    player = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    amount = fields.euros()
    reasons = models.JSONField(_("reasons"), default=list, help_text=_("Constants, for people and programs."))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_reason = models.CharField(_("reason of the decision"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(name="review_once_per_subject", fields=["subject", "subject_id"]),
            models.CheckConstraint(
                name="review_decided_iff_dated",
                condition=Q(status="open", decided_at=None, decided_by=None)
                | Q(status="withdrawn", decided_at__isnull=False, decided_by=None)
                | Q(status__in=["released", "rejected"], decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]
        indexes = [
            # The queue, oldest first.
            models.Index(name="review_queue", fields=["created_at"], condition=Q(status="open"))
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} € {self.amount}"
