from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

CATEGORIES = ("gaming", "notifications", "privacy", "donations")


def default_gaming() -> dict[str, Any]:
    return {
        "preferred_categories": [],
        "difficulty_level": "medium",
        "tutorial_enabled": True,
        "auto_save": True,
        "sound_enabled": True,
        "music_enabled": True,
        "vibration_enabled": True,
    }


def default_notifications() -> dict[str, Any]:
    return {
        "push_enabled": True,
        "email_enabled": True,
        "frequency": "daily",
        "achievement_alerts": True,
        "donation_confirmations": True,
        "friend_activity": True,
        "tournament_reminders": True,
        "maintenance_alerts": True,
        "impact_updates": True,
        "community_reports": False,
    }


def default_privacy() -> dict[str, Any]:
    return {
        "profile_visibility": "public",
        "stats_sharing": True,
        "friends_discovery": True,
        "leaderboard_participation": True,
        "activity_visibility": "friends",
        "contact_permissions": "friends",
        "impact_score_visibility": "public",
    }


def default_donations() -> dict[str, Any]:
    return {
        "auto_donate_enabled": False,
        "auto_donate_percentage": 10,
        "preferred_causes": [],
        "notification_threshold": 50,
        "monthly_goal": None,
        "impact_sharing": True,
    }


class Preferences(models.Model):
    """What a player chose, in four groups of plain settings."""

    id = fields.key()
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    gaming = models.JSONField(_("gaming"), default=default_gaming)
    notifications = models.JSONField(_("notifications"), default=default_notifications)
    privacy = models.JSONField(_("privacy"), default=default_privacy)
    donations = models.JSONField(_("donations"), default=default_donations)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user_id)
