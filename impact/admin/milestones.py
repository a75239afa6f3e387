"""Milestones of players and of everybody."""

from django.contrib import admin

from impact.admin.bases import ReachedAdmin
from impact.models import (
    CommunityMilestone,
    UserMilestone,
)


@admin.register(UserMilestone)
class UserMilestoneAdmin(ReachedAdmin):
    list_display = ("user", "kind", "level", "threshold", "reached_at")
    list_select_related = ("user",)
    list_filter = ("kind", "level")
    search_fields = ("user__email",)
    ordering = ("-reached_at", "-id")


@admin.register(CommunityMilestone)
class CommunityMilestoneAdmin(ReachedAdmin):
    list_display = ("kind", "threshold", "value", "reached_at")
    list_filter = ("kind",)
    ordering = ("-reached_at", "-id")
