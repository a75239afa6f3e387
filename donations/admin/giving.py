"""Donations and wallets in the back office."""

from django.contrib import admin

from donations.models import Donation, Wallet
from goodplay.lib.admin.bases import ReadOnlyAdmin


@admin.register(Donation)
class DonationAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "donor",
        "onlus",
        "amount",
        "earned_amount",
        "paid_amount",
        "status",
        "origin",
    )
    list_filter = ("status", "origin", "is_anonymous", "completed_at")
    list_select_related = ("donor", "onlus")
    search_fields = ("=id", "donor__email", "onlus_name")
    ordering = ("-created_at", "-id")


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("player", "auto_donation_enabled", "auto_donation_threshold", "preferred_onlus")
    list_select_related = ("player", "preferred_onlus")
    search_fields = ("player__email",)
    ordering = ("-created_at",)
