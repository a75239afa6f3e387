"""The back office is Django's admin with dashboards on its front page, by the clock of Rome."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.dashboards import Content, Dashboard, Period, visible_to
from goodplay.lib.admin.topics import split_by_topic
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

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        boards = visible_to(request.user)
        wanted = request.GET.get("board")
        board = next((each for each in boards if each.slug == wanted), boards[0] if boards else None)
        today = rome_day(timezone.now())
        period = _period(request, today)
        context = {
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

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002  (Django's signature)
        return _in_rome(super().admin_view(view, cacheable))


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
