"""Another password: by whoever knows the present one, or by whoever reads the mail of the address."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import LoginSession, OneTimeToken, SecondFactor, User
from accounts.models.user import normalise_email
from accounts.operations import attempts, locks, one_time_tokens, sign_in, staff
from accounts.operations.unconfirmed import is_unconfirmed
from accounts.signals import email_verified, password_changed, password_reset_requested
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError

RESET_LIVES = timedelta(hours=1)
MOST_MAILS = 3
"""To one address, within RESET_LIVES."""


class NewPasswordTooWeak(DomainError):
    code = "NEW_PASSWORD_TOO_WEAK"
    message = _("Choose a longer or less common password: at least 8 characters, not your name or e-mail.")


class CurrentPasswordIncorrect(DomainError):
    code = "CURRENT_PASSWORD_INCORRECT"
    message = _("The present password is not right.")


class ResetTokenInvalid(DomainError):
    code = "INVALID_RESET_TOKEN"
    message = _("This link is not valid, or was used already. Ask for a new one.")


class ResetTokenExpired(DomainError):
    code = "RESET_TOKEN_EXPIRED"
    message = _("This link has expired. Ask for a new one.")


class AccountClosed(Conflict):
    code = "ACCOUNT_DISABLED"
    message = _("This account is closed or suspended.")


def change(
    *,
    user: User,
    current_password: str,
    new_password: str,
    now: datetime,
    session_id: UUID | None = None,
    address: str = "",
) -> User:
    """Set another password; every sign-in but `session_id`, every session of the pages, and a mailed link end.

    Raises NewPasswordTooWeak, CurrentPasswordIncorrect, and TooManyFailures after five wrong ones.
    """
    _check_strength(new_password, user)
    _check_current(user, current_password, now, address)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        if not check_password(current_password, row.password):  # changed by another device meanwhile
            raise CurrentPasswordIncorrect
        return _set(row, new_password, "password_change", now, address, but=session_id)


@transaction.atomic
def request_reset(*, email: str, now: datetime) -> None:
    """Ask for a mail with a link. Known and unknown addresses cost and answer the same; closed accounts get no mail."""
    email = normalise_email(email)
    user = User.objects.filter(email=email, is_active=True).first()
    key = f"password-reset:{sha256(email.encode()).hexdigest()}"
    is_often = attempts.count(key, int(RESET_LIVES.total_seconds())) > MOST_MAILS
    password_reset_requested.announce(user=None if is_often else user)


@transaction.atomic
def reset(*, token: str, new_password: str, now: datetime, address: str = "") -> User:
    """Set the password of the account a token was mailed to, once; whatever was signed in ends.

    Who reads the mail of an address nobody had confirmed confirms it thereby, and what somebody else had set up there
    is gone. Raises NewPasswordTooWeak, ResetTokenInvalid, ResetTokenExpired and AccountClosed. Locks the user's row.
    """
    _check_strength(new_password)
    row = one_time_tokens.find(token, OneTimeToken.Purpose.RESET_PASSWORD)
    if row is None or row.used_at is not None:
        raise ResetTokenInvalid
    if row.expires_at <= now:
        raise ResetTokenExpired
    user = User.objects.select_for_update().get(pk=row.user_id)
    if not user.is_active:
        raise AccountClosed
    _check_strength(new_password, user)
    if not claim(OneTimeToken.objects.filter(pk=row.pk, used_at=None), used_at=now):
        raise ResetTokenInvalid
    if not user.is_verified:
        _confirm(user, now)
    sign_in.forget_failures(user)
    locks.forget_failures(user)
    return _set(user, new_password, "password_reset", now, address)


def _check_current(user: User, password: str, now: datetime, address: str) -> None:
    """Check it as at the door: wrong ones count, lock and are written down. So no transaction may be open."""
    try:
        sign_in.recognise(email=user.email, password=password, now=now, address=address)
    except sign_in.InvalidCredentials as error:
        raise CurrentPasswordIncorrect from error
    except sign_in.AccountNotVerified:
        return  # the password was right


def _check_strength(password: str, user: User | None = None) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise NewPasswordTooWeak(data={"reasons": error.messages}) from error


def _confirm(user: User, now: datetime) -> None:
    if is_unconfirmed(user):
        SecondFactor.objects.filter(user=user).delete()
    OneTimeToken.objects.filter(user=user, used_at=None).delete()
    user.email_verified_at = now
    user.save(update_fields=["email_verified_at", "updated_at"])
    email_verified.announce(user=user)


def _set(
    user: User, password: str, action: str, now: datetime, address: str, *, but: UUID | None = None
) -> User:
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    OneTimeToken.objects.filter(user=user, purpose=OneTimeToken.Purpose.RESET_PASSWORD, used_at=None).delete()
    staff.end_everything(user, LoginSession.Ended.PASSWORD, now, but=but)
    trail.record(actor=user, action=action, target=user, address=address, now=now)
    password_changed.announce(user=user)
    return user
