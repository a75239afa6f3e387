"""The back office is Django's admin with dashboards on its front page."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.dashboards import Content, Dashboard, Period, visible_to
from goodplay.lib.time import rome_day

CACHED_FOR = 60  # seconds
DEFAULT_DAYS = 30
LONGEST_DAYS = 730


class BackOffice(admin.AdminSite):
    site_header = _("GoodPlay back office")
    site_title = _("GoodPlay")
    index_title = _("Today")
    index_template = "admin/dashboards.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        boards = visible_to(request.user)
        wanted = request.GET.get("board")
        board = next((each for each in boards if each.slug == wanted), boards[0] if boards else None)
        period = _period(request)
        context = {
            "boards": boards,
            "board": board,
            "period": period,
            "content": _content(board, period) if board else None,
            **(extra_context or {}),
        }
        return super().index(request, context)


def _content(board: Dashboard, period: Period) -> Content:
    key = f"dashboard:{board.slug}:{period.first}:{period.last}"
    content: Content | None = cache.get(key)
    if content is None:
        content = board.build(period, timezone.now())
        cache.set(key, content, CACHED_FOR)
    return content


def _period(request: HttpRequest) -> Period:
    """Read ?first=&last= (Rome days); what is missing or absurd becomes the last thirty days."""
    today = rome_day(timezone.now())
    last = _day(request.GET.get("last"), today)
    first = _day(request.GET.get("first"), last - timedelta(days=DEFAULT_DAYS - 1))
    if first > last or (last - first).days > LONGEST_DAYS:
        first = last - timedelta(days=DEFAULT_DAYS - 1)
    return Period(first, last)


def _day(text: str | None, default: date) -> date:
    try:
        return parse_date(text or "") or default
    except ValueError:
        return default
