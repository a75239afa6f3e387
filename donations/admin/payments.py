"""Payments in the back office: accounts at providers, payments with what became of them, and the notifications' inbox."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.models import (
    PaymentDispute,
    PaymentIntent,
    PaymentProvider,
    PaymentRefund,
    PaymentStatusChange,
    SavedPaymentMethod,
    WebhookEvent,
)
from donations.operations import payment_debts, payment_exchange, payment_providers, payment_refunds, webhooks
from donations.queries.payments import debt_of, refundable_amount, stray_left
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.ids import NO_ID, parse_id
from goodplay.lib.money import CENT, ZERO

CHANGE = "donations.change_paymentintent"


# Accounts at providers --------------------------------------------------------------------------------------------


def _secret(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)


class PaymentProviderForm(forms.ModelForm):
    """Secrets are written here and never shown; what is left empty stays as it is."""

    secret_key = _secret(_("Secret key"), _("Stripe. Empty: stays as it is."))
    client_id = _secret(_("Client ID"), _("PayPal. Empty: stays as it is."))
    client_secret = _secret(_("Client secret"), _("PayPal. Empty: stays as it is."))
    new_webhook_secret = _secret(
        _("Webhook secret"), _("Stripe's signing secret, or PayPal's webhook ID. Empty: stays as it is.")
    )

    class Meta:
        model = PaymentProvider
        fields = (
            "provider_type",
            "name",
            "display_name",
            "description",
            "is_active",
            "is_test_mode",
            "priority",
            "min_amount",
            "max_amount",
            "processing_fee_percentage",
            "processing_fee_fixed",
            "settlement_time_days",
        )


@admin.register(PaymentProvider)
class PaymentProviderAdmin(ObjectActions, AuditedAdmin):
    form = PaymentProviderForm
    list_display = ("display_name", "provider_type", "is_active", "is_test_mode", "priority", "health_status")
    list_filter = ("provider_type", "is_active", "health_status")
    readonly_fields = ("health_status", "health_detail", "health_checked_at")
    ordering = ("-is_active", "-priority", "name")

    def save_model(self, request: HttpRequest, obj: PaymentProvider, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        super().save_model(request, obj, form, change)
        secrets = {name: form.cleaned_data[name] for name in ("secret_key", "client_id", "client_secret")}
        webhook_secret = form.cleaned_data["new_webhook_secret"]
        if webhook_secret or any(secrets.values()):
            payment_providers.set_secrets(provider=obj, credentials=secrets, webhook_secret=webhook_secret)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @button(
        _("Check now"),
        permission="donations.change_paymentprovider",
        shown_if=lambda provider: provider.provider_type in payment_providers.PROVIDERS,
    )
    def check_now(self, request: HttpRequest, provider: PaymentProvider, data: dict[str, Any]) -> Any:
        checked = payment_providers.check_health(provider=provider, now=timezone.now())
        return f"{checked.get_health_status_display()} {checked.health_detail}".strip()


# Payments ---------------------------------------------------------------------------------------------------------


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StatusChangeInline(ReadOnlyInline):
    model = PaymentStatusChange
    fields = ("changed_at", "from_status", "to_status", "is_applied", "source", "error_code", "error_message")
    ordering = ("pk",)


class RefundInline(ReadOnlyInline):
    model = PaymentRefund
    fields = (
        "created_at",
        "amount",
        "wallet_amount",
        "shortfall",
        "status",
        "is_ours",
        "reason",
        "error_code",
    )
    ordering = ("pk",)


class DisputeInline(ReadOnlyInline):
    model = PaymentDispute
    fields = (
        "opened_at",
        "amount",
        "fee",
        "status",
        "lost_amount",
        "recovered_amount",
        "shortfall",
        "reason",
    )
    ordering = ("pk",)


class RefundForm(ReasonForm):
    amount = forms.DecimalField(
        label=_("Amount in euros"),
        required=False,
        min_value=CENT,
        decimal_places=2,
        help_text=_("Empty: all that is left."),
    )
    field_order = ("amount", "reason")


class BulkRefundForm(ReasonForm):
    provider = forms.ModelChoiceField(label=_("Provider"), queryset=PaymentProvider.objects.order_by("name"))
    payments = forms.CharField(
        label=_("Payments"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Their keys, one on each line."),
    )
    field_order = ("provider", "payments", "reason")

    def clean_payments(self) -> list[UUID]:
        keys = [parse_id(line) for line in self.cleaned_data["payments"].split()]
        if NO_ID in keys:
            raise forms.ValidationError(_("A line is no key of a payment."))
        return keys


def _can_go_back(intent: PaymentIntent) -> bool:
    return refundable_amount(intent) > ZERO or stray_left(intent) > ZERO


@admin.register(PaymentIntent)
class PaymentIntentAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "created_at",
        "player",
        "amount",
        "processing_fee",
        "net_amount",
        "status",
        "purpose",
        "provider",
        "stray_amount",
    )
    list_filter = ("status", "purpose", "payment_method", "provider", "created_at")
    list_select_related = ("player", "provider")
    search_fields = ("=id", "=provider_payment_id", "=donation__id", "player__email")
    search_help_text = _("A payment, its key at the provider, its donation, or the player's e-mail.")
    ordering = ("-created_at", "-id")
    inlines = (StatusChangeInline, RefundInline, DisputeInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentIntent]:
        return super().get_queryset(request).defer("client_secret")

    @button(
        _("Refund"),
        permission=CHANGE,
        shown_if=_can_go_back,
        form=RefundForm,
        explains=_("The money goes back to the payer; a donation it paid is given back first."),
        tone="danger",
        dangerous=True,
    )
    def refund(self, request: HttpRequest, intent: PaymentIntent, data: dict[str, Any]) -> Any:
        made = payment_refunds.refund_by_staff(
            intent_id=intent.pk,
            staff=request.user,  # type: ignore[arg-type]  # staff who are signed in
            amount=data["amount"],
            reason=data["reason"][:200],
            now=timezone.now(),
        )
        return _("Refund of %(amount)s: %(status)s.") % {
            "amount": made.amount,
            "status": made.get_status_display(),
        }

    @button(_("Ask the provider"), permission=CHANGE)
    def ask(self, request: HttpRequest, intent: PaymentIntent, data: dict[str, Any]) -> Any:
        asked = payment_exchange.ask(intent=intent, source="staff", now=timezone.now())
        return _("The provider says: %(status)s.") % {"status": asked.get_status_display()}

    @button(
        _("Write off the debt"),
        permission=CHANGE,
        shown_if=lambda intent: debt_of(intent.player_id) > ZERO,
        form=ReasonForm,
        explains=lambda intent: (
            _("The player owes %(debt)s EUR. The loss is booked already; the wallet can be used again.")
            % {"debt": debt_of(intent.player_id)}
        ),
        tone="danger",
        dangerous=True,
    )
    def write_off(self, request: HttpRequest, intent: PaymentIntent, data: dict[str, Any]) -> Any:
        forgiven = payment_debts.write_off(
            player=intent.player,
            staff=request.user,  # type: ignore[arg-type]  # staff who are signed in
            reason=data["reason"],
            now=timezone.now(),
        )
        return _("%(debt)s EUR written off.") % {"debt": forgiven}

    @button(
        _("Refund several"),
        permission=CHANGE,
        form=BulkRefundForm,
        explains=_("All that is left of each goes back to its payer. A second person has to approve it."),
        tone="danger",
        on_list=True,
        dangerous=True,
    )
    def refund_several(self, request: HttpRequest, intent: None, data: dict[str, Any]) -> Any:
        payment_refunds.request_many(
            provider=data["provider"],
            intent_ids=data["payments"],
            requested_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            reason=data["reason"],
            now=timezone.now(),
        )
        return _("Asked for. It is done when a second person approves.")


@admin.register(PaymentRefund)
class PaymentRefundAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "player",
        "amount",
        "wallet_amount",
        "shortfall",
        "status",
        "is_ours",
        "reason",
    )
    list_filter = ("status", "is_ours", "created_at")
    list_select_related = ("intent__player", "intent__provider")
    search_fields = ("=id", "=intent__id", "=provider_refund_id", "intent__player__email")
    ordering = ("-created_at", "-id")

    @admin.display(description=_("player"))
    def player(self, refund: PaymentRefund) -> str:
        return str(refund.intent.player)


@admin.register(PaymentDispute)
class PaymentDisputeAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "player", "amount", "fee", "status", "lost_amount", "shortfall", "reason")
    list_filter = ("status", "opened_at")
    list_select_related = ("intent__player", "intent__provider")
    search_fields = ("=id", "=intent__id", "=provider_dispute_id", "intent__player__email")
    ordering = ("-opened_at", "-id")

    @admin.display(description=_("player"))
    def player(self, dispute: PaymentDispute) -> str:
        return str(dispute.intent.player)


@admin.register(SavedPaymentMethod)
class SavedPaymentMethodAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "player", "provider", "kind", "brand", "last4", "expires_on", "removed_at")
    list_filter = ("kind", "provider")
    list_select_related = ("player", "provider")
    search_fields = ("player__email",)
    ordering = ("-created_at", "-id")
    exclude: ClassVar[tuple[str, ...]] = ("token_hash",)


# The inbox --------------------------------------------------------------------------------------------------------


@admin.register(WebhookEvent)
class WebhookEventAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "received_at",
        "provider",
        "event_type",
        "outcome",
        "attempts",
        "next_attempt_at",
        "last_error",
    )
    list_filter = ("provider", "event_type", "received_at")
    filterable = ("processed_at", "next_attempt_at")
    list_select_related = ("provider",)
    search_fields = ("=event_id", "=provider_payment_id")
    ordering = ("-received_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        return super().get_queryset(request).defer("body")

    @button(_("Process again"), permission="donations.change_webhookevent")
    def process_again(self, request: HttpRequest, event: WebhookEvent, data: dict[str, Any]) -> Any:
        worked = webhooks.retry(
            event=event,
            staff=request.user,  # type: ignore[arg-type]  # staff who are signed in
            now=timezone.now(),
        )
        return _("Processed.") if worked else _("It did not work; it is tried again on its own.")
