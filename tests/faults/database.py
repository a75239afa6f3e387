"""A database of the faults suite's own: servers are killed on it, so no other test may share it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo


@contextmanager
def own_database() -> Iterator["Database"]:
    """Create it beside the configured one, and drop it at the end whoever still holds on to it."""
    configured = settings.DATABASES["default"]
    database = Database(configured, f"goodplay_faults_{os.getpid()}")
    administration = make_conninfo(**database.server, dbname=configured["NAME"])
    with psycopg.connect(administration, autocommit=True) as connection:
        name = sql.Identifier(database.name)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield database
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


class Database:
    """Where a killed server's facts are read: plain SQL beside the server's own connections."""

    def __init__(self, configured: dict[str, Any], name: str):
        parts = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
        self.server = {part: configured[key] for part, key in parts.items() if configured[key]}
        self.name = name

    @property
    def url(self) -> str:
        password = f":{self.server['password']}" if "password" in self.server else ""
        address = f"{self.server.get('host', '')}:{self.server.get('port', 5432)}"
        return f"postgres://{self.server.get('user', '')}{password}@{address}/{self.name}"

    def connect(self, **options: Any) -> psycopg.Connection:
        return psycopg.connect(make_conninfo(**self.server, dbname=self.name), **options)

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query, arguments).fetchall()

    def value(self, query: str, *arguments: Any) -> Any:
        return self.rows(query, *arguments)[0][0]

    @contextmanager
    def table_locked(self, table: str) -> Iterator[None]:
        """Let nobody read or write the table meanwhile: whoever needs it waits."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table))
            )
            yield
            connection.rollback()
