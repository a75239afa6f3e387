"""Lists of people who do not exist, and ours to screen against them."""

from datetime import date

from donations.models import ScreenedSubject, ScreeningHit
from donations.operations.screening import lists, runs, subjects
from tests.factories.donations import NOW
from tests.screening.samples import OFAC_ADDRESSES, OFAC_ALIASES, OFAC_COMMENTS, OFAC_ENTRIES, UN

HEADER = "name,aliases,birth_date,nationality,position,source"
MINISTER = "Ottavia Brandolini,Ottavia Brandolini Corvi|Brandolina,1961-03-04,IT,Minister of Bridges,Gazette"
MAYOR = "Teodoro Malaspina,,1955,IT,Mayor,Gazette"
SENATOR = "Livia Castracane,,,,Senator,Gazette"

OFAC_FILES = [
    ("sdn.csv", OFAC_ENTRIES),
    ("alt.csv", OFAC_ALIASES),
    ("add.csv", OFAC_ADDRESSES),
    ("sdn_comments.csv", OFAC_COMMENTS),
]


def pep_file(*rows: str) -> list[tuple[str, bytes]]:
    return [("pep.csv", "\n".join([HEADER, *rows, ""]).encode())]


def import_pep(*rows: str, on: date = date(2026, 11, 1), now=NOW, **who):
    return lists.import_list(
        source="PEP", files=pep_file(*(rows or (MINISTER, MAYOR))), published_on=on, now=now, **who
    )


def import_un(now=NOW):
    return lists.import_list(source="UN", files=[("un.xml", UN)], now=now)


def import_ofac(on: date = date(2026, 11, 1), now=NOW):
    return lists.import_list(source="OFAC", files=OFAC_FILES, published_on=on, now=now)


def screen_all(now=NOW):
    """Do what the jobs do: enrol, screen who waits, and everybody against what is new."""
    subjects.enrol_missing(now=now)
    subjects.screen_due(now=now)
    for _run in range(10):
        if runs.carry_on(now=now) == "nothing to do":
            return


def subject_of(**who) -> ScreenedSubject:
    return ScreenedSubject.objects.get(**who)


def only_hit() -> ScreeningHit:
    return ScreeningHit.objects.get()
