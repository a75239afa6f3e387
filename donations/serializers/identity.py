"""The shapes of proofs of identity in the API."""

from typing import Any, ClassVar

from rest_framework import serializers

from donations.models import IdentityDocument, IdentityVerification
from donations.operations.identity.applying import missing_documents
from goodplay.lib.api.fields import EurosField
from goodplay.lib.api.serializers import InputSerializer

ASKED = ((2, "identity"), (3, "identity and source of funds"))


class VerificationInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "level": "IDENTITY_LEVEL_INVALID",
        "given_names": "IDENTITY_NAME_INVALID",
        "family_names": "IDENTITY_NAME_INVALID",
        "born_on": "IDENTITY_BIRTH_DATE_INVALID",
        "nationality": "IDENTITY_NATIONALITY_INVALID",
    }

    level = serializers.ChoiceField(ASKED)
    given_names = serializers.CharField(max_length=100, help_text="As the document has them.")
    family_names = serializers.CharField(max_length=100, help_text="As the document has them.")
    born_on = serializers.DateField()
    nationality = serializers.CharField(
        min_length=2, max_length=2, help_text="A country's code of two letters."
    )


class IdentityDocumentInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "kind": "IDENTITY_DOCUMENT_KIND_INVALID",
        "file.empty": "FILE_EMPTY",
        "file": "FILE_REQUIRED",
        "number": "IDENTITY_DOCUMENT_NUMBER_INVALID",
        "expires_on": "IDENTITY_DOCUMENT_EXPIRY_INVALID",
    }

    kind = serializers.ChoiceField(IdentityDocument.Kind.choices)
    file = serializers.FileField(help_text="A PDF, a JPEG or a PNG.")
    number = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="Of documents of identity; the last four signs are kept.",
    )
    expires_on = serializers.DateField(required=False, help_text="Of documents of identity.")


class IdentityDocumentSerializer(serializers.ModelSerializer[IdentityDocument]):
    document_id = serializers.UUIDField(source="id")
    file_name = serializers.CharField(source="file.name")
    size_bytes = serializers.IntegerField(source="file.size")

    class Meta:
        model = IdentityDocument
        fields = (
            "document_id",
            "kind",
            "number_end",
            "expires_on",
            "file_name",
            "size_bytes",
            "uploaded_at",
        )


class VerificationSerializer(serializers.ModelSerializer[IdentityVerification]):
    verification_id = serializers.UUIDField(source="id")
    documents = IdentityDocumentSerializer(many=True)
    missing_documents = serializers.SerializerMethodField()
    rejection_reason = serializers.SerializerMethodField()

    class Meta:
        model = IdentityVerification
        fields = (
            "verification_id",
            "level",
            "status",
            "given_names",
            "family_names",
            "born_on",
            "nationality",
            "documents",
            "missing_documents",
            "rejection_reason",
            "created_at",
            "submitted_at",
            "decided_at",
            "expires_at",
        )

    def get_missing_documents(self, row: IdentityVerification) -> list[str]:
        """Name what a draft still needs."""
        if row.status != IdentityVerification.Status.DRAFT:
            return []
        return missing_documents(row.level, list(row.documents.all()))

    def get_rejection_reason(self, row: IdentityVerification) -> str:
        return row.decision_reason if row.status == IdentityVerification.Status.REJECTED else ""


class StandingSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    single_limit = EurosField()
    daily_limit = EurosField()
    monthly_limit = EurosField()
    used_today = EurosField()
    used_this_month = EurosField()
    limit_left = EurosField(source="left")


class IdentitySerializer(StandingSerializer):
    verifications = VerificationSerializer(many=True)
