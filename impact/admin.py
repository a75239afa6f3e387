"""Stories, metrics, updates and reports in the back office; what players reached is shown, never changed."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from impact.models import (
    CommunityMilestone,
    CommunityReport,
    DonationImpact,
    ImpactMetric,
    ImpactReversal,
    ImpactStory,
    ImpactUpdate,
    MetricPoint,
    MetricTally,
    StoryUnlock,
    UserMilestone,
)

MOVED_BY_DONATIONS = (
    "current_value",
    "previous_value",
    "collection_date",
    "related_donations_count",
    "related_donations_amount",
)


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


@admin.register(ImpactStory)
class ImpactStoryAdmin(OnlusDocumentAdmin):
    list_display = (
        "title",
        "organisation",
        "story_type",
        "unlock_condition_type",
        "unlock_condition_value",
        "priority",
        "featured_until",
        "is_active",
    )
    list_filter = ("is_active", "story_type", "unlock_condition_type", "category")
    search_fields = ("title", "title_it")
    ordering = ("-priority", "-created_at", "id")
    raw_id_fields = ("onlus", "special_event")


@admin.register(ImpactMetric)
class ImpactMetricAdmin(OnlusDocumentAdmin):
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
    list_filter = ("verification_status", "metric_type", "metric_unit", "is_active")
    search_fields = ("metric_name",)
    ordering = ("-collection_date", "id")
    raw_id_fields = ("onlus", "verified_by", "disputed_by")
    readonly_fields = (*DocumentAdmin.readonly_fields, "related_donations_count", "related_donations_amount")

    def save_model(self, request: HttpRequest, obj: ImpactMetric, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Keep what donations moved since the form was read: the form writes every column."""
        with transaction.atomic():
            MetricTally.objects.select_for_update().filter(pk=obj.pk).first()
            if change:
                obj.refresh_from_db(
                    fields=[name for name in MOVED_BY_DONATIONS if name not in form.changed_data]
                )
            super().save_model(request, obj, form, change)


@admin.register(ImpactUpdate)
class ImpactUpdateAdmin(OnlusDocumentAdmin):
    list_display = ("title", "organisation", "update_type", "priority", "status", "published_at")
    list_filter = ("status", "priority", "update_type")
    search_fields = ("title",)
    ordering = ("-created_at", "id")
    readonly_fields = (
        *DocumentAdmin.readonly_fields,
        "published_at",
        "view_count",
        "like_count",
        "share_count",
        "comment_count",
    )

    def save_model(self, request: HttpRequest, obj: ImpactUpdate, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        obj.note_publication(timezone.now())
        super().save_model(request, obj, form, change)


@admin.register(CommunityReport)
class CommunityReportAdmin(DocumentAdmin):
    list_display = (
        "title",
        "report_type",
        "period_start",
        "period_end",
        "total_donations_amount",
        "unique_donors_count",
        "status",
    )
    list_filter = ("report_type", "status")
    search_fields = ("title",)
    ordering = ("-period_start", "id")
    readonly_fields = (*DocumentAdmin.readonly_fields, "published_at")

    def save_model(self, request: HttpRequest, obj: CommunityReport, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        obj.note_publication(timezone.now())
        super().save_model(request, obj, form, change)


class ReachedAdmin(ReadOnlyAdmin):
    """What a player or everybody reached."""

    list_per_page = 50


@admin.register(StoryUnlock)
class StoryUnlockAdmin(ReachedAdmin):
    list_display = ("user", "story_title", "unlocked_at", "first_viewed_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-unlocked_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("story")

    @admin.display(description=_("story"))
    def story_title(self, unlock: StoryUnlock) -> str:
        return unlock.story.title


@admin.register(UserMilestone)
class UserMilestoneAdmin(ReachedAdmin):
    list_display = ("user", "kind", "level", "threshold", "reached_at")
    list_select_related = ("user",)
    list_filter = ("kind", "level")
    search_fields = ("user__email",)
    ordering = ("-reached_at", "-id")


@admin.register(CommunityMilestone)
class CommunityMilestoneAdmin(ReachedAdmin):
    list_display = ("kind", "threshold", "value", "reached_at")
    list_filter = ("kind",)
    ordering = ("-reached_at", "-id")


@admin.register(DonationImpact)
class DonationImpactAdmin(ReachedAdmin):
    list_display = ("donation", "onlus", "amount", "metrics_updated", "stories_unlocked", "tracked_at")
    list_select_related = ("donation", "onlus")
    ordering = ("-tracked_at", "-donation_id")


@admin.register(ImpactReversal)
class ImpactReversalAdmin(ReachedAdmin):
    list_display = ("impact", "amount", "metrics_updated", "tracked_at")
    list_select_related = ("impact",)
    ordering = ("-tracked_at", "-refund_id")


@admin.register(MetricPoint)
class MetricPointAdmin(ReachedAdmin):
    list_display = ("metric_name", "value", "source", "recorded_at")
    ordering = ("-recorded_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("metric")

    @admin.display(description=_("metric"))
    def metric_name(self, point: MetricPoint) -> str:
        return point.metric.metric_name
