"""Keeping private files: stored encrypted, opened by a named person for a named purpose, erased with a proof."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from goodplay.lib.access_log.operations import record_access
from goodplay.lib.errors import Conflict, NotFound
from goodplay.lib.private_files import disk
from goodplay.lib.private_files.models import PrivateFile

LEFT_ALONE_FOR = timedelta(hours=6)
"""A file without a row may belong to a transaction that is still running; none runs that long."""
_AT_ONCE = 500

_stored: ContextVar[list[str] | None] = ContextVar("stored", default=None)


class FileErased(NotFound):
    code = "FILE_ERASED"
    message = _("This file was erased.")


class FileDamaged(Conflict):
    code = "FILE_DAMAGED"
    message = _("The stored file is missing or was changed. Tell whoever runs this installation.")


@contextmanager
def with_files() -> Iterator[None]:
    """Be one transaction together with the files stored inside: when it fails, they are taken away again.

    What a crash, or a transaction around this one, leaves behind is found by `sweep`.
    """
    names: list[str] = []
    token = _stored.set(names)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for name in names:
            disk.remove(name)
        raise
    finally:
        _stored.reset(token)


@transaction.atomic
def store(
    *, content: bytes, name: str, content_type: str, owner: models.Model | None, now: datetime
) -> PrivateFile:
    """Keep a file encrypted. Whoever takes it from outside checks it first (`checks`)."""
    file = PrivateFile(
        name=_harmless(name),
        stored_name=disk.new_name(),
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        owner_type=owner._meta.label_lower if owner is not None else "",
        owner_id=str(owner.pk) if owner is not None else "",
        created_at=now,
    )
    names = _stored.get()
    if names is not None:
        names.append(file.stored_name)
    try:
        disk.write(file.stored_name, content)
        file.save(force_insert=True)
    except BaseException:
        disk.remove(file.stored_name)
        raise
    return file


def open_file(*, file: PrivateFile, actor: Any, purpose: str, now: datetime, address: str = "") -> bytes:
    """Return the content, and record who looked and what for before anything is shown.

    Raises FileErased, and FileDamaged when the content is not what was stored.
    """
    content = content_of(file)
    record_access(actor=actor, target=file, purpose=purpose, what="private file", now=now, address=address)
    return content


def content_of(file: PrivateFile) -> bytes:
    """Return the content to the system itself, for nobody's eyes: nothing is recorded."""
    if file.erased_at is not None:
        raise FileErased
    try:
        content = disk.read(file.stored_name)
    except FileNotFoundError as error:
        raise FileDamaged from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise FileDamaged
    return content


@transaction.atomic
def delete(*, file: PrivateFile, now: datetime) -> bool:
    """Erase the content after the commit, and say whether there was any left. The row stays as the proof."""
    if PrivateFile.objects.kept().filter(pk=file.pk).update(erased_at=now) != 1:
        return False
    file.erased_at = now
    transaction.on_commit(lambda: disk.remove(file.stored_name))
    return True


def sweep(*, now: datetime) -> tuple[int, int]:
    """Remove files that no row keeps; return how many, and how many rows have lost their file."""
    old = list(disk.older_than((now - LEFT_ALONE_FOR).timestamp()))
    removed = 0
    for start in range(0, len(old), _AT_ONCE):
        part = old[start : start + _AT_ONCE]
        names = [name for name, _path in part]
        kept = PrivateFile.objects.kept().filter(stored_name__in=names)
        known = set(kept.values_list("stored_name", flat=True))
        for name, path in part:
            if name not in known or path.suffix:
                path.unlink(missing_ok=True)
                removed += 1
    rows = PrivateFile.objects.kept().filter(created_at__lt=now - LEFT_ALONE_FOR)
    names_kept = rows.values_list("stored_name", flat=True).iterator(chunk_size=2000)
    return removed, sum(not disk.exists(name) for name in names_kept)


def encrypt_anew() -> int:
    """Write every kept file with the newest key; return how many."""
    count = 0
    names = PrivateFile.objects.kept().values_list("stored_name", flat=True)
    for name in names.iterator(chunk_size=2000):
        disk.write(name, disk.read(name))
        count += 1
    return count


def _harmless(name: str) -> str:
    """Keep the last part of a name, without what a header or a page could trip over."""
    last = PurePath(name.replace("\\", "/")).name
    printable = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>|:*?')
    stem, dot, ending = printable.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}"[:200].strip() or "file"
