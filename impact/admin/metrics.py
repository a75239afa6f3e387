"""The figures of organisations: looked at, verified, doubted, with what backs them."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.requests import client_address
from impact.admin.bases import DocumentAdmin, OnlusDocumentAdmin, ReachedAdmin
from impact.forms.reviews import DisputeForm, NewMetricForm, PurposeForm, ResolveForm, VerifyForm
from impact.models import (
    ImpactMetric,
    MetricCorrection,
    MetricEvidence,
    MetricPoint,
    MetricReview,
    MetricTally,
)
from impact.operations import metric_evidence, metric_reports, metric_reviews

CHANGE = "impact.change_impactmetric"
WRITTEN = ("description", "methodology", "tags", "metadata", "target_value")
Status = ImpactMetric.Verification


class StaleFilter(admin.SimpleListFilter):
    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("old", _("Older than thirty days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImpactMetric]) -> QuerySet[ImpactMetric]:
        return queryset.stale(timezone.now()) if self.value() == "old" else queryset  # type: ignore[attr-defined]  # its own QuerySet


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "address": client_address(request), "now": timezone.now()}


def _seen(metric: ImpactMetric) -> dict[str, Any]:
    return {"seen_value": metric.current_value}


@admin.register(ImpactMetric)
class ImpactMetricAdmin(ObjectActions, OnlusDocumentAdmin):
    """Words are written here; values, states and dates move by buttons."""

    list_display = (
        "metric_name",
        "organisation",
        "metric_type",
        "current_value",
        "metric_unit",
        "target_value",
        "verification_status",
        "collection_date",
        "is_active",
    )
    list_filter = ("verification_status", StaleFilter, "metric_type", "metric_unit", "is_active")
    search_fields = ("metric_name",)
    ordering = ("-collection_date", "id")
    readonly_fields = (
        *DocumentAdmin.readonly_fields,
        *(
            field.name
            for field in ImpactMetric._meta.concrete_fields
            if field.name not in (*WRITTEN, *DocumentAdmin.readonly_fields)
        ),
        "records",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ImpactMetric, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Keep what moved since the form was read: the form writes every column."""
        with transaction.atomic():
            MetricTally.objects.select_for_update().filter(pk=obj.pk).first()
            columns = [field.name for field in ImpactMetric._meta.concrete_fields]
            obj.refresh_from_db(fields=[name for name in columns if name not in form.changed_data])
            super().save_model(request, obj, form, change)

    @admin.display(description=_("records"))
    def records(self, metric: ImpactMetric) -> SafeString:
        """Link to what is known about the metric."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a> · <a href="{}">{}</a> · <a href="{}">{}</a>',
            *(
                part
                for model, words in (
                    (MetricEvidence, _("Evidence")),
                    (MetricReview, _("Reviews")),
                    (MetricCorrection, _("Corrections")),
                    (MetricPoint, _("Readings")),
                )
                for part in (_rows_of(model, metric), words)
            ),
        )

    @button(
        _("Verify"),
        permission=CHANGE,
        shown_if=lambda metric: metric.is_active and metric.verification_status == Status.PENDING,
        form=VerifyForm,
        initial=_seen,
        explains=lambda metric: (
            _("You say that %(value)s is right. Look at the evidence first.")
            % {"value": metric.current_value}
        ),
        tone="good",
    )
    def verify(self, request: HttpRequest, metric: ImpactMetric, data: dict[str, Any]) -> Any:
        metric_reviews.verify(metric=metric, **data, **_by(request))
        return _("The metric is verified.")

    @button(
        _("Dispute"),
        permission=CHANGE,
        shown_if=lambda metric: metric.is_active and metric.verification_status != Status.DISPUTED,
        form=DisputeForm,
        initial=_seen,
        explains=_("The metric leaves the rankings and carries a badge. The organisation reads the reason."),
        tone="danger",
    )
    def dispute(self, request: HttpRequest, metric: ImpactMetric, data: dict[str, Any]) -> Any:
        metric_reviews.dispute(metric=metric, **data, **_by(request))
        return _("The metric is disputed.")

    @button(
        _("Settle the dispute"),
        permission=CHANGE,
        shown_if=lambda metric: metric.verification_status == Status.DISPUTED,
        form=ResolveForm,
        initial=_seen,
        explains=_("The value stands, or you put it right in public; verified it is in both cases."),
        tone="good",
    )
    def resolve(self, request: HttpRequest, metric: ImpactMetric, data: dict[str, Any]) -> Any:
        metric_reviews.resolve(metric=metric, **data, **_by(request))
        return _("The dispute is settled.")

    @button(
        _("Stop or resume counting"),
        permission=CHANGE,
        explains=_("A metric that is not counted is not shown, and no donation counts towards it."),
    )
    def toggle(self, request: HttpRequest, metric: ImpactMetric, data: dict[str, Any]) -> Any:
        metric_reports.set_active(metric=metric, is_active=not metric.is_active, **_by(request))
        return _("Done.")

    @button(_("Report a value"), permission=CHANGE, form=NewMetricForm, on_list=True)
    def report(self, request: HttpRequest, metric: None, data: dict[str, Any]) -> Any:
        form = NewMetricForm(request.POST, request.FILES)
        form.is_valid()  # it was, a moment ago
        metric_evidence.report_with_evidence(
            onlus_id=data["onlus"].pk,
            reading=form.reading(timezone.now()),
            evidence=None,
            source="admin_update",
            **_by(request),
        )
        return _("The value is in.")


class MetricRecordAdmin(ReachedAdmin):
    """What is known about metrics, each fetched beside its rows."""

    filterable = ("metric",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("metric")

    @admin.display(description=_("metric"))
    def metric_name(self, row: Any) -> str:
        return str(row.metric.metric_name)


@admin.register(MetricPoint)
class MetricPointAdmin(MetricRecordAdmin):
    list_display = ("metric_name", "value", "source", "recorded_at")
    ordering = ("-recorded_at", "-id")


@admin.register(MetricCorrection)
class MetricCorrectionAdmin(MetricRecordAdmin):
    list_display = ("metric_name", "old_value", "new_value", "reason", "by_staff", "corrected_at")
    list_filter = ("by_staff", "corrected_at")
    ordering = ("-corrected_at", "-id")


@admin.register(MetricReview)
class MetricReviewAdmin(MetricRecordAdmin):
    list_display = ("metric_name", "decision", "value", "reason", "reviewer", "reviewed_at")
    list_select_related = ("reviewer",)
    list_filter = ("decision", "reviewed_at")
    ordering = ("-reviewed_at", "-id")


@admin.register(MetricEvidence)
class MetricEvidenceAdmin(ObjectActions, MetricRecordAdmin):
    list_display = ("shows", "metric_name", "onlus", "value", "taken_on", "place", "submitted_at")
    list_select_related = ("onlus",)
    search_fields = ("shows", "onlus__name")
    ordering = ("-submitted_at", "-id")

    @button(
        _("Open the file"),
        permission=CHANGE,
        form=PurposeForm,
        explains=_("Who opens it, when and what for stays on record."),
    )
    def open_file(self, request: HttpRequest, evidence: MetricEvidence, data: dict[str, Any]) -> HttpResponse:
        content = metric_evidence.open_evidence(evidence=evidence, purpose=data["purpose"], **_by(request))
        return HttpResponse(
            content,
            content_type=evidence.file.content_type,
            headers={
                "Content-Disposition": f'attachment; filename="{evidence.file.sha256[:12]}{_ending(evidence)}"',
                "Content-Security-Policy": "sandbox",
                "Cache-Control": "no-store",
            },
        )


def _ending(evidence: MetricEvidence) -> str:
    endings = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
    return endings.get(evidence.file.content_type, "")


def _rows_of(model: Any, metric: ImpactMetric) -> str:
    address = reverse(f"admin:impact_{model._meta.model_name}_changelist")
    return f"{address}?metric__id__exact={metric.pk}"
