"""What screens of impact share."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin


class DocumentAdmin(AuditedAdmin):
    """Documents are taken out of use, not deleted: unlocks, readings and reports refer to them."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("id", "created_at", "updated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OnlusDocumentAdmin(DocumentAdmin):
    """The organisation is fetched beside the documents, for the whole page at once: it may live elsewhere."""

    raw_id_fields: ClassVar[tuple[str, ...]] = ("onlus",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("onlus")

    @admin.display(description=_("ONLUS"))
    def organisation(self, document: Any) -> str:
        return document.onlus.name if document.onlus_id else "—"


class ReachedAdmin(ReadOnlyAdmin):
    """What a player or everybody reached."""

    list_per_page = 50
