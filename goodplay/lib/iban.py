"""Account numbers: checked, shown, placed on the map."""

import re

from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum.exceptions import ValidationError

# The countries whose IBANs the SEPA schemes reach, by the letters IBANs begin with (EPC list of scheme countries).
# The French overseas territories, the Channel Islands and the Isle of Man use the letters of FR and GB.
_SEPA = "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA"
SEPA_COUNTRIES = frozenset(_SEPA.split())

_ASCII_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)


class NotIban(ValueError):
    """What was given is no IBAN: country, length, structure or check digits are wrong."""


class NotBic(ValueError):
    """What was given is no BIC."""


def validate_iban(text: str) -> str:
    """Return the IBAN without spaces and in capitals. Raises NotIban (mod-97 and the country's structure)."""
    try:
        iban = str(stdnum_iban.validate(text))
    except ValidationError as error:
        raise NotIban from error
    if not _ASCII_IBAN.fullmatch(iban):  # digits of other scripts pass the sum
        raise NotIban
    return iban


def validate_bic(text: str) -> str:
    try:
        return str(stdnum_bic.validate(text))
    except ValidationError as error:
        raise NotBic from error


def bank_country(iban: str) -> str:
    """Return the country of the account's bank (two letters)."""
    return validate_iban(iban)[:2]


def is_sepa(iban: str) -> bool:
    return bank_country(iban) in SEPA_COUNTRIES


def mask(iban: str) -> str:
    """Return what may be shown of it: IT60 … 3456."""
    return f"{iban[:4]} … {iban[-4:]}"


def in_groups(iban: str) -> str:
    """Return it as people write it: IT60 X054 2811 …"""
    return str(stdnum_iban.format(iban))
