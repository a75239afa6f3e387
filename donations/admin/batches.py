"""Batches in the back office: a file is uploaded and looked at, a second person releases, workers carry out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from donations.admin.batch_preview import preview
from donations.models import BatchError, BatchLine, BatchOperation, BatchUpload
from donations.operations import batch_uploads, batches
from donations.operations.batch_checks import STARTS
from donations.operations.batch_kinds import hidden_from, right_to_add, right_to_run
from donations.operations.batch_lines import MAY_ADD
from donations.operations.batch_reconciliations import RECONCILES
from donations.queries.batches import can_be_retried, duration, lines_by_status, recent_errors
from donations.serializers.batch_files import LARGEST_FILE, ReadFile, decode, read_file, write_failures
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import moment

ERRORS_SHOWN = 20

Type = BatchOperation.Type
Status = BatchOperation.Status


class BatchUploadForm(forms.Form):
    operation_type = forms.ChoiceField(
        label=_("Type"),
        choices=[(Type.DONATIONS, Type.DONATIONS.label), (Type.REFUNDS, Type.REFUNDS.label)],
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in UTF-8 with a first row of column names. Donations: user_id (or an e-mail), onlus_id, amount, "
            "message, is_anonymous, source_reference. Refunds: donation_id, amount, reason, source_reference."
        ),
    )

    def clean_file(self) -> UploadedFile:
        """Keep the text beside the file: reading it is how it is checked."""
        file: UploadedFile = self.cleaned_data["file"]
        try:
            self.text = decode(file.read(LARGEST_FILE + 1))
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "file" in cleaned and "operation_type" in cleaned:
            try:
                read_file(cleaned["operation_type"], self.text)
            except DomainError as refusal:
                self.add_error("file", str(refusal))
        return {**cleaned, "text": getattr(self, "text", "")}


class ChecksUploadForm(BatchUploadForm):
    operation_type = forms.ChoiceField(
        label=_("Type"), choices=[(Type.COMPLIANCE_CHECK, Type.COMPLIANCE_CHECK.label)]
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in UTF-8 with a first row of column names: user_id (or an e-mail), check_type (aml when left out), "
            "reason, source_reference."
        ),
    )


class PeriodsUploadForm(BatchUploadForm):
    operation_type = forms.ChoiceField(
        label=_("Type"), choices=[(Type.RECONCILIATION, Type.RECONCILIATION.label)]
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in UTF-8 with a first row of column names: start_date and end_date (2026-03-31), type (daily, weekly or "
            "monthly; daily when left out), source_reference."
        ),
    )


def awaits_release(batch: BatchOperation) -> bool:
    return batch.status == Status.QUEUED and not batch.may_run


def may_start(batch: BatchOperation) -> bool:
    return batch.status == Status.QUEUED and batch.may_run


def may_run(request: HttpRequest, batch: BatchOperation) -> bool:
    return bool(request.user.has_perm(right_to_run(batch.operation_type)))


def may_confirm(request: HttpRequest, upload: BatchUpload) -> bool:
    return bool(request.user.has_perm(right_to_add(upload.operation_type)))


class Discreet(ReadOnlyAdmin):
    """Leaves out the batches, or what belongs to them, of types this member of staff does not see."""

    its_type = "operation_type"

    def get_queryset(self, request: HttpRequest) -> Any:
        hidden = hidden_from(request.user)
        return super().get_queryset(request).exclude(**{f"{self.its_type}__in": hidden})


@admin.register(BatchOperation)
class BatchOperationAdmin(ObjectActions, Discreet):
    list_display = (
        "created_at",
        "operation_type",
        "status",
        "progress",
        "failed_items",
        "total_amount",
        "created_by",
        "completed_at",
    )
    list_filter = ("status", "operation_type", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("=id", "created_by__email")
    ordering = ("-created_at", "-id")
    readonly_fields = ("progress", "its_lines", "lasted", "latest_errors", "made_of")
    fieldsets = (
        (
            None,
            {"fields": ("operation_type", "status", "progress", "its_lines", "total_amount", "payout_run")},
        ),
        (_("People"), {"fields": ("created_by", "created_at", "released_by", "released_at", "made_of")}),
        (
            _("Course"),
            {"fields": ("started_at", "completed_at", "lasted", "last_updated_at", "cancel_reason")},
        ),
        (_("Errors"), {"fields": ("error_count", "latest_errors")}),
        (
            _("Settings"),
            {
                "fields": ("batch_size", "max_retries", "retry_delay_seconds", "priority"),
                "classes": ("collapse",),
            },
        ),
    )

    @button(
        _("Upload a file"),
        permission=MAY_ADD,
        form=BatchUploadForm,
        explains=_(
            "The file is read and shown line by line. Nothing is given before you confirm it and a second person releases it."
        ),
        tone="good",
        on_list=True,
    )
    def upload(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> HttpResponse:
        stored = batch_uploads.store_upload(
            operation_type=data["operation_type"],
            file_name=data["file"].name,
            content=data["text"],
            uploaded_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            now=timezone.now(),
        )
        return HttpResponseRedirect(reverse("admin:donations_batchupload_change", args=[stored.pk]))

    @button(
        _("Check many players"),
        permission=STARTS,
        form=ChecksUploadForm,
        explains=_(
            "The file is read and shown line by line. Nobody is checked before you confirm and run it."
        ),
        on_list=True,
    )
    def upload_checks(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> HttpResponse:
        return self.upload(request, nothing, data)

    @button(
        _("Reconcile many periods"),
        permission=RECONCILES,
        form=PeriodsUploadForm,
        explains=_(
            "The file is read and shown line by line. Nothing is reconciled before you confirm and run it."
        ),
        on_list=True,
    )
    def upload_periods(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> HttpResponse:
        return self.upload(request, nothing, data)

    @button(
        _("Ask for the release"),
        permission=may_run,
        shown_if=awaits_release,
        form=ReasonForm,
        explains=_(
            "A second person, who did not hand the batch in, looks at it and releases it under Approvals."
        ),
        tone="good",
        dangerous=True,
    )
    def request_release(self, request: HttpRequest, batch: BatchOperation, data: dict[str, Any]) -> Any:
        batches.request_release(
            batch=batch,
            requested_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            reason=data["reason"],
            **_here(request),
        )
        return _("Asked for. The batch can be run when a second person has approved.")

    @button(
        _("Run"),
        permission=may_run,
        shown_if=may_start,
        explains=_(
            "The lines are carried out in the background, one by one. What failed can be tried again."
        ),
        tone="good",
        dangerous=True,
    )
    def process(self, request: HttpRequest, batch: BatchOperation, data: dict[str, Any]) -> Any:
        batches.start(batch=batch, actor=request.user, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("The batch runs. This page shows how far it is.")

    @button(
        _("Try failed lines again"),
        permission=may_run,
        shown_if=lambda batch: can_be_retried(batch),
        explains=_("Only lines that failed are tried again, each when its delay is over."),
        dangerous=True,
    )
    def retry(self, request: HttpRequest, batch: BatchOperation, data: dict[str, Any]) -> Any:
        count = batches.retry(batch=batch, actor=request.user, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Lines that are tried again: %(count)s.") % {"count": count}

    @button(
        _("Download failed lines"),
        permission="donations.view_batchline",
        shown_if=lambda batch: batch.failed_items > 0,
    )
    def download(self, request: HttpRequest, batch: BatchOperation, data: dict[str, Any]) -> HttpResponse:
        headers = {
            "Content-Disposition": f'attachment; filename="failed-{batch.pk}.csv"',
            "Cache-Control": "no-store",
        }
        response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
        write_failures(response, batch)
        return response

    @button(
        _("Cancel"),
        permission=may_run,
        shown_if=lambda batch: batch.status in BatchOperation.CANCELLABLE,
        form=ReasonForm,
        explains=_("Lines that are not carried out yet are left out. What was done stays done."),
        tone="danger",
        dangerous=True,
    )
    def cancel(self, request: HttpRequest, batch: BatchOperation, data: dict[str, Any]) -> Any:
        batches.cancel(batch=batch, actor=request.user, reason=data["reason"], **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Cancelled.")

    @admin.display(description=_("progress"))
    def progress(self, batch: BatchOperation) -> SafeString:
        tone = "bad" if batch.failed_items else "good"
        words = _now("%(done)s of %(all)s") % {"done": batch.processed_items, "all": batch.total_items}
        return format_html(
            '<span class="batch-progress"><progress class="{}" max="{}" value="{}" aria-label="{}"></progress> {}</span>',
            tone,
            batch.total_items,
            batch.processed_items,
            words,
            words,
        )

    @admin.display(description=_("lines"))
    def its_lines(self, batch: BatchOperation) -> SafeString:
        """Lead to the lines, all of them or those of one status."""
        counts = lines_by_status(batch.pk)
        links = [(_rows(batch), _("All lines"), batch.total_items)]
        links += [
            (_rows(batch, status=status), BatchLine.Status(status).label, count)
            for status, count in counts.items()
            if count
        ]
        return format_html_join(" · ", '<a href="{}">{}: {}</a>', links)

    @admin.display(description=_("took"))
    def lasted(self, batch: BatchOperation) -> str:
        seconds = duration(batch, timezone.now())
        return "-" if seconds is None else _now("%(seconds)s seconds") % {"seconds": seconds}

    @admin.display(description=_("latest errors"))
    def latest_errors(self, batch: BatchOperation) -> SafeString | str:
        found = recent_errors(batch.pk, ERRORS_SHOWN).select_related("line")
        rows = [(moment(each.created_at), each.line or "", each.code, each.message) for each in found]
        if not rows:
            return "-"
        table = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows)
        titles = format_html(
            "<tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>",
            _("At"),
            _("Line"),
            _("Error"),
            _("What went wrong"),
        )
        address = f"{reverse('admin:donations_batcherror_changelist')}?batch__id__exact={batch.pk}"
        return format_html(
            '<table class="facts"><thead>{}</thead><tbody>{}</tbody></table><p><a href="{}">{}</a></p>',
            titles,
            table,
            address,
            _("All errors"),
        )

    @admin.display(description=_("made of"))
    def made_of(self, batch: BatchOperation) -> SafeString | str:
        upload = BatchUpload.objects.filter(batch=batch).first()
        if upload is None:
            return "-"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:donations_batchupload_change", args=[upload.pk]), upload
        )


@admin.register(BatchLine)
class BatchLineAdmin(Discreet):
    its_type = "batch__operation_type"
    list_display = (
        "processing_order",
        "player",
        "onlus",
        "amount",
        "check_type",
        "period",
        "status",
        "processed_amount",
        "its_result",
        "error_code",
        "error_message",
        "source_reference",
        "completed_at",
    )
    list_filter = ("status",)
    filterable = ("batch",)
    list_select_related = ("player", "onlus", "compliance_check", "reconciliation")
    search_fields = ("=id", "=batch__id", "player__email", "onlus__name", "source_reference")
    search_help_text = _("A batch, a player's e-mail, an organisation, or a reference.")
    ordering = ("-batch", "processing_order")

    @admin.display(description=_("result"))
    def its_result(self, line: BatchLine) -> SafeString | str:
        made = line.compliance_check or line.reconciliation
        if made is None:
            return "-"
        address = reverse(f"admin:donations_{made._meta.model_name}_change", args=[made.pk])
        return format_html('<a href="{}">{}</a>: {}', address, made, made.get_status_display())

    @admin.display(description=_("period"), ordering="first_day")
    def period(self, line: BatchLine) -> str:
        return f"{line.first_day} - {line.last_day}" if line.period_type else "-"


@admin.register(BatchError)
class BatchErrorAdmin(Discreet):
    its_type = "batch__operation_type"
    list_display = ("created_at", "batch", "line", "code", "message")
    list_filter = ("code", "created_at")
    filterable = ("batch",)
    list_select_related = ("batch", "line")
    search_fields = ("=batch__id", "=code")
    ordering = ("-created_at", "-id")


@admin.register(BatchUpload)
class BatchUploadAdmin(ObjectActions, Discreet):
    list_display = ("uploaded_at", "file_name", "operation_type", "uploaded_by", "batch")
    list_filter = ("operation_type", "uploaded_at")
    list_select_related = ("uploaded_by", "batch")
    search_fields = ("file_name", "uploaded_by__email")
    ordering = ("-uploaded_at", "-id")
    readonly_fields = ("what_it_says",)
    fields = ("file_name", "operation_type", "uploaded_by", "uploaded_at", "batch", "what_it_says")

    @button(
        _("Make a batch of it"),
        permission=may_confirm,
        shown_if=lambda upload: upload.batch_id is None,
        explains=_("The lines are stored as a batch. With a single line at fault nothing is stored."),
        tone="good",
    )
    def confirm(self, request: HttpRequest, upload: BatchUpload, data: dict[str, Any]) -> Any:
        file = self._read(upload)
        batch = batch_uploads.confirm_upload(
            upload=upload,
            lines=file.lines,
            unreadable=file.faults,
            created_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            **_here(request),
        )
        stored = _("The batch is stored. Ask for its release next.")
        self.message_user(request, stored if batch.moves_money else _("The batch is stored. Run it next."))
        return HttpResponseRedirect(reverse("admin:donations_batchoperation_change", args=[batch.pk]))

    @admin.display(description=_("what it says"))
    def what_it_says(self, upload: BatchUpload) -> SafeString:
        return preview(upload, self._read(upload), timezone.now())

    def _read(self, upload: BatchUpload) -> ReadFile:
        return read_file(upload.operation_type, upload.content)


def _rows(batch: BatchOperation, **filters: str) -> str:
    query = {
        "batch__id__exact": str(batch.pk),
        **{f"{name}__exact": value for name, value in filters.items()},
    }
    return f"{reverse('admin:donations_batchline_changelist')}?{urlencode(query)}"


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}
