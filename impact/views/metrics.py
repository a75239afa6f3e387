"""What an organisation counts: reported, backed, corrected, and what staff said about it."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.portal import WRITERS, Seat, seated, seated_as
from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.uploads import takes_uploads
from goodplay.lib.requests import client_address
from impact.charts import bars_of
from impact.forms.metrics import CorrectionForm, EvidenceFields, MetricForm, ReadingForm, WordsForm
from impact.models import ImpactMetric
from impact.operations import metric_evidence, metric_reports
from impact.queries import metric_history
from impact.queries.metrics import formatted_value, own_metrics

SHOWN_DAYS = 365
one_file = takes_uploads(largest=settings.PRIVATE_FILE_MAX_BYTES)
reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@seated
def metrics(request: HttpRequest, seat: Seat) -> HttpResponse:
    rows = own_metrics(seat.onlus.pk, timezone.now())
    page = {
        "seat": seat,
        "counted": [row for row in rows if row.metric.is_active],
        "retired": [row for row in rows if not row.metric.is_active],
        "may_write": seat.role in WRITERS,
        "most": settings.MAX_METRICS_PER_ONLUS,
    }
    return render(request, "impact/portal_metrics.html", page)


@require_safe
@seated
def metric(request: HttpRequest, seat: Seat, metric_id: UUID) -> HttpResponse:
    row, now = _own(seat, metric_id), timezone.now()
    series = metric_history.series_of(row, days=SHOWN_DAYS, now=now)
    page = {
        "seat": seat,
        "metric": row,
        "value": formatted_value(row),
        "is_stale": row.is_stale(now),
        "bars": bars_of(series, row),
        "series": series,
        "corrections": metric_history.corrections_of(row.pk),
        "reviews": metric_history.reviews_of(row.pk),
        "evidence": metric_history.evidence_of(row.pk),
        "may_write": seat.role in WRITERS,
    }
    return render(request, "impact/portal_metric.html", page)


@one_file
@reads_and_writes
@seated_as(WRITERS)
def metric_new(request: HttpRequest, seat: Seat) -> HttpResponse:
    form, now = MetricForm(request.POST or None, request.FILES or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        made = _tried(
            form,
            metric_evidence.report_with_evidence,
            onlus_id=seat.onlus.pk,
            reading=form.reading(now),
            evidence=form.evidence,
            source="onlus_report",
            **_by(request),
        )
        if made:
            messages.success(request, _("The value is in. Our staff look at it."))
            return redirect("portal:metric", onlus_id=seat.onlus.pk, metric_id=made.pk)
    title = _("Count something new")
    return _form_page(request, seat, form, title, submit=pgettext("a button", "Report"))


@one_file
@reads_and_writes
@seated_as(WRITERS)
def metric_report(request: HttpRequest, seat: Seat, metric_id: UUID) -> HttpResponse:
    row, now = _own(seat, metric_id), timezone.now()
    form = ReadingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = _tried(
            form,
            metric_evidence.report_with_evidence,
            onlus_id=seat.onlus.pk,
            reading=form.reading_of(row, now),
            evidence=form.evidence,
            source="onlus_report",
            **_by(request),
        )
        if made:
            messages.success(request, _("The value is in. Our staff look at it."))
            return _to(seat, row)
    return _form_page(
        request, seat, form, _("Report a new value"), row=row, submit=pgettext("a button", "Report")
    )


@reads_and_writes
@seated_as(WRITERS)
def metric_correct(request: HttpRequest, seat: Seat, metric_id: UUID) -> HttpResponse:
    row = _own(seat, metric_id)
    form = CorrectionForm(request.POST or None, initial={"seen_value": row.current_value})
    posted = request.method == "POST" and form.is_valid()
    if posted and _tried(form, metric_reports.correct, metric=row, **form.cleaned_data, **_by(request)):
        messages.success(request, _("The value is corrected. What it was stays readable."))
        return _to(seat, row)
    return _form_page(request, seat, form, _("Correct the value"), row=row, submit=_("Correct"))


@reads_and_writes
@seated_as(WRITERS)
def metric_words(request: HttpRequest, seat: Seat, metric_id: UUID) -> HttpResponse:
    row = _own(seat, metric_id)
    initial = {name: getattr(row, name) for name in WordsForm.base_fields}
    form = WordsForm(request.POST or None, initial=initial)
    posted = request.method == "POST" and form.is_valid()
    if posted and _tried(
        form, metric_reports.describe, metric=row, details=form.cleaned_data, **_by(request)
    ):
        messages.success(request, _("Saved."))
        return _to(seat, row)
    return _form_page(request, seat, form, _("Description and target"), row=row, submit=_("Save"))


@one_file
@reads_and_writes
@seated_as(WRITERS)
def metric_evidence_new(request: HttpRequest, seat: Seat, metric_id: UUID) -> HttpResponse:
    row = _own(seat, metric_id)
    form = EvidenceFields(request.POST or None, request.FILES or None)
    posted = request.method == "POST" and form.is_valid()
    if posted and _tried(form, metric_evidence.add, metric=row, **(form.evidence or {}), **_by(request)):
        messages.success(request, _("The evidence is in. Our staff look at it."))
        return _to(seat, row)
    return _form_page(request, seat, form, _("Add evidence"), row=row, submit=_("Hand it in"))


@require_POST
@seated_as(WRITERS)
def metric_stop(request: HttpRequest, seat: Seat, metric_id: UUID) -> HttpResponse:
    """Stop counting a metric, or go on with one that was stopped."""
    row = _own(seat, metric_id)
    try:
        metric_reports.set_active(metric=row, is_active=not row.is_active, **_by(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("The metric is no longer shown.") if row.is_active else _("The metric is shown again.")
        )
    return _to(seat, row)


def _own(seat: Seat, metric_id: UUID) -> ImpactMetric:
    row = ImpactMetric.objects.of_onlus(seat.onlus.pk).filter(pk=metric_id).first()
    if row is None:
        raise Http404
    return row


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "address": client_address(request), "now": timezone.now()}


def _tried(form: Any, operation: Any, **arguments: Any) -> Any:
    """Call an operation; what it refuses is told on the form."""
    try:
        return operation(**arguments)
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _to(seat: Seat, row: ImpactMetric) -> HttpResponse:
    return redirect("portal:metric", onlus_id=seat.onlus.pk, metric_id=row.pk)


def _form_page(
    request: HttpRequest, seat: Seat, form: Any, title: str, *, submit: str, row: ImpactMetric | None = None
) -> HttpResponse:
    page = {
        "seat": seat,
        "form": form,
        "title": title,
        "submit": submit,
        "metric": row,
        "value": formatted_value(row) if row is not None else "",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "impact/portal_metric_form.html", page, status=status)
