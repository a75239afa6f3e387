"""Pictures as people hand them in."""

import io
import os

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from goodplay.lib.pictures import operations
from goodplay.lib.pictures.models import Picture
from tests.factories.accounts import THEN


def upload(
    *, kind="JPEG", mode="RGB", size=(320, 200), colour=0, noise=False, **options
) -> SimpleUploadedFile:
    target = io.BytesIO()
    pixels = Image.frombytes(mode, size, os.urandom(size[0] * size[1] * 3)) if noise else None
    (pixels or Image.new(mode, size, colour)).save(target, kind, **options)
    return SimpleUploadedFile(f"photo.{kind.lower()}", target.getvalue())


def store(*, owner=None, alt_it="Un albero", alt_en="A tree", **picture) -> Picture:
    return operations.store(
        upload=upload(**picture), owner=owner, uploaded_by=None, alt_it=alt_it, alt_en=alt_en, now=THEN
    )
