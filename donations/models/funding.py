from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Sponsor(models.Model):
    """Who pays for the credits players earn, for matched donations and for grants."""

    id = fields.key()
    name = models.CharField(_("name"), max_length=160, unique=True)
    tax_id = models.CharField(_("codice fiscale or P. IVA"), max_length=16, blank=True, default="")
    contact_email = models.EmailField(_("contact e-mail"), blank=True, default="")
    website_url = models.URLField(_("website"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("sponsor")
        verbose_name_plural = _("sponsors")

    def __str__(self) -> str:
        return self.name


class Funding(models.Model):
    """Money of a sponsor that reached the bank, and what it is for. Rows never change: a mistake is reversed."""

    append_only: ClassVar[bool] = True

    class Purpose(models.TextChoices):
        REWARD_POOL = "reward_pool", _("Credits for play")
        MATCHING = "matching", _("Matching donations")
        ALLOCATION = "allocation", _("Funding pools")

    id = fields.key()
    sponsor = models.ForeignKey(Sponsor, models.PROTECT, related_name="fundings")
    amount = fields.euros()
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    received_on = models.DateField(_("received on"))
    bank_reference = models.CharField(_("bank reference"), max_length=60)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("sponsor funding")
        verbose_name_plural = _("sponsor fundings")
        constraints = [
            models.CheckConstraint(name="funding_amount_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(name="funding_once", fields=["sponsor", "bank_reference"]),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount}"
