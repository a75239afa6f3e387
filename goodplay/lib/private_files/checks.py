"""Is an upload what it says it is? Its size, its type, its first bytes, and for pictures every pixel."""

import io
import warnings
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image

from goodplay.lib.errors import DomainError

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
DOCUMENTS = frozenset({PDF, JPEG, PNG})
LARGEST_PICTURE = 50_000_000
"""Pixels. A page scanned at 600 dots an inch has 35 million."""

_FIRST_BYTES = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
_PICTURES = {JPEG: "JPEG", PNG: "PNG"}
_ENDINGS = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",)}
_END_OF_PDF = 2048
"""How far from its end a PDF says that it ends; some programs write a little after it."""


class FileMissing(DomainError):
    code = "FILE_REQUIRED"
    message = _("Send a file.")


class FileEmpty(DomainError):
    code = "FILE_EMPTY"
    message = _("The file is empty.")


class FileTooLarge(DomainError):
    code = "FILE_TOO_LARGE"
    status = 413

    def __str__(self) -> str:
        return gettext("The file is too large: at most %(size)s.") % {
            "size": filesizeformat(settings.PRIVATE_FILE_MAX_BYTES)
        }


class FileTypeNotAllowed(DomainError):
    code = "FILE_TYPE_NOT_ALLOWED"
    message = _("Files of this type are not taken. Send a PDF, a JPEG or a PNG.")


class FileContentMismatch(DomainError):
    code = "FILE_CONTENT_MISMATCH"
    message = _("The file is damaged, or not of the type its name says. Save or scan it again.")


class PictureTooLarge(DomainError):
    code = "IMAGE_TOO_LARGE"
    message = _("The picture has too many pixels. Send a smaller one.")


REFUSALS: tuple[type[DomainError], ...] = (
    FileMissing,
    FileEmpty,
    FileTooLarge,
    FileTypeNotAllowed,
    FileContentMismatch,
    PictureTooLarge,
)


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes
    content_type: str
    """What the content is, whatever the sender called it."""


def read_upload(upload: Any, *, allowed: frozenset[str] = DOCUMENTS) -> Upload:
    """Read an uploaded file and refuse what is not one of the allowed types, through and through.

    No more than the largest size is ever read. The type comes from the content; a name that says another is refused.
    """
    if upload is None or not hasattr(upload, "read"):
        raise FileMissing
    if upload.size > settings.PRIVATE_FILE_MAX_BYTES:
        raise FileTooLarge
    return check(name=str(upload.name or ""), content=upload.read(), allowed=allowed)


def check(*, name: str, content: bytes, allowed: frozenset[str] = DOCUMENTS) -> Upload:
    if not content:
        raise FileEmpty
    if len(content) > settings.PRIVATE_FILE_MAX_BYTES:
        raise FileTooLarge
    kind = _kind_of(content)
    if kind not in allowed:
        raise FileContentMismatch if _named(name) in allowed else FileTypeNotAllowed
    if _named(name) != kind:
        raise FileTypeNotAllowed if _named(name) is None else FileContentMismatch
    if kind in _PICTURES:
        _decode(content, _PICTURES[kind])
    elif b"%%EOF" not in content[-_END_OF_PDF:]:
        raise FileContentMismatch
    return Upload(name, content, kind)


def _kind_of(content: bytes) -> str:
    return next((kind for kind, first in _FIRST_BYTES.items() if content.startswith(first)), "")


def _named(name: str) -> str | None:
    lower = name.lower()
    return next((kind for kind, endings in _ENDINGS.items() if lower.endswith(endings)), None)


def _decode(content: bytes, kind: str) -> None:
    """Read every pixel: a picture cut off, or something else behind the first bytes, does not survive that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                if picture.width * picture.height > LARGEST_PICTURE:
                    raise PictureTooLarge
                picture.verify()
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                picture.load()
    except Image.DecompressionBombError as error:
        raise PictureTooLarge from error
    except (OSError, SyntaxError, ValueError) as error:
        raise FileContentMismatch from error
