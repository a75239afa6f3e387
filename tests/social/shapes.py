"""Holding answers to the shapes the API document promises."""

from rest_framework import serializers


def assert_shape(data, serializer):
    """Check that data has exactly the fields of the serializer, at every depth."""
    fields = serializer.fields
    required = {name for name, field in fields.items() if field.required}
    assert required <= set(data) <= set(fields)
    for name, value in data.items():
        field = fields[name]
        if value is None:
            assert field.allow_null, f"{name} may not be null"
        elif isinstance(field, serializers.ListSerializer):
            for each in value:
                assert_shape(each, field.child)
        elif isinstance(field, serializers.Serializer):
            assert_shape(value, field)
        elif isinstance(field, serializers.DictField):
            for each in value.values():
                field.child.run_validation(each)
        else:
            field.run_validation(value)
