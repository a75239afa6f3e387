"""Screening in the back office: the lists, the queue of hits with their reasons, and every answer that was given."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from donations.admin.screening_words import explained
from donations.models import (
    ScreenedSubject,
    ScreeningDecision,
    ScreeningEdition,
    ScreeningQuality,
    ScreeningRun,
    ScreeningSource,
)
from donations.operations.screening import lists, subjects
from donations.screening.stored import DATED
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.requests import client_address

DECIDE = "donations.decide_screeninghit"
IMPORT = "donations.add_screeningedition"

# Lists ----------------------------------------------------------------------------------------------------------


class ImportForm(forms.Form):
    source = forms.ChoiceField(label=_("List"), choices=ScreeningSource.choices)
    published_on = forms.DateField(
        label=_("Published on"),
        required=False,
        help_text=_("For OFAC and politically exposed persons; the others say it themselves."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    first = forms.FileField(label=_("File"), help_text=_("Of OFAC: sdn, alt, add and sdn_comments."))
    second = forms.FileField(label=_("Second file (OFAC)"), required=False)
    third = forms.FileField(label=_("Third file (OFAC)"), required=False)
    fourth = forms.FileField(label=_("Fourth file (OFAC)"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("source") not in DATED and not data.get("published_on"):
            self.add_error("published_on", _("Say of which day this edition is."))
        return data


@admin.register(ScreeningEdition)
class ScreeningEditionAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "source",
        "published_on",
        "status",
        "entry_count",
        "added_count",
        "changed_count",
        "removed_count",
        "refusal_code",
        "imported_by",
        "imported_at",
    )
    list_filter = ("source", "status", "imported_at")
    list_select_related = ("imported_by",)
    search_fields = ("=vintage", "=sha256")
    ordering = ("-imported_at", "-id")

    @button(
        _("Import a list"),
        permission=IMPORT,
        form=ImportForm,
        explains=_(
            "An edition that is broken, older, or has lost a fifth of its entries is refused, and the one before "
            "stays in force. Then everybody is screened against what is new."
        ),
        tone="good",
        on_list=True,
        dangerous=True,
    )
    def bring_in(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> str:
        files = [data[name] for name in ("first", "second", "third", "fourth") if data.get(name)]
        edition = lists.import_list(
            source=data["source"],
            files=[(str(file.name), file.read()) for file in files],
            published_on=None if data["source"] in DATED else data["published_on"],
            imported_by=request.user,
            address=client_address(request),
            now=timezone.now(),
        )
        return _now("%(list)s is in force: %(count)s entries.") % {
            "list": edition.vintage,
            "count": edition.entry_count,
        }


@admin.register(ScreeningRun)
class ScreeningRunAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "subject_count",
        "hit_count",
        "closed_count",
        "lost_count",
        "started_at",
        "finished_at",
    )
    list_select_related = ("edition",)
    ordering = ("-started_at", "-id")


@admin.register(ScreeningQuality)
class ScreeningQualityAdmin(ReadOnlyAdmin):
    list_display = (
        "measured_at",
        "code_version",
        "f1",
        "precision",
        "recall",
        "strong_recall",
        "clean_alert_rate",
        "milliseconds",
    )
    ordering = ("-measured_at", "-id")


# Answers --------------------------------------------------------------------------------------------------------


@admin.register(ScreenedSubject)
class ScreenedSubjectAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("who", "state", "screened_at", "due_at")
    list_filter = ("state",)
    list_select_related = ("user", "onlus", "bank_account")
    search_fields = ("=user__email", "onlus__name", "bank_account__holder")
    ordering = ("-id",)

    @button(_("Screen again"), permission=DECIDE)
    def screen_again(self, request: HttpRequest, subject: ScreenedSubject, data: dict[str, Any]) -> str:
        who = {
            "user_id": subject.user_id,
            "onlus_id": subject.onlus_id,
            "bank_account_id": subject.bank_account_id,
        }
        subjects.due(now=timezone.now(), **{name: key for name, key in who.items() if key is not None})
        return _now("The next run of the job screens it again.")

    @admin.display(description=_("who"))
    def who(self, subject: ScreenedSubject) -> str:
        return str(subject)


@admin.register(ScreeningDecision)
class ScreeningDecisionAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "name", "band", "score", "cause", "code_version")
    list_filter = ("band", "cause", "decided_at")
    search_fields = ("name",)
    ordering = ("-decided_at", "-id")
    fields = (
        "subject",
        "name",
        "band",
        "score",
        "cause",
        "run",
        "vintages",
        "code_version",
        "decided_at",
        "reasons",
    )
    readonly_fields = ("reasons",)

    @admin.display(description=_("hits"))
    def reasons(self, decision: ScreeningDecision) -> SafeString | str:
        told = (
            (f"{hit['source']} {hit['reference']}: {hit['name']['text']}", explained(hit))
            for hit in decision.hits
        )
        return format_html_join("", "<h3>{}</h3>{}", told) or "-"
