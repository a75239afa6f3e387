"""What people can be told: each kind with its words, declared by the app that owns the fact.

    notice(
        "story_unlocked",
        title=_("A new story: %(title)s"),
        text=_("You opened it with what you gave."),
        topic="achievement_alerts",
        link=("story", "story_id"),
    )

Only facts are stored. They become words when somebody reads them, in the reader's language.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language

from goodplay.lib.templatetags.house import day, euros

Facts = dict[str, Any]
Audience = Callable[[Facts, UUID | None, int], Sequence[UUID]]
"""(facts, after, most) → the next people by their key, fewer than `most` at the end."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    `topic`: the preference that silences it; none for what a player must learn (money that did not arrive). `link`: what
    it is about, and the fact that holds its id. `is_mailed`: in the summary by mail; off where a mail of its own goes out.
    `amounts`, `numbers` and `days` name the facts that are euros, whole numbers and moments. A fact with a twin `<name>_it` is told in that language.
    """

    name: str
    title: str | Promise
    text: str | Promise
    topic: str = ""
    link: tuple[str, str] | None = None
    is_mailed: bool = True
    amounts: Sequence[str] = ("amount",)
    numbers: Sequence[str] = ()
    days: Sequence[str] = ()

    def told(self, facts: Facts) -> tuple[str, str]:
        """Return title and text in the active language."""
        words = self._in_words(facts)
        return str(self.title) % words, str(self.text) % words

    def link_of(self, facts: Facts) -> dict[str, str] | None:
        if self.link is None or not facts.get(self.link[1]):
            return None
        return {"type": self.link[0], "id": str(facts[self.link[1]])}

    def _in_words(self, facts: Facts) -> Facts:
        language = (get_language() or "")[:2]
        words = {name: facts.get(f"{name}_{language}") or value for name, value in facts.items()}
        words |= {name: euros(Decimal(facts[name])) for name in self.amounts if facts.get(name)}
        words |= {name: _whole(facts[name]) for name in self.numbers if facts.get(name)}
        words |= {name: day(datetime.fromisoformat(facts[name])) for name in self.days if facts.get(name)}
        return words


def _whole(text: str) -> str:
    return number_format(Decimal(text), 0, force_grouping=True)


KINDS: dict[str, Kind] = {}
AUDIENCES: dict[str, Audience] = {}


def notice(name: str, **options: Any) -> None:
    if name in KINDS:
        raise ValueError(f"notice {name} is declared twice")
    KINDS[name] = Kind(name, **options)


def audience(name: str) -> Callable[[Audience], Audience]:
    """Declare whom an announcement reaches."""

    def declare(function: Audience) -> Audience:
        if name in AUDIENCES:
            raise ValueError(f"audience {name} is declared twice")
        AUDIENCES[name] = function
        return function

    return declare
