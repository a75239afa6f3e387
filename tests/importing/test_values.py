"""Whatever stands in old documents, they are read or refused, and never anything else."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from math import isfinite

import pytest
from django.utils import timezone as django_timezone
from hypothesis import given
from hypothesis import strategies as st

from goodplay.importing.steps import (
    games,
    metrics,
    organisations,
    people,
    reports,
    sessions,
    stories,
    updates,
    wallets,
)
from goodplay.importing.values import (
    Reader,
    Refused,
    as_id,
    as_moment,
    as_number,
    digest_of,
    key_for,
    plain,
)
from goodplay.lib.ids import first_id_of
from goodplay.lib.money import LARGEST, ZERO
from tests.importing import old

NUMBERS = st.one_of(
    st.integers(), st.floats(), st.decimals(), st.sampled_from([0, -1, 12.345, 0.1 + 0.2, 1e300, True])
)
ODD = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        NUMBERS,
        st.text(),
        st.sampled_from(["\x00", "a" * 300, "active", "completed", "earned", "EUR", "12.50", "2025-13-01"]),
        st.binary(),
        st.datetimes(),
        st.datetimes(timezones=st.just(UTC)),
        st.uuids(),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


class Nobody:
    """Knows every key by a fixed one."""

    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    source = None

    def find(self, collection, key):
        return None if as_id(key) is None else "01900000-0000-7000-8000-000000000000"

    def needed(self, collection, key, reason):
        found = self.find(collection, key)
        if found is None:
            raise Refused(reason)
        return found


def odd(document):
    """Make documents of this shape in which any value may be anything, or missing."""
    changed = st.dictionaries(st.sampled_from(sorted(document)), ODD)
    missing = st.sets(st.sampled_from(sorted(document)), max_size=3)
    return st.builds(
        lambda changes, gone: {
            name: value for name, value in (document | changes).items() if name not in gone
        },
        changed,
        missing,
    )


CONVERTERS = {
    "person": (old.user(1), lambda reader: people.old_person(reader, Nobody())),
    "session": (
        old.session(1, old.oid(2), old.oid(3)),
        lambda reader: sessions.old_session(
            reader, user_id=Nobody().find("", "1"), game_id=Nobody().find("", "1")
        ),
    ),
    "story": (old.story(1, onlus_id="7"), lambda reader: stories.old_story(reader, Nobody())),
    "metric": (old.metric(1, "7"), lambda reader: metrics.old_metric(reader, Nobody())),
    "update": (old.update(1, "7"), lambda reader: updates.old_update(reader, Nobody())),
    "report": (old.report(1), lambda reader: reports.old_report(reader, Nobody())),
    "rate of a game": (old.game(1), lambda reader: games._rate(reader)),
    "texts of an organisation": (old.organisation(1), lambda reader: organisations._texts(reader)),
    "automatic giving": (old.wallet(1, "7", 3.0), lambda reader: wallets._automatic(reader, Nobody())),
    "balance": (old.wallet(1, "7", 3.0), lambda reader: wallets.balance_of(reader.document)),
    "transaction": (
        old.transaction(1, "7", "earned", 3.0),
        lambda reader: wallets.Sums().with_one(reader.document),
    ),
}


@pytest.mark.parametrize("name", CONVERTERS)
@given(data=st.data())
def test_a_document_is_read_or_refused(name, data):
    shape, convert = CONVERTERS[name]
    reader = Reader(data.draw(odd(shape)))

    with suppress(Refused):
        convert(reader)


@given(documents=st.lists(odd(old.intent(1, "7", 3.0)), max_size=4))
def test_what_was_paid_in_is_never_negative(documents):
    assert all(wallets.paid_by(document) >= ZERO for document in documents)


@given(document=odd(old.wallet(1, "7", 3.0)))
def test_a_balance_is_whole_cents_from_zero(document):
    try:
        balance = wallets.balance_of(document)
    except Refused:
        return
    assert ZERO <= balance <= LARGEST
    assert balance == balance.quantize(Decimal("0.01"))


@given(value=ODD)
def test_what_json_columns_get_has_no_zero_bytes_and_no_infinities(value):
    def check(each):
        if isinstance(each, dict):
            assert all("\x00" not in name for name in each)
            list(map(check, each.values()))
        elif isinstance(each, list):
            list(map(check, each))
        elif isinstance(each, float):
            assert isfinite(each)
        else:
            assert each is None or isinstance(each, bool | int) or "\x00" not in each

    check(plain(value))


@given(value=ODD)
def test_a_digest_is_the_same_for_the_same_document(value):
    assert digest_of({"a": value}) == digest_of({"a": value})


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (12, "12"),
        (12.3, "12.3"),
        (0.1 + 0.2, "0.30000000000000004"),
        (Decimal("4.50"), "4.50"),
        ("12.50", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (Decimal("NaN"), None),
        (10**15, None),
        (1e26, None),
        (10.0**12, None),
        (None, None),
        (b"3", None),
        ([3], None),
    ],
)
def test_numbers_are_read_as_they_are_written(written, number):
    assert as_number(written) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (datetime(2025, 5, 4, 9), datetime(2025, 5, 4, 9, tzinfo=UTC)),  # noqa: DTZ001  (naive ones are what it is about)
        (datetime(2025, 5, 4, 9, tzinfo=timezone(timedelta(hours=2))), datetime(2025, 5, 4, 7, tzinfo=UTC)),
        ("2025-05-04T09:00:00", datetime(2025, 5, 4, 9, tzinfo=UTC)),
        ("2025-05-04T09:00:00+02:00", datetime(2025, 5, 4, 7, tzinfo=UTC)),
        (date(2025, 5, 4), datetime(2025, 5, 4, tzinfo=UTC)),
        ("yesterday", None),
        (datetime(1, 1, 1), None),  # noqa: DTZ001
        (1746349200, None),
        (None, None),
    ],
)
def test_what_has_no_zone_was_utc(written, moment):
    assert as_moment(written) == moment


def test_keys_follow_from_the_old_ones_and_keep_their_order():
    early, late = "640000000000000000000001", "650000000000000000000001"

    assert key_for("users", early) == key_for("users", early)
    assert key_for("users", early) != key_for("games", early)
    assert key_for("users", early) < key_for("users", late)
    assert key_for("users", early).version == 7
    assert first_id_of(datetime.fromtimestamp(0x64000000, UTC)) <= key_for("users", early)
    assert key_for("users", late) < first_id_of(django_timezone.now())
    assert key_for("users", "not an ObjectId").version == 7
