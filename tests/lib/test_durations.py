"""Durations counted in buckets add up, and tell percentiles to within a bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodplay.lib.metrics.durations import Durations

LENGTHS = st.lists(st.floats(0.01, 30_000), min_size=1, max_size=80)


@given(LENGTHS)
def test_a_percentile_lies_within_the_bucket_of_the_true_one(lengths):
    durations = Durations()
    for length in lengths:
        durations.add(length, 200)

    ordered = sorted(lengths)
    true = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    told = durations.percentile_ms(95)
    assert _bucket(told) in (_bucket(true), _bucket(true) - 1)
    assert told <= max(lengths) + 1e-9


@given(LENGTHS, LENGTHS)
def test_what_two_processes_counted_is_what_one_would_have(first, second):
    apart, together = (Durations(), Durations()), Durations()
    for part, lengths in zip(apart, (first, second), strict=True):
        for number, length in enumerate(lengths):
            part.add(length, 500 if number % 3 else 404)
            together.add(length, 500 if number % 3 else 404)

    merged = Durations.from_row(apart[0].as_row()).merge(apart[1])

    assert (merged.count, merged.errors, merged.refusals) == (
        together.count,
        together.errors,
        together.refusals,
    )
    assert (merged.buckets, merged.count) == (together.buckets, sum(together.buckets))
    assert merged.total_ms == pytest.approx(together.total_ms, abs=0.01)


def test_nothing_measured_is_not_zero():
    nothing = Durations()

    assert (nothing.average_ms, nothing.error_percent, nothing.percentile_ms(95)) == (None, None, None)


def _bucket(milliseconds):
    durations = Durations()
    durations.add(milliseconds, 200)
    return durations.buckets.index(1)
