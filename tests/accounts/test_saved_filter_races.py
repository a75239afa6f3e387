"""Two who save filters at the same moment."""

from datetime import UTC, datetime

import pytest

from accounts.models import SavedFilter
from accounts.operations import saved_filters
from tests.accounts.test_roles import member_of
from tests.threads import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.race]
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def named(results):
    return sorted(type(each).__name__ if isinstance(each, Exception) else "done" for each in results)


def save(user, name, query="status__exact=open"):
    return saved_filters.save(
        user=user, list_name="donations.donation", name=name, query=query, shared=False, now=NOW
    )


def test_one_name_is_saved_once(real_transactions):
    user = member_of("finance")

    results = named(at_once(3, lambda number: save(user, "Mine", f"amount={number}")))

    assert results == ["FilterNameTaken", "FilterNameTaken", "done"]
    assert SavedFilter.objects.count() == 1


def test_the_thirtieth_place_is_taken_once(real_transactions):
    user = member_of("finance")
    for number in range(saved_filters.MOST - 1):
        save(user, f"Filter {number}")

    results = named(at_once(3, lambda number: save(user, f"Last {number}")))

    assert results == ["TooManySavedFilters", "TooManySavedFilters", "done"]
    assert SavedFilter.objects.count() == saved_filters.MOST
