"""Events and their deliveries; a parked delivery can be tried again here."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.audit import trail
from goodplay.lib.events.delivery import run_handler
from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.models import Delivery, Event
from goodplay.lib.requests import client_address


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "name", "aggregate", "id")
    list_filter = ("name", "recorded_at")
    search_fields = ("=id", "=aggregate")
    ordering = ("-recorded_at", "-id")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        "updated_at",
        "handler",
        "event_name",
        "status",
        "attempts",
        "next_attempt_at",
        "last_error",
    )
    list_filter = ("status", "handler")
    list_select_related = ("event",)
    search_fields = ("=event__id",)
    ordering = ("-updated_at", "-id")
    actions = ("try_again",)

    @admin.display(description=_("event"))
    def event_name(self, delivery: Delivery) -> str:
        return delivery.event.name

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.change_delivery")

    @admin.action(description=_("Try selected failed deliveries again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        delivered = 0
        undone = queryset.exclude(status=Delivery.Status.DONE).select_related("event")
        for delivery in undone.order_by("event_id"):
            handler = HANDLERS.get(delivery.handler)
            if handler is not None and run_handler(handler, delivery.event):
                delivered += 1
                trail.record(
                    actor=request.user,
                    action="delivery_retry",
                    target=delivery,
                    address=client_address(request),
                    now=timezone.now(),
                )
        self.message_user(request, _("%(count)d delivered.") % {"count": delivered}, messages.SUCCESS)
