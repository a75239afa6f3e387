"""Why the screener found somebody, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from donations.models import ScreeningDecision, ScreeningHit

HOW: Mapping[str, str | Promise] = {
    "same": _("the same"),
    "spelling": _("sounds the same"),
    "typo": _("a few letters differ"),
    "script": _("the same consonants in another script"),
    "initial": _("an initial"),
    "nickname": _("a form of the same name"),
    "joined": _("written together here, apart there"),
    "initials": _("the initials of several words"),
    "missing": _("only one of them has it"),
}
FACTORS: Mapping[str, str | Promise] = {
    "spelling": _("what differs in the spelling"),
    "missing": _("words only one of them has"),
    "conflict": _("each has a word the other has not"),
    "initials": _("initials only"),
    "legal_form": _("another form of company"),
}
FACTS: Mapping[str, str | Promise] = {
    "same_day": _("the same day of birth"),
    "same_year": _("the same year of birth"),
    "other_birth": _("born at another time"),
    "same_country": _("the same nationality"),
    "other_country": _("another nationality"),
    "other_kind": _("one is a person, the other an organisation"),
}


def table(head: Iterable[object], rows: Iterable[tuple[object, ...]]) -> SafeString:
    cells = [(format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows]
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join("", "<th scope='col'>{}</th>", ((name,) for name in head)),
        format_html_join("", "<tr>{}</tr>", cells),
    )


def births(found: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(
        each["day"] or "–".join(dict.fromkeys([str(each["first_year"]), str(each["last_year"])]))  # noqa: RUF001
        for each in found
    )


def explained(data: Mapping[str, Any]) -> SafeString:
    """Tell an answer word by word: which word was taken for which, why, and what weighed how much."""
    words = table(
        (_now("Ours"), _now("Listed"), _now("How"), _now("Weight"), _now("Cost")),
        (
            (line["ours"], line["theirs"], HOW.get(line["how"], line["how"]), line["weight"], line["cost"])
            for line in data["words"]
        ),
    )
    factors = [(FACTORS.get(name, name), f"x {value}") for name, value in data["factors"].items()]
    facts = [(FACTS.get(name, name), "") for name in data["facts"]]
    return format_html(
        "{}{}<p>{}: {} · {}: {} · {}: {}</p>",
        words,
        table((_now("Besides"), ""), [*factors, *facts]) if factors or facts else "",
        _now("Closest name"),
        data["name"]["text"],
        _now("Score of the names"),
        data["name_score"],
        _now("Score"),
        data["score"],
    )


def in_one_sentence(hit: ScreeningHit) -> str:
    """Say who may be whom, which words are not the same, and what besides the name was compared."""
    if not hit.entry:
        return _now("Nothing can be read in this name, so no list can be asked about it.")
    said = hit.explanation
    names = {
        "ours": hit.decision.query["name"],
        "listed": said["name"]["text"],
        "list": hit.get_source_display(),
    }
    likely = hit.band == ScreeningDecision.Band.STRONG
    first = _LIKELY if likely else _POSSIBLE
    differing = [_differs(line) for line in said["words"] if line["how"] != "same"]
    besides = [str(FACTS.get(name, name)) for name in said["facts"]]
    parts = [
        "; ".join(differing) if differing else _now("every word is the same"),
        ", ".join(besides) if besides else _now("nothing but the name could be compared"),
    ]
    return f"{str(first) % names} {_capital('; '.join(parts))}."


_LIKELY = _("“%(ours)s” is very likely “%(listed)s” of the list “%(list)s”.")
_POSSIBLE = _("“%(ours)s” may be “%(listed)s” of the list “%(list)s”.")


def _differs(line: Mapping[str, Any]) -> str:
    pair = " / ".join(f"“{word}”" for word in (line["ours"], line["theirs"]) if word)
    return f"{pair}: {HOW.get(line['how'], line['how'])}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
