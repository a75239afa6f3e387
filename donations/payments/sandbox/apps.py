from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    name = "donations.payments.sandbox"
    label = "sandbox"
    verbose_name = _("Sandbox payments")

    def ready(self) -> None:
        from donations.payments.sandbox import checks, receivers  # noqa: F401  (registers the checks and the receiver)
