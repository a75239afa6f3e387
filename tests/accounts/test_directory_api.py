from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Onlus
from accounts.operations import onlus as registry
from tests.factories.accounts import THEN, OnlusFactory

pytestmark = pytest.mark.django_db
HOME = "/api/onlus/organizations"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRETS = {
    "tax_id": "01234567890",
    "legal_entity_type": "secret form",
    "compliance_notes": "secret note",
    "leadership_team": [{"name": "Secret Leader"}],
    "board_members": [{"name": "Secret Board"}],
}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


def names(api, path=""):
    return [row["name"] for row in api.get(f"{HOME}{path}").json()["data"]]


@pytest.mark.parametrize("count", [1, 3])
def test_directory_lists_verified_organisations_in_two_queries(api, count, django_assert_num_queries):
    shown = OnlusFactory.create_batch(count)
    OnlusFactory(status=Onlus.Status.SUSPENDED, suspended_at=THEN, suspension_reason="Late")
    OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)

    with django_assert_num_queries(2):
        answer = api.get(HOME).json()

    assert answer["message"] == "PUBLIC_ORGANIZATIONS_RETRIEVED_SUCCESS"
    assert {row["id"] for row in answer["data"]} == {str(onlus.pk) for onlus in shown}


@pytest.mark.parametrize("path", ["", "/featured", "/top-rated", "/recent", "/search?q=amici", "/{}"])
def test_directory_never_shows_what_is_internal(api, path):
    onlus = OnlusFactory(
        verified_at=NOW - timedelta(days=3),
        featured_until=NOW + timedelta(days=1),
        donor_rating=Decimal("4.5"),
        compliance_score=90,
        impact_score=60,
        **SECRETS,
    )

    answer = api.get(HOME + path.format(onlus.pk))

    data = answer.json()["data"]
    row = data if path == "/{}" else data[0]
    assert (row["_id"], row["organization_name"], row["is_featured"]) == (str(onlus.pk), onlus.name, True)
    assert row["overall_score"] == 77.14  # (90 x 40 + 60 x 30) / 70
    assert (
        not {
            "tax_id",
            "legal_entity_type",
            "leadership_team",
            "board_members",
            "application_id",
            "documents",
            "verification_checks",
            "compliance_checks",
            "bank_account_verified",
            "bank_account_verified_at",
            "suspension_reason",
            "compliance_notes",
        }
        & row.keys()
    )
    text = answer.content.decode()
    assert not [secret for secret in ("01234567890", "secret", "Secret") if secret in text]


@pytest.mark.parametrize("key", ["not-a-key", "00000000-0000-0000-0000-000000000000"])
def test_unknown_organisations_are_404(api, key):
    answer = api.get(f"{HOME}/{key}")

    assert (answer.status_code, answer.json()["message"]) == (404, "ORGANIZATION_NOT_FOUND")


def test_an_organisation_that_is_not_public_is_told_from_one_nobody_knows(api):
    closed = OnlusFactory(status=Onlus.Status.INACTIVE)
    new = OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    onlus = OnlusFactory(next_review_at=NOW + timedelta(days=1))

    told = [api.get(f"{HOME}/{each.pk}").json() for each in (closed, new, onlus)]

    assert [each["message"] for each in told] == [
        "ORGANIZATION_NOT_PUBLIC",
        "ORGANIZATION_NOT_FOUND",
        "ORGANIZATION_RETRIEVED_SUCCESS",
    ]
    assert told[2]["data"]["is_eligible_for_donations"] is True
    assert told[2]["data"]["needs_compliance_review"] is False


