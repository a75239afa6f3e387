"""Where the sandbox is dangerous or cannot work."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from donations.payments.sandbox.switch import is_open


@register(Tags.security)
def sandbox_stays_out_of_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.SANDBOX_PAYMENTS or is_open():
        return []
    hint = "Unset SANDBOX_PAYMENTS. A demonstration without real players may set SANDBOX_PAYMENTS_IN_PRODUCTION=true."
    return [Error("SANDBOX_PAYMENTS is on, and DEBUG is off.", hint=hint, id="sandbox.E001")]


@register()
def notifications_have_an_address(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not is_open() or settings.PUBLIC_URL.startswith(("http://", "https://")):
        return []
    hint = "Set PUBLIC_URL to the address of this installation, with its scheme."
    return [Error("The sandbox cannot send its notifications.", hint=hint, id="sandbox.E002")]
