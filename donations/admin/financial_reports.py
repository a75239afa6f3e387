"""Financial reports in the back office: made, read with their findings, published and put away."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.admin.report_readers import CHANGE, ReportReaders, acting, here
from donations.models import FinancialReport, FinancialReportFile
from donations.operations import financial_reports, report_files
from donations.queries.financial_reports.audit import SCOPES
from donations.report_periods import Stretch
from donations.report_words import SECTIONS, VERDICTS, findings_shown, sections_shown, title_of
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ReasonForm, button
from goodplay.lib.days import SENSIBLE

SEE = "donations.view_financialreport"
Type, Format = FinancialReport.Type, FinancialReportFile.Format
_DAY = forms.DateInput(attrs={"type": "date"})


class MakeForm(ReasonForm):
    report_type = forms.ChoiceField(label=_("Type"), choices=Type.choices)
    first = forms.DateField(
        label=_("A day of the period"),
        help_text=_("Of a summary or an audit its first day."),
        validators=SENSIBLE,
        widget=_DAY,
    )
    last = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Of a summary or an audit only."),
        validators=SENSIBLE,
        widget=_DAY,
    )
    onlus = forms.ModelChoiceField(
        label=_("Organisation"),
        required=False,
        help_text=_("Of a summary only."),
        queryset=Onlus.objects.filter(verified_at__isnull=False).order_by("name"),
    )
    scope = forms.MultipleChoiceField(
        label=_("What an audit looks at"),
        required=False,
        choices=list(SECTIONS.items()),
        initial=list(SCOPES),
        widget=forms.CheckboxSelectMultiple,
    )

    field_order = ("report_type", "first", "last", "onlus", "scope", "reason")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind = data.get("report_type")
        if kind in (Type.ONLUS, Type.AUDIT) and not data.get("last") and "last" not in self.errors:
            self.add_error("last", ValidationError(_now("Say the last day.")))
        if kind == Type.ONLUS and not data.get("onlus") and "onlus" not in self.errors:
            self.add_error("onlus", ValidationError(_now("Say which organisation.")))
        return data


@admin.register(FinancialReport)
class FinancialReportAdmin(ReportReaders, ReadOnlyAdmin):
    list_display = (
        "title",
        "onlus",
        "first",
        "last",
        "status",
        "is_confidential",
        "result",
        "made_at",
        "made_by",
    )
    list_filter = ("report_type", "status", "is_confidential")
    list_select_related = ("onlus", "made_by")
    search_fields = ("=id", "onlus__name", "=sha256")
    ordering = ("-last", "-id")
    filterable = ("onlus",)
    fields = (
        "title",
        "status",
        "onlus",
        "first",
        "last",
        "result",
        "findings",
        "figures",
        "sha256",
        "made_by",
        "made_at",
        "is_confidential",
        "published_at",
        "archived_at",
    )
    readonly_fields = ("title", "result", "findings", "figures")

    @button(
        _("Make a report"),
        permission=CHANGE,
        form=MakeForm,
        explains=_(
            "From the ledger, now. One of the same kind and days that stands is shown instead. The regular ones make "
            "themselves."
        ),
        tone="good",
        on_list=True,
    )
    def make(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        by = {"made_by": cast(User, request.user), "reason": data["reason"], **here(request)}
        report = _made(data, by)
        return HttpResponseRedirect(reverse("admin:donations_financialreport_change", args=[report.pk]))

    @button(
        _("Publish"),
        permission=CHANGE,
        shown_if=lambda report: report.may_be_published,
        form=ReasonForm,
        explains=_("The people of the organisation read it from now on, and are told by mail."),
        tone="good",
    )
    def publish(self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]) -> Any:
        financial_reports.publish(report=report, **data, **acting(request))
        return _("The summary is published.")

    @button(
        _("Put away"),
        permission=CHANGE,
        shown_if=lambda report: not report.is_put_away,
        form=ReasonForm,
        explains=_("Only staff reads it after that. It can be made anew; the daily job does not."),
        tone="danger",
    )
    def archive(self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]) -> Any:
        financial_reports.archive(report=report, **data, **acting(request))
        return _("The report is put away.")

    @button(_("Download as PDF"), permission=SEE)
    def download_pdf(
        self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]
    ) -> HttpResponse:
        return report_response(request, report, Format.PDF)

    @button(_("Download as CSV"), permission=SEE)
    def download_csv(
        self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]
    ) -> HttpResponse:
        return report_response(request, report, Format.CSV)

    @button(_("Download as Excel"), permission=SEE)
    def download_excel(
        self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]
    ) -> HttpResponse:
        return report_response(request, report, Format.EXCEL)

    @admin.display(description=_("title"))
    def title(self, report: FinancialReport) -> str:
        return title_of(report)

    @admin.display(description=_("result"))
    def result(self, report: FinancialReport) -> str:
        if not report.is_audit:
            return "-"
        return f"{VERDICTS[report.facts['audit_status']]} ({report.facts['score']} / 100)"

    @admin.display(description=_("findings"))
    def findings(self, report: FinancialReport) -> SafeString | str:
        found = findings_shown(report)
        if not found:
            return _now("Nothing was found.") if report.is_audit else "-"
        rows = ((each["label"], each["words"]) for each in found)
        return format_html(
            '<ul class="facts">{}</ul>', format_html_join("", "<li><strong>{}</strong>: {}</li>", rows)
        )

    @admin.display(description=_("figures"))
    def figures(self, report: FinancialReport) -> SafeString:
        return format_html_join(
            "", "<h4>{}</h4>{}", ((part, _table(rows)) for part, rows in sections_shown(report))
        )


def report_response(
    request: HttpRequest, report: FinancialReport, format_: FinancialReportFile.Format
) -> HttpResponse:
    """Hand out a paper of a report as a file, on record."""
    content = report_files.hand_out(
        report=report,
        format_=format_,
        language=get_language() or "en",
        actor=request.user,
        **here(request),
    )
    return HttpResponse(
        content,
        content_type=report_files.CONTENT_TYPES[format_],
        headers={
            "Content-Disposition": f'attachment; filename="{report_files.file_name(report, format_)}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def _made(data: Mapping[str, Any], by: dict[str, Any]) -> FinancialReport:
    kind, first, last = Type(data["report_type"]), data["first"], data["last"]
    if kind == Type.ONLUS:
        return financial_reports.make_summary(onlus=data["onlus"], stretch=Stretch(first, last), **by)
    if kind == Type.AUDIT:
        return financial_reports.make_audit(stretch=Stretch(first, last), scope=data["scope"], **by)
    return financial_reports.make_periodic(report_type=kind, stretch=_period(kind, first), **by)


def _period(kind: FinancialReport.Type, day: date) -> Stretch:
    return financial_reports.CALENDARS[kind](day)


def _table(rows: list[tuple[str, str]]) -> SafeString:
    return format_html(
        '<table class="facts">{}</table>',
        format_html_join("", '<tr><th scope="row">{}</th><td class="nowrap">{}</td></tr>', rows),
    )
