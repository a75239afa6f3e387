"""Which adapter speaks to which provider. Named by path, so that nothing is imported before it is used."""

from django.utils.module_loading import import_string

from donations.payments.contract import Provider

PROVIDERS = {
    "sandbox": "donations.payments.providers.sandbox.SandboxProvider",
    "stripe": "donations.payments.providers.stripe.StripeProvider",
    "paypal": "donations.payments.providers.paypal.PaypalProvider",
}


class UnknownProvider(LookupError):
    """There is no adapter of this name."""


def provider_class(provider_type: str) -> type[Provider]:
    try:
        path = PROVIDERS[provider_type]
    except KeyError:
        raise UnknownProvider(provider_type) from None
    adapter: type[Provider] = import_string(path)
    return adapter
