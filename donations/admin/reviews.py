"""The check point in the back office: what waits, and who lets it pass."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.db.models import Case, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Review, ReviewThreshold
from donations.operations import reviews
from donations.queries.reviews import forget_thresholds
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button

DECIDE = "donations.change_review"


def is_open(review: Review) -> bool:
    return review.status == Review.Status.OPEN


@admin.register(Review)
class ReviewAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("subject", "amount", "player", "reasons", "age", "status", "decided_by", "decided_at")
    list_filter = ("status", "subject", "created_at")
    list_select_related = ("player", "decided_by")
    search_fields = ("=subject_id", "player__email")
    search_help_text = _("A donation, payout or payment, or the player's e-mail.")
    ordering = (
        Case(When(status=Review.Status.OPEN, then=Value(0)), default=Value(1)).asc(),
        "created_at",
        "id",
    )

    @button(
        _("Release"),
        permission=DECIDE,
        shown_if=is_open,
        form=ReasonForm,
        explains=_("The held money moves as it was asked for."),
        tone="good",
    )
    def release(self, request: HttpRequest, review: Review, data: dict[str, Any]) -> Any:
        reviews.release(
            review=review, decided_by=cast(User, request.user), reason=data["reason"], now=timezone.now()
        )
        return _("Released: the money moved.")

    @button(
        _("Reject"),
        permission=DECIDE,
        shown_if=is_open,
        form=ReasonForm,
        explains=_("The held money goes back where it came from."),
        tone="danger",
    )
    def reject(self, request: HttpRequest, review: Review, data: dict[str, Any]) -> Any:
        reviews.reject(
            review=review, decided_by=cast(User, request.user), reason=data["reason"], now=timezone.now()
        )
        return _("Rejected: the money is back.")

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, review: Review) -> str:
        return timesince(review.created_at, depth=1)


@admin.register(ReviewThreshold)
class ReviewThresholdAdmin(AuditedAdmin):
    list_display = ("subject", "amount", "is_active")
    ordering = ("subject",)

    def save_model(self, request: HttpRequest, obj: ReviewThreshold, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        super().save_model(request, obj, form, change)
        transaction.on_commit(forget_thresholds)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(forget_thresholds)
