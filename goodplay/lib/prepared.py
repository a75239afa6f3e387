"""A query built once and run for many keys: for hot reads, where building the SQL costs several times what running it does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet

_ANY_KEY = UUID("00000000-0000-7000-8000-0000000000ff")  # stands in for the key; no row has it


class PreparedQuery:
    """Rows of `build(key)`, a queryset of `values()`, for one key after another.

    Nothing in the query but the key may differ from call to call. Rows come out as the queryset would give them.
    """

    def __init__(self, build: Callable[[UUID], QuerySet[Any, dict[str, Any]]]) -> None:
        self._build = build

    def rows(self, key: UUID) -> list[dict[str, Any]]:
        made = self._made
        connection = connections[made.alias]
        native = connection.features.has_native_uuid_field
        stand_in, wanted = (_ANY_KEY, key) if native else (_ANY_KEY.hex, key.hex)
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [wanted if each == stand_in else each for each in made.parameters])
            found = [list(row) for row in cursor.fetchall()]
        for place, (functions, expression) in made.converters.items():
            for row in found:
                for convert in functions:
                    row[place] = convert(row[place], expression, connection)
        return [dict(zip(made.names, row, strict=True)) for row in found]

    @cached_property
    def _made(self) -> "_Made":
        queryset = self._build(_ANY_KEY)
        compiler: Any = queryset.query.get_compiler(using=queryset.db)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        return _Made(queryset.db, sql, tuple(parameters), list(queryset.query.selected or ()), converters)


@dataclass(frozen=True, slots=True)
class _Made:
    alias: str
    sql: str
    parameters: tuple[Any, ...]
    names: list[str]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]
