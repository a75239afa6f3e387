"""Where a bank that pays nothing would be taken for one."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from donations.bank.switch import is_open
from goodplay.lib.iban import NotIban, validate_iban


@register(Tags.security)
def sandbox_bank_stays_out_of_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.SANDBOX_BANK or is_open():
        return []
    hint = "Unset SANDBOX_BANK. A demonstration without real players may set SANDBOX_PAYMENTS_IN_PRODUCTION=true."
    return [Error("SANDBOX_BANK is on, and DEBUG is off.", hint=hint, id="donations.E001")]


@register()
def own_account_can_pay(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.PAYOUT_ACCOUNT_IBAN:
        return []
    try:
        validate_iban(settings.PAYOUT_ACCOUNT_IBAN)
    except NotIban:
        hint = "Check it digit by digit, or leave it empty: then no payout can be ordered."
        return [Error("PAYOUT_ACCOUNT_IBAN is no IBAN.", hint=hint, id="donations.E002")]
    return []
