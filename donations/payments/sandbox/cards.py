"""The test cards: what each one does. Nothing else can be paid with, so no real card number is ever kept."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SETTLES_AFTER = timedelta(seconds=20)
"""How long a slow payment or refund stays undecided."""

TOKEN_PREFIX = "test_"  # noqa: S105  (no secret: the tokens are in the documentation)
TOKEN_EXPIRES_ON = "2039-12"  # noqa: S105

DECLINES: dict[str, str | Promise] = {
    "card_declined": _("The bank declined the card. Use another one."),
    "insufficient_funds": _("There is not enough money on the card. Use another one."),
    "expired_card": _("The card has expired. Use another one."),
    "authentication_failed": _("The bank could not make sure that it is you. Try again or use another card."),
    "authentication_required": _("The bank wants to ask the card's holder, who is not here."),
    "payment_failed": _("The bank refused the payment after a while. Start again with another card."),
}


@dataclass(frozen=True, slots=True)
class Card:
    slug: str
    number: str
    does: str | Promise
    brand: str = "visa"
    declines: str = ""
    """The code the bank declines with."""
    declines_absent: str = ""
    """The code when the holder is not there."""
    asks_holder: bool = False
    """3-D Secure."""
    holder_passes: bool = True
    is_slow: bool = False
    fails_in_the_end: bool = False
    breaks_before: bool = False
    """The provider gives no answer, and nothing happened."""
    breaks_after: bool = False
    """The provider gives no answer, though it happened."""
    is_disputed: bool = False
    refunds_slowly: bool = False
    refunds_fail: bool = False

    @property
    def token(self) -> str:
        """Stands for the card in API calls."""
        return TOKEN_PREFIX + self.slug

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def grouped(self) -> str:
        return " ".join(self.number[start : start + 4] for start in range(0, 16, 4))

    def declines_with(self, *, is_absent: bool) -> str:
        """Return why the bank says no, empty when it does not."""
        if is_absent:
            asked = "authentication_required" if self.asks_holder else ""
            return self.declines or self.declines_absent or asked
        return self.declines


CARDS = {
    card.slug: card
    for card in (
        Card("succeeds", "4242424242424242", _("Pays.")),
        Card("mastercard", "5555555555554444", _("Pays, and is a Mastercard."), brand="mastercard"),
        Card("declined", "4000000000000002", _("Is declined by the bank."), declines="card_declined"),
        Card("no_money", "4000000000009995", _("Lacks the money."), declines="insufficient_funds"),
        Card("expired", "4000000000000069", _("Has expired."), declines="expired_card"),
        Card("asks", "4000000000003220", _("Asks you to confirm (3-D Secure), then pays."), asks_holder=True),
        Card(
            "asks_in_vain",
            "4000008400001629",
            _("Asks you to confirm (3-D Secure), and fails whatever you answer."),
            asks_holder=True,
            holder_passes=False,
        ),
        Card("slow", "4000000000006009", _("Pays after 20 seconds."), is_slow=True),
        Card(
            "slow_failure",
            "4000000000006108",
            _("Fails after 20 seconds."),
            is_slow=True,
            fails_in_the_end=True,
        ),
        Card(
            "broken",
            "4000000000000119",
            _("Makes the provider break down. Nothing is paid."),
            breaks_before=True,
        ),
        Card(
            "answer_lost",
            "4000000000006207",
            _("Pays, but the provider's answer is lost."),
            breaks_after=True,
        ),
        Card(
            "disputed", "4000000000000259", _("Pays, and its holder disputes it at once."), is_disputed=True
        ),
        Card(
            "only_present",
            "4000000000000341",
            _("Pays now; is declined later, when nobody is there (recurring gifts)."),
            declines_absent="card_declined",
        ),
        Card("slow_refund", "4000000000007726", _("Pays; a refund takes 20 seconds."), refunds_slowly=True),
        Card(
            "failing_refund",
            "4000000000005126",
            _("Pays; a refund fails after 20 seconds."),
            refunds_slowly=True,
            refunds_fail=True,
        ),
    )
}


def card_with_number(number: str) -> Card | None:
    return next((card for card in CARDS.values() if card.number == number), None)


def card_with_token(token: str) -> Card | None:
    return CARDS.get(token.removeprefix(TOKEN_PREFIX)) if token.startswith(TOKEN_PREFIX) else None
