"""Files of the types that are taken, as small as they get."""

import io

from PIL import Image


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    target = io.BytesIO()
    Image.new("1" if size[0] > 1000 else "RGB", size).save(target, kind)
    return target.getvalue()


PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
JPEG = picture("JPEG")
PNG = picture("PNG")
