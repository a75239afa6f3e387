"""Orders to pay, made for the tests of files."""

from datetime import UTC, date, datetime
from decimal import Decimal

from donations.bank.credit_transfers import Address, Party, PaymentLine, PaymentOrder
from donations.bank.sandbox import SandboxBank

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday
OUR_IBAN = "IT60X0542811101000000123456"
THEIR_IBAN = "DE89370400440532013000"

GOODPLAY = Party("GoodPlay", OUR_IBAN, address=Address(town="Milano", country="IT"))
SHELTER = Party("Rifugio Felice", THEIR_IBAN, address=Address(town="Torino", country="IT"))

BANK = SandboxBank(name="Sandbox Bank", bic="SANDITMM", account_name="GoodPlay", iban=OUR_IBAN)


def line(end_to_end_id="PAYOUT-1", amount="12.30", *, creditor=SHELTER, remittance="Donations"):
    return PaymentLine(end_to_end_id, Decimal(amount), creditor, remittance)


def order(*lines, message_id="GP-2026-1", execute_on=date(2026, 11, 24), **fields):
    return PaymentOrder(
        message_id=message_id,
        created_at=fields.pop("created_at", NOW),
        execute_on=execute_on,
        debtor=fields.pop("debtor", GOODPLAY),
        lines=lines or (line(),),
        **fields,
    )
