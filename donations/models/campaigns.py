from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Campaign(models.Model):
    """What an ONLUS collects for, with a goal and dates. Donations may name it."""

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="campaigns")
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True, default="")
    goal = fields.euros(verbose_name=_("goal"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(name="campaign_goal_positive", condition=Q(goal__gt=0)),
            models.CheckConstraint(
                name="campaign_in_order", condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [
            # The public list: what is running.
            models.Index(name="campaign_running", fields=["is_active", "starts_at"])
        ]

    def __str__(self) -> str:
        return self.title


class MatchingOffer(models.Model):
    """A sponsor's promise to add `ratio` euros to every euro of own money or credits given, up to a cap.

    `matched_amount` is what it gave so far, less what came back with refunds; it is raised by a conditional UPDATE,
    so donations at the same moment never exceed the cap.
    """

    id = fields.key()
    sponsor = models.ForeignKey("donations.Sponsor", models.PROTECT, related_name="matching_offers")
    name = models.CharField(_("name"), max_length=120)
    onlus = models.ForeignKey(
        "accounts.Onlus", models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Empty: any.")
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="matching_offers"
    )
    ratio = models.DecimalField(
        _("euros added to a euro"), max_digits=4, decimal_places=2, default=Decimal("1.00")
    )
    cap = fields.euros(verbose_name=_("cap"))
    cap_per_donation = fields.euros(null=True, blank=True, verbose_name=_("cap for one donation"))
    matched_amount = fields.euros_from_zero(verbose_name=_("matched so far"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("matching offer")
        verbose_name_plural = _("matching offers")
        constraints = [
            models.CheckConstraint(name="offer_ratio_positive", condition=Q(ratio__gt=0)),
            models.CheckConstraint(
                name="offer_matched_within_cap",
                condition=Q(cap__gt=0, matched_amount__gte=0, matched_amount__lte=F("cap")),
            ),
            models.CheckConstraint(
                name="offer_cap_per_donation_positive",
                condition=Q(cap_per_donation=None) | Q(cap_per_donation__gt=0),
            ),
            models.CheckConstraint(
                name="offer_in_order", condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [
            # Which offers match a donation now.
            models.Index(name="offer_running", fields=["is_active", "starts_at"])
        ]

    def __str__(self) -> str:
        return self.name


class DonationMatch(models.Model):
    """What a sponsor added to one donation."""

    id = fields.key()
    donation = models.OneToOneField("donations.Donation", models.PROTECT, related_name="match")
    offer = models.ForeignKey(MatchingOffer, models.PROTECT, related_name="matches")
    amount = fields.euros()
    refunded_amount = fields.euros_from_zero()
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("matched amount")
        verbose_name_plural = _("matched amounts")
        constraints = [
            models.CheckConstraint(
                name="match_refunded_within_amount",
                condition=Q(amount__gt=0, refunded_amount__gte=0, refunded_amount__lte=F("amount")),
            )
        ]

    def __str__(self) -> str:
        return f"€ {self.amount}"

    @property
    def net_amount(self) -> Decimal:
        return self.amount - self.refunded_amount


class GivingPool(models.Model):
    """Several ONLUS one can give to at once: each gift is split by weight, to the cent."""

    id = fields.key()
    name = models.CharField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("giving pool")
        verbose_name_plural = _("giving pools")

    def __str__(self) -> str:
        return self.name


class GivingPoolMember(models.Model):
    id = fields.key()
    pool = models.ForeignKey(GivingPool, models.CASCADE, related_name="members")
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="+")
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)

    class Meta:
        verbose_name = _("pool member")
        verbose_name_plural = _("pool members")
        constraints = [
            models.UniqueConstraint(name="pool_member_once", fields=["pool", "onlus"]),
            models.CheckConstraint(name="pool_weight_positive", condition=Q(weight__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.onlus_id}: {self.weight}"
