from django.utils.translation import gettext_lazy as _

from goodplay.lib.errors import Conflict, DomainError


class KeyInvalid(DomainError):
    code = "IDEMPOTENCY_KEY_INVALID"
    message = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")
    status = 400


class KeyInUse(Conflict):
    code = "IDEMPOTENCY_KEY_IN_USE"
    message = _("The first request with this Idempotency-Key is still running. Retry in a moment.")


class KeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = _("This Idempotency-Key was used for another request. Use a new one.")
