"""Uploads that never touch the disk unencrypted: read into memory, up to the largest file that is taken."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest

from goodplay.lib.private_files.checks import FileTooLarge

ROOM_FOR_THE_REST = 64 * 1024
"""Bytes of a form beside its file."""


class InMemoryUpload(MemoryFileUploadHandler):
    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (Django's signature)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        self.activated = content_length <= settings.PRIVATE_FILE_MAX_BYTES + ROOM_FOR_THE_REST


def expect_private_file(request: HttpRequest) -> None:
    """Prepare a request for a private file, before anybody reads it. Raises FileTooLarge by what it says of itself."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > settings.PRIVATE_FILE_MAX_BYTES + ROOM_FOR_THE_REST:
        raise FileTooLarge
    request.upload_handlers = [InMemoryUpload(request)]
