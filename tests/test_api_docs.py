"""The pages about the routes of money say what the API's own document says: each route, each constant, each status."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

PAGES = sorted((Path(__file__).parents[1] / "docs" / "api").glob("*.md"))
INDEX = Path(__file__).parents[1] / "docs" / "api.md"
MONEY = re.compile(
    "/api/(wallet|conversion-rates|donations|payments|batch|onlus/allocations|users/(wallet|credits|donate))(/|$)"
)
ROUTE = re.compile(r"`((?:GET|POST|PUT|PATCH|DELETE) /api/[^`]+)`")
# What every route can answer: told once, in the index.
COMMON = {
    "AUTHENTICATION_REQUIRED",
    "DATA_REQUIRED",
    "IDEMPOTENCY_KEY_INVALID",
    "IDEMPOTENCY_KEY_IN_USE",
    "IDEMPOTENCY_KEY_REUSED",
    "INVALID_REQUEST",
    "INVALID_TOKEN_OR_USER_DISABLED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "TOKEN_EXPIRED",
    "TOKEN_INVALID",
    "TOO_MANY_REQUESTS",
    "UNSUPPORTED_MEDIA_TYPE",
}
Answers = dict[str, set[str]]


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        f"{method.upper()} {path}": operation
        for path, found in paths.items()
        if MONEY.match(path)
        for method, operation in found.items()
    }


def answers_of(operation: dict[str, Any]) -> Answers:
    found: Answers = {}
    for status, response in operation["responses"].items():
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        constants = set(schema.get("properties", {}).get("message", {}).get("enum", [])) - COMMON
        if constants:
            found[status] = constants
    return found


def takes_key(operation: dict[str, Any]) -> bool:
    return any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))


def sections() -> Iterator[tuple[list[str], str]]:
    for page in PAGES:
        for part in re.split(r"^(?=#{1,3} )", page.read_text(), flags=re.MULTILINE):
            heading, _, text = part.partition("\n")
            if routes := ROUTE.findall(heading):
                yield routes, text


def told(text: str) -> Answers:
    """Read the last table of a section: it has a row for each status."""
    table = text[text.index("| status | constants |\n") :]
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", table, flags=re.MULTILINE)
    found = {status: set(re.findall(r"`([A-Z0-9_]+)`", constants)) for status, constants in rows}
    return {status: constants for status, constants in found.items() if constants}


def test_every_route_has_its_section(operations):
    documented = [route for routes, _text in sections() for route in routes]

    assert sorted(documented) == sorted(operations)


def test_every_constant_is_told_with_its_status(operations):
    wrong = []
    for routes, text in sections():
        real: Answers = defaultdict(set)
        for route in routes:
            for status, constants in answers_of(operations[route]).items():
                real[status] |= constants
        if told(text) != real:
            wrong.append((routes, told(text), dict(real)))

    assert wrong == []


def test_who_takes_an_idempotency_key_is_told(operations):
    wrong = [
        routes
        for routes, text in sections()
        if any(takes_key(operations[route]) for route in routes)
        is not ("Takes an `Idempotency-Key`." in text)
    ]

    assert wrong == []


def test_the_index_tells_what_every_route_can_answer():
    index = INDEX.read_text()

    assert [constant for constant in sorted(COMMON) if f"`{constant}`" not in index] == []
    assert [page.name for page in PAGES if f"(api/{page.name})" not in index] == []
