"""The shapes of the public directory in the API. What is not named here is not told."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Onlus, OnlusCategory
from goodplay.lib.api.fields import EurosField

_ADDRESS = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("street", "city", "postal_code", "region")},
}


class OnlusRowSerializer(serializers.ModelSerializer[Onlus]):
    """A row of the directory. The context holds `logos`, those of all rows by the organisations' keys."""

    onlus_id = serializers.UUIDField(source="id")
    organization_id = serializers.UUIDField(source="id")
    organization_name = serializers.CharField(source="name")
    category = serializers.CharField(source="category_id")
    address = serializers.SerializerMethodField()
    tax_deductible = serializers.BooleanField(source="is_tax_deductible")
    total_donations_received = EurosField()
    last_donation_date = serializers.DateTimeField(source="last_donation_at")
    verification_date = serializers.DateTimeField(source="verified_at")
    overall_score = serializers.FloatField(allow_null=True)
    report_due_date = serializers.DateTimeField(source="report_due_at")
    is_reporting_on_time = serializers.SerializerMethodField()
    is_featured = serializers.SerializerMethodField()
    logo_url = serializers.SerializerMethodField()

    class Meta:
        model = Onlus
        fields: tuple[str, ...] = (
            "id",
            "onlus_id",
            "organization_id",
            "name",
            "organization_name",
            "category",
            "mission_statement",
            "description",
            "contact_email",
            "contact_phone",
            "website_url",
            "address",
            "city",
            "region",
            "runts_number",
            "runts_section",
            "operational_scope",
            "target_beneficiaries",
            "primary_activities",
            "social_media",
            "logo_url",
            "tags",
            "certifications",
            "achievements",
            "status",
            "compliance_status",
            "verification_level",
            "compliance_score",
            "transparency_score",
            "impact_score",
            "overall_score",
            "donor_rating",
            "rating_count",
            "report_due_date",
            "is_reporting_on_time",
            "total_donations_received",
            "total_donors",
            "last_donation_date",
            "tax_deductible",
            "verification_date",
            "verified_at",
            "is_featured",
        )

    def to_representation(self, instance: Onlus) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        return {"_id": told["id"], **told}

    @extend_schema_field(_ADDRESS)
    def get_address(self, row: Onlus) -> dict[str, str]:
        return {
            "street": row.street,
            "city": row.city,
            "postal_code": row.postal_code,
            "region": row.region,
        }

    def get_logo_url(self, row: Onlus) -> str | None:
        logo = self.context["logos"].get(row.pk)
        return None if logo is None else logo.url

    def get_is_reporting_on_time(self, row: Onlus) -> bool | None:
        return row.is_reporting_on_time(timezone.now())

    def get_is_featured(self, row: Onlus) -> bool:
        return row.is_featured(timezone.now())


class RecentOnlusSerializer(OnlusRowSerializer):
    days_since_verification = serializers.SerializerMethodField()

    class Meta(OnlusRowSerializer.Meta):
        fields = (*OnlusRowSerializer.Meta.fields, "days_since_verification")

    def get_days_since_verification(self, row: Onlus) -> int:
        return (timezone.now() - row.verified_at).days if row.verified_at else 0


class OnlusSerializer(OnlusRowSerializer):
    is_eligible_for_donations = serializers.BooleanField(source="accepts_donations")
    needs_compliance_review = serializers.SerializerMethodField()

    class Meta(OnlusRowSerializer.Meta):
        fields = (
            *OnlusRowSerializer.Meta.fields,
            "is_eligible_for_donations",
            "needs_compliance_review",
        )

    def get_needs_compliance_review(self, row: Onlus) -> bool:
        return row.needs_review(timezone.now())


class OnlusCategorySerializer(serializers.ModelSerializer[OnlusCategory]):
    organisation_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = OnlusCategory
        fields = (
            "category",
            "name",
            "name_it",
            "description",
            "verification_requirements",
            "compliance_standards",
            "icon",
            "color",
            "metadata",
            "priority",
            "organisation_count",
        )


class StatisticsSerializer(serializers.Serializer[Any]):
    total_organizations = serializers.IntegerField()
    total_donations = EurosField()
    total_donors = serializers.IntegerField()
    active_organizations = serializers.IntegerField()
    category_distribution = serializers.DictField(child=serializers.IntegerField())
    generated_at = serializers.DateTimeField()
