"""The proof, after a test, that the books balance: each rule that reads a table the test wrote to.

The others would read what the migrations left, for which they were proved when the first test began. All rules after every
test took most of the time of the tests of money.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from donations.queries.books import RULES, contradictions

WRITTEN = re.compile(r'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE)
READING = re.compile(r"\s*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|SET|PRAGMA|EXPLAIN)\b", re.IGNORECASE)
NAMED = re.compile(r'"(\w+)"')

_reads: dict[Any, set[str]] = {}


@contextmanager
def proved() -> Iterator[None]:
    """Watch what is written meanwhile, then prove what it could have put out of balance."""
    _learn()
    written: set[str] = set()
    strange: list[str] = []

    def watch(execute, sql, params, many, context):
        if found := WRITTEN.match(sql):
            written.add(found[1])
        elif not READING.match(sql):
            strange.append(sql)  # nobody knows what it touched
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    if strange:
        assert contradictions() == []
        return
    for rule in RULES:
        if _reads[rule] & written:
            assert list(rule()) == []


def _learn() -> None:
    """Note what each rule reads, the first time, and that it holds as things are now."""
    for rule in RULES:
        if rule not in _reads:
            named: set[str] = set()

            def watch(execute, sql, params, many, context, named=named):
                named.update(NAMED.findall(sql))
                return execute(sql, params, many, context)

            with connection.execute_wrapper(watch):
                assert list(rule()) == []
            assert named, f"{rule.__name__} reads nothing that could be watched"
            _reads[rule] = named


@pytest.fixture(autouse=True)
def books_balance(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that had a database the books must balance. For the conftest.py of tests about money."""
    names = [name for name in ("real_transactions", "db") if name in request.fixturenames]
    if "django_db" in request.keywords:
        names.append("db")
    for name in names[:1]:
        request.getfixturevalue(name)
    if not names or "unbalanced" in request.keywords:
        yield
    elif "real_transactions" in request.fixturenames:  # threads and servers write unseen
        yield
        assert contradictions() == []
    else:
        with proved():
            yield
