"""The menu of saved filters above every list."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.core.exceptions import FieldError, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.admin.doors import whole_browser
from accounts.models import SavedFilter
from accounts.operations import roles, saved_filters
from goodplay.lib.errors import DomainError

_OWN_PARAMETERS = {SEARCH_VAR, ORDER_VAR}


def above_the_list(request: HttpRequest, screen: admin.ModelAdmin) -> dict[str, Any]:
    """Offer what is saved for this list; nothing is read before the page is drawn."""
    user: Any = request.user

    def rows() -> list[SavedFilter]:
        shown = SavedFilter.objects.shown_to(user, roles.role_of(user)).filter(list=screen.opts.label_lower)
        return list(shown.select_related("user").order_by("name", "pk"))

    return {
        "saved_filters": SimpleLazyObject(rows),
        "save_filters_at": reverse(
            "admin:save_filters", args=[screen.opts.app_label, screen.opts.model_name]
        ),
        "filters_now": request.GET.urlencode(),
    }


@require_POST
@whole_browser
def save_filters(request: HttpRequest, app_label: str, model_name: str) -> HttpResponseBase:
    """Keep what the list is filtered by, as far as the list allows it."""
    screen = _screen(request, app_label, model_name)
    allowed = _allowed(screen, request, QueryDict(request.POST.get("query", "")))
    user: Any = request.user
    try:
        saved = saved_filters.save(
            user=user,
            list_name=screen.opts.label_lower,
            name=request.POST.get("name", ""),
            query=allowed.urlencode(),
            shared=bool(request.POST.get("shared")),
            now=timezone.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
    return _to_list(screen, allowed.urlencode())


@require_POST
@whole_browser
def delete_filters(request: HttpRequest, filter_id: UUID) -> HttpResponseBase:
    user: Any = request.user
    try:
        saved = saved_filters.delete(filter_id=filter_id, user=user)
    except DomainError as error:
        raise Http404 from error
    messages.success(request, _("“%(name)s” is deleted.") % {"name": saved.name})
    return _to_list(_screen(request, *saved.list.split(".")), "")


PAGES: list[URLPattern] = [
    path("filters/delete/<uuid:filter_id>/", delete_filters, name="delete_filters"),
    path("filters/save/<slug:app_label>/<slug:model_name>/", save_filters, name="save_filters"),
]


def _screen(request: HttpRequest, app_label: str, model_name: str) -> admin.ModelAdmin:
    for model, screen in admin.site._registry.items():
        if model._meta.label_lower == f"{app_label}.{model_name}":
            if not screen.has_view_or_change_permission(request):
                raise PermissionDenied
            return screen
    raise Http404


def _allowed(screen: admin.ModelAdmin, request: HttpRequest, asked: QueryDict) -> QueryDict:
    """Leave the lookups the list offers, and nothing at all if it cannot be shown with them."""
    kept = QueryDict(mutable=True)
    for name, values in asked.lists():
        if _is_offered(screen, request, name, values):
            kept.setlist(name, values)
    before, request.GET = request.GET, kept  # type: ignore[assignment]  # the list reads its filters from there
    try:
        screen.get_changelist_instance(request)
    except (IncorrectLookupParameters, ValidationError, ValueError):
        return QueryDict()
    finally:
        request.GET = before
    return kept


def _is_offered(screen: admin.ModelAdmin, request: HttpRequest, name: str, values: list[str]) -> bool:
    if any("\0" in text for text in (name, *values)):
        return False
    try:
        return name in _OWN_PARAMETERS or all(screen.lookup_allowed(name, value, request) for value in values)
    except FieldError:
        return False


def _to_list(screen: admin.ModelAdmin, query: str) -> HttpResponseRedirect:
    address = reverse(f"admin:{screen.opts.app_label}_{screen.opts.model_name}_changelist")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
