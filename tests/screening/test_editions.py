from dataclasses import replace
from datetime import date

import pytest

from donations.screening.editions import succeed
from donations.screening.entries import Entry, Kind, ListedName, SanctionsList
from donations.screening.refusals import ListFault, ListRefused


def edition(*references, published_on=date(2026, 3, 1)):
    entries = tuple(
        Entry("UN", reference, Kind.PERSON, (ListedName(f"Name {reference}"),)) for reference in references
    )
    return SanctionsList("UN", published_on, "ab" * 32, entries)


def test_changes_are_what_must_be_screened_again():
    old = edition(*"abcdef")
    new = edition(*"abcdeg", published_on=date(2026, 4, 1))
    renamed = replace(new.entries[0], names=(ListedName("Another"),))
    new = replace(new, entries=(renamed, *new.entries[1:]))

    changes = succeed(old, new)

    assert [entry.reference for entry in changes.added] == ["g"]
    assert changes.changed == (renamed,)
    assert [entry.reference for entry in changes.removed] == ["f"]


def test_the_same_edition_changes_nothing():
    changes = succeed(edition(*"abc"), edition(*"abc"))

    assert (changes.added, changes.changed, changes.removed) == ((), (), ())


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        (edition(*"abcdefg"), ListFault.SHRUNK),
        (edition(*"abcdefghij", published_on=date(2026, 2, 28)), ListFault.OLDER),
    ],
)
def test_an_edition_that_lost_much_or_is_older_is_refused(new, fault):
    with pytest.raises(ListRefused) as error:
        succeed(edition(*"abcdefghij"), new)

    assert error.value.code == fault
