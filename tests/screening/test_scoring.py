import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from donations.screening.alignment import How
from donations.screening.decisions import POSSIBLE, STRONG
from donations.screening.entries import Kind
from donations.screening.names import read_name, ways_to_read
from donations.screening.rarity import LEAST, Rarity
from donations.screening.scoring import compare_names

PERSON, COMPANY = Kind.PERSON, Kind.ORGANISATION
PIECES = st.sampled_from(
    ["Anna", "Petrovich", "Mohammed", "Muhamad", "al", "bin", "de", "Abdul", "Rahman", "Abdurrahman", "K.", "A", "Dr",
     "Rossi", "Rosi", "Trading", "Ltd", "7", "Ванга", "محمد"]
)  # fmt: skip
NAMES = st.one_of(st.lists(PIECES, min_size=1, max_size=6).map(" ".join), st.text(max_size=30))
KINDS = st.sampled_from([PERSON, COMPANY, Kind.UNKNOWN])


def score(one, other, kind=PERSON, rarity=None):
    return compare_names(read_name(one, kind), read_name(other, kind), rarity or Rarity()).score


def lines(one, other, kind=PERSON):
    return {
        (line.ours, line.theirs): line.how
        for line in compare_names(read_name(one, kind), read_name(other, kind), Rarity()).lines
    }


@given(NAMES, NAMES, KINDS)
@settings(deadline=None)
def test_scores_are_the_same_both_ways_and_between_nothing_and_one(one, other, kind):
    assert 0 <= score(one, other, kind) <= 1
    assert score(one, other, kind) == score(other, one, kind)


@given(NAMES, KINDS)
@settings(deadline=None)
def test_the_same_name_scores_one(name, kind):
    assert all(compare_names(read, read, Rarity()).score == 1 for read in ways_to_read(name, kind))


@given(st.lists(PIECES, min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_words_does_not_matter(pieces, random):
    shuffled = random.sample(pieces, len(pieces))

    assert score(" ".join(pieces), " ".join(shuffled)) == 1


@given(st.lists(PIECES, min_size=1, max_size=5), NAMES, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_words_does_not_matter_for_another_name(pieces, other, random):
    shuffled = random.sample(pieces, len(pieces))

    assert score(" ".join(pieces), other) == score(" ".join(shuffled), other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Giulio Ravenna", "RAVENNA, Giulio"),
        ("Giulio Ravéna", "Giulio Ravenna"),
        ("Dr. Giulio Ravenna", "Giulio Ravenna"),
        ("Yusuf Karimi", "Youssef Kareemi"),
        ("Oleksandr Dvornikov", "Александр Дворников"),
        ("Arkady Petrovich Dvornikov", "Arkady Dvornikov"),
        ("Abd al-Rahman Samaka", "Abdul Rahman Samaka"),
    ],
)
def test_the_same_person_is_strong_or_nearly(one, other):
    assert score(one, other) >= min(STRONG, 0.84)


@pytest.mark.parametrize(
    ("one", "other", "kind", "how"),
    [
        ("Giulio Ravnena", "Giulio Ravenna", PERSON, How.TYPO),
        ("G. Ravenna", "Giulio Ravenna", PERSON, How.INITIAL),
        ("Abdurrahman Samaka", "Abdul Rahman Samaka", PERSON, How.JOINED),
        ("Giu lio Ravenna", "Giulio Ravenna", PERSON, How.JOINED),
        ("GiulioRavenna", "Giulio Ravenna", PERSON, How.JOINED),
        ("Bill Ravenna", "William Ravenna", PERSON, How.NICKNAME),
        ("محمد كريم", "Mohammed Karim", PERSON, How.SCRIPT),
        ("WFP Rome", "World Food Programme Rome", COMPANY, How.INITIALS),
        ("Mohammad Karim", "Muhammad Kareem", PERSON, How.SPELLING),
    ],
)
def test_ways_to_be_the_same(one, other, kind, how):
    assert how in lines(one, other, kind).values()
    assert score(one, other, kind) >= POSSIBLE


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Giulio Ravenna", "Tommaso Ravenna", PERSON),
        ("Giulio Ravenna", "Giulio Sorrento", PERSON),
        ("G.R.", "Giulio Ravenna", PERSON),
        ("T. Ravenna", "Giulio Ravenna", PERSON),
        ("Ravenna", "Giulio Andrea Ravenna", PERSON),
        ("Murad Khasanovich Samakov", "Murad Iraklievich Samakov", PERSON),
        ("Mohammed Karim", "Ahmed Karim", PERSON),
        ("Orion Steel", "Orion Shipping", COMPANY),
        ("Orion Steel", "Orion Steel Nederland", COMPANY),
        ("", "Giulio Ravenna", PERSON),
    ],
)
def test_others_are_others(one, other, kind):
    assert score(one, other, kind) < POSSIBLE


def test_a_different_legal_form_weighs_little_and_a_spelled_out_one_nothing():
    assert score("Orion Steel GmbH", "Orion Steel Limited Liability Company", COMPANY) == 1
    assert POSSIBLE < score("Orion Steel GmbH", "Orion Steel AG", COMPANY) < 1


def test_what_only_one_side_has_weighs_by_its_rarity():
    names = [read_name(f"Ali Rossi{number}", PERSON) for number in range(50)] + [
        read_name("Zorzi", PERSON)
    ] * 2
    rarity = Rarity.of(names)

    assert LEAST <= rarity.shares["ali"] < rarity.shares["zorzi"] < 1
    assert score("Anna Zorzi", "Anna Zorzi Ali", PERSON, rarity) > score(
        "Anna Zorzi", "Anna Zorzi Velia", PERSON, rarity
    )


def test_every_word_is_explained():
    comparison = compare_names(
        read_name("Dr Giulio Ravnena K. Petrovich", PERSON),
        read_name("Giulio Karl Ravenna", PERSON),
        Rarity(),
    )

    assert sorted(line.ours for line in comparison.lines if line.ours) == [
        "dr",
        "giulio",
        "k",
        "petrovich",
        "ravnena",
    ]
    product = 1.0
    for _, factor in comparison.factors:
        product *= factor
    assert comparison.score == pytest.approx(product, abs=0.001)
