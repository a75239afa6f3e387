"""What every door does alike: envelope, health, request ids, throttles, settings checks."""

import socket

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.checks import run_checks
from rest_framework.throttling import SimpleRateThrottle

from goodplay.lib import checks
from goodplay.lib.cache import outage
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize("path", ["/api/nothing", "/api/wallet/nothing/here", "/api/users/"])
def test_unknown_routes_speak_the_envelope(client, db, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json() == {
        "success": False,
        "message": "RESOURCE_NOT_FOUND",
        "detail": "There is nothing here.",
    }


def test_a_wrong_method_speaks_the_envelope(api, db):
    answer = api.delete("/api/auth/login")

    assert (answer.status_code, answer.json()["message"]) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", ["/api/health", "/api/health/"])
def test_liveness_keeps_its_known_shape(client, path):
    assert client.get(path).json() == {"status": "healthy", "message": "API is running"}


def test_readiness_asks_database_and_cache(client, db):
    answer = client.get("/api/health/ready")

    documents = {"documents": "up"} if django_settings.MONGODB_URL else {}
    assert answer.json() == {"status": "ready", "checks": {"database": "up", "cache": "up", **documents}}


@pytest.fixture
def no_redis(settings):
    """The cache is set up in Redis, and nobody listens there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{unused.getsockname()[1]}/0"
        settings.CACHES = {
            "default": {"BACKEND": "goodplay.lib.cache.ForgivingRedisCache", "LOCATION": address},
            "limits": {"BACKEND": "goodplay.lib.cache.StrictRedisCache", "LOCATION": address},
        }
        yield
    outage.ends(lambda keys: None)


def test_readiness_says_so_when_redis_is_away(client, db, no_redis):
    answer = client.get("/api/health/ready")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": {"database": "up", "cache": "down"}}


def test_more_parameters_than_anybody_needs_are_refused(api, db):
    answer = api.get("/api/games?" + "&".join(f"a{number}=1" for number in range(1001)))

    assert (answer.status_code, answer.json()["message"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a-fine-id-123", True), ("short", False), ("bad id \n injected", False), ("x" * 65, False)],
)
def test_requests_carry_an_id(client, sent, kept):
    answer = client.get("/api/health", headers={"X-Request-ID": sent})

    assert (answer.headers["X-Request-ID"] == sent) is kept
    assert len(answer.headers["X-Request-ID"]) >= 8


def test_a_caller_over_the_limit_is_told_when_to_come_back(api, db, monkeypatch):
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "read", "2/min")
    cache.clear()
    api.force_authenticate(UserFactory())
    for _ in range(2):
        assert api.get("/api/wallet").status_code == 200

    answer = api.get("/api/wallet")

    assert (answer.status_code, answer.json()["message"]) == (429, "TOO_MANY_REQUESTS")
    assert 1 <= int(answer.headers["Retry-After"]) <= 61


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"SECRET_KEY": "short"}, "goodplay.E002"),
        ({"JWT_SECRET_KEY": checks.DEVELOPMENT_SECRET}, "goodplay.E002"),
        ({"CORS_ALLOW_ALL_ORIGINS": True}, "goodplay.E003"),
        ({"EVENT_DELIVERY": "pigeon"}, "goodplay.E004"),
        ({"EVENT_DELIVERY": "celery", "CELERY_BROKER_URL": ""}, "goodplay.E005"),
    ],
)
def test_dangerous_settings_stop_the_start(settings, changes, expected):
    for name, value in changes.items():
        setattr(settings, name, value)

    assert expected in {message.id for message in run_checks()}


def test_an_installation_that_does_not_know_its_address_is_warned(settings):
    settings.PUBLIC_URL = ""

    warned = {message.id for message in run_checks(include_deployment_checks=True)}

    assert "goodplay.W003" in warned


def test_naming_no_host_stops_the_start(settings):
    settings.SILENCED_SYSTEM_CHECKS = []
    settings.ALLOWED_HOSTS = ["*"]

    assert "goodplay.E001" in {message.id for message in run_checks() if not message.is_silenced()}


def test_every_route_is_documented_with_its_constants(client, db):
    schema = client.get("/api/schema/?format=json").json()

    assert "/api/donations/create" in schema["paths"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            success = next(code for code in operation["responses"] if code.startswith("2"))
            content = operation["responses"][success]["content"]
            for media_type, body in content.items():
                if media_type == "application/json":
                    message = body["schema"]["properties"]["message"]
                    assert message.get("enum"), f"{method} {path} names no constant"


def test_the_documents_page_needs_no_network(client, db):
    page = client.get("/api/docs/").content.decode()

    assert "//cdn" not in page
    assert "https://" not in page.replace("https://www.w3.org", "")
    assert django_settings.STATIC_URL + "drf_spectacular_sidecar/" in page
