"""Signing in, staying signed in, signing out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.authentication import forget_access
from accounts.models import LoginSession, User
from accounts.models.user import normalise_email
from accounts.operations import addresses, attempts, locks
from accounts.signals import user_login
from goodplay.lib.db import claim, in_parts
from goodplay.lib.errors import DomainError
from goodplay.lib.hashers import as_hashed
from goodplay.lib.ids import new_id
from goodplay.lib.metrics import tally

MOST_FAILURES = 5
LOCKED_FOR = 15 * 60  # seconds


class SignInRefused(DomainError):
    status = 401


class InvalidCredentials(SignInRefused):
    code = "INVALID_CREDENTIALS"
    message = _("E-mail address and password do not match.")


class AccountDisabled(SignInRefused):
    code = "ACCOUNT_DISABLED"
    message = _("This account is closed or suspended.")


class AccountNotVerified(SignInRefused):
    code = "ACCOUNT_NOT_VERIFIED"
    message = _("Confirm your e-mail address first: we sent you a link.")


class TooManyFailures(DomainError):
    code = "TOO_MANY_REQUESTS"
    message = _("Too many failed attempts. Try again in 15 minutes.")
    status = 429


class TokenRefused(DomainError):
    """A refresh token that is expired, tampered with, already used or signed out."""

    code = "TOKEN_INVALID"
    message = _("Please sign in again.")
    status = 401


class TokenExpired(TokenRefused):
    code = "TOKEN_EXPIRED"


@dataclass(frozen=True, slots=True)
class Device:
    user_agent: str
    address: str


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105  (the name of the scheme)


def sign_in(*, email: str, password: str, device: Device, now: datetime) -> tuple[User, Tokens]:
    """Check who it is, and open a sign-in for the device."""
    user = recognise(email=email, password=password, now=now, address=device.address)
    with transaction.atomic():
        tokens = open_session(user=user, device=device, now=now)
        user_login.announce(user=user)
    return user, tokens


def recognise(*, email: str, password: str, now: datetime, address: str = "") -> User:
    """Check the password, then the account: the one way in for the API and the portal.

    Unknown addresses take as long as wrong passwords. After five failures for one address it rests 15 minutes; an
    attempt counts before its password is looked at, so guesses at the same moment count too. Five failures for a
    member of staff lock the account, here as at the back office's door.
    """
    addresses.check_sign_in(address, now)
    email = normalise_email(email)
    _count_attempt(email)
    user = User.objects.filter(email=email).first()
    staff = user if user is not None and user.is_staff else None
    was_locked = staff is not None and locks.count_attempt(staff, now)
    if not _knows_password(user, password) or user is None:
        tally.count("failed_logins")
        addresses.note_failure(address, now)
        if staff is not None:
            locks.note_failure(staff, now, address)
        raise InvalidCredentials
    if was_locked or not user.is_active:
        raise AccountDisabled
    if staff is not None:
        locks.forget_failures(staff)
    if not user.is_verified:
        raise AccountNotVerified
    forget_failures(user)
    return user


def open_session(*, user: User, device: Device, now: datetime) -> Tokens:
    """Start a family of refresh tokens for one device."""
    session = LoginSession(
        id=new_id(),
        user=user,
        user_agent=device.user_agent[:300],
        address=device.address,
        created_at=now,
        last_used_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )
    refresh = _refresh_token(user, session.pk)
    session.refresh_jti = refresh["jti"]
    session.save(force_insert=True)
    return Tokens(_access_token(user, session.pk), str(refresh))


def refresh(*, token: str, now: datetime) -> Tokens:
    """Exchange the current refresh token for a new pair; the old one dies.

    Showing a used token means somebody copied it: the whole sign-in ends. Of two exchanges at once one wins and the
    other counts as reuse.
    """
    claims = _read_refresh(token)
    living = LoginSession.objects.select_related("user").filter(
        pk=claims["sid"], user_id=claims["sub"], ended_at=None
    )
    session = living.first()
    if session is None or not session.user.is_active:
        raise TokenRefused
    fresh = _refresh_token(session.user, session.pk)
    current = LoginSession.objects.filter(pk=session.pk, refresh_jti=claims["jti"], ended_at=None)
    if not claim(
        current, refresh_jti=fresh["jti"], last_used_at=now, expires_at=now + settings.REFRESH_TOKEN_LIFETIME
    ):
        end_session(session_id=session.pk, because=LoginSession.Ended.REUSE, now=now)
        raise TokenRefused
    return Tokens(_access_token(session.user, session.pk), str(fresh))


def end_session(*, session_id: UUID, because: LoginSession.Ended, now: datetime) -> None:
    """End one sign-in; its access and refresh tokens stop working at once."""
    LoginSession.objects.filter(pk=session_id, ended_at=None).update(ended_at=now, ended_because=because)
    forget_access(session_id)


def end_all_sessions(
    *, user: User, because: LoginSession.Ended, now: datetime, but: UUID | None = None
) -> None:
    """End every sign-in of a person; that of the key `but` stays."""
    living = LoginSession.objects.filter(user=user, ended_at=None)
    if but is not None:
        living = living.exclude(pk=but)
    for session_id in living.values_list("pk", flat=True):
        end_session(session_id=session_id, because=because, now=now)


def forget_failures(user: User) -> None:
    """Let somebody who proved to be the owner sign in at once, however often others tried."""
    attempts.forget(_attempts_key(user.email))


def publish_ended(*, now: datetime) -> int:
    """Name to the cache every sign-in whose access tokens may outlive it, should the cache have been away or emptied."""
    ended = LoginSession.objects.filter(ended_at__gte=now - settings.ACCESS_TOKEN_LIFETIME)
    keys = list(ended.values_list("pk", flat=True))
    for part in in_parts(keys):
        forget_access(*part)
    return len(keys)


def _refresh_token(user: User, session_id: UUID) -> RefreshToken:
    token = RefreshToken()
    token["sub"], token["sid"] = str(user.pk), str(session_id)
    return token


def _access_token(user: User, session_id: UUID) -> str:
    token = AccessToken()
    token["sub"], token["sid"], token["staff"] = str(user.pk), str(session_id), user.is_staff
    return str(token)


def _read_refresh(text: str) -> RefreshToken:
    try:
        claims = RefreshToken(text)  # type: ignore[arg-type]  # simplejwt takes the encoded text
        UUID(claims["sub"])
        UUID(claims["sid"])
    except ExpiredTokenError as error:
        raise TokenExpired from error
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefused from error
    return claims


def _knows_password(user: User | None, password: str) -> bool:
    """Check the password; one that was hashed in another way is hashed anew, unless it was changed meanwhile."""
    if user is None:
        return check_password(password, decoy())
    as_read = User.objects.filter(pk=user.pk, password=user.password)

    def hash_anew(raw: str) -> None:
        fresh = make_password(as_hashed(raw, user.password))
        if claim(as_read, password=fresh):
            user.password = fresh

    return check_password(password, user.password, setter=hash_anew)


_decoys: list[str] = []


def decoy() -> str:
    """Return a hash nobody has the password of, made once with the hasher in force."""
    if not _decoys:
        _decoys.append(make_password(new_id().hex))
    return _decoys[0]


def _attempts_key(email: str) -> str:
    return f"sign-in-attempts:{email}"


def _count_attempt(email: str) -> None:
    """Count one more attempt for the address, atomically in the cache, and refuse the sixth."""
    if attempts.count(_attempts_key(email), LOCKED_FOR) > MOST_FAILURES:
        raise TooManyFailures
