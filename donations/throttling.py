"""The limit of checking receipts on the public page, per network address."""

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from goodplay.lib.cache import limits
from goodplay.lib.requests import client_address


class CheckThrottle(SimpleRateThrottle):
    scope = "check"
    cache = limits

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_address(request)}
