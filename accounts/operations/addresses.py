"""Networks that are kept out, by hand or after many failed sign-ins, and networks staff must come from."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import AddressBlock, AddressRule, User
from accounts.operations import attempts
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.audit import trail
from goodplay.lib.db import claim, transaction_lock
from goodplay.lib.errors import AccessDenied, Conflict, DomainError

MOST_FAILURES = 10
COUNTED_FOR = 15 * 60  # seconds
BLOCKED_FOR = timedelta(hours=1)
LONGEST_BLOCK = timedelta(days=365)
WIDEST = {4: 8, 6: 16}
"""The shortest prefix: wider networks are half of a continent, or a slip."""
CLOSED, RULES_CHANGED = "address-blocks", "address-rules-changed"


class AddressBlocked(DomainError):
    code = "IP_BLOCKED"
    message = _("Too many sign-ins failed from this network. It is closed for now: try again in an hour.")
    status = 403


class AddressNotAllowed(AccessDenied):
    code = "IP_NOT_WHITELISTED"
    message = _("Staff work from the networks that were agreed. This is none of them.")


class NotANetwork(DomainError):
    code = "INVALID_NETWORK"
    message = _("Write an address such as 203.0.113.7, or a network such as 203.0.113.0/24 or 2001:db8::/48.")


class NetworkTooWide(DomainError):
    code = "NETWORK_TOO_WIDE"
    message = _("This network is too wide: at most /8, or /16 for IPv6.")


class LocksYouOut(Conflict):
    code = "LOCKS_YOU_OUT"
    message = _("You would lock yourself out: your own address must stay allowed.")


class BlockTooLong(DomainError):
    code = "INVALID_HOURS"
    message = _("A network is blocked for an hour to a year.")


class AlreadyDone(Conflict):
    code = "ADDRESS_RULE_EXISTS"
    message = _("This is so already.")


class Over(Conflict):
    code = "ADDRESS_RULE_OVER"
    message = _("This is over already.")


# Kept out ---------------------------------------------------------------------------------------------------------


def check_sign_in(address: str, now: datetime) -> None:
    """Refuse to look at a password from a network that is blocked. Raises AddressBlocked."""
    if address and is_within(address, _networks(AddressBlock.objects.in_force(now))):
        raise AddressBlocked


def is_closed(address: str) -> bool:
    """Say whether this address is answered nothing. Reads the cache alone: asked with every request.

    Without the cache nobody is kept out here; signing in asks the database.
    """
    networks = cache.get(CLOSED)
    return bool(networks) and is_within(address, networks)


def note_failure(address: str, now: datetime) -> None:
    """Count a failed sign-in for the address; the tenth in a quarter of an hour closes sign-ins from it for an hour."""
    if not address or attempts.count(f"address-failures:{address}", COUNTED_FOR) < MOST_FAILURES:
        return
    network = str(ip_network(_plain(address)))
    with transaction.atomic():
        transaction_lock("address blocks")
        if AddressBlock.objects.in_force(now).filter(network=network).exists():
            return
        made = _block(network, now + BLOCKED_FOR, "Ten failed sign-ins in fifteen minutes.", None, now)
        raise_alert(
            area="security",
            alert_type="ip_blocked",
            severity="high",
            title=lambda: _now("Sign-ins closed for %(address)s") % {"address": address},
            message=_(
                "Ten sign-ins failed in fifteen minutes. It opens again in an hour, or when it is lifted."
            ),
            dedupe_key=f"ip-blocked:{network}",
            data={"block_id": str(made.pk), "address": address},
            source="sign-in",
            now=now,
        )
    attempts.forget(f"address-failures:{address}")


@transaction.atomic
def block(
    *,
    network: str,
    hours: int,
    everything: bool,
    reason: str,
    actor: User,
    now: datetime,
    address: str = "",
) -> AddressBlock:
    """Keep a network out for some hours, from signing in or altogether. Never one's own."""
    network = read_network(network)
    if not timedelta(hours=1) <= timedelta(hours=hours) <= LONGEST_BLOCK:
        raise BlockTooLong
    if is_within(address, [network]):
        raise LocksYouOut
    transaction_lock("address blocks")
    if AddressBlock.objects.in_force(now).filter(network=network, everything=everything).exists():
        raise AlreadyDone
    made = _block(
        network, now + timedelta(hours=hours), reason, actor, now, everything=everything, address=address
    )
    _publish_after_commit(now)
    return made


