"""Reading what an applicant tells of people, an address and a bank account: named parts, and nothing else."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

MOST_PEOPLE = 30
_PERSON = {"name": 120, "role": 80, "email": 254}
_ADDRESS = {"street": 120, "city": 80, "postal_code": 10, "region": 80, "country": 60}
_ACCOUNT = {"iban": 42, "bank_name": 120, "account_holder": 120}


class PeopleInvalid(ValueError):
    """What was sent has not the shape that is asked for."""


def read_people(data: Any) -> list[dict[str, str]]:
    """Read a list of people: name and role, and an e-mail address where there is one."""
    if not isinstance(data, list) or len(data) > MOST_PEOPLE:
        raise PeopleInvalid
    people = [_parts(each, _PERSON) for each in data]
    for person in people:
        if not person.get("name") or not person.get("role"):
            raise PeopleInvalid
        _check_email(person.get("email", ""))
    return people


def read_address(data: Any) -> dict[str, str]:
    return _parts(data, _ADDRESS)


def read_bank_account(data: Any) -> dict[str, str]:
    return _parts(data, _ACCOUNT)


def _parts(data: Any, longest: dict[str, int]) -> dict[str, str]:
    if not isinstance(data, dict) or not data.keys() <= longest.keys():
        raise PeopleInvalid
    told = {}
    for name, value in data.items():
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > longest[name]:
            raise PeopleInvalid
        if text := " ".join(value.split()):
            told[name] = text
    return told


def _check_email(text: str) -> None:
    if not text:
        return
    try:
        validate_email(text)
    except ValidationError as error:
        raise PeopleInvalid from error
