"""How alike two names are, from 0 to 1, and why."""

from dataclasses import dataclass

from .alignment import How, Match, align
from .names import Name, Part, Word
from .rarity import Rarity

ROOM = 1.0
ROOM_PER_LETTER = 0.125
"""How much of cost a name of some length bears: the typos in a long name weigh less than in a short one."""
COST_SLOPE = 0.42
"""What the score loses when all that room is used."""
MISSING_PERSON = 0.52
MISSING_ORGANISATION = 0.95
"""What it loses when only one side has all the words: people leave out names, companies are others with one word more."""
ONE_WORD_ONLY = 0.85
"""A person of several names, known by one of them."""
TELLING_WEIGHT = 0.5
CONFLICT = 0.65
"""What it loses when each side has a word the other has not."""
LEGAL_FORM_CONFLICT = 0.9
INITIALS_ONLY = 0.6

_SAYS_WHO = (Part.WORD, Part.PATRONYMIC)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the explanation: what is taken for what, why, what it costs and how much it says."""

    ours: str
    theirs: str
    how: How
    cost: float
    weight: float


@dataclass(frozen=True, slots=True)
class Comparison:
    score: float
    lines: tuple[Line, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    """What the score is the product of."""


def compare_names(ours: Name, theirs: Name, rarity: Rarity) -> Comparison:
    matches, left, right = align(ours, theirs)
    if not matches:
        return Comparison(0.0)
    weights = [_weight(match, rarity) for match in matches]
    ours_left, theirs_left = (sum(map(rarity.weight, words)) for words in (left, right))
    conflict, missing = sorted((ours_left, theirs_left))
    factors = {
        "spelling": spelling_factor(sum(match.cost for match in matches), room_for(ours, theirs)),
        "missing": _missing(matches, sum(weights), missing - conflict, ours, theirs),
        "conflict": conflict_factor(conflict),
        "initials": _initials(matches),
        "legal_form": _legal_form(ours, theirs),
    }
    score = 1.0
    for factor in factors.values():
        score *= factor
    lines = [_line(match, weight) for match, weight in zip(matches, weights, strict=True)]
    lines += [Line(word.text, "", How.MISSING, 0.0, round(rarity.weight(word), 4)) for word in left]
    lines += [Line("", word.text, How.MISSING, 0.0, round(rarity.weight(word), 4)) for word in right]
    told = tuple((name, round(factor, 4)) for name, factor in factors.items() if factor < 1)
    return Comparison(round(max(score, 0.0), 4), tuple(lines), told)


def _weight(match: Match, rarity: Rarity) -> float:
    """Return the weight of the lighter side: an initial does not say what the whole name does."""
    return min(sum(map(rarity.weight, match.ours)), sum(map(rarity.weight, match.theirs)))


def _line(match: Match, weight: float) -> Line:
    return Line(_text(match.ours), _text(match.theirs), match.how, round(match.cost, 4), round(weight, 4))


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def room_for(ours: Name, theirs: Name) -> float:
    return ROOM + ROOM_PER_LETTER * min(ours.length, theirs.length)


def spelling_factor(spent: float, room: float) -> float:
    return max(0.0, 1 - COST_SLOPE * spent / room)


def missing_factor(share: float, *, is_organisation: bool) -> float:
    return 1 - (MISSING_ORGANISATION if is_organisation else MISSING_PERSON) * share


def conflict_factor(weight: float) -> float:
    return 1 - CONFLICT * min(1.0, weight)


def _missing(matches: list[Match], matched: float, missing: float, ours: Name, theirs: Name) -> float:
    if missing <= 0:
        return 1.0
    is_organisation = ours.is_organisation or theirs.is_organisation
    factor = missing_factor(missing / (matched + missing), is_organisation=is_organisation)
    telling = sum(any(word.part in _SAYS_WHO for word in (*match.ours, *match.theirs)) for match in matches)
    known_by_one = not is_organisation and telling <= 1 and missing >= TELLING_WEIGHT
    return factor * (ONE_WORD_ONLY if known_by_one else 1.0)


def _initials(matches: list[Match]) -> float:
    """Initials confirm a name; alone they are nobody's."""
    says_more = any(
        match.how not in (How.INITIAL, How.INITIALS)
        and any(
            word.part not in (Part.PARTICLE, Part.TITLE, Part.SERVANT)
            for word in (*match.ours, *match.theirs)
        )
        for match in matches
    )
    return 1.0 if says_more else INITIALS_ONLY


def _legal_form(ours: Name, theirs: Name) -> float:
    conflict = ours.legal_forms and theirs.legal_forms and ours.legal_forms.isdisjoint(theirs.legal_forms)
    return LEGAL_FORM_CONFLICT if conflict else 1.0
