from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusCategory


class DirectoryForm(forms.Form):
    """What somebody looks for in the directory. An unknown field of work or region is none."""

    search = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    category = forms.ChoiceField(label=_("Field of work"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(
        self,
        *args: Any,
        categories: Iterable[OnlusCategory],
        regions: Iterable[str],
        language: str | None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        name = "name_it" if (language or "").startswith("it") else "name"
        fields: Any = self.fields
        fields["category"].choices = [
            ("", _("All")),
            *((each.pk, getattr(each, name)) for each in categories),
        ]
        fields["region"].choices = [("", _("All")), *((each, each) for each in regions)]
