"""What a payment costs, to the cent: one calculation for what is shown, charged and booked."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from donations.models import PaymentProvider
from goodplay.lib.money import CENT, ZERO, to_cents


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a provider and GoodPlay keep of a payment."""

    percentage: Decimal
    fixed: Decimal
    platform_percentage: Decimal = ZERO

    @classmethod
    def of(cls, provider: PaymentProvider) -> "Tariff":
        return cls(
            provider.processing_fee_percentage, provider.processing_fee_fixed, settings.TOP_UP_FEE_PERCENT
        )


@dataclass(frozen=True, slots=True)
class Fees:
    amount: Decimal
    percentage_fee: Decimal
    fixed_fee: Decimal
    platform_fee: Decimal

    @property
    def processing_fee(self) -> Decimal:
        return self.percentage_fee + self.fixed_fee

    @property
    def total(self) -> Decimal:
        return self.processing_fee + self.platform_fee

    @property
    def net(self) -> Decimal:
        """What is left; zero or less when the fees eat it all."""
        return self.amount - self.total


def fees_of(amount: Decimal, tariff: Tariff) -> Fees:
    return Fees(
        amount=amount,
        percentage_fee=to_cents(amount * tariff.percentage / 100),
        fixed_fee=tariff.fixed,
        platform_fee=to_cents(amount * tariff.platform_percentage / 100),
    )


def gross_for(net: Decimal, tariff: Tariff) -> Decimal:
    """Return the smallest amount of which exactly `net` is left.

    There always is one: from one cent to the next each rounded fee grows by a cent at most, so what is left goes through
    every value on its way up.
    """
    share = (tariff.percentage + tariff.platform_percentage) / 100
    amount = max(to_cents((net + tariff.fixed) / (1 - share)) - 4 * CENT, CENT)
    while fees_of(amount, tariff).net != net:
        amount += CENT
    return amount


def wallet_share(refunded: Decimal, *, amount: Decimal, net: Decimal) -> Decimal:
    """Return what of `refunded` in total the wallet gives back: its part of the payment, all of it in the end."""
    return net if refunded == amount else min(net, to_cents(refunded * net / amount))
