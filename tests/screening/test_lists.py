"""Editions follow each other: believed whole, or refused with the one before in force."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from donations.models import ScreeningEdition, ScreeningFile, ScreeningRun
from donations.operations.screening import lists, reading
from donations.screening.entries import Kind, NameQuality
from donations.screening.pep import read_pep
from donations.screening.refusals import ListRefused
from donations.tasks import find_unscreened
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory
from tests.factories.donations import NOW
from tests.factories.screening import (
    HEADER,
    MAYOR,
    MINISTER,
    OFAC_FILES,
    SENATOR,
    import_ofac,
    import_pep,
    import_un,
    pep_file,
)
from tests.screening.samples import UN

pytestmark = pytest.mark.django_db
Status = ScreeningEdition.Status
LATER = date(2026, 11, 2)


def test_an_edition_is_kept_with_its_files_and_can_be_read_again():
    staff = StaffFactory()

    edition = import_pep(imported_by=staff, address="192.0.2.1")

    assert (edition.status, edition.entry_count, edition.added_count) == (Status.CURRENT, 2, 2)
    assert [entry.name for entry in reading.list_of(edition).entries] == [
        "Ottavia Brandolini",
        "Teodoro Malaspina",
    ]
    assert AuditEntry.objects.get(action="screening_list_import").actor == staff
    assert ScreeningRun.objects.get().edition == edition


def test_files_are_unreadable_in_the_database():
    import_pep()

    stored = ScreeningFile.objects.extra(select={"raw": "content"}).values_list("raw", flat=True).get()

    assert b"Brandolini" not in stored.encode()


def test_the_next_edition_takes_over_and_counts_what_changed():
    first = import_pep()

    second = import_pep(MINISTER.replace("Bridges", "Rivers"), SENATOR, on=LATER)

    first.refresh_from_db()
    assert (first.status, first.superseded_at) == (Status.SUPERSEDED, NOW)
    assert (second.status, second.previous) == (Status.CURRENT, first)
    assert (second.added_count, second.changed_count, second.removed_count) == (1, 1, 1)


@pytest.mark.parametrize(
    ("rows", "on", "code"),
    [
        ((MINISTER, MAYOR, SENATOR), date(2026, 10, 31), "LIST_OLDER"),
        ((MINISTER,), LATER, "LIST_SHRUNK"),
        ((MINISTER, MINISTER), LATER, "LIST_ENTRY_REPEATED"),
        (("Only a name",), LATER, "LIST_TRUNCATED"),
        ((MINISTER, MAYOR.replace("1955", "long ago")), LATER, "LIST_VALUE_INVALID"),
        ((MINISTER, '"' + MAYOR), LATER, "LIST_TRUNCATED"),
    ],
)
def test_what_is_not_to_be_believed_leaves_the_edition_before_in_force(rows, on, code):
    before = import_pep()

    with pytest.raises(lists.ListNotBelieved) as refused:
        import_pep(*rows, on=on)

    assert refused.value.data["code"] == code
    assert list(ScreeningEdition.objects.current()) == [before]
    row = ScreeningEdition.objects.get(status=Status.REFUSED)
    assert (row.refusal_code, row.files.count()) == (code, 0)
    alert = Alert.objects.get()
    assert (alert.alert_type, alert.severity, alert.data["code"]) == ("screening_list_refused", "high", code)


def test_the_alert_of_a_refusal_ends_with_the_next_good_edition():
    import_pep()
    with pytest.raises(lists.ListNotBelieved):
        import_pep(MINISTER, on=LATER)

    import_pep(MINISTER, MAYOR, SENATOR, on=LATER)

    assert Alert.objects.get().status == "resolved"


def test_the_same_edition_twice_is_told():
    import_pep()

    with pytest.raises(lists.ListAlreadyInForce):
        import_pep()

    assert ScreeningEdition.objects.count() == 1


def test_no_such_list_is_refused_before_anything_is_read():
    with pytest.raises(lists.SourceUnknown):
        lists.import_list(source="FBI", files=[], now=NOW)

    assert ScreeningEdition.objects.count() == 0


def test_four_files_of_ofac_are_told_apart_by_their_names_in_any_order():
    edition = lists.import_list(
        source="OFAC", files=OFAC_FILES[::-1], published_on=date(2026, 11, 1), now=NOW
    )

    assert edition.sha256 == reading.list_of(edition).sha256
    assert edition.entry_count == 3


@pytest.mark.parametrize("files", [OFAC_FILES[:3], [*OFAC_FILES, OFAC_FILES[0]], [("x.csv", b"1")]])
def test_a_file_of_ofac_too_few_or_too_many_is_refused(files):
    with pytest.raises(lists.ListNotBelieved) as refused:
        lists.import_list(source="OFAC", files=files, published_on=date(2026, 11, 1), now=NOW)

    assert refused.value.data["code"] == "LIST_FORMAT_UNKNOWN"


def test_a_list_as_short_as_no_real_one_is_refused(settings):
    settings.SCREENING_FEWEST_ENTRIES = {}

    with pytest.raises(lists.ListNotBelieved) as refused:
        import_un()

    assert refused.value.data["code"] == "LIST_TOO_SMALL"


def test_the_command_imports_and_says_what_is_new(tmp_path):
    (tmp_path / "un.xml").write_bytes(UN)
    out = StringIO()

    call_command("import_sanctions_list", "UN", str(tmp_path / "un.xml"), stdout=out)

    assert "2 entries, 2 new, 0 changed, 0 removed" in out.getvalue()


def test_the_command_fails_on_a_list_cut_off(tmp_path):
    (tmp_path / "un.xml").write_bytes(UN[: len(UN) // 2])

    with pytest.raises(CommandError, match="LIST_MALFORMED"):
        call_command("import_sanctions_list", "UN", str(tmp_path / "un.xml"))

    assert ScreeningEdition.objects.get().status == Status.REFUSED


def test_a_list_nobody_renews_raises_an_alert_until_somebody_does():
    import_pep(now=NOW - timedelta(days=7))

    late = lists.overdue_lists(now=NOW)
    import_pep(MINISTER, MAYOR, SENATOR, on=LATER)
    then = lists.overdue_lists(now=NOW)

    assert (late, then) == (["PEP"], [])
    assert Alert.objects.get(alert_type="screening_list_old").status == "resolved"


def test_the_nightly_job_says_what_it_found():
    assert find_unscreened() == "0 to screen; old lists: none"


def test_the_lists_are_read_once_and_again_when_one_is_new():
    assert reading.current_lists() is None
    import_pep()
    first = reading.current_lists()

    again = reading.current_lists()
    import_ofac()
    after = reading.current_lists()

    assert again is first
    assert [vintage.split()[0] for vintage in after.vintages] == ["OFAC", "PEP"]


def test_a_pep_list_reads_names_births_and_what_they_are():
    [(_name, content)] = pep_file(MINISTER, MAYOR)

    minister, mayor = read_pep(content, published_on=LATER).entries

    assert [(name.text, name.quality) for name in minister.names] == [
        ("Ottavia Brandolini", NameQuality.PRIMARY),
        ("Ottavia Brandolini Corvi", NameQuality.STRONG),
        ("Brandolina", NameQuality.STRONG),
    ]
    assert (minister.kind, minister.births[0].day, minister.countries) == (
        Kind.PERSON,
        date(1961, 3, 4),
        ("IT",),
    )
    assert (minister.programmes, minister.remarks) == (("Minister of Bridges",), "Gazette")
    assert (mayor.births[0].first_year, mayor.births[0].day) == (1955, None)


def test_a_pep_entry_keeps_its_number_when_its_office_changes():
    [(_name, before)] = pep_file(MINISTER)
    [(_name, after)] = pep_file(MINISTER.replace("Bridges", "Rivers"))

    numbers = {read_pep(content, published_on=LATER).entries[0].reference for content in (before, after)}

    assert len(numbers) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"name,position\nA,B\n", f"{HEADER},{HEADER}\n".encode(), HEADER.encode(), b"\xff\xfe"],
)
def test_a_pep_file_of_another_shape_is_refused(content):
    with pytest.raises(ListRefused):
        read_pep(content, published_on=LATER)
