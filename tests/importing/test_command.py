"""The command, against a server: what it prints, when it fails, and what a kill in the middle leaves."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import User
from donations.models import LedgerAccount
from tests.importing import old as shapes
from tests.importing.old import a_whole_installation, fill, oid

pytestmark = [pytest.mark.django_db, pytest.mark.documents]
PEOPLE = 60
STARTS_WITHIN = 240  # seconds


def imported(url, tmp_path, **options):
    out = StringIO()
    call_command("import_mongodb", url, report=str(tmp_path / "report.csv"), stdout=out, **options)
    return out.getvalue()


def test_it_prints_a_table_and_proves_the_books(old, old_url, tmp_path):
    a_whole_installation(old)

    dry, real = imported(old_url, tmp_path, dry_run=True), imported(old_url, tmp_path)

    assert dry == real
    assert "The books balance." in real
    assert "1 of transactions left: NOT_COMPLETED" in real
    lines = (tmp_path / "report.csv").read_text().splitlines()
    assert lines[0] == "collection,old_id,outcome,reason,detail"
    assert any(line.startswith(f"users,{oid(2)},altered,WITHOUT,role: NOT_BROUGHT") for line in lines)
    assert User.objects.count() == 2


@pytest.mark.unbalanced
def test_it_fails_when_what_was_booked_is_not_what_the_wallets_say(old, old_url, tmp_path):
    a_whole_installation(old)
    imported(old_url, tmp_path)
    player = User.objects.get(email="giocatore1@example.org")
    LedgerAccount.objects.filter(player=player, kind="player_cash").update(balance="11.00")

    with pytest.raises(CommandError, match="do not balance: 1"):
        imported(old_url, tmp_path)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1/goodplay", "mongodb://127.0.0.1:9"])
def test_an_address_that_names_no_database_is_refused(url, tmp_path):
    with pytest.raises(CommandError, match="Give the address"):
        imported(url, tmp_path)


def test_a_database_that_does_not_answer_is_told(old_url, tmp_path, monkeypatch):
    monkeypatch.setattr("goodplay.importing.source.ANSWERS_WITHIN", 200)

    with pytest.raises(CommandError, match="does not answer"):
        imported("mongodb://127.0.0.1:9/goodplay", tmp_path)


@pytest.mark.slow
def test_killed_in_the_middle_it_ends_as_if_nothing_had_happened(old, old_url, tmp_path):
    people = range(1, PEOPLE + 1)
    fill(
        old,
        users=[shapes.user(number) for number in people],
        wallets=[shapes.wallet(1000 + number, oid(number), float(number)) for number in people],
        transactions=[shapes.transaction(2000 + number, oid(number), "earned", number) for number in people],
        impact_stories=[shapes.story(3000 + number) for number in range(20)],
    )
    whole = House(tmp_path / "whole.sqlite3")
    killed = House(tmp_path / "killed.sqlite3", like=whole)
    whole.run("import_mongodb", old_url, "--report", str(tmp_path / "a.csv")).wait()

    for table, least in (("accounts_user", 5), ("donations_openingbalance", 10), ("impact_stories", 4)):
        killed.kill_after(table, killed.count(table) + least, old_url)
    last = killed.run("import_mongodb", old_url, "--report", str(tmp_path / "b.csv"))

    assert last.wait() == 0
    for table in ("accounts_user", "donations_openingbalance", "impact_stories", "donations_transfer"):
        assert killed.count(table) == whole.count(table)
    assert killed.rows() == whole.rows()
    assert killed.run("verify_books").wait() == 0


class House:
    """An installation of its own, on SQLite."""

    def __init__(self, path, like=None):
        self.path = path
        if like is None:
            assert self.run("migrate", "--verbosity", "0").wait() == 0
        else:
            shutil.copy(like.path, path)

    def run(self, *arguments):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "goodplay.settings",
            "DEBUG": "true",
            "DATABASE_URL": f"sqlite:///{self.path}",
            "MONGODB_URL": "",
        }
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  (our own)

    def kill_after(self, table, rows, url):
        """Import in small batches, and kill it as soon as the table has so many rows."""
        arguments = (url, "--batch-size", "2", "--report", os.devnull)
        process = self.run("import_mongodb", *arguments)
        ends = time.monotonic() + STARTS_WITHIN
        while process.poll() is None and self.count(table) < rows and time.monotonic() < ends:
            time.sleep(0.005)
        assert process.poll() is None, "it was over before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()

    def ask(self, question):
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            return connection.execute(question).fetchall()
        finally:
            connection.close()

    def count(self, table):
        return self.ask(f"SELECT COUNT(*) FROM {table}")[0][0]  # noqa: S608  (our own names)

    def rows(self):
        """What was brought over, without the moment it was."""
        return [
            self.ask("SELECT id, email, display_name, created_at FROM accounts_user ORDER BY id"),
            self.ask("SELECT player_id, kind, balance FROM donations_ledgeraccount ORDER BY player_id, kind"),
            self.ask(
                "SELECT collection, old_id, digest FROM importing_importeddocument ORDER BY collection, old_id"
            ),
            self.ask("SELECT id, title FROM impact_stories ORDER BY id"),
        ]
