"""Community reports: looked at, made, published and put away."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.days import SENSIBLE
from goodplay.lib.requests import client_address
from impact.models import CommunityReport, ReportPublication
from impact.operations import reports
from impact.report_periods import REGULAR, ReportPeriod, period_of

CHANGE = "impact.change_communityreport"
OFFERED = (*REGULAR, CommunityReport.Type.SPECIAL_EVENT)


class GenerateForm(ReasonForm):
    report_type = forms.ChoiceField(label=_("Type"), choices=[(each.value, each.label) for each in OFFERED])
    first = forms.DateField(
        label=_("A day of the period"),
        help_text=_("Of a special event its first day."),
        validators=SENSIBLE,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    last = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Of a special event only."),
        validators=SENSIBLE,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=200, help_text=_("Of a special event only.")
    )

    field_order = ("report_type", "first", "last", "title", "reason")


@admin.register(CommunityReport)
class CommunityReportAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "title",
        "report_type",
        "period_start",
        "period_end",
        "total_donations_amount",
        "unique_donors_count",
        "status",
        "attempts",
        "problem",
    )
    list_filter = ("report_type", "status")
    search_fields = ("title",)
    ordering = ("-period_start", "id")

    @admin.display(description=_("problem"))
    def problem(self, report: CommunityReport) -> str:
        return report.generation_metadata.get("error_message") or ""

    @button(
        _("Make a report"),
        permission=CHANGE,
        form=GenerateForm,
        explains=_(
            "It is made now and published when you say so. The regular ones make and publish themselves."
        ),
        on_list=True,
    )
    def generate(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        report = reports.generate(
            period=_period(data["report_type"], data["first"], data["last"]),
            title=data["title"],
            reason=data["reason"],
            **_by(request),
        )
        return _outcome(report)

    @button(
        _("Make again"),
        permission=CHANGE,
        shown_if=lambda report: report.may_be_made_again,
        form=ReasonForm,
        explains=_("The figures are reckoned anew from the ledger."),
    )
    def retry(self, request: HttpRequest, report: CommunityReport, data: dict[str, Any]) -> Any:
        return _outcome(reports.make_again(report=report, reason=data["reason"], **_by(request)))

    @button(
        _("Publish"),
        permission=CHANGE,
        shown_if=lambda report: report.may_be_published,
        form=ReasonForm,
        explains=_("Everybody reads it from now on, and its figures do not change any more."),
        tone="good",
    )
    def publish(self, request: HttpRequest, report: CommunityReport, data: dict[str, Any]) -> Any:
        reports.publish(report=report, reason=data["reason"], **_by(request))
        return _("The report is published.")

    @button(
        _("Put away"),
        permission=CHANGE,
        shown_if=lambda report: report.may_be_archived,
        form=ReasonForm,
        explains=_("Only staff reads it after that."),
        tone="danger",
    )
    def archive(self, request: HttpRequest, report: CommunityReport, data: dict[str, Any]) -> Any:
        reports.archive(report=report, reason=data["reason"], **_by(request))
        return _("The report is put away.")


@admin.register(ReportPublication)
class ReportPublicationAdmin(ReadOnlyAdmin):
    list_display = ("report_type", "period_start", "published_at")
    list_filter = ("report_type",)
    ordering = ("-published_at", "-pk")


def _period(report_type: str, first: date, last: date | None) -> ReportPeriod:
    if report_type == CommunityReport.Type.SPECIAL_EVENT:
        return ReportPeriod(report_type, first, last or first)
    return period_of(report_type, first)


def _by(request: HttpRequest) -> dict[str, Any]:
    return {
        "actor": cast(User, request.user),
        "address": client_address(request),
        "now": timezone.now(),
    }


def _outcome(report: CommunityReport) -> Any:
    if report.status == CommunityReport.Status.ERROR:
        return _("The report could not be made: %(problem)s") % {
            "problem": report.generation_metadata["error_message"]
        }
    return _("“%(title)s” is made.") % {"title": report.title}
