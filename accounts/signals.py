"""Facts about people and organisations."""

from typing import TYPE_CHECKING, Any

from goodplay.lib.events.signals import DomainSignal

if TYPE_CHECKING:
    from accounts.models import Onlus, User


def _user_facts(user: "User") -> dict[str, Any]:
    return {"user_id": str(user.pk)}


def _onlus_facts(onlus: "Onlus") -> dict[str, Any]:
    return {"onlus_id": str(onlus.pk)}


user_registered = DomainSignal("user_registered", facts=_user_facts)
"""Arguments: user."""

verification_requested = DomainSignal("verification_requested", facts=_user_facts)
"""Arguments: user."""

email_verified = DomainSignal("email_verified", facts=_user_facts)
"""Arguments: user."""

user_login = DomainSignal("user_login", facts=_user_facts)
"""Arguments: user."""

onlus_verified = DomainSignal("onlus_verified", facts=_onlus_facts)
"""Arguments: onlus."""
