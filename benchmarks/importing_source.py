"""An old installation of any size, made while it is read: nothing of it is kept, so what is measured is the import."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Document = dict[str, Any]

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
HASH = "scrypt:32768:8:1$Fl4skS4ltFl4skS4$" + "ab" * 64
USERS, WALLETS, TRANSACTIONS, PAYMENTS = "users", "wallets", "transactions", "payment_intents"
PAYS = 10  # one in so many ever paid in


def key(collection: int, number: int) -> str:
    return f"6640000{collection}{number:016x}"


class Installation:
    """As much of a database of MongoDB's driver as the import asks for."""

    name = "goodplay_old"

    def __init__(self, people: int, transactions: int) -> None:
        self.people, self.each = people, transactions
        self.asked = 0
        """How often documents were looked for."""

    def list_collection_names(self) -> list[str]:
        return [USERS, WALLETS, TRANSACTIONS, PAYMENTS]

    def __getitem__(self, name: str) -> "Collection":
        return Collection(self, name)

    def documents(self, name: str, person: int) -> Iterator[Document]:
        """Make what one person has in a collection."""
        if name == USERS:
            yield _user(person)
        elif name == WALLETS:
            yield _wallet(person, self.each)
        elif name == TRANSACTIONS:
            yield from (_transaction(person, place, self.each) for place in range(self.each))
        elif person % PAYS == 0:
            yield _payment(person)


class Collection:
    def __init__(self, house: Installation, name: str) -> None:
        self.house, self.name = house, name

    def find(self, wanted: dict[str, Any], batch_size: int = 0) -> "Found":
        self.house.asked += 1
        forms = wanted.get("user_id", {}).get("$in")
        return Found(self._whole() if forms is None else self._of(forms))

    def _whole(self) -> Iterator[Document]:
        for person in range(1, self.house.people + 1):
            yield from self.house.documents(self.name, person)

    def _of(self, forms: Iterable[Any]) -> Iterator[Document]:
        for person in {int(str(form)[8:], 16) for form in forms}:
            yield from self.house.documents(self.name, person)


class Found:
    """What was found, in the order it is made in: that of the keys."""

    def __init__(self, documents: Iterator[Document]) -> None:
        self.documents = documents

    def sort(self, name: str, direction: int) -> "Found":
        return self

    def __iter__(self) -> Iterator[Document]:
        return self.documents


def _user(number: int) -> Document:
    return {
        "_id": key(1, number),
        "email": f"giocatore{number}@example.org",
        "password_hash": HASH,
        "first_name": "Lucia",
        "last_name": "Bianchi",
        "is_active": True,
        "is_verified": True,
        "role": "user",
        "preferred_language": "it",
        "created_at": FIRST + timedelta(minutes=number),
        "social_profile": {"display_name": f"Lucia {number}", "privacy_level": "friends"},
        "preferences": {
            "gaming": {"preferred_categories": ["puzzle"], "difficulty_level": "hard"},
            "notifications": {"frequency": "weekly", "email_enabled": True},
            "privacy": {"profile_visibility": "public", "stats_sharing": False},
        },
    }


def _wallet(number: int, transactions: int) -> Document:
    cents = sum(_cents(number, place, transactions) for place in range(transactions))
    return {
        "_id": key(2, number),
        "user_id": key(1, number),
        "current_balance": cents / 100,
        "auto_donation_settings": {"enabled": False, "threshold": 10.0, "percentage": 20},
    }


def _transaction(number: int, place: int, transactions: int) -> Document:
    cents = _cents(number, place, transactions)
    return {
        "_id": key(3, number * transactions + place),
        "user_id": key(1, number),
        "transaction_type": "earned" if cents > 0 else "donated",
        "amount": abs(cents) / 100,
        "status": "completed",
        "source_type": "game_session",
        "created_at": FIRST + timedelta(minutes=number + place),
    }


def _payment(number: int) -> Document:
    return {
        "_id": key(4, number),
        "user_id": key(1, number),
        "status": "succeeded",
        "currency": "EUR",
        "net_amount": 1.5,
    }


def _cents(number: int, place: int, transactions: int) -> int:
    """Everybody earns, and gives a little of it with the last transaction."""
    return -50 if place and place == transactions - 1 else 100 + (number * 37 + place) % 400
