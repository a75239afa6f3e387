"""Which providers there are, by the name the setting IDENTITY_PROVIDER uses."""

from django.utils.module_loading import import_string

from .contract import IdentityProvider

PROVIDERS = {"manual": "donations.identity.manual.ManualProvider"}


def provider(name: str) -> IdentityProvider:
    """Return a provider. Raises KeyError for a name nobody registered."""
    made: IdentityProvider = import_string(PROVIDERS[name])()
    return made
