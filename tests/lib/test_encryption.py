"""Columns that hold secrets: nothing readable in the database, one clear error without the key, and new keys any time."""

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, migrations, models, transaction
from django.db.migrations.writer import MigrationWriter

from goodplay.lib import checks, fields
from goodplay.lib.admin.bases import AuditedAdmin, facts_of
from goodplay.lib.encryption import DecryptionFailed, decrypt, development_key
from goodplay.lib.management.commands.rotate_encryption import SLICE, encrypted_columns

pytestmark = pytest.mark.django_db
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def vault():
    """A table of secrets of the test's own, forgotten afterwards."""

    class Vault(models.Model):  # noqa: DJ008  (never shown)
        token = fields.EncryptedTextField(null=True)
        details = fields.EncryptedJSONField(default=dict)

        class Meta:
            app_label = "lib"

    statement, _params = connection.schema_editor(collect_sql=True).table_sql(Vault)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    yield Vault
    del apps.all_models["lib"]["vault"]
    apps.clear_cache()


def stored(vault):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT token, details FROM {vault._meta.db_table} ORDER BY id")  # noqa: S608
        return cursor.fetchall()


def test_a_secret_comes_back_as_it_went_in_and_is_stored_unreadable(vault):
    vault.objects.create(token="sk_live_à€", details={"iban": "IT60", "parts": [1, None, True]})

    row = vault.objects.get()

    assert (row.token, row.details) == ("sk_live_à€", {"iban": "IT60", "parts": [1, None, True]})
    [(token, details)] = stored(vault)
    assert "sk_live" not in token
    assert "IT60" not in details
    assert decrypt(token, of="token") == "sk_live_à€"


def test_no_secret_stays_none_and_an_empty_one_stays_empty(vault):
    vault.objects.create(token=None)
    vault.objects.create(token="")

    assert list(vault.objects.order_by("pk").values_list("token", "details")) == [(None, {}), ("", {})]
    assert vault.objects.filter(token__isnull=True).count() == 1


def test_equal_secrets_look_different(vault):
    vault.objects.bulk_create([vault(token="same"), vault(token="same")])
    first, second = stored(vault)

    assert first[0] != second[0]


def test_updates_are_encrypted_as_well(vault):
    row = vault.objects.create(token="before")
    vault.objects.update(token="after")
    row.token, row.details = "bulk", {"by": "bulk"}

    assert vault.objects.get().token == "after"
    vault.objects.bulk_update([row], ["token", "details"])
    found = vault.objects.get()
    assert (found.token, found.details) == ("bulk", {"by": "bulk"})
    assert "bulk" not in "".join(stored(vault)[0])


def test_only_text_is_text(vault):
    with pytest.raises(TypeError, match=r"Vault\.token takes text"):
        vault.objects.create(token=5)


@pytest.mark.parametrize("lookup", ["token", "token__contains", "token__in", "details__iban", "details__gt"])
def test_nothing_is_found_by_a_secret(vault, lookup):
    with pytest.raises(FieldError):
        vault.objects.filter(**{lookup: "a"})


@pytest.mark.parametrize("keys", [[NEW], [development_key("x")]])
def test_a_missing_key_is_told_by_name(vault, settings, keys):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    vault.objects.create(token="secret")
    settings.FIELD_ENCRYPTION_KEYS = keys

    with pytest.raises(DecryptionFailed, match=r"lib\.Vault\.token .*FIELD_ENCRYPTION_KEYS") as refused:
        vault.objects.get()

    assert "secret" not in str(refused.value)
    assert vault.objects.defer("token", "details").get().pk


def test_a_touched_token_is_refused(vault):
    vault.objects.create(token="secret")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {vault._meta.db_table} SET token = 'plain text'")  # noqa: S608

    with pytest.raises(DecryptionFailed):
        vault.objects.get()


def test_without_keys_nothing_is_written(vault, settings):
    settings.FIELD_ENCRYPTION_KEYS = []

    with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEYS"), transaction.atomic():
        vault.objects.create(token="secret")

    assert stored(vault) == []


def test_dumps_carry_tokens_and_load_again(vault):
    vault.objects.create(token="secret", details={"iban": "IT60"})

    dump = serializers.serialize("json", vault.objects.all())
    vault.objects.all().delete()
    for each in serializers.deserialize("json", dump):
        each.save()

    assert "secret" not in dump
    assert "IT60" not in dump
    row = vault.objects.get()
    assert (row.token, row.details) == ("secret", {"iban": "IT60"})


