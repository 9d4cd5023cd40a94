"""Every page in one table."""

from django.urls import URLPattern, path

from apps.web.views import account, ask, audit, components, document_actions, documents, health, library, uploads

urlpatterns: list[URLPattern] = [
    path("", ask.ask, name="ask"),
    path("questions/", ask.questions, name="questions"),
    path("answers/<uuid:answer_id>/", ask.answer, name="answer"),
    path("answers/<uuid:answer_id>/stream", ask.stream, name="answer-stream"),
    path("answers/<uuid:answer_id>/stop", ask.stop, name="answer-stop"),
    path("answers/<uuid:answer_id>/feedback", ask.feedback, name="answer-feedback"),
    path("library/", library.library, name="library"),
    path("collections/new/", library.new_collection, name="collection-new"),
    path("collections/<uuid:collection_id>/", library.collection, name="collection"),
    path("collections/<uuid:collection_id>/rows/", library.rows, name="collection-rows"),
    path("collections/<uuid:collection_id>/upload/", uploads.upload, name="collection-upload"),
    path("collections/<uuid:collection_id>/progress/", uploads.progress, name="collection-progress"),
    path("collections/<uuid:collection_id>/again/", library.read_again, name="collection-again"),
    path("collections/<uuid:collection_id>/access/", library.access, name="collection-access"),
    path("collections/<uuid:collection_id>/settings/", library.settings_of, name="collection-settings"),
    path("collections/<uuid:collection_id>/delete/", library.delete, name="collection-delete"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("documents/<uuid:document_id>/pages/<int:number>.png", documents.picture, name="page-picture"),
    path("documents/<uuid:document_id>/original", documents.original, name="original"),
    path("documents/<uuid:document_id>/details/", document_actions.details, name="document-details"),
    path("documents/<uuid:document_id>/move/", document_actions.move, name="document-move"),
    path("documents/<uuid:document_id>/version/", document_actions.version, name="document-version"),
    path("documents/<uuid:document_id>/password/", document_actions.password, name="document-password"),
    path("documents/<uuid:document_id>/again/", document_actions.read_again, name="document-again"),
    path("documents/<uuid:document_id>/stop/", document_actions.stop, name="document-stop"),
    path("documents/<uuid:document_id>/delete/", document_actions.delete, name="document-delete"),
    path("audit/", audit.records, name="audit"),
    path("audit/records/<int:sequence>/", audit.record, name="audit-record"),
    path("audit/verify/", audit.verify, name="audit-verify"),
    path("account/", account.account, name="account"),
    path("account/tokens/<uuid:token_id>/revoke/", account.revoke, name="token-revoke"),
    path("status/", health.status, name="status"),
    path("components/", components.components, name="components"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
]
