"""The back office is Django's admin with dashboards on its front page, by the clock of Rome."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.board_exports import OFFERED, export, may_export
from goodplay.lib.admin.dashboards import Content, Dashboard, Period, visible_to
from goodplay.lib.admin.list_exports import ListExport
from goodplay.lib.admin.search import LONGEST, search
from goodplay.lib.admin.topics import split_by_topic
from goodplay.lib.metrics import tally
from goodplay.lib.time import ROME, rome_day

CACHED_FOR = 60  # seconds
DEFAULT_DAYS = 30
OFFERED_DAYS = (7, 30, 90)
LONGEST_DAYS = 730
EARLIEST = date(2000, 1, 1)

View = Callable[..., HttpResponseBase]


class BackOffice(admin.AdminSite):
    site_header = _("GoodPlay back office")
    site_title = _("GoodPlay")
    index_title = _("Today")
    index_template = "admin/dashboards.html"
    # The app of people names the view that changes a password and ends what the old one opened.
    password_change_view: Any = None
    # It also says which browsers may pass, which prove again who they are (with the page to come back to), and adds
    # pages of its own.
    guard: Callable[[HttpRequest], HttpResponseBase | None] | None = None
    ask_again: Callable[[HttpRequest, str], HttpResponseBase | None] | None = None
    pages: Sequence[URLPattern] = ()
    # It writes down who tried what they may not do.
    note_refusal: Callable[[HttpRequest], None] | None = None
    # What it shows above every list.
    list_context: Callable[[HttpRequest, Any], dict[str, Any]] | None = None

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Give the screens of other packages what those of the house have: their lists can be exported."""
        screen = admin_class or admin.ModelAdmin
        if not issubclass(screen, ListExport):
            screen = type(screen.__name__, (ListExport, screen), {"__module__": screen.__module__})
        super().register(model_or_iterable, screen, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        boards = visible_to(request.user)
        wanted = request.GET.get("board")
        board = next((each for each in boards if each.slug == wanted), boards[0] if boards else None)
        today = rome_day(timezone.now())
        period = _period(request, today)
        wanted = request.GET.get("export")
        if board and wanted in dict(OFFERED) and may_export(request.user):
            return export(request, board, period, _content(board, period), wanted, timezone.now())
        context = {
            "export_formats": OFFERED if board and may_export(request.user) else (),
            "boards": boards,
            "board": board,
            "period": period,
            "offers": _offers(board, period, today),
            "earliest": EARLIEST,
            "today": today,
            "content": _content(board, period) if board else None,
            **(extra_context or {}),
        }
        return super().index(request, context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return [part for app in super().get_app_list(request, app_label) for part in split_by_topic(app)]

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        name = apps.get_app_config(app_label).verbose_name
        return super().app_index(request, app_label, {"title": name, **(extra_context or {})})

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if self.password_change_view is None:
            return super().password_change(request, extra_context)
        request.current_app = self.name
        view = self.password_change_view.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)

    def get_urls(self) -> list[Any]:
        found = path("search/", self.admin_view(self.search_view), name="search")
        return [found, *self.pages, *super().get_urls()]

    def search_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show what the words lead to; one row alone is opened at once."""
        asked = request.GET.get("q", "")[:LONGEST]
        found = search(request, asked)
        if len(found) == 1 and len(found[0].rows) == 1:
            return HttpResponseRedirect(found[0].rows[0][1])
        context = {**self.each_context(request), "title": _("Search"), "asked": asked, "found": found}
        return TemplateResponse(request, "admin/search.html", context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        return _in_rome(super().admin_view(self._guarded(view), cacheable))

    def _guarded(self, view: View) -> View:
        @wraps(view)
        def shown_to_who_may_pass(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                refused = self.guard(request) if self.guard is not None else None
                return refused or view(request, *args, **kwargs)
            except PermissionDenied:
                if self.note_refusal is not None:
                    self.note_refusal(request)
                raise

        return shown_to_who_may_pass


def _in_rome(view: View) -> View:
    """Read and show moments by Rome's clock, and leave other requests of the same thread alone."""

    @wraps(view)
    def shown_in_rome(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with timezone.override(ROME):
            response = view(request, *args, **kwargs)
            return response.render() if isinstance(response, TemplateResponse) else response

    return shown_in_rome


def _content(board: Dashboard, period: Period) -> Content:
    key = f"dashboard:{board.slug}:{period.first}:{period.last}"
    content: Content | None = cache.get(key)
    tally.count("board_cache_miss" if content is None else "board_cache_hit")
    if content is None:
        content = board.build(period, timezone.now())
        cache.set(key, content, CACHED_FOR)
    return content


def _offers(board: Dashboard | None, period: Period, today: date) -> list[dict[str, Any]]:
    """Offer the usual periods up to today, each with the query string that asks for it."""
    if board is None:
        return []
    offers = [(days, Period(today - timedelta(days=days - 1), today)) for days in OFFERED_DAYS]
    return [
        {
            "days": days,
            "query": urlencode({"board": board.slug, "first": offer.first, "last": offer.last}),
            "current": offer == period,
        }
        for days, offer in offers
    ]


def _period(request: HttpRequest, today: date) -> Period:
    """Read ?first=&last= (Rome days); what is missing or absurd becomes the last thirty days."""
    last = _day(request.GET.get("last"), today)
    if not EARLIEST <= last <= today:
        last = today
    first = _day(request.GET.get("first"), last - timedelta(days=DEFAULT_DAYS - 1))
    if first > last or (last - first).days >= LONGEST_DAYS:
        first = last - timedelta(days=DEFAULT_DAYS - 1)
    return Period(first, last)


def _day(text: str | None, default: date) -> date:
    try:
        return parse_date(text or "") or default
    except ValueError:
        return default
