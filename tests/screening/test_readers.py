from datetime import date
from hashlib import sha256

import pytest

from donations.screening.entries import BirthDate, Kind, ListedName, NameQuality
from donations.screening.eu import read_eu
from donations.screening.ofac import read_ofac
from donations.screening.ofac_remarks import read_birth
from donations.screening.refusals import ListFault, ListRefused
from donations.screening.un import read_un
from tests.screening.samples import EU, OFAC_ADDRESSES, OFAC_ALIASES, OFAC_COMMENTS, OFAC_ENTRIES, UN
from tests.shared import shared_data

DAY = date(2018, 10, 20)
STRONG, WEAK = NameQuality.STRONG, NameQuality.WEAK


def ofac(
    entries=OFAC_ENTRIES, aliases=OFAC_ALIASES, addresses=OFAC_ADDRESSES, comments=OFAC_COMMENTS, at_least=1
):
    return read_ofac(entries, aliases, addresses, comments, published_on=DAY, at_least=at_least)


def refusal(read, *contents, **how):
    with pytest.raises(ListRefused) as error:
        read(*contents, **how)
    return error.value.code


# What is read ----------------------------------------------------------------------------------------------------


def test_ofac_gives_names_dates_and_countries():
    company, person, ship = ofac().entries

    assert (company.kind, person.kind, ship.kind) == (Kind.ORGANISATION, Kind.PERSON, Kind.VESSEL)
    assert company.names == (
        ListedName("ORLOVSKAYA TRADING CO., LTD."),
        ListedName("ORLOVSKAYA TRADE", STRONG),
        ListedName("OTC", WEAK),
    )
    assert company.addresses == ("Via Roma 1, Havana, Cuba",)
    assert (person.addresses, person.birth_places) == ((), ("Tomsk, Russia",))
    assert person.programmes == ("UKRAINE-EO13661", "CYBER2")
    assert ship.countries == ()


def test_ofac_comments_continue_the_remarks():
    person = ofac().entries[1]

    assert person.names[1:] == (ListedName("DWORNIKOW, Arkadij", STRONG), ListedName("THE GARDENER", WEAK))
    assert person.births == (
        BirthDate.on(date(1975, 6, 14)),
        BirthDate.in_year(1976, is_approximate=True),
        BirthDate(1974, 1975),
    )
    assert person.countries == ("RU", "IR", "KP")


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("14 Jun 1975", BirthDate.on(date(1975, 6, 14))),
        ("Jun 1975", BirthDate.in_year(1975)),
        ("circa 1975", BirthDate.in_year(1975, is_approximate=True)),
        ("01 Jan 1986 to 31 Dec 1987", BirthDate(1986, 1987)),
        ("31 Feb 1975", BirthDate.in_year(1975)),
        ("unknown", None),
        ("1975 to 1976 to 1977", None),
    ],
)
def test_dates_of_remarks(text, birth):
    assert read_birth(text) == birth


def test_un_gives_people_and_entities():
    read = read_un(UN, at_least=1)
    person, body = read.entries

    assert (read.published_on, read.sha256) == (date(2026, 2, 27), sha256(UN).hexdigest())
    assert person.names == (
        ListedName("KARIM TALBANI YUSUF"),
        ListedName("كريم طالباني", NameQuality.ORIGINAL),
        ListedName("Kareem Talbany", STRONG),
        ListedName("K. Talbani", STRONG),
        ListedName("Abu Samaka", WEAK),
    )
    assert person.births == (
        BirthDate.on(date(1978, 4, 28)),
        BirthDate.in_year(1966, is_approximate=True),
        BirthDate(1973, 1974),
    )
    assert (person.countries, person.listed_on) == (("IR",), date(2012, 12, 31))
    assert (person.birth_places, person.addresses) == (("Yazd, Iran",), ("Shiraz, Iran",))
    assert body.kind == Kind.ORGANISATION
    assert body.names == (ListedName("SAMAKA FRONT (SF)"), ListedName("Front of Samaka", STRONG))


def test_eu_gives_strong_names_first():
    read = read_eu(EU, at_least=1)
    person, company = read.entries

    assert read.published_on == date(2026, 3, 1)
    assert person.reference == "EU.1.1"
    assert person.names == (
        ListedName("Arkady Petrovich Dvornikov"),
        ListedName("Аркадий Дворников", STRONG),
        ListedName("Gardener", WEAK),
    )
    assert person.births == (
        BirthDate.on(date(1975, 6, 14)),
        BirthDate.in_year(1976, is_approximate=True),
        BirthDate(1970, 1973),
    )
    assert (person.countries, person.programmes) == (("RU",), ("UKR",))
    assert (person.listed_on, company.listed_on) == (date(2014, 3, 18), date(2015, 1, 2))
    assert person.remarks == "First remark Second remark"
    assert company.kind == Kind.ORGANISATION


def test_a_vintage_names_list_day_and_file():
    read = read_un(UN, at_least=1)

    assert read.vintage == f"UN 2026-02-27 {sha256(UN).hexdigest()[:12]}"
    assert ofac().sha256 != ofac(comments=b"1,x\n").sha256


