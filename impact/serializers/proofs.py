from typing import Any

from rest_framework import serializers

from impact.models import DayRoot
from impact.queries.proofs import Proof


class RootSerializer(serializers.Serializer[DayRoot]):
    day = serializers.DateField()
    leaf_count = serializers.IntegerField(help_text="The transfers of the day.")
    root = serializers.CharField()  # type: ignore[assignment]  # what it is called everywhere
    ledger_seal = serializers.CharField(source="seal", help_text="The hash that chains the day's books.")
    made_at = serializers.DateTimeField()


class ProofSerializer(serializers.Serializer[Proof]):
    """All it takes to prove that one transfer is in the books of a day."""

    transfer_id = serializers.UUIDField()
    day = serializers.DateField(source="root.day")
    leaf = serializers.CharField(help_text="One line of text; docs/transparency.md says what stands in it.")
    leaf_index = serializers.IntegerField(source="index")
    leaf_count = serializers.IntegerField(source="root.leaf_count")
    audit_path = serializers.SerializerMethodField(help_text="The nearest first, as RFC 6962 has it.")
    root = serializers.CharField(source="root.root")  # type: ignore[assignment]

    def get_audit_path(self, proof: Proof) -> list[str]:
        return [node.hex() for node in proof.path]


class DonationProofSerializer(serializers.Serializer[Any]):
    donation_id = serializers.UUIDField()
    proofs = ProofSerializer(many=True, help_text="One for each transfer that carried the donation.")
