import json
from datetime import date
from itertools import islice
from time import process_time

import pytest

from donations.screening.clean_names import clean_names
from donations.screening.decisions import POSSIBLE, STRONG, Band, Query, decide, replay
from donations.screening.entries import BirthDate, Entry, Kind, ListedName, NameQuality, SanctionsList
from donations.screening.facts import Fact
from donations.screening.folders import lists_in
from donations.screening.index import Screener
from donations.screening.rarity import Rarity
from donations.screening.version import CODE_VERSION
from tests.shared import shared_data

PERSON, COMPANY = Kind.PERSON, Kind.ORGANISATION
DAY = date(1975, 6, 14)


def entry(reference, *names, kind=PERSON, weak=(), **facts):
    listed = tuple(
        ListedName(name, NameQuality.STRONG if place else NameQuality.PRIMARY)
        for place, name in enumerate(names)
    )
    return Entry(
        "EU", reference, kind, listed + tuple(ListedName(name, NameQuality.WEAK) for name in weak), **facts
    )


GARDENER = entry(
    "EU.1",
    "Arkady Petrovich DVORNIKOV",
    "Аркадий Дворников",
    weak=("The Gardener", "Dvor"),
    births=(BirthDate.on(DAY),),
    countries=("RU",),
)
NAMESAKE = entry("EU.2", "Arkady DVORNIKOW", births=(BirthDate.in_year(1950),))
STEEL = entry("EU.3", "Orion Steel Trading Co., Ltd.", kind=COMPANY)
LIST = SanctionsList("EU", date(2026, 3, 1), "ab" * 32, (GARDENER, NAMESAKE, STEEL))


@pytest.fixture(scope="module")
def screener():
    return Screener([LIST])


def hits(screener, name, kind=PERSON, **facts):
    return [(hit.reference, hit.band) for hit in screener.screen(Query(name, kind, **facts))]


@pytest.mark.parametrize(
    "name",
    [
        "Arkady Dvornikov",
        "DVORNIKOV Arkadij Petrovitch",
        "Arkadi Dvornikof",
        "A. Dvornikov",
        "ArkadyDvornikov",
        "Дворников А.",
    ],
)
def test_the_listed_one_is_found(screener, name):
    assert "EU.1" in [reference for reference, _ in hits(screener, name)]


def test_the_likeliest_comes_first(screener):
    assert hits(screener, "Arkady Dvornikow") == [("EU.2", Band.STRONG), ("EU.1", Band.POSSIBLE)]


def test_clean_names_are_clean(screener):
    assert all(not hits(screener, name) for name in clean_names(200))
    assert hits(screener, "") == hits(screener, "---") == []


def test_a_weak_alias_is_never_strong_by_itself(screener):
    assert hits(screener, "The Gardener") == [("EU.1", Band.POSSIBLE)]
    assert hits(screener, "Gardner") == []


def test_birth_and_kind_move_the_answer(screener):
    [same] = screener.screen(Query("Arkady Dvornikow", PERSON, BirthDate.on(DAY), ("RU",)))[:1]
    other = hits(screener, "Arkady Dvornikow", birth=BirthDate.in_year(1990))

    assert (same.reference, same.band) == ("EU.1", Band.STRONG)
    assert same.facts == (Fact.SAME_DAY, Fact.SAME_COUNTRY)
    assert ("EU.1", Band.STRONG) not in other
    assert hits(screener, "Orion Steel Trading", COMPANY) == [("EU.3", Band.STRONG)]
    assert hits(screener, "Orion Steel Trading", PERSON) == [("EU.3", Band.POSSIBLE)]


def test_a_birth_may_lift_a_name_over_the_line(screener):
    name = "Arkady Dvornik"

    assert "EU.1" not in [reference for reference, _ in hits(screener, name)]
    assert "EU.1" in [reference for reference, _ in hits(screener, name, birth=BirthDate.on(DAY))]


def test_a_very_long_name_is_answered_soon(screener):
    started = process_time()
    hits(screener, "Arkady " * 5000)
    hits(screener, " ".join(f"ab{number}" for number in range(5000)))

    assert process_time() - started < 5


def test_a_decision_is_plain_data_and_can_be_taken_again(screener):
    hit, *_ = screener.screen(Query("Arkadij Dvornikov", PERSON, BirthDate.on(DAY), ("RU",)))
    stored = json.loads(json.dumps(hit.as_data()))

    assert stored["code_version"] == CODE_VERSION
    assert stored["vintage"] == f"EU 2026-03-01 {'ab' * 6}"
    assert stored["facts"] == ["same_day", "same_country"]
    assert {word["ours"]: word["how"] for word in stored["words"] if word["ours"]} == {
        "arkadij": "spelling",
        "dvornikov": "same",
    }
    assert replay(stored, GARDENER) == hit


def test_a_replay_needs_no_list(screener):
    query = Query("Ali Dvornikov")
    rarity = Rarity({"ali": 0.6, "arkady": 0.7, "else": 0.8})
    decision = decide(query, GARDENER, rarity, vintage="EU 2026-03-01")

    assert decision.shares == {"ali": 0.6, "arkady": 0.7}
    assert replay(decision.as_data(), GARDENER) == decision


# The published lists ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published():
    return Screener(lists_in(shared_data("sanctions/ofac_sdn.csv").parent))


@pytest.mark.slow
def test_listed_names_and_strong_aliases_find_themselves(published):
    listed = (
        (each, name) for each in published.entries for name in each.names if name.quality != NameQuality.WEAK
    )
    lost = [
        (each.reference, name.text)
        for each, name in islice(listed, 0, None, 23)
        if not any(
            (hit.reference, hit.source, hit.score) == (each.reference, each.source, 1.0)
            for hit in published.screen(Query(name.text, each.kind))
        )
    ]

    assert lost == []


@pytest.mark.slow
def test_the_index_loses_nothing_that_comparing_everything_finds(published):
    for each in published.entries[::2000]:
        query = Query(each.name[1:].replace("a", "e", 1), each.kind)
        compared = [
            decision.reference
            for other in published.entries
            if (decision := decide(query, other, published.rarity)).score >= POSSIBLE
        ]

        assert sorted(hit.reference for hit in published.screen(query)) == sorted(compared)


@pytest.mark.slow
def test_clean_names_against_the_published_lists(published):
    names = clean_names(600)
    for name in names[:50]:
        published.screen(Query(name, PERSON))
    started = process_time()
    alerts = [name for name in names if published.screen(Query(name, PERSON))]
    spent = process_time() - started

    assert len(alerts) < 6
    assert spent / len(names) < 0.020


def test_bands_follow_the_score():
    scores = [0.0, POSSIBLE - 0.01, POSSIBLE, STRONG - 0.01, STRONG, 1.0]

    assert [str(Band.of(score)) for score in scores] == [
        "none",
        "none",
        "possible",
        "possible",
        "strong",
        "strong",
    ]
