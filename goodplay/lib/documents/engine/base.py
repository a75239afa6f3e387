from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from django_mongodb_backend.base import DatabaseWrapper as MongoDatabaseWrapper
from django_mongodb_backend.operations import DatabaseOperations as MongoDatabaseOperations
from django_mongodb_backend.schema import DatabaseSchemaEditor as MongoDatabaseSchemaEditor
from django_mongodb_backend.utils import OperationDebugWrapper
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import ConnectionFailure, PyMongoError


@contextmanager
def outages_are_operational() -> Iterator[None]:
    """Name a server that is away the way Django does, so that callers hear "try again" instead of "our bug"."""
    try:
        yield
    except ConnectionFailure as error:
        raise OperationalError("The document database does not answer.") from error


class Collection(MongoCollection[Any]):
    """The four ways the backend reaches a collection while serving requests."""

    def aggregate(self, *arguments: Any, **options: Any) -> Any:
        with outages_are_operational():
            return super().aggregate(*arguments, **options)

    def insert_many(self, *arguments: Any, **options: Any) -> Any:
        with outages_are_operational():
            return super().insert_many(*arguments, **options)

    def update_many(self, *arguments: Any, **options: Any) -> Any:
        with outages_are_operational():
            return super().update_many(*arguments, **options)

    def delete_many(self, *arguments: Any, **options: Any) -> Any:
        with outages_are_operational():
            return super().delete_many(*arguments, **options)


class DatabaseOperations(MongoDatabaseOperations):
    def prep_for_iexact_query(self, x: Any) -> Any:
        """Escape what somebody typed: unescaped, `.*` would be a pattern that equals everything."""
        return self.prep_for_like_query(x)


class PlainUniqueIndex:
    """An index whose unique form is restricted by type only in columns that may be null.

    The backend restricts every column, so that null may repeat as in SQL. The planner then cannot use the index of a
    key, and each look-up reads the whole collection.
    """

    def __init__(self, index: Any) -> None:
        self.index, self.name = index, index.name

    def get_pymongo_index_model(
        self, model: Any, *, field: Any = None, unique: bool = False, **options: Any
    ) -> Any:
        made = self.index.get_pymongo_index_model(model, field=field, unique=unique, **options)
        columns = [field] if field else [model._meta.get_field(name) for name, _ in self.index.fields_orders]
        if made is not None and unique:
            _drop_type_filters(made.document, {column.column for column in columns if not column.null})
        return made


class DatabaseSchemaEditor(MongoDatabaseSchemaEditor):
    def add_index(self, model: Any, index: Any, **options: Any) -> None:
        super().add_index(model, PlainUniqueIndex(index), **options)


class DatabaseWrapper(MongoDatabaseWrapper):
    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor

    def connect(self) -> None:
        with outages_are_operational():
            super().connect()

    def is_usable(self) -> bool:
        try:
            self.connection.admin.command("ping")
        except PyMongoError:
            return False
        return True

    def get_collection(self, name: str, **options: Any) -> Any:
        collection = Collection(self.database, name, **options)
        return OperationDebugWrapper(self, collection) if self.queries_logged else collection


def _drop_type_filters(document: dict[str, Any], columns: set[str]) -> None:
    """Take the backend's `$type` conditions out of the index; a condition of the constraint's own stays."""
    conditions = document.pop("partialFilterExpression", {})
    for column in columns & conditions.keys():
        conditions[column].pop("$type", None)
    kept = {column: condition for column, condition in conditions.items() if condition != {}}
    if kept:
        document["partialFilterExpression"] = kept
