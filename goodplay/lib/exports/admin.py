"""The files people asked for, and who took which rows away."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.exports import operations
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.registry import KINDS
from goodplay.lib.requests import client_address


def may_download(request: HttpRequest, job: ExportJob) -> bool:
    return operations.may_download(request.user, job)


@admin.register(ExportJob)
class ExportJobAdmin(ObjectActions, ReadOnlyAdmin):
    """One's own exports, and those of others one could have asked for; auditors see all."""

    list_display = (
        "export_id",
        "title",
        "format",
        "status",
        "row_count",
        "created_by",
        "created_at",
        "expires_at",
    )
    list_filter = ("status", "kind", "format", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("=export_id", "created_by__email")
    ordering = ("-created_at", "-id")
    exclude = ("file",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExportJob]:
        jobs: QuerySet[ExportJob] = super().get_queryset(request)
        if request.user.has_perm("audit.view_auditentry"):
            return jobs
        shared = [
            name
            for name, kind in KINDS.items()
            if isinstance(kind.permission, str)
            and not kind.is_personal
            and request.user.has_perm(kind.permission)
        ]
        return jobs.filter(Q(created_by=request.user.pk) | Q(kind__in=shared))

    @button(
        _("Download"),
        permission=may_download,
        shown_if=lambda job: job.is_open(timezone.now()),
        tone="good",
    )
    def download(self, request: HttpRequest, job: ExportJob, data: dict[str, Any]) -> Any:
        content = operations.download(
            job=job, actor=request.user, now=timezone.now(), address=client_address(request)
        )
        return HttpResponse(
            content,
            content_type=operations.content_type(job),
            headers={
                "Content-Disposition": f'attachment; filename="{operations.file_name(job)}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )
