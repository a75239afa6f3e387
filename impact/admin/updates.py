"""News of organisations, and what players write under them."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.markdown import render
from goodplay.lib.pictures.queries import pictures_of
from goodplay.lib.requests import client_address
from impact.admin.bases import DocumentAdmin, OnlusDocumentAdmin, ReachedAdmin
from impact.forms.reviews import FeatureForm
from impact.models import CommentReport, ImpactUpdate, UpdateComment
from impact.models.updates import PUBLIC
from impact.operations import engagement, updates

CHANGE = "impact.change_impactupdate"
MODERATE = "impact.change_updatecomment"
Status = ImpactUpdate.Status


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "address": client_address(request), "now": timezone.now()}


@admin.register(ImpactUpdate)
class ImpactUpdateAdmin(ObjectActions, OnlusDocumentAdmin):
    """Words are written here; an update is published, featured and taken down by buttons."""

    list_display = (
        "title",
        "organisation",
        "update_type",
        "priority",
        "status",
        "published_at",
        "trending_score",
    )
    list_filter = ("status", "priority", "update_type")
    search_fields = ("title",)
    ordering = ("-created_at", "id")
    readonly_fields = (
        *DocumentAdmin.readonly_fields,
        "status",
        "publish_at",
        "published_at",
        "featured_until",
        "affected_donation_ids",
        "view_count",
        "like_count",
        "share_count",
        "comment_count",
        "engagement_score",
        "trending_score",
        "removal_reason",
        "preview",
    )

    @admin.display(description=_("preview"))
    def preview(self, update: ImpactUpdate) -> SafeString:
        """Show the text as readers see it, and its pictures, those that are not public yet too."""
        shown = pictures_of([update])[update.pk]
        images = [
            format_html('<img src="{}" alt="{}" width="160"> ', each.thumbnail_url, each.alt)
            for each in shown
        ]
        return format_html("<div>{}</div>{}", SafeString("".join(images)), render(update.content))

    def save_model(self, request: HttpRequest, obj: ImpactUpdate, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Keep what moved since the form was read: the form writes every column."""
        with transaction.atomic():
            if change:
                columns = [field.name for field in ImpactUpdate._meta.concrete_fields]
                obj.refresh_from_db(fields=[name for name in columns if name not in form.changed_data])
            super().save_model(request, obj, form, change)

    @button(
        _("Publish"),
        permission=CHANGE,
        shown_if=lambda update: update.status in (Status.DRAFT, Status.SCHEDULED, Status.ARCHIVED),
        explains=_("Everybody sees it, and the donors it is about are told."),
        tone="good",
    )
    def publish(self, request: HttpRequest, update: ImpactUpdate, data: dict[str, Any]) -> Any:
        updates.publish(update=update, **_by(request))
        return _("It is published.")

    @button(
        _("Feature"),
        permission=CHANGE,
        shown_if=lambda update: update.status in PUBLIC,
        form=FeatureForm,
        explains=_("It stands in front of other news."),
    )
    def feature(self, request: HttpRequest, update: ImpactUpdate, data: dict[str, Any]) -> Any:
        updates.feature(update=update, until=data["until"], **_by(request))
        return _("It is featured.")

    @button(
        _("No longer feature"),
        permission=CHANGE,
        shown_if=lambda update: update.status == Status.FEATURED,
    )
    def unfeature(self, request: HttpRequest, update: ImpactUpdate, data: dict[str, Any]) -> Any:
        updates.unfeature(update=update, **_by(request))
        return _("It is no longer featured.")

    @button(
        _("Put away"),
        permission=CHANGE,
        shown_if=lambda update: update.status in PUBLIC,
        explains=_("Nobody but its organisation sees it any more."),
    )
    def archive(self, request: HttpRequest, update: ImpactUpdate, data: dict[str, Any]) -> Any:
        updates.archive(update=update, **_by(request))
        return _("It is put away.")

    @button(
        _("Take down"),
        permission=CHANGE,
        shown_if=lambda update: update.status != Status.REMOVED,
        form=ReasonForm,
        explains=_(
            "Nobody sees it any more. Its organisation reads the reason, and only staff bring it back."
        ),
        tone="danger",
    )
    def remove(self, request: HttpRequest, update: ImpactUpdate, data: dict[str, Any]) -> Any:
        updates.remove(update=update, reason=data["reason"], **_by(request))
        return _("It is taken down.")

    @button(
        _("Bring back"),
        permission=CHANGE,
        shown_if=lambda update: update.status == Status.REMOVED,
        form=ReasonForm,
        explains=_("It is published again when it was; otherwise it is a draft."),
    )
    def restore(self, request: HttpRequest, update: ImpactUpdate, data: dict[str, Any]) -> Any:
        updates.restore(update=update, reason=data["reason"], **_by(request))
        return _("It is back.")


class ReportedFilter(admin.SimpleListFilter):
    title = _("reported")
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Waits for a moderator"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UpdateComment]) -> QuerySet[UpdateComment]:
        if self.value() != "open":
            return queryset
        waiting = CommentReport.objects.filter(settled_at=None)
        return queryset.filter(pk__in=waiting.values("comment_id"), deleted_at=None)


@admin.register(UpdateComment)
class UpdateCommentAdmin(ObjectActions, ReachedAdmin):
    list_display = ("text", "author", "open_reports", "created_at", "hidden_at", "deleted_at")
    list_select_related = ("author",)
    list_filter = (ReportedFilter, "created_at")
    search_fields = ("text", "author__email")
    ordering = ("-created_at", "-id")
    readonly_fields = ("reasons",)

    def get_queryset(self, request: HttpRequest) -> Any:
        waiting = Count("reports", filter=Q(reports__settled_at=None))
        return super().get_queryset(request).annotate(waiting=waiting)

    @admin.display(description=_("reports"), ordering="waiting")
    def open_reports(self, comment: Any) -> int:
        return int(comment.waiting)

    @admin.display(description=_("what players say of it"))
    def reasons(self, comment: UpdateComment) -> str:
        told = [
            f"{report.get_reason_display()}: {report.details}".rstrip(": ")
            for report in comment.reports.order_by("created_at", "pk")
        ]
        return "; ".join(told) or "-"

    @button(
        _("Hide"),
        permission=MODERATE,
        shown_if=lambda comment: comment.hidden_at is None and comment.deleted_at is None,
        form=ReasonForm,
        explains=_("Nobody reads it any more. The reason stays on record."),
        tone="danger",
    )
    def hide(self, request: HttpRequest, comment: UpdateComment, data: dict[str, Any]) -> Any:
        engagement.hide_comment(comment=comment, reason=data["reason"], **_by(request))
        return _("The comment is hidden.")

    @button(
        _("Show again"),
        permission=MODERATE,
        shown_if=lambda comment: comment.hidden_at is not None,
        form=ReasonForm,
    )
    def show(self, request: HttpRequest, comment: UpdateComment, data: dict[str, Any]) -> Any:
        engagement.show_comment(comment=comment, reason=data["reason"], **_by(request))
        return _("The comment is shown again.")

    @button(
        _("Leave it standing"),
        permission=MODERATE,
        shown_if=lambda comment: comment.reports.filter(settled_at=None).exists(),
        form=ReasonForm,
        explains=_("What players reported of it counts as looked at."),
    )
    def leave(self, request: HttpRequest, comment: UpdateComment, data: dict[str, Any]) -> Any:
        engagement.settle_reports(comment=comment, reason=data["reason"], **_by(request))
        return _("The comment stands.")
