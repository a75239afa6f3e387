"""Whatever is sent to whatever route, the answer is the envelope with a constant, and never a 500."""

import re
from decimal import Decimal

import pytest
from django.apps import apps

from donations.models import BatchOperation, Donation
from donations.operations import recurring
from games.operations import sync_games
from tests.factories.accounts import OnlusFactory, StaffFactory
from tests.factories.batches import make_batch
from tests.factories.donations import make_donation
from tests.factories.games import NOW, GameFactory, open_session

pytestmark = pytest.mark.django_db

BROKEN = {
    "cut off": b'{"a": ',
    "a list": b"[1, 2]",
    "a text": b'"text"',
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"amount": NaN, "a": 1}',
    "infinity": b'{"amount": 1, "a": -Infinity}',
    "a null byte": b'{"email": "a\\u0000b", "token": "\\u0000", "session_id": "\\u0000"}',
    "half a character": b'{"email": "\\ud800"}',
    "no UTF-8": b"\xff\xfe\x00{}",
    "too deep": b'{"a":' * 200 + b"1" + b"}" * 200,
    "deep lists": b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "an endless number": b'{"a": ' + b"7" * 6000 + b"}",
    "too large": b'{"a": "' + b"x" * 300_000 + b'"}',
}
WRONG_TYPES = {
    "numbers": 7,
    "booleans": True,
    "lists": [1],
    "objects": {"a": {"b": 1}},
    "an endless text": "x" * 100_000,
    "an odd script": "١٢٣",
    "a huge number": 10**30,
    "a tiny number": 1e-300,
}
FIELDS = [
    "email",
    "password",
    "token",
    "refresh_token",
    "first_name",
    "display_name",
    "preferred_language",
    "amount",
    "onlus_id",
    "message",
    "is_anonymous",
    "session_id",
    "session_data",
    "play_duration_ms",
    "game_id",
    "enabled",
    "threshold",
    "percentage",
    "preferred_onlus_id",
    "round_up_enabled",
    "duration_minutes",
    "context",
    "scenarios",
    "user_id",
    "session_config",
    "game_config",
    "device_info",
    "move",
    "client_move_id",
    "reason",
    "currency",
    "description",
    "metadata",
    "payment_method",
    "payment_method_id",
    "save_method",
    "saved_method_id",
    "receipt_type",
    "tax_code",
    "legal_name",
    "address",
    "shares_with_onlus",
    "jurisdiction",
    "user_income",
    "donation_date",
    "pool_id",
    "campaign_id",
    "in_honour_of",
    "from_wallet",
    "cover_fees",
    "interval",
    "source",
    "starts_on",
    "donations",
    "payouts",
    "operation_type",
    "items",
    "configuration",
]
NOBODY = "00000000-0000-0000-0000-000000000000"
GIFT = {"amount": 5, "onlus_id": NOBODY, "interval": "monthly"}
STEPS = ("pause", "resume", "skip", "cancel")


