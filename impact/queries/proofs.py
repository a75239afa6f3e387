"""Proof that a donation is in the books that were published.

The leaf of a transfer is one line of text, its facts joined by "|":

    goodplay-transfer-1|day|transfer|transaction|kind|phase|amount|from|to|organisation|reverses|moment|salt

Nothing in it says who gave: accounts of players are named by their kind alone. The salt is the HMAC of the transfer's key
under a secret of the day, so who has one leaf cannot guess another.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from donations.models import Donation, LedgerAccount, Transfer
from goodplay.lib.errors import Conflict
from goodplay.lib.time import day_bounds, rome_day
from impact.merkle import leaf_hash, path_of, root_of
from impact.models import DayRoot

IN_A_PART = 1024
"""A power of two, so that each part is a subtree of its own."""

_COLUMNS = (
    "pk",
    "transaction_id",
    "kind",
    "phase",
    "amount",
    "debit_account__kind",
    "credit_account__kind",
    "credit_account__onlus_id",
    "debit_account__onlus_id",
    "reverses_id",
    "created_at",
)


class ProofNotReady(Conflict):
    code = "PROOF_NOT_READY"
    message = _("The proof is made in the night after the gift was carried out. Ask again tomorrow.")


@dataclass(frozen=True, slots=True)
class Proof:
    """That one transfer is among those of a day."""

    transfer_id: UUID
    root: DayRoot
    leaf: str
    index: int
    path: list[bytes]


def proofs_of(donation: Donation) -> list[Proof]:
    """Prove the transfers that carried the donation to its organisation: one for each kind of money."""
    carried = Transfer.objects.moving().filter(
        transaction_id=donation.pk,
        kind=Transfer.Kind.DONATION,
        credit_account__kind=LedgerAccount.Kind.ONLUS_PAYABLE,
        reverses=None,
    )
    rows = list(carried.order_by("pk").values_list("pk", "created_at"))
    roots = {root.day: root for root in DayRoot.objects.filter(day__in={rome_day(at) for _pk, at in rows})}
    if not rows or any(rome_day(at) not in roots for _pk, at in rows):
        raise ProofNotReady
    return [_proof(key, roots[rome_day(at)]) for key, at in rows]


def part_roots(day: date, secret: str) -> Iterator[tuple[int, bytes]]:
    """Yield how many leaves each part of a day's tree has, and the root over them."""
    part: list[bytes] = []
    for _key, leaf in _leaves(_transfers(day), day, secret):
        part.append(leaf_hash(leaf.encode()))
        if len(part) == IN_A_PART:
            yield len(part), root_of(part)
            part = []
    if part:
        yield len(part), root_of(part)


def still_holds(root: DayRoot) -> bool:
    """Say whether the day's transfers still lead to the root that was published."""
    parts = list(part_roots(root.day, root.secret))
    count = sum(size for size, _hash in parts)
    return (count, root_of([each for _size, each in parts]).hex()) == (root.leaf_count, root.root)


def published_roots() -> "QuerySet[DayRoot]":
    return DayRoot.objects.defer("secret", "parts").order_by("-day")


def _proof(key: UUID, root: DayRoot) -> Proof:
    """Read the part of the tree the transfer is in; the rest is known by the roots of the other parts."""
    everything = _transfers(root.day)
    index = everything.filter(pk__lt=key).count()
    number = index // IN_A_PART
    part = everything[number * IN_A_PART : (number + 1) * IN_A_PART]
    leaves = list(_leaves(part, root.day, root.secret))
    hashes = [leaf_hash(leaf.encode()) for _key, leaf in leaves]
    parts = [bytes.fromhex(each) for each in root.parts]
    inside = index - number * IN_A_PART
    return Proof(
        transfer_id=key,
        root=root,
        leaf=leaves[inside][1],
        index=index,
        path=[*path_of(inside, hashes), *path_of(number, parts)],
    )


def _transfers(day: date) -> "QuerySet[Transfer]":
    start, end = day_bounds(day)
    return Transfer.objects.filter(created_at__gte=start, created_at__lt=end).order_by("pk")


def _leaves(rows: "QuerySet[Transfer]", day: date, secret: str) -> Iterator[tuple[UUID, str]]:
    key = bytes.fromhex(secret)
    for row in rows.values_list(*_COLUMNS).iterator(chunk_size=5000):
        salt = hmac.digest(key, row[0].bytes, "sha256").hex()
        yield row[0], _leaf(day, row, salt)


def _leaf(day: date, row: tuple[Any, ...], salt: str) -> str:
    transfer, transaction, kind, phase, amount, source, target, receiver, giver, reverses, at = row
    facts = (
        "goodplay-transfer-1",
        day.isoformat(),
        transfer,
        transaction,
        kind,
        phase,
        f"{amount:.2f}",
        source,
        target,
        receiver or giver or "-",
        reverses or "-",
        at.astimezone(UTC).isoformat(),
        salt,
    )
    return "|".join(str(fact) for fact in facts)
