"""Stories, who unlocked them, and what organisations propose."""

from datetime import timedelta
from typing import Any, ClassVar, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.errors import DomainError
from goodplay.lib.markdown import render as as_html
from goodplay.lib.requests import client_address
from impact.admin.bases import OnlusDocumentAdmin, ReachedAdmin
from impact.forms.stories import AcceptProposalForm, FeatureForm, StoryForm, minutes_of
from impact.models import ImpactStory, SpecialEventParticipation, StoryProposal, StoryUnlock, StoryWithdrawal
from impact.operations import proposals, stories
from impact.previews import READERS, WIDTHS, preview
from impact.queries.story_figures import figures_of

CHANGE = "impact.change_impactstory"
DECIDE = "impact.change_storyproposal"
LANGUAGES = {"en": "English", "it": "Italiano"}
A_WEEK = timedelta(days=7)


@admin.register(ImpactStory)
class ImpactStoryAdmin(ObjectActions, OnlusDocumentAdmin):
    """A story. Whether it is listed changes by button and action, so that what follows from it happens."""

    form = StoryForm
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
    search_fields = ("title", "title_it", "public_words")
    ordering = ("-priority", "-created_at", "id")
    raw_id_fields = ("onlus", "special_event")
    readonly_fields = (*OnlusDocumentAdmin.readonly_fields, "is_active", "readers", "shown")
    actions = ("feature_selected", "switch_off_selected", "switch_on_selected")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("onlus", "title", "title_it", "preview_content", "preview_content_it")}),
        (_("Text"), {"fields": ("content", "content_it", "shown")}),
        (
            _("When it opens"),
            {
                "fields": (
                    "unlock_condition_type",
                    "unlock_condition_value",
                    "special_event",
                    ("available_from", "available_until"),
                )
            },
        ),
        (
            _("How it is shown"),
            {
                "fields": (
                    "story_type",
                    "category",
                    "tags",
                    "priority",
                    "featured_until",
                    "estimated_read_time",
                    "author",
                )
            },
        ),
        (_("Media"), {"fields": ("media_urls", "thumbnail_url", "thumbnail_alt", "thumbnail_alt_it")}),
        (_("So far"), {"fields": ("is_active", "readers", "id", "created_at", "updated_at")}),
    )

    def save_model(self, request: HttpRequest, obj: ImpactStory, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            stories.note_edit(story=obj, is_easier=form.is_easier)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview_page)
        return [
            path("<uuid:object_id>/preview/", view, name="impact_impactstory_preview"),
            *super().get_urls(),
        ]

    @button(_("Preview"), permission="impact.view_impactstory")
    def preview(self, request: HttpRequest, story: ImpactStory, data: dict[str, Any]) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:impact_impactstory_preview", args=[story.pk]))

    @button(
        _("Among the first"),
        permission=CHANGE,
        shown_if=lambda story: story.is_active,
        form=FeatureForm,
        explains=_("For so many days it is shown before others of its priority."),
        tone="good",
    )
    def feature(self, request: HttpRequest, story: ImpactStory, data: dict[str, Any]) -> Any:
        until = timezone.now() + timedelta(days=data["days"])
        stories.feature(story=story, until=until, **_by(request))
        return _("The story is among the first.")

    @button(_("Not among the first"), permission=CHANGE, shown_if=lambda story: story.featured_until)
    def unfeature(self, request: HttpRequest, story: ImpactStory, data: dict[str, Any]) -> Any:
        stories.feature(story=story, until=None, **_by(request))
        return _("The story stands among the others again.")

    @button(
        _("Withdraw"),
        permission=CHANGE,
        shown_if=lambda story: story.is_active,
        form=ReasonForm,
        explains=_("Nobody can read it any more. Who had opened it is told, with this reason."),
        tone="danger",
    )
    def withdraw(self, request: HttpRequest, story: ImpactStory, data: dict[str, Any]) -> Any:
        stories.withdraw(story=story, reason=data["reason"], **_by(request))
        return _("The story is withdrawn; its readers are told.")

    @button(
        _("Put back"),
        permission=CHANGE,
        shown_if=lambda story: not story.is_active,
        form=ReasonForm,
        explains=_("It is listed again, and who had opened it reads it again."),
    )
    def put_back(self, request: HttpRequest, story: ImpactStory, data: dict[str, Any]) -> Any:
        stories.put_back(story=story, reason=data["reason"], **_by(request))
        return _("The story is back.")

    @admin.action(description=_("Show selected stories among the first for a week"), permissions=["change"])
    def feature_selected(self, request: HttpRequest, queryset: QuerySet[ImpactStory]) -> None:
        until = timezone.now() + A_WEEK
        for story in queryset:
            stories.feature(story=story, until=until, **_by(request))
        self.message_user(request, _("Done."))

    @admin.action(description=_("Take selected stories out of the lists"), permissions=["change"])
    def switch_off_selected(self, request: HttpRequest, queryset: QuerySet[ImpactStory]) -> None:
        self._switch(request, queryset, is_active=False)

    @admin.action(description=_("List selected stories again"), permissions=["change"])
    def switch_on_selected(self, request: HttpRequest, queryset: QuerySet[ImpactStory]) -> None:
        self._switch(request, queryset, is_active=True)

    def _switch(self, request: HttpRequest, queryset: QuerySet[ImpactStory], *, is_active: bool) -> None:
        for story in queryset:
            try:
                stories.switch(story=story, is_active=is_active, **_by(request))
            except DomainError as error:
                self.message_user(request, f"{story}: {error}", messages.ERROR)
        self.message_user(request, _("Done."))

    @admin.display(description=_("readers"))
    def readers(self, story: ImpactStory) -> str:
        if not story.created_at or story._state.adding:
            return "—"
        figures = figures_of([story.pk])[story.pk]
        address = f"{reverse('admin:impact_storyunlock_changelist')}?{urlencode({'story': story.pk})}"
        words = _("%(opened)s unlocked it, %(read)s read it") % {
            "opened": figures.opened,
            "read": figures.read,
        }
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description=_("as it reads"))
    def shown(self, story: ImpactStory) -> str:
        texts = [text for text in (story.content, story.content_it) if text]
        return format_html("{}" * len(texts), *map(as_html, texts)) if texts else "—"

    def preview_page(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show the story as each kind of donor would see it, in each language and width."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        story = self.get_object(request, str(object_id))
        if story is None:
            raise Http404
        asked = {
            "reader": _one_of(READERS, request.GET.get("reader")),
            "language": _one_of(LANGUAGES, request.GET.get("language") or get_language()),
            "width": _one_of(WIDTHS, request.GET.get("width")),
        }
        with override(asked["language"]):
            shown = preview(story, reader=asked["reader"], language=asked["language"], now=timezone.now())
        page = {
            "story": story,
            "shown": shown,
            "width": asked["width"],
            "back": reverse("admin:impact_impactstory_change", args=[story.pk]),
            "choices": [
                _choice(_("Reader"), "reader", READERS, asked),
                _choice(_("Language"), "language", LANGUAGES, asked),
                _choice(_("Width"), "width", WIDTHS, asked),
            ],
        }
        return render(request, "impact/story_preview.html", page)


@admin.register(StoryUnlock)
class StoryUnlockAdmin(ReachedAdmin):
    list_display = ("user", "story_title", "donation", "unlocked_at", "first_viewed_at")
    list_select_related = ("user", "donation")
    search_fields = ("user__email",)
    filterable = ("story", "unlocked_at")
    ordering = ("-unlocked_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("story")

    @admin.display(description=_("story"))
    def story_title(self, unlock: StoryUnlock) -> str:
        return unlock.story.title


@admin.register(StoryWithdrawal)
class StoryWithdrawalAdmin(ReachedAdmin):
    list_display = ("story_title", "reason", "withdrawn_by", "withdrawn_at", "put_back_at")
    list_select_related = ("withdrawn_by",)
    ordering = ("-withdrawn_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("story")

    @admin.display(description=_("story"))
    def story_title(self, withdrawal: StoryWithdrawal) -> str:
        return withdrawal.story.title


@admin.register(SpecialEventParticipation)
class SpecialEventParticipationAdmin(ReachedAdmin):
    list_display = ("user", "event", "donation", "took_part_at")
    list_select_related = ("user", "event", "donation")
    list_filter = ("event",)
    search_fields = ("user__email",)
    ordering = ("-took_part_at", "-id")


@admin.register(StoryProposal)
class StoryProposalAdmin(ObjectActions, ReadOnlyAdmin):
    """What organisations would like told: the staff's queue, those that wait first."""

    list_display = ("title_it", "onlus", "proposed_by", "created_at", "status", "decided_by")
    list_filter = ("status",)
    list_select_related = ("onlus", "proposed_by", "decided_by")
    search_fields = ("title_it", "title", "onlus__name")
    ordering = ("-status", "created_at", "id")

    @button(
        _("Accept"),
        permission=DECIDE,
        shown_if=lambda proposal: proposal.is_waiting,
        form=cast(type[forms.Form], AcceptProposalForm),  # a form of a model is one all the same
        initial=lambda proposal: _first_words(proposal),
        explains=_("It becomes a story in these words, and opens by this condition."),
        tone="good",
    )
    def accept(self, request: HttpRequest, proposal: StoryProposal, data: dict[str, Any]) -> Any:
        days = data.pop("featured_for", None)
        story = proposals.accept(
            proposal=proposal,
            facts={**data, "featured_for": timedelta(days=days) if days else None},
            **_by(request),
        )
        return _("The story “%(title)s” is out.") % {"title": story.title}

    @button(
        _("Decline"),
        permission=DECIDE,
        shown_if=lambda proposal: proposal.is_waiting,
        form=ReasonForm,
        explains=_("The organisation reads this reason."),
        tone="danger",
    )
    def decline(self, request: HttpRequest, proposal: StoryProposal, data: dict[str, Any]) -> Any:
        proposals.decline(proposal=proposal, reason=data["reason"], **_by(request))
        return _("Declined.")


def _first_words(proposal: StoryProposal) -> dict[str, Any]:
    """Offer the proposal's words; the staff translates what is missing."""
    return {
        "title": proposal.title,
        "title_it": proposal.title_it,
        "preview_content": proposal.preview_content,
        "preview_content_it": proposal.preview_content_it,
        "content": proposal.content,
        "content_it": proposal.content_it,
        "category": proposal.category,
        "tags": proposal.tags,
        "story_type": ImpactStory.Type.ONLUS_UPDATE,
        "unlock_condition_type": ImpactStory.Condition.DONATION_COUNT,
        "unlock_condition_value": 1,
        "priority": 0,
        "estimated_read_time": minutes_of(proposal.content_it),
    }


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": cast(User, request.user), "address": client_address(request), "now": timezone.now()}


def _one_of(known: dict[str, Any], asked: str | None) -> str:
    return asked if asked in known else next(iter(known))


def _choice(label: Any, name: str, options: dict[str, Any], asked: dict[str, str]) -> dict[str, Any]:
    return {
        "label": label,
        "options": [
            {
                "label": words,
                "address": "?" + urlencode({**asked, name: key}),
                "is_here": asked[name] == key,
            }
            for key, words in options.items()
        ],
    }