@pytest.fixture
def routes(api):
    sync_games(now=NOW)
    player = StaffFactory()
    api.force_authenticate(player)
    session = open_session(player)
    game = GameFactory()
    given = make_donation(player, OnlusFactory())
    promise = recurring.set_up(
        donor=player, onlus_id=given.onlus_id, amount=Decimal(5), interval="monthly", now=NOW
    )
    batch = make_batch()
    return [
        ("POST", "/api/auth/register"),
        ("POST", "/api/auth/login"),
        ("POST", "/api/auth/refresh"),
        ("POST", "/api/auth/verify-email"),
        ("PUT", "/api/users/profile"),
        ("POST", "/api/wallet/convert-session"),
        ("PUT", "/api/wallet/auto-donation"),
        ("POST", "/api/wallet/auto-donation/process"),
        ("POST", "/api/wallet/credits/add"),
        ("POST", "/api/users/credits"),
        ("POST", "/api/users/donate"),
        ("POST", "/api/conversion-rates/simulation"),
        ("POST", "/api/conversion-rates/breakdown"),
        ("POST", "/api/donations/create"),
        ("POST", "/api/donations/validate"),
        ("POST", f"/api/donations/{given.pk}/cancel"),
        ("POST", "/api/donations/recurring/setup"),
        *(("POST", f"/api/donations/recurring/{promise.pk}/{step}") for step in STEPS),
        ("POST", "/api/onlus/allocations/request"),
        ("POST", f"/api/donations/{given.pk}/receipt/generate"),
        ("POST", f"/api/donations/{given.pk}/receipt/resend"),
        ("PUT", "/api/donations/tax/profile"),
        ("POST", "/api/donations/tax/validate"),
        ("POST", "/api/donations/tax/benefit/calculate"),
        ("POST", "/api/payments/intent"),
        ("POST", f"/api/payments/{game.pk}/confirm"),
        ("POST", f"/api/payments/{game.pk}/cancel"),
        ("POST", f"/api/payments/{game.pk}/refund"),
        ("POST", "/api/payments/webhook"),
        ("POST", f"/api/games/{game.pk}/sessions"),
        ("POST", f"/api/games/sessions/{session.pk}/moves"),
        ("PUT", f"/api/games/sessions/{session.pk}/end"),
        ("POST", "/api/batch/donations"),
        ("POST", "/api/batch/payouts"),
        ("POST", "/api/batch/operations"),
        *(("POST", f"/api/batch/{batch.pk}/{step}") for step in ("process", "retry", "cancel")),
        *(("POST", f"/api/batch/operations/{batch.pk}/{step}") for step in ("process", "retry", "cancel")),
    ]


def check(answer, route):
    assert answer.status_code < 500, (route, answer.content)
    body = answer.json()
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", body["message"]), (route, body)
    assert body["success"] is (answer.status_code < 400)
    if not body["success"]:
        assert body["detail"]


