"""Answering nothing to networks that are blocked altogether."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request, gettext, override

from accounts.operations import addresses
from goodplay.lib.api.renderers import to_json
from goodplay.lib.requests import client_address


class AddressBlockMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not addresses.is_closed(client_address(request)):
            return self.get_response(request)
        response = self._refused(request)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    def _refused(self, request: HttpRequest) -> HttpResponse:
        """Say so in the reader's language, which requests that are let in find out only later."""
        with override(get_language_from_request(request)):
            sentence = gettext("This network is blocked. If you think that is wrong, write to support.")
        if not request.path.startswith("/api/"):
            return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")
        body = {"success": False, "message": addresses.AddressBlocked.code, "detail": sentence}
        return HttpResponse(to_json(body), status=403, content_type="application/json")
