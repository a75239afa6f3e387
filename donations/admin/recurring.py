"""Recurring donations in the back office: to see, and to end when the donor asks for it."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import RecurringCharge, RecurringDonation
from donations.operations import recurring
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button

RUNNING = (RecurringDonation.Status.ACTIVE, RecurringDonation.Status.PAUSED)


@admin.register(RecurringDonation)
class RecurringDonationAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("donor", "onlus", "amount", "interval", "source", "status", "next_on", "created_at")
    list_filter = ("status", "interval", "source")
    list_select_related = ("donor", "onlus")
    search_fields = ("donor__email", "onlus__name")
    ordering = ("-created_at", "-id")

    @button(
        _("End"),
        permission="donations.change_recurringdonation",
        shown_if=lambda promised: promised.status in RUNNING,
        form=ReasonForm,
        explains=_("Nothing more is given. What was given already stays."),
        tone="danger",
        dangerous=True,
    )
    def end(self, request: HttpRequest, promised: RecurringDonation, data: dict[str, Any]) -> Any:
        recurring.cancel(
            donor_id=promised.donor_id,
            recurring_id=promised.pk,
            by=cast(User, request.user),
            reason=data["reason"],
            now=timezone.now(),
        )
        return _("The recurring donation has ended.")


@admin.register(RecurringCharge)
class RecurringChargeAdmin(ReadOnlyAdmin):
    list_display = ("due_on", "recurring", "status", "attempts", "next_attempt_at", "last_error", "donation")
    list_filter = ("status", "due_on")
    list_select_related = ("recurring", "donation")
    search_fields = ("recurring__donor__email",)
    ordering = ("-due_on", "-id")
