"""Donations and wallets in the back office."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation, DonationRefund, Wallet
from donations.operations import refunds
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button


class RefundForm(ReasonForm):
    amount = forms.DecimalField(
        label=_("Amount in EUR"),
        required=False,
        min_value=Decimal("0.01"),
        decimal_places=2,
        help_text=_("Empty: all that is left of the donation."),
    )


class DonationRefundInline(admin.TabularInline):
    model = DonationRefund
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "created_at",
        "amount",
        "earned_amount",
        "paid_amount",
        "matched_amount",
        "recovered_amount",
        "cause",
        "reason",
    )

    def has_add_permission(self, request: HttpRequest, obj: Donation | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[DonationRefund]:
        return super().get_queryset(request).order_by("created_at", "id")


@admin.register(Donation)
class DonationAdmin(ObjectActions, ReadOnlyAdmin):
    inlines = (DonationRefundInline,)
    list_display = (
        "created_at",
        "donor",
        "onlus",
        "amount",
        "earned_amount",
        "paid_amount",
        "refunded_amount",
        "matched_amount",
        "status",
        "origin",
    )
    list_filter = ("status", "origin", "is_anonymous", "completed_at")
    list_select_related = ("donor", "onlus")
    search_fields = ("=id", "donor__email", "onlus_name")
    ordering = ("-created_at", "-id")

    @button(
        _("Give back"),
        permission="donations.change_donation",
        shown_if=lambda donation: donation.status == Donation.Status.COMPLETED,
        form=RefundForm,
        explains=_(
            "The money goes back to the donor's wallet, what a sponsor added goes back to the sponsor, and the receipt "
            "is voided. Once the organisation was paid, the amount is kept from its next payout."
        ),
        tone="danger",
        dangerous=True,
    )
    def give_back(self, request: HttpRequest, donation: Donation, data: dict[str, Any]) -> Any:
        refund = refunds.refund_donation(
            donation_id=donation.pk,
            amount=data["amount"],
            cause=DonationRefund.Cause.STAFF,
            reason=data["reason"][:200],
            requested_by=cast(User, request.user),
            now=timezone.now(),
        )
        return _("%(amount)s EUR were given back.") % {"amount": refund.amount}


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("player", "auto_donation_enabled", "auto_donation_threshold", "preferred_onlus")
    list_select_related = ("player", "preferred_onlus")
    search_fields = ("player__email",)
    ordering = ("-created_at",)
