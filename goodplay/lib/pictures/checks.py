"""Is an upload a picture, and one we can take? Whatever it carries beside its pixels is left behind."""

import io
import warnings
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.models import WIDTHS
from goodplay.lib.private_files.checks import LARGEST_PICTURE, FileEmpty, FileMissing, PictureTooLarge

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS_UNREDUCED = 20_000_000
"""Of a PNG or a WebP, which can only be unpacked whole; a JPEG is read smaller than it is."""
SMALLEST_SIDE = 40
FLATTEST = 8
"""How many times longer one side may be than the other."""
_TALLEST = 2 * WIDTHS[-1]


class PictureTooHeavy(DomainError):
    code = "PICTURE_TOO_HEAVY"
    status = 413

    def __str__(self) -> str:
        return gettext("The picture is too large: at most %(size)s.") % {
            "size": filesizeformat(settings.PICTURE_MAX_BYTES)
        }


class PictureTypeNotAllowed(DomainError):
    code = "PICTURE_TYPE_NOT_ALLOWED"
    message = _("Send the picture as JPEG, PNG or WebP.")


class PictureDamaged(DomainError):
    code = "PICTURE_DAMAGED"
    message = _("The picture is damaged. Save it again, then send it.")


class PictureTooSmall(DomainError):
    code = "PICTURE_TOO_SMALL"
    message = _("The picture is too small: at least 40 pixels on each side.")


class PictureTooFlat(DomainError):
    code = "PICTURE_TOO_FLAT"
    message = _("The picture is too long and thin to show. Cut it to a usual shape.")


REFUSALS: tuple[type[DomainError], ...] = (
    FileMissing,
    FileEmpty,
    PictureTooHeavy,
    PictureTypeNotAllowed,
    PictureDamaged,
    PictureTooLarge,
    PictureTooSmall,
    PictureTooFlat,
)


def read_upload(upload: Any) -> bytes:
    """Read an uploaded file, never more than the largest that is taken."""
    if upload is None or not hasattr(upload, "read"):
        raise FileMissing
    content = bytes(upload.read(settings.PICTURE_MAX_BYTES + 1))
    if not content:
        raise FileEmpty
    if len(content) > settings.PICTURE_MAX_BYTES:
        raise PictureTooHeavy
    return content


def decode(content: bytes) -> Image.Image:
    """Return the bare pixels, upright and in sRGB, no larger than pages show them: no place, camera, name or comment.

    The number of pixels is read before any is unpacked, so a small file cannot fill the memory. Of a moving picture
    the first frame is taken.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                _check_shape(picture)
                picture.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
                picture.load()
                return _bare(picture)
    except UnidentifiedImageError as error:
        raise PictureTypeNotAllowed from error
    except Image.DecompressionBombError as error:
        raise PictureTooLarge from error
    except (OSError, SyntaxError, ValueError, EOFError, ImageCms.PyCMSError) as error:
        raise PictureDamaged from error


def _check_shape(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > (LARGEST_PICTURE if picture.format == "JPEG" else MOST_PIXELS_UNREDUCED):
        raise PictureTooLarge
    if min(width, height) < SMALLEST_SIDE:
        raise PictureTooSmall
    if max(width, height) > FLATTEST * min(width, height):
        raise PictureTooFlat


def _bare(picture: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(picture)
    profile = upright.info.get("icc_profile")
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    if profile and upright.mode in {"RGB", "RGBA", "CMYK", "L"}:
        upright = _in_srgb(upright, profile, mode)
    pixels = upright.convert(mode)
    pixels.thumbnail((WIDTHS[-1], _TALLEST), Image.Resampling.LANCZOS)
    clean = Image.new(mode, pixels.size)
    clean.paste(pixels)
    return clean


def _in_srgb(picture: Image.Image, profile: bytes, mode: str) -> Image.Image:
    """Translate colours, so that they look alike without the profile; one that makes no sense is left aside."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        translated = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return translated or picture
