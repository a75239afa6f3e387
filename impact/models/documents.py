from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class Document(models.Model):
    """The base of what may live in MongoDB. The rules such a model obeys are in goodplay.lib.documents."""

    id = fields.key()
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Give a JSON column left empty its own kind of empty: validators do not see `[]` where `{}` belongs."""
        super().clean()
        for field in self._meta.concrete_fields:
            if isinstance(field, models.JSONField) and field.value_from_object(self) in field.empty_values:
                setattr(self, field.attname, field.get_default())


_is_web_address = URLValidator(schemes=["http", "https"])


def list_of_web_addresses(value: object) -> None:
    list_of_texts(value)
    for each in value:  # type: ignore[attr-defined]  # a list, as just checked
        _is_web_address(each)


def list_of_texts(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValidationError(_('Write a list of texts: ["one", "two"].'), code="not_a_list")


def list_of_lower_case_texts(value: object) -> None:
    list_of_texts(value)
    if any(each != each.lower() for each in value):  # type: ignore[attr-defined]  # a list, as just checked
        raise ValidationError(_("Tags are written in lower case."), code="not_lower_case")


def mapping(value: object) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_('Write an object: {"name": 1}.'), code="not_an_object")


def words_by_address(value: object) -> None:
    """Accept what media show: {"https://…": {"en": "a well", "it": "un pozzo"}}."""
    mapping(value)
    for words in value.values():  # type: ignore[attr-defined]  # a mapping, as just checked
        mapping(words)
        list_of_texts(list(words.values()))
