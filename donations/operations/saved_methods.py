"""Means of payment a player agreed to keep."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import PaymentIntent, SavedPaymentMethod
from donations.operations.payment_providers import PaymentProviderUnavailable, adapter
from donations.payments.contract import Method, ProviderRefused, ProviderUnavailable
from goodplay.lib.errors import NotFound


class SavedMethodNotFound(NotFound):
    code = "SAVED_PAYMENT_METHOD_NOT_FOUND"
    message = _("There is no such saved means of payment.")


def keep(*, intent: PaymentIntent, method: Method, now: datetime) -> SavedPaymentMethod | None:
    """Keep what a payment was made with, in its transaction; the same token is kept once. The first is the default."""
    if not method.token:
        return None
    kept = SavedPaymentMethod.objects.kept().filter(player_id=intent.player_id)
    saved, _created = SavedPaymentMethod.objects.get_or_create(
        player_id=intent.player_id,
        provider=intent.provider,
        token_hash=hashlib.sha256(method.token.encode()).hexdigest(),
        removed_at=None,
        defaults={
            "token": method.token,
            "customer": method.customer,
            "kind": method.kind[:20],
            "brand": method.brand[:30],
            "last4": method.last4[:4],
            "expires_on": method.expires_on[:7],
            "is_default": not kept.filter(is_default=True).exists(),
            "created_at": now,
        },
    )
    return saved


def own(*, player_id: UUID, method_id: UUID) -> SavedPaymentMethod:
    """Return a player's kept means of payment. Raises SavedMethodNotFound, also for somebody else's."""
    rows = SavedPaymentMethod.objects.kept().select_related("provider")
    found = rows.filter(pk=method_id, player_id=player_id).first()
    if found is None:
        raise SavedMethodNotFound
    return found


def remove(*, player: User, method_id: UUID, now: datetime) -> SavedPaymentMethod:
    """Forget a means of payment, first at the provider and then here. Raises SavedMethodNotFound, …Unavailable."""
    saved = own(player_id=player.pk, method_id=method_id)
    try:
        adapter(saved.provider).forget_method(token=saved.token, customer=saved.customer)
    except (ProviderUnavailable, ProviderRefused) as error:
        raise PaymentProviderUnavailable from error
    return _removed(saved, now)


@transaction.atomic(durable=True)
def _removed(saved: SavedPaymentMethod, now: datetime) -> SavedPaymentMethod:
    kept = SavedPaymentMethod.objects.kept().select_for_update().filter(player_id=saved.player_id)
    others = [each for each in kept.order_by("-created_at", "-pk") if each.pk != saved.pk]
    kept.filter(pk=saved.pk).update(removed_at=now, is_default=False)
    if others and not any(each.is_default for each in others):
        kept.filter(pk=others[0].pk).update(is_default=True)
    saved.refresh_from_db()
    return saved
