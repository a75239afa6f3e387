"""Payment providers: which one takes a payment, how it is reached, and whether it is well."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, When
from django.utils.translation import gettext_lazy as _

from donations.models import PaymentIntent, PaymentProvider
from donations.payments.contract import Provider, ProviderRefused, ProviderUnavailable, Settings
from donations.payments.registry import PROVIDERS, provider_class
from donations.payments.sandbox import switch
from donations.queries.payment_fees import Fees, Tariff, fees_of, gross_for
from donations.signals import payment_provider_health_changed
from goodplay.lib.db import claim
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.money import ZERO

Type = PaymentProvider.Type
Health = PaymentProvider.Health
Method = PaymentIntent.Method

TAKES: Mapping[str, tuple[str, ...]] = {
    Method.CARD: (Type.STRIPE, Type.SANDBOX),
    Method.PAYPAL: (Type.PAYPAL,),
}


class PaymentProviderUnavailable(DomainError):
    code = "PAYMENT_PROVIDER_UNAVAILABLE"
    message = _("Payments do not work at the moment. Nothing is lost: try again in a few minutes.")
    status = 503


class PaymentProviderNotSupported(DomainError):
    code = "PAYMENT_PROVIDER_NOT_SUPPORTED"
    message = _("This means of payment is not offered. Pay by card or PayPal.")


class PaymentProviderNotFound(NotFound):
    code = "PAYMENT_PROVIDER_NOT_FOUND"
    message = _("There is no such payment provider.")


class AmountEatenByFees(DomainError):
    code = "INVALID_AMOUNT"
    message = _("The fees are more than the amount.")


class PaymentProviderError(DomainError):
    code = "PAYMENT_PROVIDER_ERROR"
    message = _("The payment provider refused this.")


def offered() -> list[PaymentProvider]:
    """Return the accounts that take new payments now, the preferred one first."""
    return [provider for provider in PaymentProvider.objects.eligible() if _may_take(provider)]


def choose(method: str) -> PaymentProvider:
    """Return the account that takes a new payment of this kind. Raises PaymentProviderUnavailable, …NotSupported."""
    types = TAKES.get(method)
    if types is None:
        raise PaymentProviderNotSupported
    for provider in offered():
        if provider.provider_type in types:
            return provider
    raise PaymentProviderUnavailable


@dataclass(frozen=True, slots=True)
class Quote:
    """What a payment costs, either way it can be asked for."""

    taken_off: Fees
    covered: Fees


def quote(*, amount: Decimal, method: str) -> Quote:
    """Reckon fees as they would be charged now. Raises AmountEatenByFees."""
    tariff = tariff_for(method)
    taken_off = fees_of(amount, tariff)
    if taken_off.net <= ZERO:
        raise AmountEatenByFees
    return Quote(taken_off=taken_off, covered=fees_of(gross_for(amount, tariff), tariff))


def tariff_for(method: str) -> Tariff:
    """Return what the account that takes this means of payment keeps, or would if it were in service."""
    return Tariff.of(_account_for(method) or PaymentProvider())


def offers() -> list[dict[str, object]]:
    """List the means of payment, their fees, and whether they can be used now."""
    usable = {provider.provider_type for provider in offered()}
    times = {
        Method.CARD.value: _("At once"),
        Method.PAYPAL.value: _("At once"),
        Method.BANK_TRANSFER.value: _("1 to 3 business days"),
    }
    return [
        {
            "id": method.value,
            "type": method.value,
            "name": method.label,
            "description": getattr(_account_for(method.value), "description", ""),
            "supported_currencies": ["EUR"],
            "processing_time": times[method.value],
            "is_available": bool(usable.intersection(TAKES.get(method.value, ()))),
            "fees": tariff_for(method.value),
        }
        for method in Method
    ]


def _account_for(method: str) -> PaymentProvider | None:
    types = TAKES.get(method, (method,))
    rows = PaymentProvider.objects.filter(provider_type__in=types).defer("credentials", "webhook_secret")
    healthy_first = Case(When(is_active=True, health_status=Health.HEALTHY, then=0), default=1)
    return rows.order_by(healthy_first, "-priority", "created_at").first()


def adapter(provider: PaymentProvider) -> Provider:
    """Return what speaks to the provider. Never use it inside a transaction: its answers take seconds."""
    settings = Settings(
        credentials=provider.credentials,
        webhook_secret=provider.webhook_secret,
        api_endpoint=provider.api_endpoint,
        is_test_mode=provider.is_test_mode,
        fee_percentage=provider.processing_fee_percentage,
        fee_fixed=provider.processing_fee_fixed,
    )
    return provider_class(provider.provider_type)(settings)


def check_health(*, provider: PaymentProvider, now: datetime) -> PaymentProvider:
    """Ask the provider whether it answers and takes our credentials. Only a healthy one gets new payments."""
    status, detail = Health.HEALTHY, ""
    try:
        adapter(provider).check_health()
    except ProviderRefused as error:
        status, detail = Health.DOWN, f"{error.code}: {error}"
    except ProviderUnavailable as error:
        # One missed answer may be the network; two in a row take it out of service.
        missed = provider.health_status in (Health.DEGRADED, Health.DOWN)
        status, detail = Health.DOWN if missed else Health.DEGRADED, f"{error}" or "no answer"
    _note_health(provider, status, detail[:200], now)
    return provider


def check_all(*, now: datetime) -> dict[str, str]:
    """Check every active account there is an adapter for, and say how each one is."""
    accounts = PaymentProvider.objects.filter(is_active=True, provider_type__in=list(PROVIDERS)).order_by(
        "name"
    )
    return {
        each.name: check_health(provider=each, now=now).health_status for each in accounts if _may_take(each)
    }


@transaction.atomic
def configure(
    *, name: str, provider_type: str, credentials: Mapping[str, str], webhook_secret: str, **columns: object
) -> PaymentProvider:
    """Store an account's secrets under its name; the account is made when there is none, and checked before use."""
    provider = PaymentProvider.objects.select_for_update().filter(name=name).first()
    provider = provider or PaymentProvider(name=name, provider_type=provider_type, display_name=name)
    provider.credentials, provider.webhook_secret = dict(credentials), webhook_secret
    provider.health_status = Health.UNKNOWN
    for column, value in columns.items():
        setattr(provider, column, value)
    provider.save()
    return provider


@transaction.atomic
def set_secrets(
    *, provider: PaymentProvider, credentials: Mapping[str, str], webhook_secret: str
) -> PaymentProvider:
    """Replace what is given of an account's secrets; what is left empty stays. It must be checked again before use."""
    stored = PaymentProvider.objects.select_for_update().get(pk=provider.pk)
    given = {name: value for name, value in credentials.items() if value}
    stored.credentials = {**stored.credentials, **given}
    stored.webhook_secret = webhook_secret or stored.webhook_secret
    stored.health_status = Health.UNKNOWN
    stored.save(update_fields=["credentials", "webhook_secret", "health_status", "updated_at"])
    return stored


def _may_take(provider: PaymentProvider) -> bool:
    return provider.provider_type != Type.SANDBOX or switch.is_open()


@transaction.atomic
def _note_health(provider: PaymentProvider, status: Health, detail: str, now: datetime) -> None:
    rows = PaymentProvider.objects.filter(pk=provider.pk)
    if claim(rows.exclude(health_status=status), health_status=status):
        payment_provider_health_changed.announce(provider=provider, status=status.value, detail=detail)
    rows.update(health_detail=detail, health_checked_at=now)
    provider.refresh_from_db()
