from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from donations.models.batches import BatchOperation
from goodplay.lib import fields


class BatchUpload(models.Model):
    """A file of lines as it was uploaded. What it says becomes a batch once, when somebody confirms it."""

    id = fields.key()
    operation_type = models.CharField(_("type"), max_length=20, choices=BatchOperation.Type.choices)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.TextField(_("content"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("uploaded by"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    batch = models.OneToOneField(
        BatchOperation, models.PROTECT, null=True, blank=True, verbose_name=_("batch"), related_name="upload"
    )

    class Meta:
        verbose_name = _("batch upload")
        verbose_name_plural = _("batch uploads")
        constraints = [
            models.CheckConstraint(
                name="batch_upload_of_what_files_say",
                condition=Q(
                    operation_type__in=["donations", "refunds", "compliance_check", "reconciliation"]
                ),
            )
        ]
        indexes = [
            # Uploads nobody confirmed, and their clean-up.
            models.Index(name="batch_upload_unused", fields=["uploaded_at"], condition=Q(batch=None)),
        ]

    def __str__(self) -> str:
        return self.file_name
