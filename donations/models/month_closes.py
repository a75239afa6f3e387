from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class MonthClose(models.Model):
    """A month that was signed: its balances, and a hash over them and the ledger's seal. Reopening leaves it here."""

    id = fields.key()
    month = models.DateField(_("month"), help_text=_("Its first day."))
    balances = models.JSONField(_("balances"))
    statement_balance = models.DecimalField(
        _("balance at the bank"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    seal = models.CharField(_("seal of the ledger"), max_length=64)
    hash = models.CharField(_("signature"), max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("closed by"), related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"))
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("reopened by"),
        related_name="+",
    )
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True)
    reopen_reason = models.CharField(_("why it was reopened"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("month close")
        verbose_name_plural = _("month closes")
        permissions = [("close_month", "Can close and reopen months")]
        constraints = [
            models.UniqueConstraint(
                name="month_closed_once", fields=["month"], condition=Q(reopened_at=None)
            ),
            models.CheckConstraint(name="month_closed_by_two_people", condition=~Q(asked_by=F("closed_by"))),
            models.CheckConstraint(
                name="month_reopened_iff_dated",
                condition=Q(reopened_at=None, reopened_by=None, reopen_reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopen_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def is_closed(self) -> bool:
        return self.reopened_at is None
