"""The check point in the back office: what waits, and who lets it pass."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Case, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.ways import OfACase, OfAMovement, sentences
from donations.models import Review
from donations.operations import reviews
from donations.risk_words import rules_in_words
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button

DECIDE = "donations.change_review"


def is_open(review: Review) -> bool:
    return review.status == Review.Status.OPEN


@admin.register(Review)
class ReviewAdmin(ObjectActions, OfAMovement, OfACase):
    list_display = (
        "subject",
        "amount",
        "risk_level",
        "player",
        "signs",
        "age",
        "status",
        "decided_by",
        "decided_at",
    )
    list_filter = ("status", "subject", "risk_level", "created_at")
    list_select_related = ("player", "decided_by", "decision")
    search_fields = ("=subject_id", "player__email")
    search_help_text = _("A donation, payout or payment, or the player's e-mail.")
    ordering = (
        Case(When(status=Review.Status.OPEN, then=Value(0)), default=Value(1)).asc(),
        "created_at",
        "id",
    )
    readonly_fields = ("movement", "signs", "why", "cases")
    kept_for = {**OfACase.kept_for, "why": "donations.view_riskdecision"}
    fieldsets = (
        (None, {"fields": ("status", "amount", "player", "movement")}),
        (_("Why it waits"), {"fields": ("signs", "why", "risk_level", "decision", "cases")}),
        (_("Decision"), {"fields": ("decided_by", "decision_reason", "created_at", "decided_at")}),
    )

    @button(
        _("Release"),
        permission=DECIDE,
        shown_if=is_open,
        form=ReasonForm,
        explains=_("The held money moves as it was asked for."),
        tone="good",
        dangerous=True,
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
        dangerous=True,
    )
    def reject(self, request: HttpRequest, review: Review, data: dict[str, Any]) -> Any:
        reviews.reject(
            review=review, decided_by=cast(User, request.user), reason=data["reason"], now=timezone.now()
        )
        return _("Rejected: the money is back.")

    @admin.display(description=_("reasons"))
    def signs(self, review: Review) -> str:
        return rules_in_words(review.reasons)

    @admin.display(description=_("why"))
    def why(self, review: Review) -> SafeString | str:
        return sentences(review.decision.reasons if review.decision else [])

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, review: Review) -> str:
        return timesince(review.created_at, depth=1)
