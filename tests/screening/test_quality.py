import json
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from donations.screening.decisions import POSSIBLE
from donations.screening.index import Screener
from donations.screening.quality import (
    Figures,
    figures,
    figures_by_label,
    judge_pairs,
    measure_listed,
    read_pairs,
)
from donations.screening.rarity import Rarity
from donations.screening.stored import read_list
from tests.factories.screening import OFAC_FILES
from tests.screening.samples import OFAC_ENTRIES
from tests.shared import shared_data

PAIRS = """schema,name1,name2,is_match,quality
Person,Giulio Ravenna,"RAVENNA, Giulio",true,STRONG
Person,Giulio Ravenna,Giulio Ravnena,true,MEDIUM
Person,Giulio Ravenna,Tommaso Sorrento,true,WEAK
Person,Giulio Ravenna,Tommaso Ravenna,false,MEDIUM
Company,Orion Steel GmbH,Orion Steel Ltd,false,MEDIUM
"""


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS)
    return path


def run(*arguments):
    out = StringIO()
    call_command("screening_quality", *arguments, stdout=out)
    return out.getvalue()


def test_figures_count_what_is_right_and_wrong(pairs):
    report = json.loads(run(str(pairs), "--json", "--errors"))

    assert report["overall"] == {
        "pairs": 5, "precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "caught": 2, "missed": 1, "false_alarms": 1,
    }  # fmt: skip
    assert report["threshold"] == POSSIBLE
    assert report["strong_recall"] == report["by_quality"]["STRONG"]["f1"] == 1
    assert report["by_quality"]["WEAK"]["recall"] == 0
    assert report["clean"] is None
    assert [error["names"][1] for error in report["errors"]] == ["Tommaso Sorrento", "Orion Steel Ltd"]


def test_shares_of_nothing_are_whole():
    assert (Figures().precision, Figures().recall, Figures().f1) == (1, 1, 1)


def test_a_person_can_read_it(pairs):
    text = run(str(pairs))

    assert "STRONG matches caught: 100.0%" in text
    assert "Clean names: not measured" in text


def test_too_little_quality_fails(pairs):
    run(str(pairs), "--min-f1", "0.6")
    with pytest.raises(CommandError, match=r"F1 0\.6667 is below 0\.7"):
        run(str(pairs), "--min-f1", "0.7")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "LIST_FORMAT_UNKNOWN"),
        ("a,b\n1,2\n", "LIST_FORMAT_UNKNOWN"),
        ("name1,name2,is_match\n", "LIST_EMPTY"),
        ("name1,name2,is_match\nAnna,Anna,maybe\n", "LIST_VALUE_INVALID"),
        ("name1,name2,is_match\nAnna\n", "LIST_VALUE_INVALID"),
    ],
)
def test_other_files_are_refused(tmp_path, content, code):
    path = tmp_path / "pairs.csv"
    path.write_text(content)

    with pytest.raises(CommandError, match=code):
        run(str(path))
    with pytest.raises(CommandError):
        run(str(tmp_path / "missing.csv"))


def test_a_broken_list_is_not_measured_with(pairs):
    for name in ("ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv", "ofac_sdn_comments.csv"):
        (pairs.parent / name).write_bytes(OFAC_ENTRIES)

    with pytest.raises(CommandError, match="LIST_"):
        run(str(pairs))


def test_the_labelled_pairs_are_judged_well():
    judged = judge_pairs(read_pairs(shared_data("sanctions/name_pairs_dev.csv")), Rarity())

    assert figures(judged).f1 > 0.88
    assert figures_by_label(judged)["STRONG"].f1 == 1


def test_every_listed_name_and_strong_alias_is_asked_about_itself():
    small = read_list("OFAC", OFAC_FILES, published_on=date(2026, 11, 1), at_least=1)

    found = measure_listed(Screener([small]))

    assert (found.names, found.lost) == (5, [])


@pytest.mark.slow
def test_the_command_asks_the_published_lists_about_themselves(pairs):
    folder = shared_data("sanctions/ofac_sdn.csv").parent

    text = run(str(pairs), "--lists", str(folder), "--clean", "20", "--folds", "0", "--listed", "400")

    assert re.search(r"strong aliases: (\d+) of \1 find themselves", text)
