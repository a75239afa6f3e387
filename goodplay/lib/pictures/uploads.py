"""Pages that take pictures: what is too large is refused by what it says of itself, before it is read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from goodplay.lib.errors import DomainError
from goodplay.lib.pictures.checks import PictureTooHeavy

ROOM_FOR_THE_REST = 256 * 1024
"""Bytes of a form beside its pictures."""


class InMemoryUpload(MemoryFileUploadHandler):
    """Keeps uploads in memory whatever their size: the page was asked before whether it takes that much."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def takes_uploads(
    *, largest: int | None = None, refusal: type[DomainError] = PictureTooHeavy, leads_back: str = ""
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a page of the portal take files: outermost, as the check against forgery reads the form.

    `largest` is how many bytes of files it takes; one picture when it says nothing. Beyond, the reader is sent back to
    the page with the message of `refusal`, and nothing was read. An address that is only posted to names the page that
    has its form: `leads_back` is a route with the same ids.
    """

    def decorate(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        protected = csrf_protect(page)

        @csrf_exempt
        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            allowed = settings.PICTURE_MAX_BYTES if largest is None else largest
            length = request.META.get("CONTENT_LENGTH") or "0"
            if not length.isdigit() or int(length) > allowed + ROOM_FOR_THE_REST:
                messages.error(request, str(refusal()))
                back = reverse(leads_back, kwargs=kwargs) if leads_back else request.get_full_path()
                return HttpResponseRedirect(back)
            if request.method == "POST":
                request.upload_handlers = [InMemoryUpload(request)]
            return protected(request, *args, **kwargs)

        return guarded

    return decorate
