from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class RetentionPolicy(models.Model):
    """How many days one kind of data is kept."""

    kind = models.CharField(_("kind"), primary_key=True, max_length=60)
    days = models.PositiveIntegerField(_("kept for days"))
    is_active = models.BooleanField(_("active"), default=True)
    last_run_at = models.DateTimeField(_("last purged"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("retention policy")
        verbose_name_plural = _("retention policies")
        permissions = [
            ("change_period", "Can change how long data is kept"),
            ("purge", "Can purge data whose period is over now"),
        ]
        constraints = [models.CheckConstraint(name="retention_some_days", condition=Q(days__gte=1))]

    def __str__(self) -> str:
        return self.kind


class DeletionProof(models.Model):
    """That so many rows of a kind were taken away. Holds no data of theirs, and the hash of the proof before."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    sequence = models.PositiveBigIntegerField(_("sequence"), unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    act = models.CharField(_("what was done"), max_length=10)
    period_days = models.PositiveIntegerField(_("period, days"))
    ended_before = models.DateTimeField(_("period ended before"))
    count = models.PositiveIntegerField(_("rows"))
    digest = models.CharField(_("digest of the rows"), max_length=64)
    job = models.CharField(_("by"), max_length=120)
    recorded_at = models.DateTimeField(_("recorded at"))
    previous_hash = models.CharField(_("previous hash"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("proof of deletion")
        verbose_name_plural = _("proofs of deletion")
        constraints = [models.CheckConstraint(name="deletion_proof_counts", condition=Q(count__gte=1))]
        indexes = [
            # The proofs of one kind, newest first.
            models.Index(name="deletion_proof_kind", fields=["kind", "-sequence"]),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.count}"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> "LegalHoldQuerySet":
        return self.filter(released_at=None)


class LegalHold(models.Model):
    """As long as it stands nothing of this person is purged, whatever its period."""

    id = fields.key()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("person"), related_name="legal_holds"
    )
    reason = models.CharField(_("reason"), max_length=500)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("placed by"), related_name="+"
    )
    placed_at = models.DateTimeField(_("placed at"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("released by"),
        related_name="+",
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        permissions = [("place_hold", "Can place and release legal holds")]
        constraints = [
            models.UniqueConstraint(
                name="legal_hold_one_standing", fields=["person"], condition=Q(released_at=None)
            ),
            models.CheckConstraint(
                name="legal_hold_released_iff_by",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(name="legal_hold_has_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.placed_at:%Y-%m-%d}"