@transaction.atomic
def lift(*, row: AddressBlock, reason: str, actor: User, now: datetime, address: str = "") -> None:
    """Let a network in again, before its time."""
    if not claim(AddressBlock.objects.in_force(now).filter(pk=row.pk), lifted_at=now, lifted_by=actor):
        raise Over
    trail.record(
        actor=actor,
        action="ip_unblock",
        target=row,
        before={"network": row.network, "until": row.expires_at},
        reason=reason,
        address=address,
        now=now,
    )
    _publish_after_commit(now)


def publish_blocks(*, now: datetime) -> int:
    """Put into the cache what is answered nothing: each request looks there alone."""
    closed = _networks(AddressBlock.objects.in_force(now).filter(everything=True))
    cache.set(CLOSED, closed, None)
    return len(closed)


def _block(
    network: str,
    until: datetime,
    reason: str,
    actor: User | None,
    now: datetime,
    *,
    everything: bool = False,
    address: str = "",
) -> AddressBlock:
    made = AddressBlock.objects.create(
        network=network,
        everything=everything,
        reason=reason,
        created_by=actor,
        created_at=now,
        expires_at=until,
    )
    trail.record(
        actor=actor,
        action="ip_block",
        target=made,
        after={"network": network, "everything": everything, "until": until},
        reason=reason,
        address=address,
        now=now,
    )
    return made


def _publish_after_commit(now: datetime) -> None:
    transaction.on_commit(lambda: publish_blocks(now=now))


# Where staff come from --------------------------------------------------------------------------------------------


def may_work_from(user: Any, address: str) -> bool:
    """Say whether somebody's rules, or without any the rules for all staff, let them work from this address."""
    networks = networks_of(user)
    return not networks or is_within(address, networks)


def networks_of(user: Any) -> list[str]:
    """Return where somebody must work from; nothing says from anywhere."""
    rules = AddressRule.objects.in_force().filter(Q(user=None) | Q(user_id=user.pk))
    found = list(rules.values_list("user", "network"))
    own = [network for user_id, network in found if user_id is not None]
    return own or [network for _user, network in found]


@transaction.atomic
def allow(
    *, network: str, user: User | None, reason: str, actor: User, now: datetime, address: str = ""
) -> AddressRule:
    """Let staff, or one of them, work from this network, and from no other that is not named too."""
    network = read_network(network)
    transaction_lock("address rules")
    try:
        with transaction.atomic():
            made = AddressRule.objects.create(
                network=network, user=user, reason=reason, created_by=actor, created_at=now
            )
    except IntegrityError as error:
        raise AlreadyDone from error
    _after_change(made, "ip_allow", actor, reason, now, address)
    return made


@transaction.atomic
def end(*, rule: AddressRule, reason: str, actor: User, now: datetime, address: str = "") -> None:
    transaction_lock("address rules")
    if not claim(AddressRule.objects.in_force().filter(pk=rule.pk), ended_at=now):
        raise Over
    _after_change(rule, "ip_allow_end", actor, reason, now, address)


def rules_version() -> Any:
    """Return what differs after each change of the rules, so that browsers are looked at again."""
    return cache.get(RULES_CHANGED)


def _after_change(
    rule: AddressRule, action: str, actor: User, reason: str, now: datetime, address: str
) -> None:
    """Refuse what keeps out whoever asks for it; write it down, and have every browser looked at again."""
    if not may_work_from(actor, address):
        raise LocksYouOut
    facts = {"network": rule.network, "user": str(rule.user_id or "")}
    trail.record(
        actor=actor, action=action, target=rule, after=facts, reason=reason, address=address, now=now
    )
    transaction.on_commit(lambda: cache.set(RULES_CHANGED, now.timestamp(), None))


# Addresses --------------------------------------------------------------------------------------------------------


def read_network(text: str) -> str:
    """Write an address or a network the one way it is kept. Raises NotANetwork and NetworkTooWide."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise NotANetwork from error
    if network.prefixlen < WIDEST[network.version]:
        raise NetworkTooWide
    return str(network)


def is_within(address: str, networks: Iterable[str]) -> bool:
    try:
        plain = ip_address(_plain(address))
    except ValueError:
        return False
    return any(plain in ip_network(network) for network in networks)


def _plain(address: str) -> str:
    """Return the IPv4 address inside one that is mapped into IPv6."""
    mapped = getattr(ip_address(address), "ipv4_mapped", None)
    return str(mapped or address)


def _networks(blocks: Any) -> list[str]:
    return list(blocks.order_by("network").values_list("network", flat=True).distinct())