# What is refused -------------------------------------------------------------------------------------------------

XML = pytest.mark.parametrize(("read", "content"), [(read_un, UN), (read_eu, EU)])


@XML
def test_broken_xml_is_refused(read, content):
    assert refusal(read, b"", at_least=1) == ListFault.EMPTY
    assert refusal(read, b" \n\x1a", at_least=1) == ListFault.EMPTY
    for share in (0.1, 0.5, 0.9, 0.999):
        assert refusal(read, content[: int(len(content) * share)], at_least=1) == ListFault.MALFORMED
    assert refusal(read, b"\xff\xfe" + content, at_least=1) == ListFault.MALFORMED
    assert (
        refusal(read, b"<html><body>Service unavailable</body></html>", at_least=1)
        == ListFault.UNKNOWN_FORMAT
    )


@XML
def test_entity_bombs_and_external_entities_are_refused(read, content, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e9;</x>'.encode()
    outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><x>&e;</x>'.encode()

    assert refusal(read, bomb, at_least=1) == ListFault.ENTITIES
    assert refusal(read, outside, at_least=1) == ListFault.ENTITIES


@XML
def test_small_xml_is_refused(read, content):
    assert refusal(read, content) == ListFault.TOO_SMALL


def test_values_that_cannot_be_are_refused():
    assert refusal(read_un, UN.replace(b"<YEAR>1966", b"<YEAR>66"), at_least=1) == ListFault.VALUE_INVALID
    assert refusal(read_un, UN.replace(b"2012-12-31", b"2012-13-31"), at_least=1) == ListFault.VALUE_INVALID
    assert refusal(read_un, UN.replace(b"XXe.002", b"XXi.001"), at_least=1) == ListFault.REPEATED
    assert refusal(read_eu, EU.replace(b'year="1976"', b'year="76"'), at_least=1) == ListFault.VALUE_INVALID
    assert refusal(read_eu, EU.replace(b"EU.2.2", b"EU.1.1"), at_least=1) == ListFault.REPEATED
    assert refusal(read_eu, EU.replace(b"wholeName=", b"name="), at_least=1) == ListFault.VALUE_INVALID


def test_broken_csv_is_refused():
    assert refusal(ofac, b"") == ListFault.EMPTY
    assert refusal(ofac, OFAC_ENTRIES, b"") == ListFault.EMPTY
    assert refusal(ofac, OFAC_ENTRIES[:-40]) == ListFault.TRUNCATED
    assert refusal(ofac, OFAC_ENTRIES[: OFAC_ENTRIES.index(b"vessel")]) == ListFault.TRUNCATED
    assert refusal(ofac, OFAC_ENTRIES, OFAC_ALIASES[:-8]) == ListFault.TRUNCATED
    assert refusal(ofac, b"\xff" + OFAC_ENTRIES) == ListFault.MALFORMED
    assert refusal(ofac, OFAC_ENTRIES.replace(b"Tomsk", b"\x00")) == ListFault.MALFORMED
    assert refusal(ofac, b"<html></html>\n") == ListFault.TRUNCATED
    assert refusal(ofac, OFAC_ENTRIES + OFAC_ENTRIES) == ListFault.REPEATED
    assert refusal(ofac, OFAC_ENTRIES, OFAC_ALIASES.replace(b"fka", b"xxx")) == ListFault.VALUE_INVALID
    assert refusal(ofac, at_least=5000) == ListFault.TOO_SMALL


def test_entries_cut_off_at_the_end_of_a_line_are_noticed_by_their_aliases():
    first_line = OFAC_ENTRIES[: OFAC_ENTRIES.index(b"\n") + 1]

    assert refusal(ofac, first_line) == ListFault.DANGLING


# The published files ---------------------------------------------------------------------------------------------


def real(name):
    return shared_data(f"sanctions/{name}").read_bytes()


def test_the_published_ofac_files():
    files = [real(f"ofac_{part}.csv") for part in ("sdn", "alt", "add", "sdn_comments")]
    entries = read_ofac(*files, published_on=DAY).entries

    assert len(entries) == 7379
    assert sum(len(entry.names) for entry in entries) > 19_000
    assert sum(entry.kind == Kind.PERSON for entry in entries) == 3845
    assert sum(bool(entry.births) for entry in entries) > 3600
    unknown = {country for entry in entries for country in entry.countries if len(country) != 2}
    assert unknown == {"possibly Palestinian;arrested 23 Apr 2002"}
    assert refusal(ofac, files[0][: len(files[0]) // 2], *files[1:]) == ListFault.TRUNCATED


def test_the_published_un_file():
    content = real("un_consolidated.xml")
    entries = read_un(content).entries

    assert len(entries) == 730 + 273
    assert sum(name.quality == NameQuality.ORIGINAL for entry in entries for name in entry.names) >= 378
    assert {country for entry in entries for country in entry.countries if len(country) != 2} == {
        "former Soviet Union"
    }
    assert refusal(read_un, content[: len(content) // 2]) == ListFault.MALFORMED
