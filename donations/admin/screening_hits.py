"""The queue of screening hits: who may be whom, why, and what people decide."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.screening_words import births, explained, in_one_sentence, table
from donations.admin.ways import OfACase
from donations.models import ScreeningHit
from donations.operations.screening import hits
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.admin.links import linked
from goodplay.lib.requests import client_address

DECIDE = "donations.decide_screeninghit"


@admin.register(ScreeningHit)
class ScreeningHitAdmin(ObjectActions, OfACase):
    list_display = ("subject", "entry_name", "source", "band", "score", "age", "status", "decided_by")
    list_filter = ("status", "source", "band", "opened_at")
    list_select_related = ("subject__user", "subject__onlus", "subject__bank_account", "decided_by")
    search_fields = ("entry_name", "=reference", "=subject__user__email", "subject__onlus__name")
    ordering = (
        Case(When(status=ScreeningHit.Status.OPEN, then=Value(0)), default=Value(1)).asc(),
        "opened_at",
        "id",
    )
    readonly_fields = ("who", "in_words", "side_by_side", "why", "cases")
    fieldsets = (
        (None, {"fields": ("in_words", "who", "source", "reference", "status", "opened_at", "cases")}),
        (_("Why"), {"fields": ("side_by_side", "why", "band", "score", "decision", "lost_in")}),
        (_("Decision"), {"fields": ("proposed_by", "decided_by", "decision_reason", "decided_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScreeningHit]:
        return super().get_queryset(request).select_related("decision")

    @button(
        _("It is somebody else"),
        permission=DECIDE,
        shown_if=lambda hit: hit.status == ScreeningHit.Status.OPEN,
        form=ReasonForm,
        explains=_("This pair is not asked about again until either of the two changes."),
        tone="good",
        dangerous=True,
    )
    def dismiss(self, request: HttpRequest, hit: ScreeningHit, data: dict[str, Any]) -> Any:
        hits.dismiss(
            hit=hit,
            decided_by=cast(User, request.user),
            reason=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        return _("Remembered as somebody else.")

    @button(
        _("It is the listed one"),
        permission=DECIDE,
        shown_if=lambda hit: hit.status == ScreeningHit.Status.OPEN,
        form=ReasonForm,
        explains=_(
            "A second person confirms it. Until then its money waits, and after that nothing of it moves."
        ),
        tone="danger",
        dangerous=True,
    )
    def propose_match(self, request: HttpRequest, hit: ScreeningHit, data: dict[str, Any]) -> Any:
        hits.propose_match(
            hit=hit,
            proposed_by=cast(User, request.user),
            reason=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        return _("Asked for: a second person confirms it.")

    @admin.display(description=_("what is asked"))
    def in_words(self, hit: ScreeningHit) -> str:
        return in_one_sentence(hit)

    @admin.display(description=_("ours"))
    def who(self, hit: ScreeningHit) -> SafeString | str:
        """Lead to the player, the organisation or the account whose name it is."""
        about = hit.subject.user or hit.subject.onlus or hit.subject.bank_account
        return linked(about._meta.label_lower, about.pk, about) if about is not None else "-"

    @admin.display(description=_("age"), ordering="opened_at")
    def age(self, hit: ScreeningHit) -> str:
        return timesince(hit.opened_at, depth=1)

    @admin.display(description=_("side by side"))
    def side_by_side(self, hit: ScreeningHit) -> SafeString | str:
        if not hit.entry:
            return _now("Nothing can be read in this name, so no list can be asked about it.")
        asked, entry = hit.decision.query, hit.entry
        names = ", ".join(name["text"] for name in entry["names"])
        born = births([asked["birth"]] if asked["birth"] else [])
        rows = [
            (_now("Name"), asked["name"], names),
            (_now("Kind"), asked["kind"], entry["kind"]),
            (_now("Born"), born or "-", births(entry["births"]) or "-"),
            (
                _now("Nationality"),
                ", ".join(asked["countries"]) or "-",
                ", ".join(entry["countries"]) or "-",
            ),
            (_now("Born in"), "-", "; ".join(entry["birth_places"]) or "-"),
            (_now("Programmes"), "-", ", ".join(entry["programmes"]) or "-"),
            (_now("Remarks"), "-", entry["remarks"] or "-"),
        ]
        return table(("", _now("Ours"), f"{hit.source} {hit.reference}"), rows)

    @admin.display(description=_("why"))
    def why(self, hit: ScreeningHit) -> SafeString | str:
        return explained(hit.explanation) if hit.explanation else "-"
