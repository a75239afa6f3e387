"""The shapes of applications in the API. What an applicant may write is named here; nothing else is read."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Onlus, OnlusApplication, OnlusDocument, VerificationCheck
from accounts.operations.applications import masked_bank_account
from accounts.operations.people_lists import PeopleInvalid, read_address, read_bank_account, read_people
from accounts.queries.applications import (
    ALIASES,
    handed_in,
    required_documents,
    verification_figures,
)
from goodplay.lib.api.fields import EurosField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.money import LARGEST

_PEOPLE = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "role"],
        "properties": {
            "name": {"type": "string"},
            "role": {"type": "string"},
            "email": {"type": "string", "format": "email"},
        },
    },
}
_ADDRESS = {
    "type": "object",
    "properties": {
        name: {"type": "string"} for name in ("street", "city", "postal_code", "region", "country")
    },
}
_BANK = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("iban", "bank_name", "account_holder")},
}


class _ReadField(serializers.Field[Any, Any, Any, Any]):
    """A field read by a function that raises PeopleInvalid."""

    default_error_messages = {"invalid": _("This cannot be read. See the documentation of the field.")}
    reads: ClassVar[Any]

    def to_internal_value(self, data: Any) -> Any:
        try:
            return type(self).reads(data)
        except PeopleInvalid:
            self.fail("invalid")

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(_PEOPLE)
class PeopleField(_ReadField):
    reads = staticmethod(read_people)


@extend_schema_field(_ADDRESS)
class AddressField(_ReadField):
    reads = staticmethod(read_address)


@extend_schema_field(_BANK)
class BankAccountField(_ReadField):
    reads = staticmethod(read_bank_account)


def _required(*constants: str) -> dict[str, str]:
    """Give each field it is named after its constant, such as FILENAME_REQUIRED: missing, empty and null are the same."""
    names = {constant.removesuffix("_REQUIRED").lower(): constant for constant in constants}
    return {f"{name}.{code}": told for name, told in names.items() for code in ("required", "blank", "null")}


class CategoryField(serializers.ChoiceField):
    """A field of work; the names of older clients are understood."""

    def __init__(self, **options: Any) -> None:
        codes = ["healthcare", "education", "environment", "social_services", "humanitarian", "arts_culture"]
        codes += ["animal_welfare", "research", "community", "other", *ALIASES]
        super().__init__(choices=codes, **options)

    def to_internal_value(self, data: Any) -> Any:
        if data == "":
            self.fail("required")
        return super().to_internal_value(data)


def _line(longest: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=False, allow_blank=True, **options)


def _list(longest: int, **options: Any) -> Any:
    child = serializers.CharField(max_length=longest)
    return serializers.ListField(child=child, max_length=20, required=False, **options)


class ApplicationInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        **_required(
            "ORGANIZATION_NAME_REQUIRED",
            "MISSION_STATEMENT_REQUIRED",
            "CATEGORY_REQUIRED",
            "CONTACT_EMAIL_REQUIRED",
            "CONTACT_PHONE_REQUIRED",
        ),
        "organization_name": "ORGANIZATION_NAME_INVALID",
        "mission_statement": "MISSION_STATEMENT_INVALID",
        "category": "ONLUS_CATEGORY_INVALID",
        "contact_email": "CONTACT_EMAIL_INVALID",
        "contact_phone": "CONTACT_PHONE_INVALID",
        "annual_budget": "ANNUAL_BUDGET_INVALID",
        "website_url": "WEBSITE_URL_INVALID",
        "legal_entity_type": "LEGAL_ENTITY_TYPE_INVALID",
        "runts_number": "RUNTS_NUMBER_INVALID",
        "runts_section": "RUNTS_SECTION_INVALID",
        "tax_id": "TAX_ID_INVALID",
        "incorporation_date": "INCORPORATION_DATE_INVALID",
        "address": "ADDRESS_INVALID",
        "leadership_team": "LEADERSHIP_TEAM_INVALID",
        "board_members": "BOARD_MEMBERS_INVALID",
        "bank_account_info": "BANK_ACCOUNT_INFO_INVALID",
        "description": "APPLICATION_DATA_INVALID",
        "operational_scope": "APPLICATION_DATA_INVALID",
        "target_beneficiaries": "APPLICATION_DATA_INVALID",
        "primary_activities": "APPLICATION_DATA_INVALID",
        "funding_sources": "APPLICATION_DATA_INVALID",
    }

    organization_name = serializers.CharField(max_length=200)
    mission_statement = serializers.CharField(max_length=2000)
    category = CategoryField()
    contact_email = serializers.EmailField(max_length=254)
    contact_phone = serializers.RegexField(r"^\+?[0-9][0-9 ()./-]{4,28}$", max_length=30)
    website_url = serializers.URLField(max_length=200, required=False, allow_blank=True)
    description = _line(2000)
    operational_scope = _line(200)
    target_beneficiaries = _line(200)
    address = AddressField(required=False)
    legal_entity_type = serializers.ChoiceField(
        OnlusApplication.LegalForm.choices, required=False, allow_blank=True
    )
    tax_id = _line(20, help_text="The codice fiscale of the organisation: eleven digits.")
    runts_number = serializers.RegexField(r"^[0-9]{1,20}$", required=False, allow_blank=True)
    runts_section = serializers.ChoiceField(Onlus.RuntsSection.choices, required=False, allow_blank=True)
    incorporation_date = serializers.DateField(required=False, allow_null=True)
    primary_activities = _list(200)
    funding_sources = _list(200)
    annual_budget = EurosField(allow_zero=True, maximum=LARGEST, required=False, allow_null=True)
    leadership_team = PeopleField(required=False)
    board_members = PeopleField(required=False)
    bank_account_info = BankAccountField(required=False, help_text="Read back with its IBAN masked.")


class WithdrawalInput(InputSerializer):
    needs_data: ClassVar[bool] = False
    constants: ClassVar[dict[str, str]] = {"withdrawal_reason": "WITHDRAWAL_REASON_INVALID"}

    withdrawal_reason = _line(500)


class MessageInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "text.required": "MESSAGE_REQUIRED",
        "text.blank": "MESSAGE_REQUIRED",
        "text": "MESSAGE_INVALID",
    }

    text = serializers.CharField(max_length=4000)


class DocumentInput(InputSerializer):
    """A document: the file itself in a form, or, as older clients send it, what is said of one elsewhere."""

    constants: ClassVar[dict[str, str]] = {
        "document_type.required": "DOCUMENT_TYPE_REQUIRED",
        "document_type": "DOCUMENT_TYPE_INVALID",
        "file.empty": "FILE_EMPTY",
        "file": "FILE_REQUIRED",
        "title": "DOCUMENT_TITLE_INVALID",
        "description": "DOCUMENT_DESCRIPTION_INVALID",
    }

    document_type = serializers.ChoiceField(OnlusDocument.Type.choices)
    file = serializers.FileField(help_text="A PDF, a JPEG or a PNG of at most 10 MiB.")
    title = _line(200)
    description = _line(500)


class DocumentUrlInput(InputSerializer):
    """What older clients send instead of a file. It is read to say what is wrong with it: an address is no file."""

    constants: ClassVar[dict[str, str]] = {
        "document_type.required": "DOCUMENT_TYPE_REQUIRED",
        "document_type": "DOCUMENT_TYPE_INVALID",
        **_required("FILENAME_REQUIRED", "FILE_URL_REQUIRED", "FILE_SIZE_REQUIRED", "FILE_FORMAT_REQUIRED"),
        "file_size.max_value": "FILE_SIZE_TOO_LARGE",
        "file_size": "FILE_SIZE_INVALID",
        "file_format": "FILE_FORMAT_UNSUPPORTED",
        "filename": "FILENAME_INVALID",
        "file_url": "FILE_URL_INVALID",
    }

    document_type = serializers.ChoiceField(OnlusDocument.Type.choices)
    filename = serializers.CharField(max_length=200)
    file_url = serializers.CharField(max_length=500)
    file_size = serializers.IntegerField(min_value=1, max_value=10 * 1024 * 1024)
    file_format = serializers.ChoiceField(["pdf", "jpg", "jpeg", "png"])


# Out -------------------------------------------------------------------------------------------------------------


class OnlusDocumentSerializer(serializers.ModelSerializer[OnlusDocument]):
    """A document as its owner reads it; the reviewers' notes are not in it."""

    document_id = serializers.UUIDField(source="id")
    filename = serializers.CharField(source="file.name")
    file_size = serializers.IntegerField(source="file.size")
    upload_date = serializers.DateTimeField(source="uploaded_at")
    review_date = serializers.DateTimeField(source="reviewed_at")
    expiration_date = serializers.DateTimeField(source="expires_at")
    is_latest_version = serializers.BooleanField(source="is_latest")
    is_expired = serializers.SerializerMethodField()
    is_expiring_soon = serializers.SerializerMethodField()

    class Meta:
        model = OnlusDocument
        fields = (
            "document_id",
            "document_type",
            "title",
            "description",
            "filename",
            "file_size",
            "file_format",
            "version",
            "previous_version_id",
            "is_latest_version",
            "is_required",
            "status",
            "rejection_reason",
            "upload_date",
            "review_date",
            "expiration_date",
            "is_expired",
            "is_expiring_soon",
        )

    def get_is_expired(self, row: OnlusDocument) -> bool:
        return row.is_expired(timezone.now())

    def get_is_expiring_soon(self, row: OnlusDocument) -> bool:
        return row.is_expiring_soon(timezone.now())


