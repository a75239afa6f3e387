"""Who is calling: access tokens of simplejwt, tied to the sign-in they came from.

TokenAuthentication loads the person and sees at once that a sign-in ended. StatelessTokenAuthentication trusts the
signature and a cached list of ended sign-ins: for hot reads, where a query more is the largest cost.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import LoginSession
from goodplay.lib.cache import limits

logger = structlog.get_logger("goodplay.accounts")


@dataclass(frozen=True, slots=True)
class TokenUser:
    """The signed-in person as far as the token tells."""

    pk: UUID
    is_staff: bool
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True

    @property
    def id(self) -> UUID:
        return self.pk


class TokenAuthentication(BaseAuthentication):
    """One query: the living sign-in with its user."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        token = bearer_token(request)
        if token is None:
            return None
        return self.caller(verify_access_token(token))

    def caller(self, claims: AccessToken) -> tuple[Any, Any]:
        """Return the person, and the sign-in: what it proved decides about the routes of staff."""
        living = LoginSession.objects.select_related("user").filter(pk=claims["sid"], ended_at=None)
        session = living.filter(user_id=claims["sub"]).first()
        if session is None or not session.user.is_active:
            raise _disabled()
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class StatelessTokenAuthentication(TokenAuthentication):
    """No query: an ended sign-in is refused through the cache for as long as its access tokens live.

    While the cache is away the database is asked.
    """

    def caller(self, claims: AccessToken) -> tuple[TokenUser, None]:
        return self.person(claims), None

    def person(self, claims: AccessToken) -> TokenUser:
        try:
            has_ended = limits.get(_ended_key(claims["sid"])) is not None
        except RedisError:
            super().caller(claims)
            has_ended = False
        if has_ended:
            raise _disabled()
        return TokenUser(pk=UUID(claims["sub"]), is_staff=bool(claims.get("staff")))


def verify_access_token(text: str) -> AccessToken:
    """Check signature, algorithm, type and age. Raises AuthenticationFailed with TOKEN_EXPIRED or TOKEN_INVALID."""
    try:
        claims = AccessToken(text)  # type: ignore[arg-type]  # simplejwt takes the encoded text
        UUID(claims["sub"])
        UUID(claims["sid"])
    except ExpiredTokenError as error:
        raise AuthenticationFailed("The token has expired.", code="TOKEN_EXPIRED") from error
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise AuthenticationFailed("The token is not valid.", code="TOKEN_INVALID") from error
    return claims


def bearer_token(request: Request) -> str | None:
    """Read `Authorization: Bearer …`; None without the header."""
    parts = get_authorization_header(request).split()
    if not parts:
        return None
    if len(parts) != 2 or parts[0].lower() != b"bearer":
        raise AuthenticationFailed("Send: Authorization: Bearer <token>.", code="TOKEN_INVALID")
    return parts[1].decode("latin-1")


def forget_access(*session_ids: UUID) -> None:
    """Refuse the access tokens of ended sign-ins on hot reads too, until they expire by themselves.

    A cache that is away is told by the job, within five minutes of being back.
    """
    grace = timedelta(minutes=1)
    seconds = int((settings.ACCESS_TOKEN_LIFETIME + grace).total_seconds())
    try:
        limits.set_many({_ended_key(str(each)): "ended" for each in session_ids}, seconds)
    except RedisError as error:
        logger.warning("ended sign-ins not told", count=len(session_ids), reason=repr(error))


def _ended_key(session_id: str) -> str:
    return f"login-session-ended:{session_id}"


def _disabled() -> AuthenticationFailed:
    return AuthenticationFailed("Please sign in again.", code="INVALID_TOKEN_OR_USER_DISABLED")
