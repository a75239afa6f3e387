"""Applications of organisations over REST: an applicant's own. Somebody else's is not there."""

from collections import defaultdict
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import OnlusApplication, OnlusDocument
from accounts.operations import application_states, applications, documents
from accounts.queries.applications import applications_of
from accounts.serializers import applications as serializers
from goodplay.lib.api.pagination import MOST_ROWS
from goodplay.lib.api.parsers import JSONParser
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id
from goodplay.lib.private_files import checks
from goodplay.lib.private_files.uploads import expect_private_file
from goodplay.lib.requests import client_address

_GONE = application_states.ApplicationNotFound
_FACTS = (
    applications.OrganizationNameExists,
    applications.CategoryInvalid,
    applications.TaxIdInvalid,
    applications.BankAccountInvalid,
    applications.IncorporationDateInvalid,
    applications.ReapplicationTooEarly,
)


class FileUrlInvalid(DomainError):
    code = "FILE_URL_INVALID"
    message = _("Send the file itself, in a form: an address is no file.")


class ApplicationViewSet(ApiViewSet):
    """Applying with an organisation: begin, fill in, hand in, follow, answer, appeal."""

    serializer_class = serializers.ApplicationInput
    messages: ClassVar[dict[str, str]] = {
        "create": "APPLICATION_CREATED_SUCCESS",
        "list": "USER_APPLICATIONS_RETRIEVED_SUCCESS",
        "retrieve": "APPLICATION_RETRIEVED_SUCCESS",
        "update": "APPLICATION_UPDATED_SUCCESS",
        "submit": "APPLICATION_SUBMITTED_SUCCESS",
        "withdraw": "APPLICATION_WITHDRAWN_SUCCESS",
        "progress": "APPLICATION_PROGRESS_RETRIEVED_SUCCESS",
        "thread": "APPLICATION_MESSAGES_RETRIEVED_SUCCESS",
        "write": "APPLICATION_MESSAGE_SENT_SUCCESS",
        "appeal": "APPLICATION_APPEAL_FILED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (applications.EmailNotConfirmed, applications.TooManyApplications, *_FACTS),
        "retrieve": (_GONE,),
        "update": (_GONE, applications.UpdateNotAllowed, *_FACTS),
        "submit": (
            _GONE,
            applications.SubmissionFailed,
            applications.ApplicationIncomplete,
            applications.ReapplicationTooEarly,
        ),
        "withdraw": (_GONE, applications.WithdrawalNotAllowed),
        "progress": (_GONE,),
        "thread": (_GONE,),
        "write": (_GONE, applications.ThreadClosed, applications.NothingToSay),
        "appeal": (_GONE, applications.AppealNotAllowed, applications.NothingToSay),
    }

    def get_queryset(self) -> Any:
        return applications_of(self.caller_id).prefetch_related("conditions")

    @extend_schema(request=serializers.ApplicationInput, responses={201: serializers.CreatedSerializer})
    def create(self, request: Request) -> Response:
        """Begin an application. At most five a day."""
        made = applications.create(applicant=self.caller, now=timezone.now(), **self.body())
        return Response(serializers.CreatedSerializer(made).data, status=201)

    @extend_schema(
        operation_id="onlus_applications_list",
        parameters=[OpenApiParameter("status", str, enum=OnlusApplication.Status.values)],
        responses=serializers.ApplicationRowSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """List one's own applications, newest first, a hundred at most."""
        rows = self.get_queryset()
        if status := request.query_params.get("status"):
            rows = rows.filter(status=status)
        return Response(serializers.ApplicationRowSerializer(rows[:100], many=True).data)

    @extend_schema(responses=serializers.ApplicationSerializer)
    def retrieve(self, request: Request, application_id: str) -> Response:
        """Show one's own application with its documents and checks."""
        return Response(serializers.ApplicationSerializer(self._own(application_id)).data)

    @extend_schema(request=serializers.ApplicationInput, responses=serializers.UpdatedSerializer)
    def update(self, request: Request, application_id: str) -> Response:
        """Change the fields that are sent, while it is a draft or we wait for an answer."""
        serializer = self.get_serializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changed = applications.update(
            applicant_id=self.caller_id,
            application_id=parse_id(application_id),
            now=timezone.now(),
            **serializer.validated_data,
        )
        return Response(serializers.UpdatedSerializer(changed).data)

    @extend_schema(request=None, responses=serializers.SubmittedSerializer)
    def submit(self, request: Request, application_id: str) -> Response:
        """Hand a draft in."""
        done = applications.submit(
            applicant_id=self.caller_id, application_id=parse_id(application_id), now=timezone.now()
        )
        return Response(serializers.SubmittedSerializer(done).data)

    @extend_schema(request=serializers.WithdrawalInput, responses=serializers.WithdrawnSerializer)
    def withdraw(self, request: Request, application_id: str) -> Response:
        """Take an application back that is not decided."""
        data = self.body()
        done = applications.withdraw(
            applicant_id=self.caller_id,
            application_id=parse_id(application_id),
            reason=data.get("withdrawal_reason", ""),
            now=timezone.now(),
        )
        return Response(serializers.WithdrawnSerializer(done).data)

    @extend_schema(responses=serializers.ProgressAnswer)
    def progress(self, request: Request, application_id: str) -> Response:
        """Show how far an application is and what comes next."""
        row = self._own(application_id)
        told = serializers.ProgressSerializer(row).data
        return Response({**told, "next_steps": applications.next_steps(row)})

    @extend_schema(
        operation_id="onlus_applications_messages", responses=serializers.MessageSerializer(many=True)
    )
    def thread(self, request: Request, application_id: str) -> Response:
        """List the latest hundred messages between applicant and reviewer, oldest first."""
        latest = self._own(application_id).messages.order_by("-written_at", "-pk")[:MOST_ROWS]
        return Response(serializers.MessageSerializer(list(latest)[::-1], many=True).data)

    @extend_schema(request=serializers.MessageInput, responses={201: serializers.MessageSerializer})
    def write(self, request: Request, application_id: str) -> Response:
        """Write to the reviewer; it answers what is asked."""
        made = applications.write_message(
            applicant_id=self.caller_id,
            application_id=parse_id(application_id),
            now=timezone.now(),
            **self.body(),
        )
        return Response(serializers.MessageSerializer(made).data, status=201)

    @extend_schema(request=serializers.MessageInput, responses={201: serializers.AppealSerializer})
    def appeal(self, request: Request, application_id: str) -> Response:
        """Ask for another look at a rejection, once, within thirty days."""
        made = applications.appeal(
            applicant_id=self.caller_id,
            application_id=parse_id(application_id),
            now=timezone.now(),
            **self.body(),
        )
        return Response(serializers.AppealSerializer(made).data, status=201)

    def get_serializer_class(self) -> Any:
        if self.action in ("write", "appeal"):
            return serializers.MessageInput
        return serializers.WithdrawalInput if self.action == "withdraw" else serializers.ApplicationInput

    def _own(self, application_id: str) -> OnlusApplication:
        found: OnlusApplication | None = self.get_queryset().filter(pk=parse_id(application_id)).first()
        if found is None:
            raise _GONE
        return found


class ApplicationDocumentViewSet(ApiViewSet):
    """Documents of one's own application. A file goes in as a form; older clients' JSON is told what is wrong."""

    serializer_class = serializers.DocumentInput
    parser_classes = (MultiPartParser, JSONParser)
    messages: ClassVar[dict[str, str]] = {
        "create": "DOCUMENT_UPLOADED_SUCCESS",
        "list": "APPLICATION_DOCUMENTS_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            _GONE,
            documents.UploadNotAllowed,
            documents.TypeNotRequired,
            documents.TooManyVersions,
            FileUrlInvalid,
            *checks.REFUSALS,
        ),
        "list": (_GONE,),
    }

    def get_queryset(self) -> Any:
        return applications_of(self.caller_id)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "POST":
            expect_private_file(request._request)
        super().initial(request, *args, **kwargs)

    @extend_schema(request=serializers.DocumentInput, responses={201: serializers.UploadedSerializer})
    def create(self, request: Request, application_id: str) -> Response:
        """Hand in a document: a form with `document_type` and `file`. One that is there becomes the next version."""
        if request.content_type.startswith("application/json"):
            said = serializers.DocumentUrlInput(data=request.data)
            said.is_valid(raise_exception=True)
            raise FileUrlInvalid
        data = self.body()
        made = documents.upload(
            applicant_id=self.caller_id,
            application_id=parse_id(application_id),
            upload=checks.read_upload(data.pop("file")),
            now=timezone.now(),
            **data,
        )
        return Response(serializers.UploadedSerializer(made).data, status=201)

    @extend_schema(
        operation_id="onlus_applications_documents_list", responses=serializers.DocumentsSerializer
    )
    def list(self, request: Request, application_id: str) -> Response:
        """List the documents of one's own application, all versions, and by type."""
        application = self.get_queryset().filter(pk=parse_id(application_id)).first()
        if application is None:
            raise _GONE
        told = serializers.OnlusDocumentSerializer(application.documents.all(), many=True).data
        by_type = defaultdict(list)
        for each in told:
            by_type[each["document_type"]].append(each)
        facts = {"application_id": application.pk, "documents": told, "grouped_by_type": dict(by_type)}
        return Response({**facts, "total_documents": len(told)})


