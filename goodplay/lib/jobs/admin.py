from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.jobs.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "in_time", "succeeded_at", "took", "result", "last_error")
    ordering = ("name",)

    @admin.display(boolean=True, description=_("in time"))
    def in_time(self, run: JobRun) -> bool:
        return not run.is_overdue(timezone.now())
