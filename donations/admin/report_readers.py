"""Who reads a financial report: kept from staff who only read, opened to people by name."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.payments import ReadOnlyInline
from donations.models import FinancialReport, FinancialReportGrant
from donations.operations import report_access
from donations.queries.financial_reports.shown import without_confidential
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.requests import client_address

CHANGE = "donations.change_financialreport"


class ReaderForm(ReasonForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ("email", "reason")


class ReadersInline(ReadOnlyInline):
    """Whom a report was opened to by name, and until when."""

    model = FinancialReportGrant
    fk_name = "report"
    fields = ("reader", "reason", "granted_by", "granted_at", "withdrawn_by", "withdrawn_at")
    ordering = ("-granted_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("reader", "granted_by", "withdrawn_by")


class ReportReaders(ObjectActions):
    """The part of the screen that says who may see which report, and holds to it."""

    inlines = (ReadersInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FinancialReport]:
        found: QuerySet[FinancialReport] = super().get_queryset(request)
        if request.user.has_perm(CHANGE):
            return found
        return without_confidential(found, cast(User, request.user).pk)

    @button(
        _("Keep confidential"),
        permission=CHANGE,
        shown_if=lambda report: not report.is_put_away and not report.is_confidential,
        form=ReasonForm,
        explains=_(
            "Of staff only those who make reports see it after that, and those it is opened to by name. The people of "
            "the organisation a published summary is about still read it."
        ),
    )
    def seal(self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]) -> Any:
        report_access.seal(report=report, **data, **acting(request))
        return _("The report is confidential.")

    @button(
        _("No longer confidential"),
        permission=CHANGE,
        shown_if=lambda report: not report.is_put_away and report.is_confidential,
        form=ReasonForm,
        explains=_("All staff with the right to see reports read it after that."),
    )
    def unseal(self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]) -> Any:
        report_access.unseal(report=report, **data, **acting(request))
        return _("The report is no longer confidential.")

    @button(
        _("Let somebody read it"),
        permission=CHANGE,
        shown_if=lambda report: not report.is_put_away,
        form=ReaderForm,
        explains=_(
            "Anybody with an open account and a confirmed address: staff read it here, others over the API. No donor is "
            "named in it."
        ),
    )
    def grant(self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]) -> Any:
        report_access.grant(report=report, **data, **acting(request))
        return _("The report is opened to %(email)s.") % {"email": data["email"]}

    @button(_("Withdraw a reader"), permission=CHANGE, form=ReaderForm, tone="danger")
    def withdraw(self, request: HttpRequest, report: FinancialReport, data: dict[str, Any]) -> Any:
        report_access.withdraw(report=report, **data, **acting(request))
        return _("The report is closed to %(email)s.") % {"email": data["email"]}


def acting(request: HttpRequest) -> dict[str, Any]:
    return {"actor": cast(User, request.user), **here(request)}


def here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}
