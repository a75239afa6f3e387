from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class AuditEntry(models.Model):
    """One act of a member of staff or of the system. Each row carries the hash of the one before it."""

    append_only: ClassVar[bool] = True

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
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.target_type} {self.target_id}"
