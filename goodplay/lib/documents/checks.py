"""A document database that cannot work is refused before anything starts."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from goodplay.lib.documents.config import SCHEMES, name_in

EXAMPLE = "MONGODB_URL=mongodb://localhost:27017/goodplay"


@register()
def document_database_is_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.MONGODB_URL:
        return []
    return [*_url_errors(settings.MONGODB_URL), *_package_errors()]


@register()
def document_models_exist(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    known = {model._meta.label_lower for model in apps.get_models()}
    return [
        Error(f"DOCUMENT_MODELS names {label}, which is no model.", id="goodplay.E104")
        for label in settings.DOCUMENT_MODELS
        if label not in known
    ]


def _url_errors(url: str) -> list[CheckMessage]:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.netloc:
        return [
            Error("MONGODB_URL is no MongoDB address.", hint=f"For example: {EXAMPLE}", id="goodplay.E101")
        ]
    if not name_in(url) or "/" in name_in(url):
        return [Error("MONGODB_URL names no database.", hint=f"For example: {EXAMPLE}", id="goodplay.E102")]
    return []


def _package_errors() -> list[CheckMessage]:
    if find_spec("django_mongodb_backend"):
        return []
    hint = "pip install -r requirements-mongodb.txt"
    return [Error("MONGODB_URL is set but MongoDB support is not installed.", hint=hint, id="goodplay.E103")]
