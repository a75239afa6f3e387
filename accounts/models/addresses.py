"""Networks that are kept out, and networks staff must come from."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class AddressBlockQuerySet(models.QuerySet["AddressBlock"]):
    def in_force(self, now: datetime) -> Self:
        return self.filter(lifted_at=None, expires_at__gt=now)


class AddressBlock(models.Model):
    """A network that may not sign in for some time, or that is answered nothing at all."""

    id = fields.key()
    network = models.CharField(_("network"), max_length=43)
    everything = models.BooleanField(
        _("answers nothing"), default=False, help_text=_("Otherwise only signing in is closed.")
    )
    reason = models.CharField(_("reason"), max_length=500)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("blocked by"),
        related_name="+",
        help_text=_("Nobody: it happened by itself."),
    )
    created_at = models.DateTimeField(_("blocked at"))
    expires_at = models.DateTimeField(_("expires at"))
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("lifted by"),
        related_name="+",
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    objects = AddressBlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("blocked network")
        verbose_name_plural = _("blocked networks")
        default_permissions = ("view",)
        permissions = [("manage_addresses", "Can block networks and say where staff come from")]
        constraints = [
            models.CheckConstraint(
                name="address_block_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="address_block_lifted_by_somebody",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        ]
        indexes = [
            # What is in force: read at each sign-in.
            models.Index(name="address_block_in_force", fields=["expires_at"], condition=Q(lifted_at=None))
        ]

    def __str__(self) -> str:
        return self.network

    def is_in_force(self, now: datetime) -> bool:
        return self.lifted_at is None and now < self.expires_at


class AddressRuleQuerySet(models.QuerySet["AddressRule"]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)


class AddressRule(models.Model):
    """A network staff come from. Whoever has none may come from anywhere; a person's own count before everybody's."""

    id = fields.key()
    network = models.CharField(_("network"), max_length=43)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("member of staff"),
        related_name="address_rules",
        help_text=_("Empty: for all staff."),
    )
    reason = models.CharField(_("reason"), max_length=500)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("allowed by"), related_name="+"
    )
    created_at = models.DateTimeField(_("allowed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = AddressRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("network of staff")
        verbose_name_plural = _("networks of staff")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                name="address_rule_once", fields=["user", "network"], condition=Q(ended_at=None)
            ),
            models.UniqueConstraint(
                name="address_rule_for_all_once", fields=["network"], condition=Q(ended_at=None, user=None)
            ),
        ]

    def __str__(self) -> str:
        return self.network
