from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class OneTimeToken(models.Model):
    """A secret sent by mail, kept as its digest. At most one per user and purpose lives."""

    class Purpose(models.TextChoices):
        VERIFY_EMAIL = "verify_email", _("Verify e-mail")
        RESET_PASSWORD = "reset_password", _("Reset password")
        CHANGE_EMAIL = "change_email", _("Change e-mail")

    id = fields.key()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="one_time_tokens")
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    token_hash = models.CharField(_("token hash"), max_length=64, unique=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("one-time token")
        verbose_name_plural = _("one-time tokens")
        constraints = [
            models.UniqueConstraint(
                name="one_time_token_live", fields=["user", "purpose"], condition=models.Q(used_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.user_id}"


class LoginSession(models.Model):
    """One sign-in on one device: the family of its refresh tokens.

    Only `refresh_jti` may be exchanged. Showing an older one means the family leaked, and ends it.
    """

    class Ended(models.TextChoices):
        LOGOUT = "logout", _("Signed out")
        REUSE = "reuse", _("A used refresh token came back")
        PASSWORD = "password", _("Password changed")
        STAFF = "staff", _("Ended by staff")

    id = fields.key()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="login_sessions")
    refresh_jti = models.CharField(_("current refresh token"), max_length=36)
    user_agent = models.CharField(_("user agent"), max_length=300, blank=True, default="")
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))
    second_step_at = models.DateTimeField(_("second step at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_because = models.CharField(
        _("ended because"), max_length=10, choices=Ended.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        constraints = [
            models.CheckConstraint(
                name="login_session_ended_iff_reason",
                condition=models.Q(ended_at=None, ended_because="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_because="")),
            )
        ]
        indexes = [
            # A person's devices, newest first.
            models.Index(name="login_session_user", fields=["user", "-last_used_at"]),
            # Those that ended lately, named to the cache again every five minutes.
            models.Index(
                name="login_session_ended", fields=["ended_at"], condition=models.Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
