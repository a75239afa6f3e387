from django.utils.translation import gettext_lazy as _

from goodplay.lib.idempotency.models import IdempotencyKey
from goodplay.lib.retention.registry import kept

kept(
    "idempotency_keys",
    label=_("Answers kept for repeated requests"),
    law=_("Needed while a client may repeat its request; what it did is in the books."),
    days=90,
    least_days=7,
    rows=lambda before: IdempotencyKey.objects.filter(created_at__lt=before),
    subject="user_id",
)
