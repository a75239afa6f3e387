"""Check offline that a donation is in the books GoodPlay published: python verify_inclusion.py proof.json roots.json

proof.json is the answer of /api/impact/donation/{id}/proof, roots.json that of /api/impact/proofs/roots.
"""

import hashlib
import json
import sys
from pathlib import Path


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_along(leaf, index, count, path):
    value, last = hashlib.sha256(b"\x00" + leaf).digest(), count - 1
    for sibling in map(bytes.fromhex, path):
        if index % 2 or index == last:
            value = node(sibling, value)
            while index and not index % 2:
                index, last = index >> 1, last >> 1
        else:
            value = node(value, sibling)
        index, last = index >> 1, last >> 1
    return value.hex() if last == 0 else None


proof, roots = (json.loads(Path(name).read_text())["data"] for name in sys.argv[1:3])
published = {row["day"]: (row["root"], row["leaf_count"]) for row in roots["roots"]}
for each in proof["proofs"] or sys.exit("NOT PROVEN: there is nothing to check."):
    facts = each["leaf"].split("|")
    reached = root_along(each["leaf"].encode(), each["leaf_index"], each["leaf_count"], each["audit_path"])
    same = facts[1] == each["day"] and facts[3] == proof["donation_id"]
    if not same or not 0 <= each["leaf_index"] < each["leaf_count"]:
        sys.exit("NOT PROVEN: the leaf speaks of another day or donation.")
    if published.get(each["day"]) != (reached, each["leaf_count"]):
        sys.exit(f"NOT PROVEN: the path does not lead to the published root of {each['day']}.")
    print(f"PROVEN: {facts[6]} EUR to organisation {facts[9]} is in the books of {each['day']}.")  # noqa: T201
