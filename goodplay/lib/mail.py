"""Mail to people: one template a message, as text and as a page, in the reader's language."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

Attachment = tuple[str, bytes, str]
"""File name, content, type."""


def send(
    *,
    to: str,
    language: str,
    subject: str | Promise,
    template: str,
    facts: dict[str, Any],
    attachments: Iterable[Attachment] = (),
) -> None:
    """Send `mail/<template>.txt` and `.html` with these facts. Raises what the mail server's refusal raises."""
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(known):
        context = {"language": known, **facts}
        message = EmailMultiAlternatives(
            str(subject), render_to_string(f"mail/{template}.txt", context), settings.DEFAULT_FROM_EMAIL, [to]
        )
        message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
    for name, content, kind in attachments:
        message.attach(name, content, kind)
    message.send()
