from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "goodplay.lib.audit"
    label = "audit"
    verbose_name = "Audit trail"
