"""Routes of batches. `operations` are the names other clients know the same by."""

from django.urls import re_path

from donations.viewsets import BatchListViewSet, BatchViewSet

_one = r"^batch/(?P<batch_id>[^/]+)"
_operation = r"^batch/operations/(?P<batch_id>[^/]+)"

urlpatterns = [
    re_path(r"^batch/donations/?$", BatchListViewSet.as_view({"post": "donations"}), name="batch-donations"),
    re_path(r"^batch/payouts/?$", BatchListViewSet.as_view({"post": "payouts"}), name="batch-payouts"),
    re_path(r"^batch/history/?$", BatchListViewSet.as_view({"get": "history"}), name="batch-history"),
    re_path(
        r"^batch/statistics/?$", BatchListViewSet.as_view({"get": "statistics"}), name="batch-statistics"
    ),
    re_path(
        r"^batch/operations/?$",
        BatchListViewSet.as_view({"get": "operations", "post": "create_operation"}),
        name="batch-operations",
    ),
    re_path(_operation + r"/?$", BatchViewSet.as_view({"get": "status"}), name="batch-operation"),
    re_path(
        _operation + r"/progress/?$",
        BatchViewSet.as_view({"get": "progress"}),
        name="batch-operation-progress",
    ),
    re_path(
        _operation + r"/process/?$", BatchViewSet.as_view({"post": "process"}), name="batch-operation-process"
    ),
    re_path(_operation + r"/retry/?$", BatchViewSet.as_view({"post": "retry"}), name="batch-operation-retry"),
    re_path(
        _operation + r"/cancel/?$", BatchViewSet.as_view({"post": "cancel"}), name="batch-operation-cancel"
    ),
    re_path(_one + r"/status/?$", BatchViewSet.as_view({"get": "status"}), name="batch-status"),
    re_path(_one + r"/process/?$", BatchViewSet.as_view({"post": "process"}), name="batch-process"),
    re_path(_one + r"/retry/?$", BatchViewSet.as_view({"post": "retry"}), name="batch-retry"),
    re_path(_one + r"/cancel/?$", BatchViewSet.as_view({"post": "cancel"}), name="batch-cancel"),
]