def test_lists_are_ordered_and_limited(api):
    old = OnlusFactory(name="Old", verified_at=NOW - timedelta(days=60), donor_rating=Decimal("4.1"))
    new = OnlusFactory(name="New", verified_at=NOW - timedelta(days=1), donor_rating=Decimal("3.9"))
    best = OnlusFactory(
        name="Best",
        verified_at=NOW - timedelta(days=20),
        donor_rating=Decimal("4.9"),
        featured_until=NOW + timedelta(hours=1),
    )
    OnlusFactory(name="Over", verified_at=NOW - timedelta(days=90), featured_until=NOW - timedelta(hours=1))
    health = OnlusFactory(name="Health", category_id="healthcare", verified_at=NOW - timedelta(days=91))

    assert names(api) == ["New", "Best", "Old", "Over", "Health"]
    assert names(api, "?limit=1") == [new.name]
    assert names(api, "?featured=true") == names(api, "/featured") == [best.name]
    assert names(api, "?featured=false&category=healthcare") == [health.name]
    assert names(api, "/top-rated") == ["Best", old.name]
    assert names(api, "/recent") == ["New", "Best"]
    assert [row["days_since_verification"] for row in api.get(f"{HOME}/recent?days=5").json()["data"]] == [1]
    by_category = api.get("/api/onlus/categories/environment/organizations").json()
    assert by_category["message"] == "CATEGORY_ORGANIZATIONS_RETRIEVED_SUCCESS"
    assert [row["name"] for row in by_category["data"]] == ["Best", "Old", "New", "Over"]
    unknown = api.get("/api/onlus/categories/weapons/organizations")
    assert (unknown.status_code, unknown.json()["message"]) == (404, "CATEGORY_NOT_FOUND")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sentiero", ["Il Sentiero Verde"]),
        ("sentero verd", ["Il Sentiero Verde"]),
        ("citta dei ragazi", ["Città dei Ragazzi"]),
        ("CITTÀ", ["Città dei Ragazzi"]),
        ("trento", ["Il Sentiero Verde"]),
        ("sheep", ["Il Sentiero Verde"]),
        ("zzzzzz", []),
        ("%", None),
        ("a", None),
        ("", None),
    ],
)
def test_a_misspelt_name_is_found(api, query, found):
    OnlusFactory(name="Il Sentiero Verde", city="Trento", mission_statement="Paths kept by sheep.")
    OnlusFactory(name="Città dei Ragazzi", city="Roma", category_id="education")
    OnlusFactory(name="Il Sentiero Verde due", status=Onlus.Status.INACTIVE)

    answer = api.get(f"{HOME}/search", {"q": query})

    if found is None:
        assert (answer.status_code, answer.json()["message"]) == (422, "SEARCH_QUERY_REQUIRED")
    else:
        assert [row["name"] for row in answer.json()["data"]] == found
        assert names(api, f"?search={query}") == found


def test_what_was_closed_since_is_not_found_though_its_name_is_remembered(api):
    onlus = OnlusFactory(name="Il Sentiero Verde")
    assert names(api, "/search?q=sentiero") == [onlus.name]

    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.INACTIVE)

    assert names(api, "/search?q=sentiero") == []


@pytest.mark.parametrize("path", ["?limit=0", "?limit=x", "/recent?days=-1"])
def test_numbers_that_are_none_are_refused(api, path):
    answer = api.get(HOME + path)

    assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_LIMIT_VALUE")


def test_categories_say_what_they_ask(api, django_assert_num_queries):
    OnlusFactory()
    OnlusFactory(status=Onlus.Status.INACTIVE)

    with django_assert_num_queries(1):
        rows = api.get("/api/onlus/categories").json()["data"]

    assert len(rows) == 10
    [environment] = [row for row in rows if row["category"] == "environment"]
    assert environment["organisation_count"] == 1
    assert environment["verification_requirements"]
    assert environment["color"].startswith("#")


@pytest.mark.parametrize("count", [1, 3])
def test_the_statistics_are_sums_of_what_was_summed(api, count, django_assert_num_queries):
    rows = OnlusFactory.create_batch(count)
    OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    sums = [registry.Received(row.pk, Decimal("12.50"), 2, NOW) for row in rows]
    changed = [registry.note_received(sums=sums, donors=3, now=NOW) for _ in range(2)]

    with django_assert_num_queries(3):
        data = api.get("/api/onlus/statistics").json()["data"]

    assert changed == [count, 0]
    assert data == {
        "total_organizations": count,
        "total_donations": 12.5 * count,
        "total_donors": 3,
        "active_organizations": count,
        "category_distribution": {"environment": count},
        "generated_at": "2026-03-02T09:00:00+00:00",
    }


def test_an_organisation_is_verified_once_and_only_with_a_bank_account():
    ready = OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    without_bank = OnlusFactory(
        status=Onlus.Status.UNDER_REVIEW, verified_at=None, bank_account_verified_at=None
    )

    registry.verify_onlus(onlus=ready, now=THEN)

    assert ready.accepts_donations
    for refused in (ready, without_bank):
        with pytest.raises(registry.OnlusNotVerifiable):
            registry.verify_onlus(onlus=refused, now=THEN)
