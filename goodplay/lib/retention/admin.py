"""How long data is kept, who is under a hold, and the proofs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.audit import trail
from goodplay.lib.requests import client_address
from goodplay.lib.retention import operations, policies
from goodplay.lib.retention.models import DeletionProof, LegalHold, RetentionPolicy
from goodplay.lib.retention.registry import KEPT, Act


class PeriodForm(ReasonForm):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=policies.LONGEST_DAYS)

    field_order = ("days", "reason")


class HoldForm(ReasonForm):
    person: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Person"),
        queryset=None,
        widget=AutocompleteSelect(LegalHold._meta.get_field("person"), admin.site),
    )

    field_order = ("person", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].queryset = get_user_model()._default_manager.all()  # type: ignore[attr-defined]


def is_purged(policy: RetentionPolicy) -> bool:
    return policy.kind in KEPT and KEPT[policy.kind].act is not Act.KEEP


@admin.register(RetentionPolicy)
class RetentionPolicyAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("label", "days", "least", "what_happens", "law", "last_run_at")
    search_fields = ("kind",)
    ordering = ("kind",)
    readonly_fields = ("label", "least", "what_happens", "law")
    fieldsets = (
        (None, {"fields": ("label", "kind", "law")}),
        (_("Period"), {"fields": ("days", "least", "what_happens", "changed_at", "last_run_at")}),
    )

    @button(
        _("Change the period"),
        permission=policies.CHANGE,
        form=PeriodForm,
        initial=lambda policy: {"days": policy.days},
        explains=_("Longer counts at once. Shorter needs a second person, and never goes below the least."),
        dangerous=True,
    )
    def change_period(self, request: HttpRequest, policy: RetentionPolicy, data: dict[str, Any]) -> Any:
        waiting = policies.change_period(
            policy=policy, days=data["days"], by=request.user, reason=data["reason"], **_here(request)
        )
        return _("Asked for: a second person decides.") if waiting else _("Changed: it is kept longer.")

    @button(
        _("Count what is due"),
        permission="retention.view_retentionpolicy",
        shown_if=is_purged,
        explains=_("Nothing is taken away: it only counts what would be."),
    )
    def count_due(self, request: HttpRequest, policy: RetentionPolicy, data: dict[str, Any]) -> Any:
        due, held = operations.counts_due(policy, now=timezone.now())
        return _now("%(due)s rows would be purged now; %(held)s more are held.") % {"due": due, "held": held}

    @button(
        _("Purge now"),
        permission="retention.purge",
        shown_if=is_purged,
        form=ReasonForm,
        explains=lambda policy: _("What is over its period is taken away now, for good, with a proof."),
        tone="danger",
        dangerous=True,
    )
    def purge_now(self, request: HttpRequest, policy: RetentionPolicy, data: dict[str, Any]) -> Any:
        here = _here(request)
        trail.record(
            actor=request.user, action="retention_purge", target=policy, reason=data["reason"], **here
        )
        count = operations.purge(kind=policy.kind, now=here["now"], job=f"staff {request.user.pk}")
        return _now("%(count)s rows purged, with their proof.") % {"count": count}

    @admin.display(description=_("what"), ordering="kind")
    def label(self, policy: RetentionPolicy) -> str:
        return str(KEPT[policy.kind].label) if policy.kind in KEPT else policy.kind

    @admin.display(description=_("at least, days"))
    def least(self, policy: RetentionPolicy) -> int | str:
        return KEPT[policy.kind].least_days if policy.kind in KEPT else "-"

    @admin.display(description=_("afterwards"))
    def what_happens(self, policy: RetentionPolicy) -> str:
        return str(KEPT[policy.kind].act.label) if policy.kind in KEPT else "-"

    @admin.display(description=_("why"))
    def law(self, policy: RetentionPolicy) -> str:
        return str(KEPT[policy.kind].law) if policy.kind in KEPT else "-"


@admin.register(DeletionProof)
class DeletionProofAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "recorded_at", "kind", "act", "count", "period_days", "ended_before", "job")
    list_filter = ("recorded_at",)
    search_fields = ("=kind",)
    ordering = ("-sequence",)


class StandingFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("standing", _("Standing")), ("released", _("Released"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in {"standing", "released"}:
            return queryset.filter(released_at__isnull=self.value() == "standing")
        return queryset


@admin.register(LegalHold)
class LegalHoldAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("person", "reason", "placed_by", "placed_at", "released_by", "released_at")
    list_filter = (StandingFilter,)
    list_select_related = ("person", "placed_by", "released_by")
    search_fields = ("=person__email",)
    ordering = ("-placed_at", "-id")

    @button(
        _("Place a hold"),
        permission=operations.HOLD,
        form=HoldForm,
        explains=_("Nothing of this person is purged until the hold is released."),
        on_list=True,
    )
    def place(self, request: HttpRequest, obj: None, data: dict[str, Any]) -> Any:
        operations.place_hold(person=data["person"], reason=data["reason"], by=request.user, **_here(request))
        return _("The hold stands.")

    @button(
        _("Release"),
        permission=operations.HOLD,
        shown_if=lambda hold: hold.released_at is None,
        form=ReasonForm,
        explains=_("What is over its period is purged the next night."),
    )
    def release(self, request: HttpRequest, hold: LegalHold, data: dict[str, Any]) -> Any:
        operations.release_hold(hold=hold, reason=data["reason"], by=request.user, **_here(request))
        return _("Released.")


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}
