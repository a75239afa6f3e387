"""What wallets of an old installation held when they were brought over: to read, never to write."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from donations.models import OpeningBalance
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.search import by_key, exactly, searchable
from goodplay.lib.admin.totals import ListTotals, Totals
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.templatetags.house import euros

searchable(OpeningBalance, by_key, exactly("source_id"))


@admin.register(OpeningBalance)
class OpeningBalanceAdmin(ListTotals, ReadOnlyAdmin):
    list_display = (
        "player",
        "together",
        "earned_amount",
        "paid_amount",
        "earned_before",
        "donated_before",
        "transactions_count",
        "source_id",
        "created_at",
    )
    list_filter = ("created_at",)
    list_select_related = ("player",)
    filterable = ("player",)
    search_fields = ("=id", "=source_id", "player__email")
    search_help_text = _("The key of the old wallet, or the player's e-mail.")
    ordering = ("-created_at", "-id")
    fields = (
        "player",
        "together",
        "earned_amount",
        "paid_amount",
        "earned_before",
        "donated_before",
        "transactions_count",
        "source_id",
        "created_at",
        "transfers",
        "documents",
    )
    readonly_fields = ("together", "transfers", "documents")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningBalance]:
        return super().get_queryset(request).annotate(in_all=F("earned_amount") + F("paid_amount"))

    def totals(self, rows: QuerySet[OpeningBalance]) -> Totals:
        found: dict[str, Any] = rows.aggregate(
            count=Count("pk"),
            earned=Sum("earned_amount"),
            paid=Sum("paid_amount"),
            donated=Sum("donated_before"),
        )
        earned, paid, donated = (to_cents(found[name] or ZERO) for name in ("earned", "paid", "donated"))
        return [
            (_("wallets"), found["count"]),
            (_("together"), euros(earned + paid)),
            (_("earned"), euros(earned)),
            (_("paid in"), euros(paid)),
            (_("donated before, in all"), euros(donated)),
        ]

    @admin.display(description=_("together"), ordering="in_all")
    def together(self, opening: OpeningBalance) -> Decimal:
        return opening.earned_amount + opening.paid_amount

    @admin.display(description=_("transfers"))
    def transfers(self, opening: OpeningBalance) -> SafeString:
        """Lead to what was booked: the transfers have this key as their cause."""
        return _found("donations_transfer", opening.pk, _("What was booked for it"))

    @admin.display(description=_("old documents"))
    def documents(self, opening: OpeningBalance) -> SafeString:
        """Lead to the old wallet, which became the player's, and to the old transactions, which became this."""
        return format_html(
            "{} · {}",
            _found("importing_importeddocument", opening.source_id, _("The old wallet")),
            _found("importing_importeddocument", opening.pk, _("The old transactions")),
        )


def _found(screen: str, words: object, text: object) -> SafeString:
    """Lead to what a screen finds by these words."""
    return format_html('<a href="{}?q={}">{}</a>', reverse(f"admin:{screen}_changelist"), words, text)
