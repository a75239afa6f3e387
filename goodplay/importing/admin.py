"""What was brought over from an old installation: each run, and which row each document became. To read, never to write."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodplay.importing.models import ImportedDocument, ImportRun
from goodplay.importing.report import OUTCOMES
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.facts import told
from goodplay.lib.admin.links import linked
from goodplay.lib.admin.search import exactly, searchable
from goodplay.lib.admin.totals import ListTotals, Totals

ROWS = {
    "users": "accounts.user",
    "onlus_categories": "accounts.onluscategory",
    "onlus_organizations": "accounts.onlus",
    "games": "games.game",
    "game_sessions": "games.gamesession",
    "transactions": "donations.openingbalance",
    "impact_stories": "impact.impactstory",
    "impact_metrics": "impact.impactmetric",
    "impact_updates": "impact.impactupdate",
    "community_reports": "impact.communityreport",
}
"""What the documents of each collection became. A wallet became the opening balance of a player, and is noted as the player's."""

searchable(ImportedDocument, exactly("old_id"), exactly("new_key"))


class CollectionFilter(admin.SimpleListFilter):
    """Offers the collections there are without reading the table."""

    title = _("collection")
    parameter_name = "collection"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ("users", "wallets", *list(ROWS)[1:])]

    def queryset(self, request: Any, queryset: QuerySet[ImportedDocument]) -> QuerySet[ImportedDocument]:
        return queryset.filter(collection=self.value()) if self.value() else queryset


@admin.register(ImportedDocument)
class ImportedDocumentAdmin(ListTotals, ReadOnlyAdmin):
    list_display = ("old_id", "collection", "row", "imported_at")
    list_filter = (CollectionFilter,)
    search_fields = ("=old_id", "=new_key")
    search_help_text = _("A key of the old installation, or of a row here.")
    ordering = ("-id",)
    fields = ("collection", "old_id", "row", "new_key", "digest", "imported_at")
    readonly_fields = ("row",)

    def totals(self, rows: QuerySet[ImportedDocument]) -> Totals:
        found = rows.values("collection").annotate(count=Count("pk")).order_by("collection")
        return [(each["collection"], each["count"]) for each in found]

    @admin.display(description=_("became"))
    def row(self, document: ImportedDocument) -> SafeString | str:
        if document.collection == "wallets":
            address = reverse("admin:donations_openingbalance_changelist")
            return format_html(
                '<a href="{}?player={}">{}</a>', address, document.new_key, _("Opening balance")
            )
        return linked(ROWS.get(document.collection, ""), document.new_key)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "ended_at",
        "source",
        "is_dry",
        "trusts_wallets",
        "brought",
        "refused",
        "is_proven",
    )
    list_filter = ("is_dry",)
    ordering = ("-started_at", "-id")
    fields = (
        "source",
        "started_at",
        "ended_at",
        "is_dry",
        "trusts_wallets",
        "is_proven",
        "came_of_it",
        "reasons_told",
        "contradictions",
    )
    readonly_fields = ("is_proven", "came_of_it", "reasons_told")

    @admin.display(description=_("brought over"))
    def brought(self, run: ImportRun) -> int:
        return run.count("brought")

    @admin.display(description=_("not brought over"))
    def refused(self, run: ImportRun) -> int:
        return run.count("refused")

    @admin.display(boolean=True, description=_("books balance"))
    def is_proven(self, run: ImportRun) -> bool | None:
        return run.is_proven

    @admin.display(description=_("what came of it"))
    def came_of_it(self, run: ImportRun) -> SafeString | str:
        return told(
            [
                {"collection": name, **{outcome: counts.get(outcome, 0) for outcome in OUTCOMES}}
                for name, counts in run.outcomes.items()
            ]
        )

    @admin.display(description=_("reasons"))
    def reasons_told(self, run: ImportRun) -> SafeString | str:
        return told(run.reasons)
