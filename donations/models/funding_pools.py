from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.money import CENT, ZERO


class FundingPool(models.Model):
    """Money of a sponsor set aside for requests of ONLUS, on the conditions the sponsor named.

    `reserved` is what open allocations may still draw, `spent` what they drew: both change under the row's lock only.
    The money stays on the sponsors' account of the ledger until a grant moves it.
    """

    class Kind(models.TextChoices):
        GENERAL = "general", _("General")
        EMERGENCY = "emergency", _("Emergencies only")
        CATEGORY = "category_specific", _("Named categories")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", _("Closed")

    id = fields.key()
    sponsor = models.ForeignKey("donations.Sponsor", models.PROTECT, related_name="funding_pools")
    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.GENERAL)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    total = fields.euros(verbose_name=_("total"), validators=[MinValueValidator(CENT)])
    reserved = fields.euros_from_zero(verbose_name=_("reserved"))
    spent = fields.euros_from_zero(verbose_name=_("spent"))
    minimum_allocation = fields.euros_from_zero(verbose_name=_("smallest allocation"))
    maximum_allocation = fields.euros(null=True, blank=True, verbose_name=_("largest allocation"))
    categories = models.ManyToManyField(
        "accounts.OnlusCategory",
        blank=True,
        verbose_name=_("categories"),
        related_name="+",
        help_text=_("None: any."),
    )
    region = models.CharField(
        _("region"), max_length=80, blank=True, default="", help_text=_("Empty: anywhere.")
    )
    auto_allocation = models.BooleanField(_("allocates by itself"), default=True)
    priority_weight = models.DecimalField(
        _("priority"),
        max_digits=4,
        decimal_places=2,
        default=Decimal("1.00"),
        validators=[MinValueValidator(ZERO)],
    )
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("funding pool")
        verbose_name_plural = _("funding pools")
        constraints = [
            models.CheckConstraint(
                name="funding_pool_is_covered",
                condition=Q(
                    total__gt=0,
                    reserved__gte=0,
                    spent__gte=0,
                    # Rounded, because SQLite adds in floating point.
                    total__gte=Round(F("reserved") + F("spent"), precision=2),
                ),
            ),
            models.CheckConstraint(
                name="funding_pool_range_in_order",
                condition=Q(minimum_allocation__gte=0)
                & (
                    Q(maximum_allocation=None)
                    | Q(maximum_allocation__gt=0, maximum_allocation__gte=F("minimum_allocation"))
                ),
            ),
            models.CheckConstraint(name="funding_pool_weight_from_zero", condition=Q(priority_weight__gte=0)),
        ]
        indexes = [
            # Which pools a run may draw on.
            models.Index(name="funding_pool_open", fields=["status", "auto_allocation"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def available(self) -> Decimal:
        return self.total - self.reserved - self.spent

    @property
    def promised(self) -> Decimal:
        """What the pool may still cost its sponsor in all: a closed one only what is drawn or being drawn."""
        return self.reserved + self.spent if self.status == self.Status.CLOSED else self.total


class PoolGrant(models.Model):
    """Money a pool gave to an ONLUS for a request. Its key is the cause of its transfer. Rows never change."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    pool = models.ForeignKey(FundingPool, models.PROTECT, related_name="grants")
    line = models.OneToOneField("donations.AllocationLine", models.PROTECT, related_name="grant")
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="grants")
    amount = fields.euros()
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [models.CheckConstraint(name="grant_amount_positive", condition=Q(amount__gt=0))]
        indexes = [
            # What an ONLUS received, and what a payout run takes up.
            models.Index(name="grant_onlus", fields=["onlus", "created_at"]),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} → {self.onlus_id}"
