"""The folder itself: encrypted files under names that tell nothing, each written whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

from django.conf import settings

from goodplay.lib import encryption

_BEING_WRITTEN = ".part"


def new_name() -> str:
    return token_hex(32)


def write(name: str, content: bytes) -> None:
    """Write the content encrypted. A crash leaves no half of a file under its name."""
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(_BEING_WRITTEN)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encryption.encrypt_bytes(content))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read(name: str) -> bytes:
    """Return the content. Raises FileNotFoundError, and DecryptionFailed."""
    return encryption.decrypt_bytes(_path(name).read_bytes(), of=f"The private file {name[:8]}…")


def remove(name: str) -> bool:
    """Take the file away, and say whether there was one."""
    try:
        _path(name).unlink()
    except FileNotFoundError:
        return False
    return True


def exists(name: str) -> bool:
    return _path(name).exists()


def older_than(moment: float) -> Iterator[tuple[str, Path]]:
    """Yield the name and the path of what was last written before this moment, what was never finished included."""
    root = Path(settings.PRIVATE_FILES_ROOT)
    for path in root.glob("??/*"):
        try:
            if path.is_file() and path.stat().st_mtime < moment:
                yield path.stem, path
        except FileNotFoundError:
            continue


def _path(name: str) -> Path:
    if not name.isalnum():
        raise ValueError(f"no name of a private file: {name!r}")
    return Path(settings.PRIVATE_FILES_ROOT) / name[:2] / name
