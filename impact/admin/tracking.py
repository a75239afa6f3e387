"""What each donation moved."""

from django.contrib import admin

from impact.admin.bases import ReachedAdmin
from impact.models import (
    DonationImpact,
    ImpactReversal,
)


@admin.register(DonationImpact)
class DonationImpactAdmin(ReachedAdmin):
    list_display = ("donation", "onlus", "amount", "metrics_updated", "stories_unlocked", "tracked_at")
    list_select_related = ("donation", "onlus")
    ordering = ("-tracked_at", "-donation_id")


@admin.register(ImpactReversal)
class ImpactReversalAdmin(ReachedAdmin):
    list_display = ("impact", "amount", "metrics_updated", "tracked_at")
    list_select_related = ("impact",)
    ordering = ("-tracked_at", "-refund_id")
