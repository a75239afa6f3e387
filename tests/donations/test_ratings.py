"""Stars donors give to organisations, over REST."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from accounts.models import Onlus
from donations.models import OnlusRating
from donations.operations import ratings
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back
from tests.factories.ids import UNKNOWN_ID
from tests.threads import at_once

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def path(onlus):
    return f"/api/onlus/organizations/{getattr(onlus, 'pk', onlus)}/rating"


def donor_to(onlus, amount="5.00"):
    donor = UserFactory()
    make_donation(donor, onlus, amount)
    return donor


def rate(api, donor, onlus, stars):
    api.force_authenticate(donor)
    return api.put(path(onlus), {"rating": stars})


def shown(onlus):
    onlus.refresh_from_db()
    return onlus.donor_rating, onlus.rating_count


def test_the_rating_is_the_mean_of_those_who_gave_each_counted_once(db, api):
    onlus, other = OnlusFactory(), OnlusFactory()
    alice, bruno, carla = donor_to(onlus), donor_to(onlus), donor_to(onlus)
    assert rate(api, alice, onlus, 4).json()["data"]["donor_rating"] == 4
    rate(api, bruno, onlus, 1)
    rate(api, bruno, onlus, 5)

    answer = rate(api, carla, onlus, 5)

    assert answer.json() == {
        "success": True,
        "message": "DONOR_RATING_SAVED_SUCCESS",
        "data": {
            "organization_id": str(onlus.pk),
            "rating": 5,
            "rated_at": NOW.isoformat(),
            "donor_rating": 4.67,
            "rating_count": 3,
        },
    }
    assert (shown(onlus), shown(other)) == ((Decimal("4.67"), 3), (None, 0))
    best = api.get("/api/onlus/organizations/top-rated").json()["data"]
    assert [(row["id"], row["donor_rating"], row["rating_count"]) for row in best] == [
        (str(onlus.pk), 4.67, 3)
    ]


def test_who_rated_is_told_to_nobody_else(db, api):
    onlus = OnlusFactory()
    rate(api, donor_to(onlus), onlus, 2)

    api.force_authenticate(donor_to(onlus))
    told = api.get(path(onlus)).json()

    assert told["message"] == "DONOR_RATING_RETRIEVED_SUCCESS"
    assert (told["data"]["rating"], told["data"]["rated_at"]) == (None, None)
    assert (told["data"]["donor_rating"], told["data"]["rating_count"]) == (2, 1)


def test_stars_are_taken_back(db, api):
    onlus = OnlusFactory()
    donor = donor_to(onlus)
    rate(api, donor, onlus, 2)

    first, again = api.delete(path(onlus)), api.delete(path(onlus))

    assert [first.json()["message"], again.json()["message"]] == ["DONOR_RATING_REMOVED_SUCCESS"] * 2
    assert shown(onlus) == (None, 0)


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, "many", None, True])
def test_other_than_one_to_five_whole_stars_are_refused(db, api, stars):
    onlus = OnlusFactory()

    answer = rate(api, donor_to(onlus), onlus, stars)

    assert (answer.status_code, answer.json()["message"]) == (422, "DONOR_RATING_INVALID")
    assert (shown(onlus), OnlusRating.objects.count()) == ((None, 0), 0)


def test_only_who_gave_and_does_not_work_there_rates(db, api):
    onlus = OnlusFactory()
    insider = donor_to(onlus)
    MembershipFactory(onlus=onlus, user=insider, role="viewer")

    stranger = rate(api, donor_to(OnlusFactory()), onlus, 5)
    own = rate(api, insider, onlus, 5)
    nowhere = rate(api, insider, UNKNOWN_ID, 5)
    hidden = rate(api, insider, OnlusFactory(status=Onlus.Status.SUSPENDED), 5)
    api.force_authenticate(None)
    nobody = api.put(path(onlus), {"rating": 5})

    assert (stranger.status_code, stranger.json()["message"]) == (422, "RATING_NEEDS_DONATION")
    assert (own.status_code, own.json()["message"]) == (403, "CONFLICT_OF_INTEREST")
    assert [nowhere.json()["message"], hidden.json()["message"]] == ["ORGANIZATION_NOT_FOUND"] * 2
    assert nobody.status_code == 401
    assert (shown(onlus), OnlusRating.objects.count()) == ((None, 0), 0)


def test_the_stars_go_with_the_last_gift(db, api, django_capture_on_commit_callbacks):
    onlus, donor = OnlusFactory(), UserFactory()
    first, second = make_donation(donor, onlus, "5.00"), make_donation(donor, onlus, "3.00")
    rate(api, donor, onlus, 1)

    with django_capture_on_commit_callbacks(execute=True):
        take_back(first)
    assert shown(onlus) == (Decimal("1.00"), 1)
    with django_capture_on_commit_callbacks(execute=True):
        take_back(second)
    assert shown(onlus) == (None, 0)


def test_the_public_page_shows_the_mean_and_of_how_many(db, api, client):
    onlus = OnlusFactory()
    assert "of 5 stars" not in client.get(f"/organisations/{onlus.pk}/").text
    rate(api, donor_to(onlus), onlus, 4)
    rate(api, donor_to(onlus), onlus, 5)

    assert "4.50 of 5 stars by 2 donors" in client.get(f"/organisations/{onlus.pk}/").text


@pytest.mark.django_db(transaction=True)
def test_two_who_rate_at_once_are_both_in_the_mean():
    onlus = OnlusFactory()
    donors = [donor_to(onlus) for _each in range(4)]

    at_once(
        4,
        lambda number: ratings.rate(donor_id=donors[number].pk, onlus_id=onlus.pk, stars=2 + number, now=NOW),
    )

    assert shown(onlus) == (Decimal("3.50"), 4)
