from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.payments.registry import PROVIDERS, UnknownProvider, provider_class
from goodplay.lib.money import CENT, NotMoney, from_cents, in_cents


@pytest.mark.parametrize(
    ("name", "adapter"),
    [("sandbox", "SandboxProvider"), ("stripe", "StripeProvider"), ("paypal", "PaypalProvider")],
)
def test_each_provider_has_its_adapter(name, adapter):
    assert provider_class(name).__name__ == adapter
    assert name in PROVIDERS


@pytest.mark.parametrize("name", ["", "Stripe", "bank_transfer", "donations.payments.providers.stripe"])
def test_there_is_no_other_provider(name):
    with pytest.raises(UnknownProvider):
        provider_class(name)


@given(cents=st.integers(-(10**12), 10**12))
def test_cents_and_euros_are_the_same_money(cents):
    assert in_cents(from_cents(cents)) == cents
    assert from_cents(cents) == cents * CENT


@pytest.mark.parametrize(
    ("amount", "cents"), [("19.99", 1999), ("1.15", 115), ("5", 500), ("5.0", 500), ("5.00", 500)]
)
def test_known_amounts_in_cents(amount, cents):
    assert in_cents(Decimal(amount)) == cents


@pytest.mark.parametrize("amount", ["1.005", "0.001", "19.999", "NaN"])
def test_a_fraction_of_a_cent_is_no_money(amount):
    with pytest.raises(NotMoney):
        in_cents(Decimal(amount))
