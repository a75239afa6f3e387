"""Accounts and preferences."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import User
from accounts.models.user import normalise_email
from accounts.operations.taking_over import OldPerson, take_over_person
from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.preferences import preferences, stricter
from goodplay.importing.values import Reader, Refused, as_number
from goodplay.lib.hashers import WerkzeugScryptPasswordHasher


def bring(reader: Reader, key: str, context: Context) -> str:
    person = old_person(reader, context)
    return str(take_over_person(key=UUID(key), person=person, now=context.now).pk)


def old_person(reader: Reader, context: Context) -> OldPerson:
    email = _email(reader)
    profile = reader.part("social_profile")
    first_name = reader.text("first_name", 150)
    created_at = reader.moment("created_at") or context.now
    deleted_at = reader.moment("deleted_at")
    is_verified = reader.flag("is_verified", default=False)
    choices = preferences(reader.part("preferences"), lambda old: context.find("onlus_organizations", old))
    level = profile.choice("privacy_level", ("public", "friends", "private"), "public")
    choices["privacy"]["profile_visibility"] = stricter(choices["privacy"].get("profile_visibility"), level)
    _note_what_stays(reader)
    return OldPerson(
        email=email,
        password=_password(reader),
        first_name=first_name,
        last_name=reader.text("last_name", 150),
        display_name=_display_name(profile, first_name, email),
        preferred_language=reader.choice("preferred_language", User.Language.values, User.Language.EN),
        is_active=reader.flag("is_active", default=True),
        verified_at=created_at if is_verified else None,
        created_at=created_at,
        deleted_at=deleted_at,
        preferences=choices,
    )


def _email(reader: Reader) -> str:
    email = normalise_email(reader.needed_text("email", 254))
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("INVALID_EMAIL") from error
    return email


def _password(reader: Reader) -> str | None:
    written: Any = reader.document.get("password_hash") or reader.document.get("password")
    stored = WerkzeugScryptPasswordHasher.take_over(written)
    if stored is None:
        reader.note("password")
    return stored


def _display_name(profile: Reader, first_name: str, email: str) -> str:
    name = profile.text("display_name", 50)
    return name if len(name) >= 2 else (first_name or email.partition("@")[0])[:50]


def _note_what_stays(reader: Reader) -> None:
    """Rights are given here, by somebody; and the balance inside of accounts was anybody's to write."""
    if reader.document.get("role") == "admin":
        reader.note("role", "NOT_BROUGHT")
    embedded = reader.document.get("wallet_credits")
    if isinstance(embedded, dict) and as_number(embedded.get("current_balance")):
        reader.note("wallet_credits", "NOT_BROUGHT")


PEOPLE = Step("users", bring)
