from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class OpeningBalance(models.Model):
    """What a player's wallet held in the old installation it was brought over from. One for a player, for good.

    Its transfers have its key as their cause: one for what was earned, one for what was paid in, none for zero.
    """

    append_only: ClassVar[bool] = True

    id = fields.key()
    player = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="opening_balance", verbose_name=_("player")
    )
    source_id = models.CharField(_("key of the old wallet"), max_length=64, unique=True)
    earned_amount = fields.euros(verbose_name=_("earned"))
    paid_amount = fields.euros(
        verbose_name=_("paid in"), help_text=_("As far as payments that succeeded prove it.")
    )
    earned_before = fields.euros(verbose_name=_("earned before, in all"))
    donated_before = fields.euros(verbose_name=_("donated before, in all"))
    transactions_count = models.PositiveIntegerField(_("old transactions"))
    created_at = models.DateTimeField(_("brought over at"))

    class Meta:
        verbose_name = _("opening balance")
        verbose_name_plural = _("opening balances")
        constraints = [
            models.CheckConstraint(
                name="opening_from_zero",
                condition=Q(
                    earned_amount__gte=0, paid_amount__gte=0, earned_before__gte=0, donated_before__gte=0
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.player_id} € {self.earned_amount + self.paid_amount}"
