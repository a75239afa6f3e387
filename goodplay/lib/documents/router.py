"""Which database a model lives in. Installed only when there is a document database."""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from goodplay.lib.documents import ALIAS


class DocumentRouter:
    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        if is_document(model):
            return ALIAS
        # Following a link from a document would stay in its database unless told otherwise.
        instance = hints.get("instance")
        return DEFAULT_DB_ALIAS if instance is not None and is_document(instance) else None

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        return True if is_document(one) or is_document(other) else None

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:
        """Keep schemas apart. A data migration that writes documents says so: `RunPython(…, hints={"documents": True})`."""
        if model_name is None:
            belongs = bool(hints.get("documents"))
        else:
            belongs = f"{app_label}.{model_name}".lower() in settings.DOCUMENT_MODELS
        return None if belongs == (db == ALIAS) else False


def is_document(model: type[Model] | Model) -> bool:
    """Answer for a model or one of its rows, lazy ones like `request.user` included."""
    return model._meta.label_lower in settings.DOCUMENT_MODELS
