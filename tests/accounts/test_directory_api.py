import pytest

from accounts.models import Onlus
from accounts.operations import onlus as registry
from tests.factories.accounts import THEN, OnlusFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 3])
def test_directory_lists_verified_organisations_in_two_queries(api, count, django_assert_num_queries):
    shown = OnlusFactory.create_batch(count)
    OnlusFactory(status=Onlus.Status.SUSPENDED)
    OnlusFactory(status=Onlus.Status.UNDER_REVIEW, verified_at=None)

    with django_assert_num_queries(2):
        answer = api.get("/api/onlus/organizations").json()

    assert {row["id"] for row in answer["data"]["organizations"]} == {str(onlus.pk) for onlus in shown}


def test_directory_never_shows_what_is_internal(api):
    onlus = OnlusFactory(tax_id="01234567890")

    answer = api.get(f"/api/onlus/organizations/{onlus.pk}")

    assert answer.json()["data"]["is_eligible_for_donations"] is True
    assert "01234567890" not in answer.content.decode()


@pytest.mark.parametrize("key", ["not-a-key", "00000000-0000-0000-0000-000000000000"])
def test_unknown_organisations_are_404(api, key):
    answer = api.get(f"/api/onlus/organizations/{key}")

    assert (answer.status_code, answer.json()["message"]) == (404, "ORGANIZATION_NOT_FOUND")


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
