from django.dispatch import Signal

event_queued = Signal()
"""A notification was written, and the transaction that wrote it is committed. Arguments: event_id."""
