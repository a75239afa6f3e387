"""Pages for everybody: the same for all who read the same language, so caches may keep them for a while."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

View = Callable[..., HttpResponse]


def public_page(*, seconds: int = 60) -> Callable[[View], View]:
    """Let browsers and caches keep the page; an unchanged one is answered 304. The cookie holds the language."""

    def declare(view: View) -> View:
        kept = cache_control(public=True, max_age=seconds)(vary_on_cookie(view))

        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response: HttpResponse = kept(request, *args, **kwargs)
            return response

        page: View = require_safe(conditional_page(shown))
        return page

    return declare
