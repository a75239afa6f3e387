"""The limit of signing in on pages, per network address."""

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from goodplay.lib.requests import client_address


class SignInThrottle(SimpleRateThrottle):
    """The limit of the API's sign-in, counted together with it."""

    scope = "sign_in"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_address(request)}
