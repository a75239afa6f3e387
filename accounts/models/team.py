from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.onlus import Onlus
from goodplay.lib import fields


class OnlusMembership(models.Model):
    """Somebody's seat in an ONLUS: what the portal lets them do there, and what it writes to them about."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        EDITOR = "editor", _("Editor")
        VIEWER = "viewer", _("Viewer")

    id = fields.key()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="onlus_memberships")
    onlus = models.ForeignKey(Onlus, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    wants_payout_mails = models.BooleanField(_("mail about payouts"), default=True)
    wants_compliance_mails = models.BooleanField(_("mail about compliance"), default=True)
    wants_team_mails = models.BooleanField(_("mail about the team"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(name="membership_once", fields=["user", "onlus"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_role_display()}"


class OnlusInvitationQuerySet(models.QuerySet["OnlusInvitation"]):
    def open(self, now: datetime) -> Self:
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


class OnlusInvitation(models.Model):
    """A seat offered by mail. The link in the mail carries a secret of which only the digest is kept.

    There is no secret before the mail goes out; a mail that is sent again makes the older link worthless.
    """

    id = fields.key()
    onlus = models.ForeignKey(Onlus, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=OnlusMembership.Role.choices)
    token_hash = models.CharField(_("token hash"), max_length=64, blank=True, default="")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("invited by"), related_name="+"
    )
    created_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("accepted by"),
        related_name="+",
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = OnlusInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            # One waits for each address; an expired one is withdrawn when another is sent.
            models.UniqueConstraint(
                name="invitation_one_waits",
                fields=["onlus", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
            ),
            models.UniqueConstraint(
                name="invitation_token_once", fields=["token_hash"], condition=~Q(token_hash="")
            ),
            models.CheckConstraint(
                name="invitation_ends_one_way",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.get_role_display()}"