class UploadedSerializer(serializers.Serializer[OnlusDocument]):
    document_id = serializers.UUIDField(source="id")
    document_type = serializers.CharField()
    filename = serializers.CharField(source="file.name")
    version = serializers.IntegerField()
    status = serializers.CharField()
    upload_date = serializers.DateTimeField(source="uploaded_at")


class RemovedSerializer(serializers.Serializer[OnlusDocument]):
    document_id = serializers.UUIDField(source="pk")
    document_type = serializers.CharField()


class LinkSerializer(serializers.Serializer[Any]):
    download_url = serializers.CharField()


class ApplicationCheckSerializer(serializers.Serializer[VerificationCheck]):
    """A check as the applicant may know it."""

    check_type = serializers.CharField()
    status = serializers.CharField()
    completion_date = serializers.DateTimeField(source="completed_at")


class FiguresSerializer(serializers.Serializer[Any]):
    completed = serializers.IntegerField()
    total = serializers.IntegerField()
    percentage = serializers.IntegerField()


class ConditionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    due_on = serializers.DateField()
    is_met = serializers.SerializerMethodField()

    def get_is_met(self, row: Any) -> bool:
        return row.met_at is not None


class ApplicationRowSerializer(serializers.ModelSerializer[OnlusApplication]):
    """An application as its owner reads it: what they wrote, the account masked, and how far it is."""

    application_id = serializers.UUIDField(source="id")
    category = serializers.CharField(source="category_id")
    annual_budget = EurosField()
    leadership_team = PeopleField()
    board_members = PeopleField()
    bank_account_info = serializers.SerializerMethodField()
    submission_date = serializers.DateTimeField(source="submitted_at")
    is_overdue = serializers.SerializerMethodField()
    progress_percentage = serializers.IntegerField(source="progress")
    required_documents = serializers.SerializerMethodField()
    submitted_documents = serializers.SerializerMethodField()
    approval_conditions = ConditionSerializer(source="conditions", many=True)
    organization_id = serializers.UUIDField(source="onlus_id")
    document_count = serializers.SerializerMethodField()
    verification_progress = serializers.SerializerMethodField()

    class Meta:
        model = OnlusApplication
        fields: tuple[str, ...] = (
            "id",
            "application_id",
            "organization_name",
            "mission_statement",
            "category",
            "contact_email",
            "contact_phone",
            "website_url",
            "description",
            "operational_scope",
            "target_beneficiaries",
            "address",
            "legal_entity_type",
            "tax_id",
            "runts_number",
            "runts_section",
            "incorporation_date",
            "primary_activities",
            "funding_sources",
            "annual_budget",
            "leadership_team",
            "board_members",
            "bank_account_info",
            "status",
            "phase",
            "progress_percentage",
            "submission_date",
            "review_deadline",
            "answer_due_at",
            "is_overdue",
            "rejection_reason",
            "approval_conditions",
            "organization_id",
            "required_documents",
            "submitted_documents",
            "document_count",
            "verification_progress",
            "created_at",
            "updated_at",
            "closed_at",
        )

    def to_representation(self, instance: OnlusApplication) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        return {"_id": told["id"], **told}

    @extend_schema_field(_BANK)
    def get_bank_account_info(self, row: OnlusApplication) -> dict[str, str]:
        return masked_bank_account(row)

    def get_is_overdue(self, row: OnlusApplication) -> bool:
        return row.is_overdue(timezone.now())

    def get_required_documents(self, row: OnlusApplication) -> list[str]:
        return [each.value for each in required_documents(row.category_id)]

    def get_submitted_documents(self, row: OnlusApplication) -> list[str]:
        return [str(each.pk) for each in row.documents.all() if each.is_latest]

    def get_document_count(self, row: OnlusApplication) -> int:
        return sum(each.is_latest for each in row.documents.all())

    @extend_schema_field(FiguresSerializer)
    def get_verification_progress(self, row: OnlusApplication) -> dict[str, int]:
        return verification_figures(list(row.verification_checks.all()))


