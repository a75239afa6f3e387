"""Answers outside any view: unknown routes, CSRF-free 400s and crashes under /api/ speak the envelope too."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import get_template
from django.utils.translation import gettext as _
from django.views import defaults

from goodplay.lib.api.renderers import to_json


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    if _is_api(request):
        return _refusal("RESOURCE_NOT_FOUND", _("There is nothing here."), 404)
    return defaults.page_not_found(request, exception or Exception())


def server_error(request: HttpRequest) -> HttpResponseBase:
    if _is_api(request):
        return _refusal("INTERNAL_SERVER_ERROR", _("Something went wrong on our side."), 500)
    return defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the database or the cache is away. The page asks neither of them for anything."""
    if _is_api(request):
        response = _refusal("SERVICE_UNAVAILABLE", _("Please try again in a moment."), 503)
    else:
        response = HttpResponse(get_template("503.html").render(), status=503)
    response["Retry-After"] = "10"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if _is_api(request):
        return _refusal("INVALID_REQUEST", _("This request cannot be read."), 400)
    return defaults.bad_request(request, exception)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _refusal(constant: str, detail: str, status: int) -> HttpResponse:
    body: dict[str, Any] = {"success": False, "message": constant, "detail": detail}
    return HttpResponse(to_json(body), status=status, content_type="application/json")
