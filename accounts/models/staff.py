"""What the back office knows of its staff: locks, the second step of signing in, open browsers, saved filters."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class StaffLock(models.Model):
    """Failed attempts to sign in as a member of staff; at five the account is locked for a day."""

    id = fields.key()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("member of staff"), related_name="staff_lock"
    )
    failures = models.PositiveIntegerField(_("failures"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)

    class Meta:
        verbose_name = _("lock")
        verbose_name_plural = _("locks")

    def __str__(self) -> str:
        return f"{self.user_id} {self.failures}"

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and now < self.locked_until


class SecondFactor(models.Model):
    """The authenticator app of a member of staff. It counts once its first code was shown."""

    id = fields.key()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("member of staff"),
        related_name="second_factor",
    )
    secret = fields.EncryptedTextField()
    confirmed_at = models.DateTimeField(_("set up at"), null=True, blank=True)
    last_step = models.BigIntegerField(default=-1, editable=False, help_text="No code counts twice.")
    failures = models.PositiveIntegerField(_("failures"), default=0)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """A code on paper that stands in for the app, once. Kept as its digest."""

    id = fields.key()
    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(name="recovery_code_once", fields=["factor", "code_hash"])]

    def __str__(self) -> str:
        return str(self.pk)


class StaffSessionQuerySet(models.QuerySet["StaffSession"]):
    def living(self) -> Self:
        return self.filter(ended_at=None)


class StaffSession(models.Model):
    """One browser signed in to the back office."""

    class Ended(models.TextChoices):
        LOGOUT = "logout", _("Signed out")
        IDLE = "idle", _("Unused for an hour")
        AGE = "age", _("Twelve hours old")
        REVOKED = "revoked", _("Ended by its owner")
        STAFF = "staff", _("Ended by staff, or by a change of the account")
        PASSWORD = "password", _("Password changed")

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("member of staff"),
        related_name="staff_sessions",
    )
    session_key = models.CharField(max_length=40, editable=False)
    address = models.CharField(_("address"), max_length=45, blank=True, default="")
    last_address = models.CharField(_("last address"), max_length=45, blank=True, default="")
    user_agent = models.CharField(_("user agent"), max_length=300, blank=True, default="")
    opened_at = models.DateTimeField(_("opened at"))
    seen_at = models.DateTimeField(_("last seen at"))
    verified_at = models.DateTimeField(_("second step at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_because = models.CharField(
        _("ended because"), max_length=10, choices=Ended.choices, blank=True, default=""
    )

    objects = StaffSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session of the back office")
        verbose_name_plural = _("sessions of the back office")
        constraints = [
            models.CheckConstraint(
                name="staff_session_ended_iff_reason",
                condition=Q(ended_at=None, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
            )
        ]
        indexes = [
            # A person's browsers, newest first; what is open of them.
            models.Index(name="staff_session_user", fields=["user", "-seen_at"]),
            # Who worked from where in the last day: suspicious activity.
            models.Index(name="staff_session_seen", fields=["-seen_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.opened_at:%Y-%m-%d %H:%M}"


class TemporaryGrantQuerySet(models.QuerySet["TemporaryGrant"]):
    def in_force(self, now: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__gt=now)

    def overdue(self, now: datetime) -> Self:
        return self.filter(ended_at=None, expires_at__lte=now)


class TemporaryGrant(models.Model):
    """A right lent to a member of staff for some hours. It counts until it expires, to the second."""

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("member of staff"),
        related_name="temporary_grants",
    )
    permission = models.ForeignKey(
        "auth.Permission", models.CASCADE, verbose_name=_("right"), related_name="temporary_grants"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("granted by"), related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500)
    granted_at = models.DateTimeField(_("granted at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = TemporaryGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("temporary right")
        verbose_name_plural = _("temporary rights")
        constraints = [
            models.CheckConstraint(
                name="temporary_grant_expires_later", condition=Q(expires_at__gt=models.F("granted_at"))
            ),
            models.CheckConstraint(
                name="temporary_grant_by_another", condition=~Q(user=models.F("granted_by"))
            ),
            models.UniqueConstraint(
                name="temporary_grant_once", fields=["user", "permission"], condition=Q(ended_at=None)
            ),
        ]
        indexes = [
            # What expires next.
            models.Index(name="temporary_grant_due", fields=["expires_at"], condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.permission_id}"


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def shown_to(self, user: Any, role: str) -> Self:
        """One's own, and what active staff shared with the role one has."""
        mine = Q(user_id=user.pk)
        if not role:
            return self.filter(mine)
        return self.filter(mine | Q(role=role, user__is_staff=True, user__is_active=True))


class SavedFilter(models.Model):
    """Filters, search words and order of one list of the back office, kept under a name."""

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("member of staff"),
        related_name="saved_filters",
    )
    list = models.CharField(_("list"), max_length=100, help_text='"app.model"')
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("query"), max_length=1000)
    role = models.CharField(_("shared with"), max_length=30, blank=True, default="")
    created_at = models.DateTimeField(_("saved at"))

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        default_permissions = ()
        constraints = [
            # It also serves one's own filters of a list.
            models.UniqueConstraint(name="saved_filter_name_once", fields=["user", "list", "name"]),
            models.CheckConstraint(
                name="saved_filter_says_something", condition=~Q(name="") & ~Q(query="") & ~Q(list="")
            ),
        ]
        indexes = [
            # What is shared with a role on a list.
            models.Index(name="saved_filter_shared", fields=["list", "role"], condition=~Q(role=""))
        ]

    def __str__(self) -> str:
        return self.name