def test_the_trail_sees_that_a_secret_changed_and_not_which(vault):
    row = vault(pk=1, token="one", details={"iban": "IT60"})
    before = facts_of(row)
    row.token = "two"
    after = facts_of(row)

    assert before["token"] != after["token"]
    assert before["details"] == after["details"]
    assert not any(word in f"{before} {after}" for word in ("one", "two", "IT60"))


def test_no_form_asks_for_a_secret_and_no_screen_shows_one(vault, rf):
    screen = AuditedAdmin(vault, admin.site)

    assert list(screen.get_form(rf.get("/")).base_fields) == []
    assert "secret" not in repr(vault(token="secret"))


def test_no_screen_of_the_back_office_names_a_secret():
    for model, screen in admin.site._registry.items():
        secret = {field.name for field in model._meta.fields if isinstance(field, fields.EncryptedTextField)}
        assert secret.isdisjoint(_named(screen)), model


def _named(screen: BaseModelAdmin) -> set[str]:
    named = [*screen.list_display, *screen.readonly_fields, *screen.search_fields, *(screen.fields or ())]
    for _title, options in screen.fieldsets or ():
        named += options["fields"]
    return {str(name) for name in named}


def test_the_columns_stand_still_in_migrations(vault):
    for name in ("token", "details"):
        field = vault._meta.get_field(name)
        again = field.clone()
        operation = migrations.AddField("vault", name, again)

        assert again.deconstruct()[1:] == field.deconstruct()[1:]
        assert f"goodplay.lib.fields.{type(field).__name__}(" in MigrationWriter.serialize(operation)[0]


def test_columns_that_could_not_be_rotated_are_refused():
    class Fact(models.Model):  # noqa: DJ008  (never shown)
        append_only = True
        token = fields.EncryptedTextField()

        class Meta:
            app_label = "lib"

    class Keyed(models.Model):  # noqa: DJ008  (never shown)
        token = fields.EncryptedTextField(unique=True)

        class Meta:
            app_label = "lib"

    try:
        found = [model._meta.get_field("token").check()[0].id for model in (Fact, Keyed)]
    finally:
        del apps.all_models["lib"]["fact"], apps.all_models["lib"]["keyed"]
        apps.clear_cache()

    assert found == ["goodplay.E008", "goodplay.E007"]


def test_a_new_key_takes_over(vault, settings, capsys):
    of_the_migrations = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    rows = [vault(token=f"secret {number}", details={"number": number}) for number in range(SLICE + 3)]
    vault.objects.bulk_create([*rows, vault(token=None)])
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD, *of_the_migrations]
    assert vault.objects.count() == len(vault.objects.all()) == SLICE + 4

    call_command("rotate_encryption")

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    found = list(vault.objects.order_by("pk"))
    assert [(row.token, row.details) for row in found] == [
        *((row.token, row.details) for row in rows),
        (None, {}),
    ]
    assert f"lib.Vault: {SLICE + 4} rows (token, details)." in capsys.readouterr().out


def test_a_rotation_without_the_old_key_changes_nothing(vault, settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    vault.objects.create(token="secret")
    before = stored(vault)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(DecryptionFailed), transaction.atomic():
        call_command("rotate_encryption")

    assert stored(vault) == before


def test_every_encrypted_column_is_rotated(vault):
    rotated = {(model, name) for model, names in encrypted_columns() for name in names}
    encrypted = {
        (field.model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, fields.EncryptedTextField)
    }

    assert rotated == encrypted
    assert (vault, "token") in rotated


@pytest.mark.parametrize(
    ("keys", "debug", "refused"),
    [
        ([], False, True),
        ([], True, False),
        ([NEW], False, False),
        ([NEW, OLD], False, False),
        ([NEW, "short"], False, True),
        (["short"], True, True),
        ([development_key(checks.DEVELOPMENT_SECRET)], False, True),
        ([development_key(checks.DEVELOPMENT_SECRET)], True, False),
    ],
)
def test_production_needs_a_key_of_its_own(settings, keys, debug, refused):
    settings.FIELD_ENCRYPTION_KEYS, settings.DEBUG = keys, debug

    assert [error.id for error in checks.secrets_are_encrypted(None)] == ["goodplay.E006"] * refused
