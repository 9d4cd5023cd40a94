"""An answer as a file to save."""

import uuid

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from apps.reasoning import services
from apps.reasoning.models import Answer
from apps.web.views import Request, page


@page
@require_GET
def export(request: Request, answer_id: uuid.UUID) -> HttpResponse:
    own = Answer.objects.get_visible(request.scope, answer_id)
    site = request.installation
    made = services.export_answer(request.scope, own, format=request.GET.get("format", ""), site=site)
    return HttpResponse(
        made.content,
        content_type=made.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, made.filename),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
