"""The database of the old installation. Only ever read."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from goodplay.importing.values import Document, as_id
from goodplay.lib.documents.config import SCHEMES, name_in
from goodplay.lib.errors import DomainError

ANSWERS_WITHIN = 10_000  # milliseconds


class SourceUnusable(DomainError):
    code = "SOURCE_UNUSABLE"

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why

    def __str__(self) -> str:
        return self.why


class Source:
    def __init__(self, database: Any, batch_size: int) -> None:
        self._database, self._batch_size = database, batch_size
        self.name = str(getattr(database, "name", ""))[:200]
        self._there = set(database.list_collection_names())

    def batches(self, names: tuple[str, ...]) -> Iterator[list[Document]]:
        """Hand out a collection in batches, by key. Of several names the first that is there counts."""
        name = next((name for name in names if name in self._there), None)
        if name is None:
            return
        batch: list[Document] = []
        for document in self._database[name].find({}, batch_size=self._batch_size).sort("_id", 1):
            batch.append(document)
            if len(batch) == self._batch_size:
                yield batch
                batch = []
        if batch:
            yield batch

    def of_people(self, name: str, user_ids: Iterable[object]) -> Iterator[Document]:
        """Hand out the documents of some people, however their keys were written there. One question for all of them:
        where the old collection has no index on people, each question reads the whole of it."""
        written = [each for user_id in user_ids if (each := as_id(user_id))]
        if name not in self._there or not written:
            return
        forms: list[Any] = [form for each in written for form in (each, *_as_object_id(each))]
        yield from self._database[name].find({"user_id": {"$in": forms}}, batch_size=self._batch_size)


@contextmanager
def opened(url: str, batch_size: int) -> Iterator[Source]:
    """Connect to the database the URL names, and prove that it answers."""
    if urlsplit(url).scheme not in SCHEMES or not name_in(url):
        raise SourceUnusable("Give the address of a database: mongodb://host:27017/goodplay")
    try:
        pymongo: Any = import_module("pymongo")
    except ImportError as error:
        raise SourceUnusable("MongoDB support is missing: pip install -r requirements-mongodb.txt") from error
    client = pymongo.MongoClient(url, serverSelectionTimeoutMS=ANSWERS_WITHIN, tz_aware=True)
    try:
        yield Source(client[name_in(url)], batch_size)
    except pymongo.errors.PyMongoError as error:
        raise SourceUnusable(f"The old database does not answer: {type(error).__name__}") from error
    finally:
        client.close()


def _as_object_id(written: str) -> list[Any]:
    if find_spec("bson") is None:
        return []
    objectid: Any = import_module("bson.objectid").ObjectId
    return [objectid(written)] if objectid.is_valid(written) else []
