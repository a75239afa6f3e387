"""The pictures people put up, and the way to take one down."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.pictures import operations
from goodplay.lib.pictures.models import Picture
from goodplay.lib.requests import client_address


@admin.register(Picture)
class PictureAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("small", "alt", "owner_type", "owner_id", "created_at", "published_at")
    list_display_links = ("small", "alt")
    list_filter = ("owner_type", "created_at")
    search_fields = ("=owner_id", "=sha256", "=public_name")
    ordering = ("-created_at", "-id")
    readonly_fields = ("shown", "shown_by")

    @admin.display(description=_("picture"))
    def small(self, picture: Picture) -> SafeString:
        return format_html('<img src="{}" alt="" width="80" loading="lazy">', picture.thumbnail_url)

    @admin.display(description=_("picture"))
    def shown(self, picture: Picture) -> SafeString:
        return format_html('<img src="{}" alt="{}" width="480">', picture.url, picture.alt)

    @admin.display(description=_("shown by"))
    def shown_by(self, picture: Picture) -> str:
        return ", ".join(map(str, picture.uses.order_by("target_type", "target_id"))) or "-"

    @admin.display(description=_("what it shows"))
    def alt(self, picture: Picture) -> str:
        return picture.alt

    @button(
        _("Take down"),
        permission="pictures.delete_picture",
        form=ReasonForm,
        explains=_("The picture is deleted for good, wherever it is shown."),
        tone="danger",
    )
    def take_down(self, request: HttpRequest, picture: Picture, data: dict[str, Any]) -> HttpResponseRedirect:
        operations.take_down(
            picture=picture,
            actor=request.user,
            reason=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        self.message_user(request, _("The picture is deleted."))
        return HttpResponseRedirect(reverse("admin:pictures_picture_changelist"))