def money():
    """Read every row about money and people: what a refused request may not change."""
    models = [model for app in ("accounts", "donations") for model in apps.get_app_config(app).get_models()]
    return {model: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_bodies_are_refused_everywhere_and_change_nothing(api, routes, body):
    before = money()

    for method, path in routes:
        answer = api.generic(method, path, body, content_type="application/json")

        assert 400 <= answer.status_code < 500, (path, answer.content)
        check(answer, path)
    assert money() == before


@pytest.mark.parametrize(
    ("path", "body", "status", "constant"),
    [
        ("/api/donations/validate", {}, 400, "DATA_REQUIRED"),
        ("/api/donations/validate", {"onlus_id": "x"}, 422, "DONATION_AMOUNT_REQUIRED"),
        ("/api/donations/validate", {"amount": True}, 422, "INVALID_AMOUNT"),
        ("/api/donations/validate", {"amount": 0}, 422, "AMOUNT_MUST_BE_POSITIVE"),
        ("/api/donations/validate", {"amount": "10000.01"}, 422, "DONATION_AMOUNT_TOO_LARGE"),
        ("/api/donations/{given}/cancel", {"reason": 7 * ["x"]}, 422, "INVALID_REQUEST"),
        ("/api/donations/{given}/cancel", {"reason": "x" * 201}, 422, "CANCELLATION_REASON_TOO_LONG"),
        ("/api/donations/recurring/setup", {}, 400, "DATA_REQUIRED"),
        ("/api/donations/recurring/setup", {"amount": 5}, 422, "DONATION_ONLUS_ID_REQUIRED"),
        ("/api/donations/recurring/setup", {**GIFT, "amount": "1e1"}, 422, "INVALID_AMOUNT"),
        ("/api/donations/recurring/setup", {**GIFT, "onlus_id": 7}, 422, "DONATION_ONLUS_ID_INVALID"),
        ("/api/donations/recurring/setup", {**GIFT, "interval": "hourly"}, 422, "RECURRING_INTERVAL_INVALID"),
        ("/api/donations/recurring/setup", {**GIFT, "source": "bank"}, 422, "RECURRING_SOURCE_INVALID"),
        ("/api/donations/recurring/setup", {**GIFT, "starts_on": "soon"}, 422, "RECURRING_START_INVALID"),
        ("/api/donations/recurring/setup", {**GIFT, "message": "x" * 501}, 422, "DONATION_MESSAGE_TOO_LONG"),
        ("/api/users/credits", {}, 400, "DATA_REQUIRED"),
        ("/api/users/credits", {"amount": 5, "reason": "Prize"}, 422, "USER_ID_REQUIRED"),
        ("/api/users/credits", {"user_id": "me", "amount": 5, "reason": "Prize"}, 422, "USER_ID_REQUIRED"),
        ("/api/users/credits", {"user_id": NOBODY, "reason": "Prize"}, 422, "AMOUNT_REQUIRED"),
        ("/api/users/credits", {"user_id": NOBODY, "amount": 5}, 422, "REASON_REQUIRED"),
        ("/api/users/credits", {"user_id": NOBODY, "amount": 5, "reason": "Prize"}, 404, "USER_NOT_FOUND"),
        ("/api/batch/donations", {}, 400, "DATA_REQUIRED"),
        ("/api/batch/donations", {"donations": "all"}, 422, "DONATIONS_LIST_REQUIRED"),
        ("/api/batch/donations", {"donations": [], "configuration": 7}, 422, "INVALID_REQUEST"),
        ("/api/batch/donations", {"donations": [{"amount": 1}]}, 422, "BATCH_VALIDATION_FAILED"),
        ("/api/batch/payouts", {"payouts": {}}, 422, "DONATIONS_LIST_REQUIRED"),
        ("/api/batch/payouts", {"payouts": [{}], "configuration": {"priority": 0}}, 422, "INVALID_REQUEST"),
        ("/api/batch/payouts", {"payouts": [{"onlus_id": "x"}]}, 422, "BATCH_VALIDATION_FAILED"),
        ("/api/batch/operations", {"operation_type": "lottery"}, 422, "BATCH_TYPE_NOT_AVAILABLE"),
        ("/api/batch/operations", {"items": [{}], "configuration": []}, 422, "INVALID_REQUEST"),
        ("/api/batch/{batch}/process", {"reason": {"why": 1}}, 422, "INVALID_REQUEST"),
        ("/api/batch/{batch}/cancel", {"reason": ["x"]}, 422, "INVALID_REQUEST"),
        ("/api/batch/{batch}/cancel", {"reason": "x" * 501}, 422, "CANCELLATION_REASON_TOO_LONG"),
        ("/api/batch/operations/{batch}/cancel", {"reason": False}, 422, "INVALID_REQUEST"),
    ],
)
def test_a_wrong_field_is_named_and_changes_nothing(api, routes, path, body, status, constant):
    keys = {"given": Donation.objects.get().pk, "batch": BatchOperation.objects.get().pk}
    before = money()

    answer = api.post(path.format(**keys), body, format="json")

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    check(answer, path)
    assert money() == before


@pytest.mark.parametrize("value", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_wrong_types_never_break_a_route(api, routes, value):
    for method, path in routes:
        for body in (dict.fromkeys(FIELDS, value), *({name: value} for name in FIELDS)):
            check(getattr(api, method.lower())(path, body, format="json"), path)


@pytest.mark.parametrize(
    "path",
    [
        "?page=99999999999999999999",
        "?cursor=%00",
        "?cursor=AAAA%F0%9F%92%A9",
        "?limit=%00",
        "?category=%00",
        "?search=%F0%9F%92%A9",
        "?sort_by[]=x",
    ],
)
def test_odd_queries_never_break_a_list(api, routes, path):
    for route in (
        "/api/games",
        "/api/onlus/organizations",
        "/api/wallet/transactions",
        "/api/donations/history",
        "/api/donations/receipts",
        "/api/payments/history",
        "/api/payments/saved-methods",
        "/api/payments/fees/calculate",
    ):
        check(api.get(route + path), route + path)


@pytest.mark.parametrize(
    "key", ["%00", "..%2f..%2fetc", "x" * 3000, "0", "null", "00000000-0000-0000-0000-000000000000"]
)
def test_odd_keys_are_404(api, routes, key):
    for path in (
        "/api/donations/{}",
        "/api/donations/{}/receipt",
        "/api/payments/{}/status",
        "/api/games/{}",
        "/api/games/sessions/{}",
        "/api/onlus/categories/{}/organizations",
    ):
        answer = api.get(path.format(key))

        assert answer.status_code == 404, (path, answer.content)
        check(answer, path)
