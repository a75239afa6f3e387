"""The sandbox from the provider's side: what staff of a bank or a card company would do. Each act sends its notification."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.models import (
    SandboxDispute,
    SandboxEvent,
    SandboxMethod,
    SandboxPayment,
    SandboxRefund,
)
from donations.payments.sandbox.operations import delivery, disputes, payments, refunds
from donations.payments.sandbox.switch import is_open
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.audit import trail
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.requests import client_address


class SandboxAdmin(ReadOnlyAdmin):
    """Rows are read; what a provider's staff would do to them is an action."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        return is_open() and request.user.has_perm(f"sandbox.change_{self.opts.model_name}")

    def act(
        self, request: HttpRequest, rows: QuerySet[Any], name: str, call: Callable[[Any], object]
    ) -> None:
        """Call one operation a row; a refusal is shown and stops nothing else."""
        done = 0
        for row in rows.order_by("pk"):
            try:
                with transaction.atomic():
                    call(row)
                    self._note(request, name, row)
            except DomainError as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, _("%(count)d done.") % {"count": done}, messages.SUCCESS)

    def _note(self, request: HttpRequest, name: str, row: Model) -> None:
        address, now = client_address(request), timezone.now()
        trail.record(actor=request.user, action=name, target=row, address=address, now=now)


@admin.register(SandboxPayment)
class SandboxPaymentAdmin(SandboxAdmin):
    list_display = ("created_at", "amount", "status", "card", "error_code", "description", "reference")
    list_filter = ("status", "card", "created_at")
    search_fields = ("=id", "=reference", "=payer")
    ordering = ("-created_at", "-pk")
    exclude = ("token",)
    actions = ("open_dispute", "refund_rest", "complete")

    @admin.action(description=_("Dispute what is left, as the payer's bank"), permissions=["act"])
    def open_dispute(self, request: HttpRequest, queryset: QuerySet[SandboxPayment]) -> None:
        now = timezone.now()
        self.act(
            request,
            queryset,
            "sandbox_dispute",
            lambda row: disputes.open_dispute(payment_id=row.pk, now=now),
        )

    @admin.action(description=_("Give back what is left, at the provider"), permissions=["act"])
    def refund_rest(self, request: HttpRequest, queryset: QuerySet[SandboxPayment]) -> None:
        now = timezone.now()
        self.act(
            request, queryset, "sandbox_refund", lambda row: refunds.refund_rest(payment_id=row.pk, now=now)
        )

    @admin.action(description=_("Decide slow payments now"), permissions=["act"])
    def complete(self, request: HttpRequest, queryset: QuerySet[SandboxPayment]) -> None:
        now, slow = timezone.now(), queryset.filter(status=SandboxPayment.Status.PROCESSING)
        self.act(request, slow, "sandbox_complete", lambda row: payments.settle(payment_id=row.pk, now=now))


@admin.register(SandboxRefund)
class SandboxRefundAdmin(SandboxAdmin):
    list_display = ("created_at", "amount", "status", "reference", "payment")
    list_filter = ("status", "created_at")
    list_select_related = ("payment",)
    search_fields = ("=id", "=reference", "=payment__id")
    ordering = ("-created_at", "-pk")
    actions = ("complete",)

    @admin.action(description=_("Decide slow refunds now"), permissions=["act"])
    def complete(self, request: HttpRequest, queryset: QuerySet[SandboxRefund]) -> None:
        now, slow = timezone.now(), queryset.filter(status=SandboxRefund.Status.PENDING)
        self.act(request, slow, "sandbox_complete", lambda row: refunds.settle(refund_id=row.pk, now=now))


@admin.register(SandboxDispute)
class SandboxDisputeAdmin(SandboxAdmin):
    list_display = ("opened_at", "amount", "status", "lost_amount", "fee", "reason", "payment")
    list_filter = ("status", "opened_at")
    list_select_related = ("payment",)
    search_fields = ("=id", "=payment__id")
    ordering = ("-opened_at", "-pk")
    actions = ("win", "lose", "lose_half")

    @admin.action(description=_("Decide for GoodPlay (won)"), permissions=["act"])
    def win(self, request: HttpRequest, queryset: QuerySet[SandboxDispute]) -> None:
        self._decide(request, queryset, lambda dispute: ZERO)

    @admin.action(description=_("Decide for the payer (lost)"), permissions=["act"])
    def lose(self, request: HttpRequest, queryset: QuerySet[SandboxDispute]) -> None:
        self._decide(request, queryset, lambda dispute: dispute.amount)

    @admin.action(description=_("Decide half for the payer (lost in part)"), permissions=["act"])
    def lose_half(self, request: HttpRequest, queryset: QuerySet[SandboxDispute]) -> None:
        self._decide(request, queryset, lambda dispute: to_cents(dispute.amount / 2))

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[SandboxDispute],
        lost: Callable[[SandboxDispute], Decimal],
    ) -> None:
        now = timezone.now()
        self.act(
            request,
            queryset,
            "sandbox_decide",
            lambda row: disputes.decide_dispute(dispute_id=row.pk, lost_amount=lost(row), now=now),
        )


@admin.register(SandboxEvent)
class SandboxEventAdmin(SandboxAdmin):
    list_display = ("created_at", "kind", "attempts", "delivered_at", "next_attempt_at", "last_error")
    list_filter = ("kind", "created_at")
    search_fields = ("=id", "=payment__id")
    ordering = ("-created_at", "-pk")
    actions = ("send_again",)

    @admin.action(description=_("Send again"), permissions=["act"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[SandboxEvent]) -> None:
        now = timezone.now()
        self.act(request, queryset, "sandbox_send", lambda row: delivery.send_again(event=row, now=now))


@admin.register(SandboxMethod)
class SandboxMethodAdmin(SandboxAdmin):
    list_display = ("created_at", "card", "expires_on", "payer", "forgotten_at")
    search_fields = ("=payer",)
    ordering = ("-created_at", "-pk")
    exclude = ("token",)
