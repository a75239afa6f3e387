"""People and organisations of an old installation, as they were. Nothing is announced and nobody is written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Onlus, OnlusCategory, Preferences, User
from accounts.models.user import normalise_email
from accounts.operations.profile_page import NameTaken
from accounts.operations.registration import EmailAlreadyRegistered


@dataclass(frozen=True, slots=True)
class OldPerson:
    email: str
    password: str | None
    """As it is stored here; None when nobody can sign in with it: the person asks for a new one by mail."""
    first_name: str
    last_name: str
    display_name: str
    preferred_language: str
    is_active: bool
    verified_at: datetime | None
    created_at: datetime
    deleted_at: datetime | None
    preferences: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OldOrganisation:
    name: str
    category: str
    mission_statement: str
    contact_email: str
    status: Onlus.Status
    verified_at: datetime | None
    suspension_reason: str
    suspended_at: datetime | None
    created_at: datetime
    texts: Mapping[str, str]
    """Columns that may be empty."""
    lists: Mapping[str, list[str]]
    is_tax_deductible: bool
    annual_budget: Decimal | None
    incorporation_date: date | None


@transaction.atomic
def take_over_person(*, key: UUID, person: OldPerson, now: datetime) -> User:
    """Make an account of an old one: a player, whatever it was there.

    Raises EmailAlreadyRegistered: two accounts are never made one, for nobody proved that they are one person's.
    """
    email = normalise_email(person.email)
    if User.objects.filter(email=email).exists():
        raise EmailAlreadyRegistered
    user = User(
        id=key,
        email=email,
        password=person.password or make_password(None),
        first_name=person.first_name,
        last_name=person.last_name,
        display_name=person.display_name,
        preferred_language=person.preferred_language,
        is_active=person.is_active and person.deleted_at is None,
        email_verified_at=person.verified_at,
        created_at=person.created_at,
        deleted_at=person.deleted_at,
    )
    user.save(force_insert=True)
    choices = Preferences(user=user)
    for group, values in person.preferences.items():
        getattr(choices, group).update(values)
    choices.save(force_insert=True)
    return user


@transaction.atomic
def take_over_organisation(*, key: UUID, organisation: OldOrganisation) -> Onlus:
    """List an old organisation. It takes no donations before its bank account is verified here."""
    if Onlus.objects.filter(name__iexact=organisation.name).exists():
        raise NameTaken
    onlus = Onlus(
        id=key,
        name=organisation.name,
        category_id=organisation.category,
        mission_statement=organisation.mission_statement,
        contact_email=organisation.contact_email,
        status=organisation.status,
        verified_at=organisation.verified_at,
        suspension_reason=organisation.suspension_reason,
        suspended_at=organisation.suspended_at,
        is_tax_deductible=organisation.is_tax_deductible,
        annual_budget=organisation.annual_budget,
        incorporation_date=organisation.incorporation_date,
        created_at=organisation.created_at,
        **organisation.texts,
        **organisation.lists,
    )
    onlus.full_clean()
    onlus.save(force_insert=True)
    return onlus


def take_over_category(*, code: str, name: str, description: str) -> OnlusCategory:
    """Return the field of work of this code; one that is not here is made."""
    columns = {"name": name, "name_it": name, "description": description}
    category, _made = OnlusCategory.objects.get_or_create(category=code, defaults=columns)
    return category
