"""Files of lines: kept as they were uploaded, made a batch when somebody who saw what they say confirms it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import BatchOperation, BatchUpload
from donations.operations.batch_intake import create_batch
from donations.operations.batch_lines import Fault, LineDraft
from goodplay.lib.errors import Conflict

UNUSED_FOR = timedelta(days=7)


class UploadUsed(Conflict):
    code = "BATCH_UPLOAD_USED"
    message = _("A batch was made of this file already.")


@transaction.atomic
def store_upload(
    *, operation_type: str, file_name: str, content: str, uploaded_by: User, now: datetime
) -> BatchUpload:
    return BatchUpload.objects.create(
        operation_type=operation_type,
        file_name=file_name[-200:],
        content=content,
        uploaded_by=uploaded_by,
        uploaded_at=now,
    )


@transaction.atomic
def confirm_upload(
    *,
    upload: BatchUpload,
    lines: Sequence[LineDraft],
    unreadable: Sequence[Fault],
    created_by: User,
    now: datetime,
    address: str = "",
) -> BatchOperation:
    """Make a batch of what a file says, once. Raises UploadUsed, and what refuses the batch."""
    upload = BatchUpload.objects.select_for_update().get(pk=upload.pk)
    if upload.batch_id is not None:
        raise UploadUsed
    upload.batch = create_batch(
        operation_type=upload.operation_type,
        lines=lines,
        unreadable=unreadable,
        created_by=created_by,
        now=now,
        address=address,
    )
    upload.save(update_fields=["batch"])
    return upload.batch


def clear_unused(*, now: datetime) -> int:
    old = BatchUpload.objects.filter(batch=None, uploaded_at__lte=now - UNUSED_FOR)
    return old.delete()[0]
