"""Opening an account and proving the e-mail address."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import OneTimeToken, Preferences, User
from accounts.models.user import normalise_email
from accounts.operations import one_time_tokens
from accounts.signals import email_verified, user_registered, verification_requested
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError

VERIFICATION_LIVES = timedelta(hours=24)


class EmailAlreadyRegistered(Conflict):
    code = "EMAIL_ALREADY_REGISTERED"
    message = _("There is an account with this e-mail address. Sign in instead.")


class PasswordTooWeak(DomainError):
    code = "PASSWORD_TOO_WEAK"
    message = _("Choose a longer or less common password: at least 8 characters, not your name or e-mail.")


class VerificationTokenInvalid(DomainError):
    code = "VERIFICATION_TOKEN_INVALID"
    message = _("This confirmation link is not valid. Ask for a new one.")


class VerificationTokenExpired(DomainError):
    code = "VERIFICATION_TOKEN_EXPIRED"
    message = _("This confirmation link has expired. Ask for a new one.")


class EmailAlreadyVerified(Conflict):
    code = "EMAIL_ALREADY_VERIFIED"
    message = _("This e-mail address is already confirmed.")


@transaction.atomic
def register(*, email: str, password: str, now: datetime, **names: str) -> User:
    """Open an unverified account. The confirmation mail follows after the commit.

    Raises PasswordTooWeak and EmailAlreadyRegistered; of two at the same moment one wins, by the unique address.
    """
    email = normalise_email(email)
    first_name = names.get("first_name", "").strip()
    user = User(
        email=email,
        first_name=first_name,
        last_name=names.get("last_name", "").strip(),
        display_name=(first_name or email.partition("@")[0])[:50],
        preferred_language=names.get("preferred_language", User.Language.EN),
        created_at=now,
    )
    check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise EmailAlreadyRegistered from error
    Preferences.objects.create(user=user)
    user_registered.announce(user=user)
    return user


@transaction.atomic
def request_verification(*, user: User) -> None:
    """Ask for another confirmation mail; it follows after the commit."""
    if user.is_verified:
        raise EmailAlreadyVerified
    verification_requested.announce(user=user)


@transaction.atomic
def send_verification(*, user_id: UUID, now: datetime) -> None:
    """Mail a fresh confirmation link; an older one stops working. Does nothing once the address is confirmed.

    Locks the user's row, so two mails at once make two links of which the later one works.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if user.is_verified:
        return
    secret = one_time_tokens.issue(user, OneTimeToken.Purpose.VERIFY_EMAIL, VERIFICATION_LIVES, now)
    facts = {
        "user": user,
        "link": f"{settings.FRONTEND_URL}/verify-email?token={secret}",
        "portal_link": f"{settings.PUBLIC_URL}/portal/apply/confirm/{secret}/" if settings.PUBLIC_URL else "",
        "token": secret,
    }
    with translation.override(user.preferred_language):
        send_mail(
            str(_("Confirm your e-mail address")),
            render_to_string("mail/verify_email.txt", facts),
            settings.DEFAULT_FROM_EMAIL,
            [user.email],
            html_message=render_to_string("mail/verify_email.html", facts),
        )


@transaction.atomic
def verify_email(*, token: str, now: datetime) -> User:
    """Confirm the address a token was mailed to. A token works once, also when it is used twice at the same moment."""
    row = one_time_tokens.find(token, OneTimeToken.Purpose.VERIFY_EMAIL)
    if row is None:
        raise VerificationTokenInvalid
    if row.used_at is not None or row.user.is_verified:
        raise EmailAlreadyVerified
    if row.expires_at <= now:
        raise VerificationTokenExpired
    if not claim(OneTimeToken.objects.filter(pk=row.pk, used_at=None), used_at=now):
        raise EmailAlreadyVerified
    row.user.email_verified_at = now
    row.user.save(update_fields=["email_verified_at", "updated_at"])
    email_verified.announce(user=row.user)
    return row.user


def check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordTooWeak(data={"reasons": error.messages}) from error
