"""The limits of pages: of signing in and registering per network address, of inviting per organisation."""

from uuid import UUID

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from goodplay.lib.cache import limits
from goodplay.lib.requests import client_address


class RegisterThrottle(SimpleRateThrottle):
    """The limit of new accounts, counted together with the API's."""

    scope = "register"
    cache = limits

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_address(request)}


class SignInThrottle(SimpleRateThrottle):
    """The limit of the API's sign-in, counted together with it."""

    scope = "sign_in"
    cache = limits

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_address(request)}


class MailThrottle(SimpleRateThrottle):
    """The limit of mails asked for by somebody who is not signed in, counted together with the API's."""

    scope = "mail"
    cache = limits

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": client_address(request)}


class InvitationThrottle(SimpleRateThrottle):
    """The limit of mails an organisation has sent to addresses of its choice, whoever of its owners asks."""

    scope = "mail"
    cache = limits

    def __init__(self, onlus_id: UUID) -> None:
        super().__init__()
        self.onlus_id = onlus_id

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": "invitation", "ident": self.onlus_id}
