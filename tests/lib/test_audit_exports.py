"""The audit trail as a signed file: whoever has the public key proves it, and sees what was done to it."""

import base64
import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.urls import reverse

from goodplay.lib.audit import exporting, trail
from goodplay.lib.audit.exporting import ExportBroken
from goodplay.lib.audit.models import AuditEntry
from tests.accounts.test_roles import member_of
from tests.factories.accounts import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAY = date(2026, 3, 10)
REASON = "The audit of 2026."


@pytest.fixture
def entries():
    actor, target = StaffFactory(), UserFactory()
    return [
        trail.record(
            actor=actor,
            action="change",
            target=target,
            after={"n": n, "sì": "€"},
            now=NOW + timedelta(minutes=n),
        )
        for n in range(5)
    ]


def exported(**options):
    days = {"first": DAY, "last": DAY} | options
    return list(exporting.begin(actor=None, reason=REASON, now=NOW + timedelta(days=1), **days))


def proven(lines, key=None):
    return exporting.prove(lines, key=key or exporting.public_key())


def resealed(lines, key=None):
    """Seal other lines anew, as whoever has another key could."""
    key, body = key or Ed25519PrivateKey.generate(), hashlib.sha256(b"".join(lines))
    signature = base64.b64encode(key.sign(body.digest())).decode()
    seal = {"seal": {"sha256": body.hexdigest(), "signature": signature}}
    return [*lines, json.dumps(seal).encode() + b"\n"]


def test_a_file_holds_every_entry_and_is_proved(entries):
    found = proven(exported())

    assert (found.first, found.last, found.count) == (1, 5, 5)
    noted = AuditEntry.objects.get(action="audit_export")
    assert (noted.reason, noted.after["entries"]) == (REASON, [1, 5])


def test_every_change_shows(entries):
    lines = exported()
    head, *rows, seal = lines
    changed = rows[2].replace(b'"n":2', b'"n":9')

    for tampered in (
        [head, *rows[:2], changed, *rows[3:], seal],
        [head, *rows[:2], *rows[3:], seal],
        [head, rows[1], rows[0], *rows[2:], seal],
        [head, *rows],
        [head.replace(b"2026-03-10", b"2026-03-11"), *rows, seal],
        [head, *rows, rows[-1], seal],
        [b"{}\n", *rows, seal],
        [b"no json\n"],
        [],
    ):
        with pytest.raises(ExportBroken):
            proven(tampered)


def test_a_forger_with_another_key_is_found_out_and_with_the_right_key_the_hashes_tell(entries):
    head, *rows, _seal = exported()
    changed = [head, *rows[:2], rows[2].replace(b'"n":2', b'"n":9'), *rows[3:]]
    shorter = [head, *rows[:-1]]

    with pytest.raises(ExportBroken, match="not made with this key"):
        proven(resealed([head, *rows]))
    with pytest.raises(ExportBroken, match="Entry 3 was changed"):
        proven(resealed(changed, exporting.signing_key()))
    with pytest.raises(ExportBroken, match="from 5 on are missing"):
        proven(resealed(shorter, exporting.signing_key()))


def test_an_own_key_signs(entries, settings):
    derived = exporting.public_key()
    settings.AUDIT_SIGNING_KEY = base64.b64encode(bytes(range(32))).decode()

    lines = exported()

    assert exporting.public_key() != derived
    assert proven(lines).count == 5
    with pytest.raises(ExportBroken):
        proven(lines, derived)


def test_commands_write_and_prove_a_file(entries, tmp_path, capsys):
    file = tmp_path / "trail.jsonl"

    call_command("export_audit_trail", str(file), first=DAY, last=DAY, reason=REASON)
    call_command("verify_audit_export", str(file))

    assert exporting.public_key() in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("export_audit_trail", str(file), first=DAY, last=DAY, reason=REASON)
    file.write_bytes(file.read_bytes().replace(b'"n":2', b'"n":9'))
    with pytest.raises(CommandError, match="Entry 3 was changed"):
        call_command("verify_audit_export", str(file))


@pytest.mark.parametrize("days", [{"first": "0001-01-01"}, {"last": "9999-12-31"}])
def test_days_at_the_edge_of_the_calendar_are_refused(entries, client, days):
    client.force_login(member_of("auditor"))
    form = {"first": "2026-03-10", "last": "2026-03-10", "reason": REASON, **days}

    answer = client.post(reverse("admin:audit_auditentry_do_on_list", args=["export_signed"]), form)

    assert set(answer.context["form"].errors) == set(days)
    assert not AuditEntry.objects.filter(action="audit_export").exists()


def test_auditors_take_it_from_the_list_and_others_do_not(entries, client):
    address = reverse("admin:audit_auditentry_do_on_list", args=["export_signed"])
    form = {"first": "2026-03-10", "last": "2026-03-10", "reason": REASON}
    auditor = member_of("auditor")
    client.force_login(auditor)

    answer = client.post(address, form)
    empty = client.post(address, {**form, "first": "2020-01-01", "last": "2020-01-02"})
    client.force_login(member_of("finance"))

    assert proven(answer.streaming_content).count == 5
    assert AuditEntry.objects.filter(action="audit_export", actor=auditor).count() == 1
    assert str(exporting.NothingToExport.message) in empty.context["form"].non_field_errors()
    assert client.post(address, form).status_code == 403
