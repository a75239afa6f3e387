from decimal import Decimal
from typing import ClassVar

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
    allocation_consent = models.BooleanField(
        _("given where it is needed most"),
        default=False,
        help_text=_("What would be given automatically goes to requests of organisations instead."),
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


class AutoDonation(models.Model):
    """One look automatic giving had at a wallet that was over its threshold, and what came of it. Rows never change.

    `transfer` is the credit that was looked at; none when the player or the hourly sweep asked.
    """

    append_only: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        DONATED = "donated", _("Given")
        NOTHING_TO_GIVE = "calculation_failed", _("Nothing above the threshold")
        NOT_ELIGIBLE = "onlus_not_eligible", _("The organisation cannot receive donations")
        NOT_VERIFIED = "account_not_verified", _("The player's address is not confirmed")
        REFUSED = "refused_for_safety", _("Refused for safety")

    id = fields.key()
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="automatic")
    transfer = models.OneToOneField(
        "donations.Transfer", models.PROTECT, null=True, blank=True, related_name="auto_donation"
    )
    donation = models.OneToOneField(
        "donations.Donation", models.PROTECT, null=True, blank=True, related_name="auto_donation"
    )
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome.choices)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("automatic donation")
        verbose_name_plural = _("automatic donations")
        constraints = [
            models.CheckConstraint(
                name="auto_donation_names_donation",
                condition=Q(outcome="donated", donation__isnull=False)
                | (~Q(outcome="donated") & Q(donation=None)),
            )
        ]
        indexes = [
            # The latest look at a wallet, for the sweep.
            models.Index(name="auto_donation_latest", fields=["wallet", "-created_at"])
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