class DocumentViewSet(ApiViewSet):
    """One document of one's own."""

    messages: ClassVar[dict[str, str]] = {
        "destroy": "DOCUMENT_DELETED_SUCCESS",
        "download": "DOCUMENT_DOWNLOAD_URL_GENERATED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "destroy": (
            documents.DocumentNotFound,
            documents.DeleteNotAllowed,
            documents.DeleteStatusNotAllowed,
        ),
        "download": (documents.DocumentNotFound,),
    }

    def get_queryset(self) -> Any:
        return OnlusDocument.objects.none()

    @extend_schema(request=None, responses={200: serializers.RemovedSerializer})
    def destroy(self, request: Request, document_id: str) -> Response:
        """Take a document out of a draft. Its file is erased."""
        gone = documents.remove(
            applicant_id=self.caller_id, document_id=parse_id(document_id), now=timezone.now()
        )
        return Response(serializers.RemovedSerializer(gone).data)

    @extend_schema(responses=serializers.LinkSerializer)
    def download(self, request: Request, document_id: str) -> Response:
        """Get a link to the file that works for five minutes. Each use is on record."""
        token = documents.link_to(applicant_id=self.caller_id, document_id=parse_id(document_id))
        path = reverse("onlus-file", args=[token])
        return answer(
            {"download_url": f"{settings.PUBLIC_URL}{path}"},
            message="DOCUMENT_DOWNLOAD_URL_GENERATED_SUCCESS",
        )


class ApplicationFileViewSet(ApiViewSet):
    """A file behind a signed link."""

    permission_classes = [AllowAny]
    authentication_classes = []
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (documents.LinkOver, documents.DocumentNotFound)
    }

    def get_queryset(self) -> Any:
        return OnlusDocument.objects.none()

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, token: str) -> HttpResponse:
        """Fetch the file a signed link was made for."""
        document, content = documents.open_link(
            token=token, now=timezone.now(), address=client_address(request._request)
        )
        return file_answer(document, content)


def file_answer(document: OnlusDocument, content: bytes) -> HttpResponse:
    """Send a file to be saved, never to be run or kept."""
    headers = {
        "Content-Disposition": content_disposition_header(True, document.file.name) or "attachment",  # noqa: FBT003
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return HttpResponse(content, content_type=document.file.content_type, headers=headers)
