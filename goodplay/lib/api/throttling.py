"""Limits by cost: a view names its scope per action, and every answer says what is left."""

from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from goodplay.lib.cache import limits
from goodplay.lib.requests import client_address

GUARDING = {"sign_in", "register", "mail", "check"}
"""These limits are against guesses and unwanted mail: while they cannot be counted, their routes answer 503."""


class RouteThrottle(SimpleRateThrottle):
    """Count requests per caller and scope; strangers by the address of the peer, never by a header they write. Scope: the view's `throttle_scopes[action]`, else read or write."""

    scope = "read"

    def __init__(self) -> None:
        """Wait for the request: the scope decides the rate."""

    def allow_request(self, request: Request, view: Any) -> bool:
        scopes = getattr(view, "throttle_scopes", {})
        reading = request.method in {"GET", "HEAD", "OPTIONS"}
        self.scope = scopes.get(getattr(view, "action", None), "read" if reading else "write")
        self.cache = limits if self.scope in GUARDING else cache
        self.rate = self.THROTTLE_RATES[self.scope]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return super().allow_request(request, view)

    def get_cache_key(self, request: Request, view: Any) -> str:
        signed_in = request.user and request.user.is_authenticated
        caller = request.user.pk if signed_in else client_address(request._request)
        return self.cache_format % {"scope": self.scope, "ident": caller}
