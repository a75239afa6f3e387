from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from donations.models.compliance import RiskLevel
from donations.models.risk import RiskSubject
from goodplay.lib import fields


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        return self.filter(status=Review.Status.OPEN)

    def refused_play(self) -> Self:
        """Credits for play that were held and never paid."""
        return self.filter(subject=RiskSubject.SESSION, status=Review.Status.REJECTED)


class Review(models.Model):
    """A movement the check point held: its money is a hold until somebody releases or rejects it.

    Withdrawn: the movement ended by itself before anybody decided. Released by nobody: it waited for the lists alone.
    """

    Subject = RiskSubject

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        RELEASED = "released", _("Released")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = fields.key()
    subject = models.CharField(_("movement"), max_length=10, choices=RiskSubject.choices)
    subject_id = models.UUIDField(_("of"))
    player = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    amount = fields.euros()
    reasons = models.JSONField(_("reasons"), default=list, help_text=_("Constants, for people and programs."))
    risk_level = models.CharField(
        _("risk"), max_length=8, choices=RiskLevel.choices, default=RiskLevel.MEDIUM
    )
    decision = models.ForeignKey(
        "donations.RiskDecision", models.PROTECT, null=True, blank=True, related_name="reviews"
    )
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
                | Q(status__in=["released", "rejected"], decided_at__isnull=False, decided_by__isnull=False)
                # Let go by itself: what held it is over, and the reason says so.
                | (Q(status="released", decided_at__isnull=False, decided_by=None) & ~Q(decision_reason="")),
            ),
        ]
        indexes = [
            # The queue, oldest first.
            models.Index(name="review_queue", fields=["created_at"], condition=Q(status="open")),
            # What a wallet does not count as earned.
            models.Index(
                name="review_refused_play",
                fields=["player"],
                condition=Q(subject="session", status="rejected"),
            ),
            # What the queue of the reward pool passes by.
            models.Index(
                name="review_held_play",
                fields=["subject_id"],
                condition=Q(subject="session", status="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_subject_display()} € {self.amount}"