class ApplicationSerializer(ApplicationRowSerializer):
    documents = OnlusDocumentSerializer(many=True)
    verification_checks = ApplicationCheckSerializer(many=True)

    class Meta(ApplicationRowSerializer.Meta):
        fields: tuple[str, ...] = (*ApplicationRowSerializer.Meta.fields, "documents", "verification_checks")


class CreatedSerializer(serializers.Serializer[OnlusApplication]):
    application_id = serializers.UUIDField(source="id")
    organization_name = serializers.CharField()
    status = serializers.CharField()
    progress_percentage = serializers.IntegerField(source="progress")
    required_documents = serializers.SerializerMethodField()

    def get_required_documents(self, row: OnlusApplication) -> list[str]:
        return [each.value for each in required_documents(row.category_id)]


class UpdatedSerializer(serializers.Serializer[OnlusApplication]):
    application_id = serializers.UUIDField(source="id")
    progress_percentage = serializers.IntegerField(source="progress")
    updated_at = serializers.DateTimeField()


class SubmittedSerializer(serializers.Serializer[OnlusApplication]):
    application_id = serializers.UUIDField(source="id")
    submission_date = serializers.DateTimeField(source="submitted_at")
    review_deadline = serializers.DateTimeField()
    status = serializers.CharField()


class WithdrawnSerializer(serializers.Serializer[OnlusApplication]):
    application_id = serializers.UUIDField(source="id")
    status = serializers.CharField()


