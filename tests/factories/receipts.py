"""Gifts of own money, organisations in the register, and what donors tell the tax office."""

from decimal import Decimal

from donations.operations import giving, taxes
from tests.factories.accounts import OnlusFactory
from tests.factories.donations import NOW, Kind, give_credits, let_pass

MARIO = "RSSMRA80A01H501U"
ANNA = "VRDNNA85M41F205G"


def registered_onlus(section="aps", **columns):
    number = columns.pop("runts_number", "12345")
    return OnlusFactory(runts_number=number, runts_section=section, tax_id="00743110157", **columns)


def give_own_money(donor, onlus, paid="10.00", *, earned="0.00", now=NOW, **options):
    for amount, kind in ((earned, Kind.PLAYER_CREDITS), (paid, Kind.PLAYER_CASH)):
        if Decimal(amount):
            give_credits(donor, amount, kind=kind, now=now)
    amount = Decimal(earned) + Decimal(paid)
    given = giving.donate(donor=donor, onlus_id=onlus.pk, amount=amount, now=now, **options)
    return let_pass(given, now=now)


def tell_tax_data(donor, tax_code=MARIO, *, legal_name="Mario Rossi", address="", shares=True, now=NOW):
    return taxes.save_profile(
        donor=donor,
        tax_code=tax_code,
        legal_name=legal_name,
        address=address,
        shares_with_onlus=shares,
        now=now,
    )
