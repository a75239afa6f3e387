"""How an authenticator app is shown its secret: as a picture to scan, and in letters to type."""

import segno
from django.utils.safestring import SafeString, mark_safe

from accounts.models import SecondFactor
from accounts.operations.second_factor import address_for_apps

_IN_A_GROUP = 4


def picture_of(factor: SecondFactor) -> SafeString:
    """Draw the QR code, always dark on light: not every app reads the reverse."""
    code = segno.make(address_for_apps(factor), error="m")
    # segno's own drawing of our own text.
    return mark_safe(code.svg_inline(scale=5, border=2, dark="#10241c", light="#fff"))  # noqa: S308


def spelled(factor: SecondFactor) -> str:
    starts = range(0, len(factor.secret), _IN_A_GROUP)
    return " ".join(factor.secret[start : start + _IN_A_GROUP] for start in starts)