class DocumentFiguresSerializer(serializers.Serializer[Any]):
    required = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]  # the answer's own name
    submitted = serializers.IntegerField()
    total_required = serializers.IntegerField()
    status_by_type = serializers.DictField(child=serializers.CharField())
    completion_percentage = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer[OnlusApplication]):
    application_id = serializers.UUIDField(source="id")
    status = serializers.CharField()
    phase = serializers.CharField()
    progress_percentage = serializers.IntegerField(source="progress")
    submission_date = serializers.DateTimeField(source="submitted_at")
    review_deadline = serializers.DateTimeField()
    is_overdue = serializers.SerializerMethodField()
    documents = serializers.SerializerMethodField()
    verification = serializers.SerializerMethodField()

    def get_is_overdue(self, row: OnlusApplication) -> bool:
        return row.is_overdue(timezone.now())

    @extend_schema_field(DocumentFiguresSerializer)
    def get_documents(self, row: OnlusApplication) -> dict[str, Any]:
        required = [each.value for each in required_documents(row.category_id)]
        latest = {each.document_type: each.status for each in row.documents.all() if each.is_latest}
        there = len(handed_in(row.documents.all()) & set(required))
        return {
            "required": required,
            "submitted": there,
            "total_required": len(required),
            "status_by_type": {kind: latest.get(kind, "missing") for kind in [*required, *latest]},
            "completion_percentage": there * 100 // len(required),
        }

    @extend_schema_field(FiguresSerializer)
    def get_verification(self, row: OnlusApplication) -> dict[str, int]:
        return verification_figures(list(row.verification_checks.all()))


class ProgressAnswer(ProgressSerializer):
    next_steps = serializers.ListField(child=serializers.CharField())


class DocumentsSerializer(serializers.Serializer[Any]):
    application_id = serializers.UUIDField()
    documents = OnlusDocumentSerializer(many=True)
    grouped_by_type = serializers.DictField(child=OnlusDocumentSerializer(many=True))
    total_documents = serializers.IntegerField()


class MessageSerializer(serializers.Serializer[Any]):
    message_id = serializers.UUIDField(source="id")
    is_from_staff = serializers.BooleanField()
    kind = serializers.CharField()
    text = serializers.CharField()
    written_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField()


class AppealSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
    filed_at = serializers.DateTimeField()
    decide_by = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    decision_reason = serializers.CharField()
