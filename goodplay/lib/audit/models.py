from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class AuditEntry(models.Model):
    """One act of a member of staff or of the system. Each row carries the hash of the one before it."""

    append_only: ClassVar[bool] = True
    purgeable: ClassVar[bool] = True

    id = fields.key()
    sequence = models.PositiveBigIntegerField(_("sequence"), unique=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("actor"),
        related_name="+",
    )
    action = models.CharField(_("action"), max_length=60)
    target_type = models.CharField(_("target type"), max_length=60)
    target_id = models.CharField(_("target"), max_length=64)
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="")
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"))
    previous_hash = models.CharField(_("previous hash"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            # "What happened to this thing?" in the admin.
            models.Index(name="audit_target", fields=["target_type", "target_id", "-sequence"]),
            # "What did this person do?"
            models.Index(name="audit_actor", fields=["actor", "-sequence"]),
            # "What happened in the last day?": suspicious activity of staff.
            models.Index(name="audit_recent", fields=["-recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.target_type} {self.target_id}"


class AuditCheckpoint(models.Model):
    """Where entries were whose period is over: the chain goes on over the gap from one hash to the other.

    It counts only together with the proof of deletion of those entries; the entries are in the encrypted archive.
    """

    append_only: ClassVar[bool] = True

    id = fields.key()
    first_sequence = models.PositiveBigIntegerField(_("first entry"), unique=True)
    last_sequence = models.PositiveBigIntegerField(_("last entry"), unique=True)
    previous_hash = models.CharField(_("previous hash"), max_length=64)
    last_hash = models.CharField(_("hash of the last entry"), max_length=64)
    proof = models.ForeignKey(
        "retention.DeletionProof", models.PROTECT, verbose_name=_("proof of deletion"), related_name="+"
    )
    archive = models.ForeignKey(
        "private_files.PrivateFile", models.PROTECT, verbose_name=_("archive"), related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("audit checkpoint")
        verbose_name_plural = _("audit checkpoints")
        constraints = [
            models.CheckConstraint(
                name="audit_checkpoint_in_order",
                condition=models.Q(last_sequence__gte=models.F("first_sequence")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_sequence} to {self.last_sequence}"
