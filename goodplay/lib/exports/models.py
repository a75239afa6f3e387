from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.private_files.models import PrivateFile


class ExportJobQuerySet(models.QuerySet["ExportJob"]):
    def to_build(self, now: datetime) -> Self:
        """Those that wait, and those whose maker was lost."""
        lost = Q(status=ExportJob.Status.PROCESSING, started_at__lte=now - ExportJob.LOST_AFTER)
        return self.filter(Q(status=ExportJob.Status.WAITING) | lost)

    def overdue(self, now: datetime) -> Self:
        return self.filter(status=ExportJob.Status.READY, expires_at__lte=now)


class ExportJob(models.Model):
    """One export: who asked for which rows, and what became of it.

    Small lists are delivered at once and leave only this row; the others wait, as an encrypted file, for a day.
    """

    LOST_AFTER = timedelta(minutes=30)

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        EXCEL = "excel", "Excel"
        PDF = "pdf", "PDF"

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PROCESSING = "processing", _("Being made")
        READY = "ready", _("Ready")
        DELIVERED = "delivered", _("Delivered at once")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    id = fields.key()
    export_id = models.CharField(_("number"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    format = models.CharField(_("format"), max_length=5, choices=Format.choices)
    parameters = models.JSONField(_("asked with"), default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    language = models.CharField(_("language"), max_length=10)
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    row_count = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=60, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), related_name="+"
    )
    created_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    file = models.ForeignKey(
        PrivateFile, models.PROTECT, null=True, blank=True, verbose_name=_("file"), related_name="+"
    )

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        permissions = [("export_lists", "Can export the lists they may see")]
        constraints = [
            models.CheckConstraint(
                name="export_ready_iff_file",
                condition=Q(status__in=["ready", "expired"], file__isnull=False, expires_at__isnull=False)
                | Q(~Q(status__in=["ready", "expired"]), file=None, expires_at=None),
            ),
            models.CheckConstraint(
                name="export_finished_iff_dated",
                condition=Q(status__in=["waiting", "processing"], finished_at=None)
                | Q(~Q(status__in=["waiting", "processing"]), finished_at__isnull=False),
            ),
        ]
        indexes = [
            # "What did this person take away?", newest first.
            models.Index(name="export_by_person", fields=["created_by", "-created_at"]),
            # The work that is due.
            models.Index(
                name="export_to_build",
                fields=["created_at"],
                condition=Q(status__in=["waiting", "processing"]),
            ),
            # The files that are due to go.
            models.Index(name="export_to_expire", fields=["expires_at"], condition=Q(status="ready")),
        ]

    def __str__(self) -> str:
        return self.export_id

    def is_open(self, now: datetime) -> bool:
        """Say whether the file can be fetched."""
        return self.status == self.Status.READY and self.expires_at is not None and now < self.expires_at
