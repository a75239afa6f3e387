from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, router, transaction

from goodplay.lib.fields import EncryptedTextField
from goodplay.lib.private_files import operations as private_files

SLICE = 500


class Command(BaseCommand):
    help = "Encrypt every encrypted column and private file anew with the first key, so that older keys can be taken off the list."

    def handle(self, *args: Any, **options: Any) -> None:
        for model, names in encrypted_columns():
            count = encrypt_anew(model, names)
            self.stdout.write(f"{model._meta.label}: {count} rows ({', '.join(names)}).")
        self.stdout.write(f"Private files: {private_files.encrypt_anew()}.")
        self.stdout.write("Everything is encrypted with the first key of FIELD_ENCRYPTION_KEYS.")


def encrypted_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models(include_auto_created=True):
        fields = model._meta.local_concrete_fields
        names = [field.name for field in fields if isinstance(field, EncryptedTextField)]
        if names and model._meta.managed and not model._meta.proxy:
            yield model, names


def encrypt_anew(model: type[models.Model], names: list[str]) -> int:
    """Go through the table by key, a slice in each transaction: stopped half way, it can simply run again."""
    database = router.db_for_write(model)
    rows = model._base_manager.using(database).order_by("pk")
    count, last = 0, None
    while True:
        with transaction.atomic(using=database):
            beyond = rows.filter(pk__gt=last) if last is not None else rows
            # Locked, so that nobody's newer secret is overwritten by the one read here.
            found = list(beyond.select_for_update().only(*names)[:SLICE])
            for row in found:
                rows.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names})
        if not found:
            return count
        count, last = count + len(found), found[-1].pk
