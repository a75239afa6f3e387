"""The second step of signing in: an authenticator app, and recovery codes on paper."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from accounts.models import LoginSession, RecoveryCode, SecondFactor, User
from accounts.operations import addresses, sign_in, staff
from accounts.signals import recovery_codes_made, second_factor_reset, second_factor_set_up
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict, DomainError

RECOVERY_CODES = 10
TOLERANCE = 1
"""Steps of thirty seconds a clock may be wrong by."""
LONGEST_REST = timedelta(minutes=15)
_SECRET_BYTES = 20
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike


class CodeRefused(DomainError):
    code = "SECOND_FACTOR_CODE_REFUSED"
    message = _("This code does not fit, or it was used already. Wait for the next one.")


class CodesRest(DomainError):
    code = "SECOND_FACTOR_RESTS"
    message = _("Too many codes did not fit. Wait a little before the next one.")
    status = 429


class AlreadySetUp(Conflict):
    code = "SECOND_FACTOR_ALREADY_SET_UP"
    message = _("The second step is set up already. A super administrator can reset it.")


class NotSetUp(Conflict):
    code = "SECOND_FACTOR_NOT_SET_UP"
    message = _("Set up the second step in the back office first.")


class NothingToReset(Conflict):
    code = "SECOND_FACTOR_NOT_SET_UP"
    message = _("This person has not set up the second step.")


def is_set_up(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def codes_left(user: User) -> int:
    """Return how many recovery codes were not used yet."""
    return RecoveryCode.objects.filter(factor__user=user, used_at=None).count()


def begin(*, user: User) -> SecondFactor:
    """Return the factor to set up: the same secret until its first code was shown. Raises AlreadySetUp."""
    fresh = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    factor, _created = SecondFactor.objects.get_or_create(user=user, defaults={"secret": fresh})
    if factor.confirmed_at is not None:
        raise AlreadySetUp
    return factor


def address_for_apps(factor: SecondFactor) -> str:
    """Return the otpauth address an authenticator app reads from the QR code."""
    issuer = settings.PLATFORM_NAME
    query = {"secret": factor.secret, "issuer": issuer, "algorithm": "SHA1", "digits": 6, "period": 30}
    return f"otpauth://totp/{quote(f'{issuer}:{factor.user.email}')}?{urlencode(query)}"


def confirm(*, user: User, code: str, now: datetime, address: str = "") -> list[str]:
    """Take the first code, and return the recovery codes: they are shown once and kept as digests.

    Raises CodeRefused, CodesRest and AlreadySetUp.
    """
    begin(user=user)
    if not _try(user, code, now, confirmed=False):
        raise CodeRefused
    return _finish(user, now, address)


def verify(*, user: User, code: str, now: datetime, address: str = "") -> None:
    """Take a code of the app or a recovery code; each counts once. Raises CodeRefused and CodesRest."""
    if not (_try(user, code, now, confirmed=True) or _use_recovery_code(user, code, now, address)):
        addresses.note_failure(address, now)
        raise CodeRefused


def verify_sign_in(
    *, session_id: UUID, user: User, code: str, now: datetime, address: str = ""
) -> LoginSession:
    """Take a code for one sign-in of the API: what is open to staff opens to its tokens for some hours.

    Raises NotSetUp, CodeRefused and CodesRest.
    """
    if not is_set_up(user):
        raise NotSetUp
    verify(user=user, code=code, now=now, address=address)
    with transaction.atomic():
        if not claim(
            LoginSession.objects.filter(pk=session_id, user=user, ended_at=None), second_step_at=now
        ):
            raise sign_in.TokenRefused
        trail.record(actor=user, action="api_second_step", target=user, address=address, now=now)
    return LoginSession.objects.get(pk=session_id)


@transaction.atomic
def reset(*, user: User, actor: Any, reason: str, now: datetime, address: str = "") -> None:
    """Forget somebody's app: they set up another at the next sign-in, and are told by mail. Never one's own."""
    if user.pk == actor.pk:
        raise AccessDenied
    if not SecondFactor.objects.filter(user=user).delete()[0]:
        raise NothingToReset
    staff.sign_out_everywhere(user=user, actor=actor, address=address, now=now)
    trail.record(
        actor=actor, action="second_factor_reset", target=user, reason=reason, address=address, now=now
    )
    second_factor_reset.announce(user=user)


@transaction.atomic
def new_recovery_codes(*, user: User, now: datetime, address: str = "") -> list[str]:
    """Make ten new codes; the old ones stop working."""
    factor = SecondFactor.objects.select_for_update().get(user=user, confirmed_at__isnull=False)
    codes = _make_codes(factor)
    trail.record(actor=user, action="recovery_codes_made", target=user, address=address, now=now)
    recovery_codes_made.announce(user=user)
    return codes


@transaction.atomic
def _finish(user: User, now: datetime, address: str) -> list[str]:
    factor = SecondFactor.objects.select_for_update().get(user=user)
    if not claim(SecondFactor.objects.filter(pk=factor.pk, confirmed_at=None), confirmed_at=now):
        raise AlreadySetUp
    trail.record(actor=user, action="second_factor_set_up", target=user, address=address, now=now)
    second_factor_set_up.announce(user=user)
    return _make_codes(factor)


@transaction.atomic
def _try(user: User, code: str, now: datetime, *, confirmed: bool) -> bool:
    """Count the attempt, whatever becomes of it, and say whether the code of the app fits. Raises CodesRest.

    Each failure doubles the rest before the next attempt, up to a quarter of an hour.
    """
    rows = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=not confirmed)
    factor = rows.first()
    if factor is None:
        return False
    if factor.rests_until is not None and now < factor.rests_until:
        raise CodesRest
    step = _step_of(factor, code, now)
    if step is not None:
        factor.last_step, factor.failures, factor.rests_until = step, 0, None
    else:
        factor.failures += 1
        seconds = min(2 ** min(factor.failures - 1, 20), int(LONGEST_REST.total_seconds()))
        factor.rests_until = now + timedelta(seconds=seconds) if factor.failures > 1 else None
    factor.save(update_fields=["last_step", "failures", "rests_until"])
    return step is not None


def _step_of(factor: SecondFactor, code: str, now: datetime) -> int | None:
    """Return the step of time whose code this is, if it is later than the last one that was used."""
    digits = code.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    totp = TOTP(base64.b32decode(factor.secret))
    totp.time = now.timestamp()
    if not totp.verify(int(digits), tolerance=TOLERANCE, min_t=factor.last_step + 1):
        return None
    return int(totp.t())


@transaction.atomic
def _use_recovery_code(user: User, code: str, now: datetime, address: str) -> bool:
    unused = RecoveryCode.objects.filter(
        factor__user=user, factor__confirmed_at__isnull=False, code_hash=_digest(code), used_at=None
    )
    if not claim(unused, used_at=now):
        return False
    SecondFactor.objects.filter(user=user).update(failures=0, rests_until=None)
    left = RecoveryCode.objects.filter(factor__user=user, used_at=None).count()
    trail.record(
        actor=user,
        action="recovery_code_used",
        target=user,
        after={"codes_left": left},
        address=address,
        now=now,
    )
    return True


def _make_codes(factor: SecondFactor) -> list[str]:
    factor.recovery_codes.all().delete()
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _each in range(5)) for _part in range(3))
        for _number in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, code_hash=_digest(code)) for code in codes)
    return codes


def _digest(code: str) -> str:
    """Return the digest of a code however it was typed. With 74 bits in each, a keyed digest is enough."""
    plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
    return salted_hmac("accounts.recovery-code", plain, algorithm="sha256").hexdigest()
