"""What is kept of private files, without their content: that is opened where it belongs, with a reason."""

from django.contrib import admin

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.private_files.models import PrivateFile


@admin.register(PrivateFile)
class PrivateFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "content_type", "size", "owner_type", "created_at", "erased_at")
    list_filter = ("content_type", "owner_type", "created_at")
    search_fields = ("=owner_id", "=sha256")
    search_help_text = "SHA-256"
    ordering = ("-created_at", "-id")
    exclude = ("stored_name",)
