"""The sizes of a picture, as WebP."""

import io

from PIL import Image

from goodplay.lib.pictures.models import WIDTHS

_QUALITY = 82


def renditions(pixels: Image.Image) -> dict[int, bytes]:
    """Return the picture in every width it is large enough for, its own included, the smallest first."""
    own = pixels.width
    widths = [width for width in WIDTHS if width < own] + [own]
    return {width: _encoded(_resized(pixels, width)) for width in widths}


def _resized(pixels: Image.Image, width: int) -> Image.Image:
    if width == pixels.width:
        return pixels
    height = max(1, round(pixels.height * width / pixels.width))
    return pixels.resize((width, height), Image.Resampling.LANCZOS)


def _encoded(pixels: Image.Image) -> bytes:
    target = io.BytesIO()
    pixels.save(target, "WEBP", quality=_QUALITY, method=4)
    return target.getvalue()
