from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "goodplay.lib.idempotency"
    label = "idempotency"
    verbose_name = "Idempotency keys"
