"""The stand-ins answer in the shapes of the providers: compared with Stripe's own examples and with both libraries."""

import json
from decimal import Decimal

import pytest
import stripe
from paypalserversdk.api_helper import APIHelper
from paypalserversdk.models.captured_payment import CapturedPayment
from paypalserversdk.models.order import Order
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.refund import Refund
from paypalserversdk.models.refund_request import RefundRequest
from paypalserversdk.models.transaction_information import TransactionInformation

from donations.payments.providers.paypal_client import ask
from tests.payments.benches import paypal_bench, stripe_bench
from tests.shared import shared_data

KINDS = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "balance_transaction": stripe.BalanceTransaction,
    "customer": stripe.Customer,
    "payment_method": stripe.PaymentMethod,
}
# In the examples, but only of previews, of Connect or of objects that are expanded.
NOT_SENT = {"payment_intent": {"managed_payments"}, "charge": {"refunds"}}


@pytest.fixture
def stripe_objects(stripe_server):
    """One of each kind, after a payment, a refund and a dispute."""
    bench = stripe_bench(stripe_server)
    bench.refund(bench.pay("20.00"), "5.00")
    disputed = bench.pay("20.00", save_method=True)
    stripe_server.win_dispute(stripe_server.open_dispute(disputed.provider_payment_id))
    return {kind: stripe_server.of(kind)[0] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_stripes_objects_have_the_keys_of_its_examples(stripe_objects, kind):
    example = json.loads(shared_data("stripe/fixtures3.json").read_text())["resources"][kind]

    assert set(example) - set(stripe_objects[kind]) == NOT_SENT.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_stripes_objects_have_the_types_of_its_examples(stripe_objects, kind):
    example = json.loads(shared_data("stripe/fixtures3.json").read_text())["resources"][kind]

    assert differences(stripe_objects[kind], example) == []


@pytest.mark.parametrize("kind", KINDS)
def test_stripes_objects_have_no_key_its_library_does_not_know(stripe_objects, kind):
    assert set(stripe_objects[kind]) - known_to(KINDS[kind]) == set()


def test_stripes_events_have_the_shape_of_its_example(stripe_server):
    bench = stripe_bench(stripe_server)
    body, _ = stripe_server.webhook("payment_intent.succeeded", bench.pay().provider_payment_id)
    example = json.loads(shared_data("stripe/fixtures3.json").read_text())["resources"]["event"]
    event = json.loads(body)

    assert set(event) == set(example)
    assert differences(event | {"data": None}, example) == []
    assert event["api_version"] == stripe.api_version


def test_paypals_answers_survive_its_librarys_models(paypal_server):
    bench = paypal_bench(paypal_server)
    made = bench.create(save_method=True)
    paid = bench.confirm(made)
    bench.refund(paid, "5.00")
    order = ask(bench.settings, lambda api: api.orders.get_order({"id": made.provider_payment_id}))
    payments = order["purchase_units"][0]["payments"]
    capture_id = payments["captures"][0]["id"]
    capture = ask(bench.settings, lambda api: api.payments.get_captured_payment({"capture_id": capture_id}))

    assert understood(Order, order) == order
    assert understood(CapturedPayment, capture) == capture
    assert understood(Refund, payments["refunds"][0]) == payments["refunds"][0]
    for line in paypal_server.report:
        assert understood(TransactionInformation, line) == line


def test_what_is_sent_to_paypal_is_known_to_its_library(paypal_server):
    bench = paypal_bench(paypal_server)
    paid = bench.pay(save_method=True, customer="cus-of-alice")
    bench.create(saved_method=paid.method.token, is_off_session=True)
    bench.refund(paid, "5.00")

    sent = {
        call.path: json.loads(call.body)
        for call in paypal_server.calls
        if call.method == "POST" and call.body.startswith(b"{") and call.body != b"{}"
    }

    assert len(sent) == 2
    for path, body in sent.items():
        model = OrderRequest if path.endswith("/orders") else RefundRequest
        assert understood(model, body) == body


def test_amounts_are_written_with_two_decimals_for_paypal(paypal_server):
    bench = paypal_bench(paypal_server)
    bench.create("5")

    (order,) = paypal_server.orders.values()
    assert order["purchase_units"][0]["amount"] == {"currency_code": "EUR", "value": "5.00"}
    assert bench.create("5").amount == Decimal("5.00")


def differences(ours, example, path=""):
    """List where both say something, of different types. null says nothing, and neither does an empty object."""
    if ours is None or example is None:
        return []
    if isinstance(ours, dict) and isinstance(example, dict):
        return [
            found
            for name in ours.keys() & example.keys()
            for found in differences(ours[name], example[name], f"{path}.{name}")
        ]
    return [] if type(ours) is type(example) else [f"{path}: {ours!r} is not like {example!r}"]


def known_to(model):
    return {name for one in model.__mro__ for name in getattr(one, "__annotations__", {})}


def understood(model, body):
    """What is left of `body` once the library has read it and written it again."""
    return APIHelper.to_dictionary(model.from_dictionary(body))
