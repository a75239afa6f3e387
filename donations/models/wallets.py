from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Wallet(models.Model):
    """A player's wallet: two ledger accounts under one name, and what the player wants done automatically."""

    id = fields.key()
    player = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="wallet")
    auto_donation_enabled = models.BooleanField(_("automatic donation"), default=False)
    auto_donation_threshold = fields.euros(default=Decimal("10.00"), verbose_name=_("kept in the wallet"))
    auto_donation_percentage = models.PositiveSmallIntegerField(
        _("share of the excess"), default=50, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    preferred_onlus = models.ForeignKey(
        "accounts.Onlus", models.PROTECT, null=True, blank=True, related_name="+"
    )
    round_up_enabled = models.BooleanField(_("round up"), default=False)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [
            models.CheckConstraint(
                name="wallet_threshold_from_zero", condition=Q(auto_donation_threshold__gte=0)
            ),
            models.CheckConstraint(
                name="wallet_percentage_in_range",
                condition=Q(auto_donation_percentage__gte=1, auto_donation_percentage__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.player_id}"
