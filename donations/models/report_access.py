from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from donations.models.financial_reports import FinancialReport
from goodplay.lib import fields


class FinancialReportGrant(models.Model):
    """Somebody who may read one report, by name, until it is withdrawn."""

    id = fields.key()
    report = models.ForeignKey(FinancialReport, models.PROTECT, related_name="grants")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who may read it")
    )
    reason = models.CharField(_("reason"), max_length=500)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("granted by")
    )
    granted_at = models.DateTimeField(_("granted at"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reader of a financial report")
        verbose_name_plural = _("readers of financial reports")
        constraints = [
            # Also the index reports are looked up by for one report.
            models.UniqueConstraint(
                name="report_grant_once", fields=["report", "reader"], condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                name="report_grant_withdrawn_by_somebody",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.reader_id}"
