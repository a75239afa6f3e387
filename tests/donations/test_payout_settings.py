"""Settings with which payouts would go wrong are refused before anything starts."""

import pytest

from donations.bank.switch import is_open
from donations.checks import own_account_can_pay, sandbox_bank_stays_out_of_production


@pytest.mark.parametrize(
    ("on", "debug", "demonstration", "opens", "faults"),
    [
        (False, True, False, False, []),
        (True, True, False, True, []),
        (True, False, False, False, ["donations.E001"]),
        (True, False, True, True, []),
    ],
)
def test_the_sandbox_bank_stays_out_of_production(settings, on, debug, demonstration, opens, faults):
    settings.SANDBOX_BANK, settings.DEBUG = on, debug
    settings.SANDBOX_PAYMENTS_IN_PRODUCTION = demonstration

    assert is_open() is opens
    assert [fault.id for fault in sandbox_bank_stays_out_of_production(None)] == faults


@pytest.mark.parametrize(
    ("iban", "faults"),
    [("", []), ("IT60X0542811101000000123456", []), ("IT60X0542811101000000123457", ["donations.E002"])],
)
def test_an_account_of_ours_that_is_none_is_refused(settings, iban, faults):
    settings.PAYOUT_ACCOUNT_IBAN = iban

    assert [fault.id for fault in own_account_can_pay(None)] == faults
