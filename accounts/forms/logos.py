from django import forms
from django.utils.translation import gettext_lazy as _


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_(
            "JPEG, PNG or WebP, best square and on white or no ground. Your name always stands beside it, "
            "so it needs no description."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
