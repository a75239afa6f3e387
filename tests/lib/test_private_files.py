"""Files nobody reads without a reason: unreadable on disk, opened by name, gone with the transaction that failed."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from PIL import Image

from goodplay.lib import checks as system_checks
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.private_files import checks, operations
from goodplay.lib.private_files.models import PrivateFile
from goodplay.lib.private_files.tasks import sweep_private_files
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.private_files import JPEG, PDF, PNG, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.PRIVATE_FILES_ROOT = str(tmp_path / "private")
    return tmp_path / "private"


def on_disk(root):
    return sorted(path for path in root.rglob("*") if path.is_file()) if root.exists() else []


def store(content=PDF, name="passport.pdf", owner=None):
    return operations.store(content=content, name=name, content_type="application/pdf", owner=owner, now=NOW)


def store_and_fail(transaction_of_its_own):
    with transaction_of_its_own:
        store()
        raise RuntimeError


def test_a_file_lies_encrypted_under_a_name_that_tells_nothing(root):
    owner = UserFactory()

    file = store(owner=owner)

    [path] = on_disk(root)
    assert b"%PDF" not in path.read_bytes()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert path.name == file.stored_name
    assert "passport" not in str(path)
    assert (file.size, file.owner_type, file.owner_id) == (len(PDF), "accounts.user", str(owner.pk))
    assert operations.content_of(file) == PDF


def test_who_opens_a_file_is_on_record_with_the_purpose():
    file, staff = store(), StaffFactory()

    content = operations.open_file(
        file=file, actor=staff, purpose="Review of the passport", now=NOW, address="192.0.2.7"
    )

    assert content == PDF
    row = DataAccess.objects.get()
    assert (row.actor, row.target_id, row.purpose, row.address) == (
        staff,
        str(file.pk),
        "Review of the passport",
        "192.0.2.7",
    )


def test_a_transaction_that_fails_leaves_no_file(root):
    with pytest.raises(RuntimeError):
        store_and_fail(operations.with_files())

    assert (on_disk(root), PrivateFile.objects.count()) == ([], 0)


def test_the_sweep_removes_what_no_row_keeps_and_counts_what_is_missing(root):
    kept, lost = store(), store()
    (root / lost.stored_name[:2] / lost.stored_name).unlink()
    with pytest.raises(RuntimeError):
        store_and_fail(transaction.atomic())
    half = root / "ab" / ("ab" * 32 + ".part")
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half of it")
    age = (NOW - timedelta(days=2)).timestamp()
    for path in on_disk(root):
        os.utime(path, (age, age))
    young = store()
    os.utime(root / young.stored_name[:2] / young.stored_name, (NOW.timestamp(), NOW.timestamp()))

    found = operations.sweep(now=NOW + timedelta(hours=7))

    assert found == (2, 1)
    assert {path.name for path in on_disk(root)} == {kept.stored_name, young.stored_name}


def test_the_job_of_the_sweep_says_what_it_did():
    assert sweep_private_files() == "0 removed, 0 missing"


def test_erasing_takes_the_content_and_keeps_the_proof(root, django_capture_on_commit_callbacks):
    file = store()

    with django_capture_on_commit_callbacks(execute=True):
        first = operations.delete(file=file, now=NOW)
        second = operations.delete(file=file, now=NOW + timedelta(days=1))

    file.refresh_from_db()
    assert (first, second, file.erased_at, on_disk(root)) == (True, False, NOW, [])
    with pytest.raises(operations.FileErased):
        operations.open_file(file=file, actor=StaffFactory(), purpose="x", now=NOW)
    assert DataAccess.objects.count() == 0


@pytest.mark.parametrize("harm", ["missing", "swapped"])
def test_a_file_that_is_not_what_was_stored_is_not_shown(root, harm):
    file, other = store(), store(content=PDF + b" ")
    path = root / file.stored_name[:2] / file.stored_name
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes((root / other.stored_name[:2] / other.stored_name).read_bytes())

    with pytest.raises(operations.FileDamaged):
        operations.open_file(file=file, actor=StaffFactory(), purpose="x", now=NOW)

    assert DataAccess.objects.count() == 0


def test_a_new_key_reaches_files_too(settings):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    others = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [old, *others]
    file = store()

    settings.FIELD_ENCRYPTION_KEYS = [new, old, *others]
    call_command("rotate_encryption", stdout=io.StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [new]

    assert operations.content_of(file) == PDF


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\scans\\id.pdf", "id.pdf"),
        ('a"b\r\nX: y.pdf', "abX y.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("", "file"),
    ],
)
def test_names_keep_nothing_that_could_do_harm(name, kept):
    assert store(name=name).name == kept


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("id.PDF", PDF, checks.PDF), ("id.jpeg", JPEG, checks.JPEG), ("id.png", PNG, checks.PNG)],
)
def test_the_content_says_what_a_file_is(name, content, kind):
    upload = checks.read_upload(SimpleUploadedFile(name, content, content_type="text/html"))

    assert (upload.content, upload.content_type) == (content, kind)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("id.pdf", b"", checks.FileEmpty),
        ("id.svg", b"<svg onload='alert(1)'/>", checks.FileTypeNotAllowed),
        ("id.pdf", b"<html></html>", checks.FileContentMismatch),
        ("id.png", JPEG, checks.FileContentMismatch),
        ("id.exe", PNG, checks.FileTypeNotAllowed),
        ("id.gif", picture("GIF"), checks.FileTypeNotAllowed),
        ("id.png", PNG[:60], checks.FileContentMismatch),
        ("id.jpg", JPEG[:4] + b"not a picture at all" * 20, checks.FileContentMismatch),
        ("id.pdf", PDF.replace(b"%%EOF", b""), checks.FileContentMismatch),
        ("id.png", picture("PNG", size=(10_000, 5_001)), checks.PictureTooLarge),
        ("id.png", picture("PNG", size=(20_000, 20_000)), checks.PictureTooLarge),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content, error):
    with pytest.raises(error):
        checks.check(name=name, content=content)


def test_a_file_over_the_largest_size_is_not_even_read(settings):
    settings.PRIVATE_FILE_MAX_BYTES = len(PDF) - 1
    upload = SimpleUploadedFile("id.pdf", PDF)

    with pytest.raises(checks.FileTooLarge):
        checks.read_upload(upload)

    assert upload.tell() == 0


def test_a_folder_that_is_served_is_refused(settings):
    assert system_checks.private_files_are_served_by_nobody(None) == []

    settings.PRIVATE_FILES_ROOT = str(Path(settings.STATIC_ROOT) / "private")

    assert [each.id for each in system_checks.private_files_are_served_by_nobody(None)] == ["goodplay.E009"]


def test_pictures_are_small_here():
    assert Image.open(io.BytesIO(PNG)).size == (8, 8)
