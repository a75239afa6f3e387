from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.admin.bases import ReadOnlyAdmin


@admin.register(DataAccess)
class DataAccessAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "actor", "what", "target_type", "target_id", "purpose", "address")
    list_filter = ("recorded_at",)
    list_select_related = ("actor",)
    search_fields = ("=target_id", "=actor__email")
    search_help_text = _("The key of what was looked at, or the e-mail address of who looked.")
    ordering = ("-recorded_at", "-id")
