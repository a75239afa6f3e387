"""Columns every app uses: keys, euros and secrets."""

import base64
import json
import zlib
from typing import Any
from uuid import UUID

from django.core import checks
from django.core.exceptions import FieldError
from django.core.validators import MinValueValidator
from django.db import models

from goodplay.lib import encryption
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO


def _new_key() -> UUID:
    return new_id()


def key() -> "models.UUIDField[UUID, UUID]":
    """Return the primary key column of own models."""
    return models.UUIDField(primary_key=True, default=_new_key, editable=False)


def euros(**options: Any) -> "models.DecimalField[Any, Any]":
    """Return a column for euros: two decimals, up to a trillion."""
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


def euros_from_zero(**options: Any) -> "models.DecimalField[Any, Any]":
    return euros(default=ZERO, validators=[MinValueValidator(ZERO)], **options)


class EncryptedTextField(models.Field):
    """Text nobody reads without the keys: a token in the database, in dumps and in fixtures, plain in Python.

    No form and no admin screen shows it, the audit trail masks it, and nothing can be searched by it but whether it
    is there. Reading a row whose key is gone raises DecryptionFailed; `defer` the column where it is not needed.
    """

    description = "encrypted text"
    _WRITTEN = "encrypted:"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"editable": False, **options})

    def get_internal_type(self) -> str:
        return "TextField"

    def check(self, **options: Any) -> list[checks.CheckMessage]:
        return [*super().check(**options), *self._check_can_be_encrypted_anew()]

    def _check_can_be_encrypted_anew(self) -> list[checks.CheckMessage]:
        if self.unique or getattr(self, "db_index", False):
            return [checks.Error("An encrypted column cannot be searched.", obj=self, id="goodplay.E007")]
        if getattr(self.model, "append_only", False):
            hint = "Its keys could never be changed: keep the secret in a table of its own."
            return [
                checks.Error(
                    "Encrypted column in an append-only table.", hint=hint, obj=self, id="goodplay.E008"
                )
            ]
        return []

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self} is encrypted: rows cannot be found by it.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self} is encrypted: rows cannot be found by it.")

    def get_prep_value(self, value: Any) -> str | None:
        prepared = super().get_prep_value(value)
        return None if prepared is None else encryption.encrypt(self._to_text(prepared))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else self._from_text(encryption.decrypt(value, of=str(self)))

    def to_python(self, value: Any) -> Any:
        """Read what `value_to_string` wrote; anything else is plain already."""
        if isinstance(value, str) and value.startswith(self._WRITTEN):
            return self._from_text(encryption.decrypt(value.removeprefix(self._WRITTEN), of=str(self)))
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        token = self.get_prep_value(self.value_from_object(obj))
        return None if token is None else f"{self._WRITTEN}{token}"

    def _to_text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self} takes text.")
        return value

    def _from_text(self, text: str) -> Any:
        return text


class EncryptedJSONField(EncryptedTextField):
    """JSON nobody reads without the keys. Decimals and moments go in as text, as in any JSON of the house."""

    description = "encrypted JSON"

    def _to_text(self, value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    def _from_text(self, text: str) -> Any:
        return json.loads(text)


class EncryptedBytesField(EncryptedTextField):
    """Bytes nobody reads without the keys, packed small. For files the database keeps together with their row."""

    description = "encrypted bytes"

    def _to_text(self, value: Any) -> str:
        if not isinstance(value, bytes):
            raise TypeError(f"{self} takes bytes.")
        return base64.b85encode(zlib.compress(value, 6)).decode()

    def _from_text(self, text: str) -> Any:
        return zlib.decompress(base64.b85decode(text))
