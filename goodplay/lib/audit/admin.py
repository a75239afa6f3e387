from django.contrib import admin

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "recorded_at", "actor", "action", "target_type", "target_id", "reason")
    list_filter = ("action", "target_type", "recorded_at")
    list_select_related = ("actor",)
    search_fields = ("=target_id", "actor__email")
    ordering = ("-sequence",)
