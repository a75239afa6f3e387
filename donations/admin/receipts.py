from django.contrib import admin

from donations.models import Receipt
from goodplay.lib.admin.bases import ReadOnlyAdmin


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ("reference", "kind", "donation", "issued_at")
    list_filter = ("kind", "year")
    list_select_related = ("donation",)
    search_fields = ("=number", "donation__donor__email")
    ordering = ("-year", "-number")
