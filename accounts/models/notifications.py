"""What people were told, and what is still to be told to many."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class NotificationQuerySet(models.QuerySet["Notification"]):
    def shown(self) -> "NotificationQuerySet":
        return self.filter(dismissed_at=None)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(dismissed_at=None, read_at=None)


class Notification(models.Model):
    """One fact told to one person, once. One that is dismissed stays without its facts, so it is not told again."""

    id = fields.key()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict)
    dedupe_key = models.CharField(_("tells of"), max_length=100)
    created_at = models.DateTimeField(_("told at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    mail_at = models.DateTimeField(_("to be mailed at"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(name="notification_once", fields=["user", "kind", "dedupe_key"]),
            models.CheckConstraint(
                name="notification_dismissed_is_forgotten", condition=Q(dismissed_at=None) | Q(facts={})
            ),
        ]
        indexes = [
            # The feed of one person, page by page.
            models.Index(
                name="notification_feed",
                fields=["user", "-created_at", "-id"],
                condition=Q(dismissed_at=None),
            ),
            # The number on the bell.
            models.Index(
                name="notification_unread", fields=["user"], condition=Q(dismissed_at=None, read_at=None)
            ),
            # Summaries to be mailed now.
            models.Index(name="notification_mail", fields=["mail_at"], condition=Q(mail_at__isnull=False)),
            # Those over their period.
            models.Index(name="notification_age", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe_key}"


class Announcement(models.Model):
    """A fact told to many, batch by batch: `cursor` is the last person told."""

    id = fields.key()
    kind = models.CharField(_("kind"), max_length=40)
    facts = models.JSONField(_("facts"), default=dict)
    dedupe_key = models.CharField(_("tells of"), max_length=100)
    audience = models.CharField(_("audience"), max_length=40)
    cursor = models.UUIDField(_("told up to"), null=True, blank=True)
    told_count = models.PositiveIntegerField(_("people told"), default=0)
    created_at = models.DateTimeField(_("created at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [models.UniqueConstraint(name="announcement_once", fields=["kind", "dedupe_key"])]
        indexes = [
            # What the job has left to do.
            models.Index(name="announcement_open", fields=["created_at"], condition=Q(done_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe_key}"
