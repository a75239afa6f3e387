"""The pages about routes say what the API's own document says: each route, each constant, each status."""

import json
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
    "/api/(admin/(financial|reconciliation)|compliance|wallet|notifications|conversion-rates|donations|payments|batch"
    "|onlus/(allocations|applications|categories|compliance|documents|files|financial|organizations|statistics)"
    "|users/(wallet|credits|donate|identity)"
    "|impact/(user|stories|features|report|statement|donation/{donation_id}(/proof)?$"
    "|community|dashboard|reports|admin/reports|proofs|onlus|metrics|updates|comments|admin/(metrics|updates)))(/|$)"
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


EXAMPLE = re.compile(r"```http\n(\S+) .*?\n\n(2\d\d) [A-Z_]+\n(\{.*?\n\})\n```", flags=re.DOTALL)


@pytest.mark.parametrize("page", ["compliance.md", "identity.md"])
def test_examples_have_the_shape_of_the_answers(operations, page):
    """Each recorded answer has all the keys its route promises, and no other."""
    parts = re.split(r"^(?=## )", (INDEX.parent / "api" / page).read_text(), flags=re.MULTILINE)
    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    found, wrong = 0, []
    for part in parts:
        routes = ROUTE.findall(part.partition("\n")[0])
        for _method, status, body in EXAMPLE.findall(part):
            if status not in operations[routes[0]]["responses"]:
                continue  # told as another constant of the same answer
            found += 1
            wrong += _differing(json.loads(body), _data_of(operations[routes[0]], status), schemas, routes[0])

    assert wrong == []
    assert found >= 6


def _data_of(operation: dict[str, Any], status: str) -> dict[str, Any]:
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    data: dict[str, Any] = schema["properties"]["data"]
    return data


def _differing(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> list[str]:
    for each in schema.get("allOf", []):
        schema = schema | each
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, list) and "items" in schema:
        return [each for item in value for each in _differing(item, schema["items"], schemas, where)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    required = set(schema.get("required", schema["properties"]))
    faults = [
        f"{where} {name}" for name in (required - value.keys()) | (value.keys() - schema["properties"].keys())
    ]
    for name in value.keys() & schema["properties"].keys():
        faults += _differing(value[name], schema["properties"][name], schemas, f"{where} {name}")
    return faults
