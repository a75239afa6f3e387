from typing import Any, ClassVar

from rest_framework import serializers

from goodplay.lib.api.fields import EurosField
from impact.serializers.fields import NumberField, QueryParameters


class FeatureSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    level = serializers.IntegerField(help_text="The level that opens it.")
    level_name = serializers.CharField()
    amount = NumberField(help_text="The euros that level takes.")
    is_open = serializers.BooleanField()
    missing_amount = EurosField(help_text="What is still to be given; 0 once it is open.")
    path = serializers.CharField(help_text="Where it is.")


class FeaturesSerializer(serializers.Serializer[Any]):
    current_level = serializers.IntegerField()
    features = FeatureSerializer(many=True)


class OpenFeatureSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    level = serializers.IntegerField(help_text="The level that opened it.")
    content = serializers.DictField(help_text="The figures of this feature.")


class ReportQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "from": "INVALID_REPORT_PERIOD",
        "to": "INVALID_REPORT_PERIOD",
        "format": "INVALID_REPORT_FORMAT",
    }

    to = serializers.DateField(help_text="The last day, by Rome's calendar.")
    format = serializers.ChoiceField(["pdf", "csv"], required=False, default="pdf")

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(help_text="The first day."), **super().get_fields()}
