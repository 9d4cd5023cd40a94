"""What people do with answers: ask, stop, and say what they thought of one."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.audit import log as audit
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotFound
from apps.documents.models import Collection, Document
from apps.reasoning import stream
from apps.reasoning.events import Done
from apps.reasoning.models import Answer, AnswerStatus, Claim, Effort, Feedback
from apps.reasoning.tasks import ring
from apps.retrieval.within import Filters

LONGEST_QUESTION = 4000
LONGEST_COMMENT = 4000


def ask(
    scope: Scope,
    *,
    question: str,
    collections: Sequence[uuid.UUID | str] = (),
    documents: Sequence[uuid.UUID | str] = (),
    effort: str = Effort.STANDARD,
    conversation: uuid.UUID | str | None = None,
    filters: Filters | None = None,
) -> Answer:
    """Take a question and return its answer, which a worker now begins to write.

    Raises `NotAllowed`, `Invalid` for a question that is empty or too long, and `NotFound` for a collection or document
    that the asker cannot see. If the broker is down the answer waits, and is rung again by the sweep.
    """
    scope.require(Permission.ASK)
    words = _checked_question(question)
    filters = filters or Filters()
    if effort not in Effort.values:
        raise Invalid(_("Effort is one of quick, standard and deep."), errors={"effort": [_("Unknown effort.")]})
    within = _visible(Collection.objects.visible_to(scope), collections)
    about = _visible(Document.objects.visible_to(scope), documents)
    with transaction.atomic():
        answer = Answer.objects.create(
            asker_id=scope.user_id,
            question=words,
            collections=within,
            documents=about,
            effort=effort,
            conversation=_uuid(conversation) if conversation else None,
            as_of=filters.as_of,
            filters=filters.as_json(),
        )
        audit.record(
            Action.QUESTION_ASKED,
            answer,
            data={
                "question": words,
                "collections": [str(pk) for pk in within],
                "documents": [str(pk) for pk in about],
                "effort": answer.effort,
                **filters.as_json(),
            },
            answer=answer.pk,
            collection=within[0] if len(within) == 1 else "",
            documents=about,
        )
        transaction.on_commit(lambda: ring(answer.pk), robust=True)
    return answer


def cancel_answer(scope: Scope, answer: Answer) -> None:
    """Stop an answer that is being written; what there is of it is kept. Stopping one that has ended changes nothing."""
    scope.require(Permission.ASK)
    with transaction.atomic():
        row = Answer.objects.visible_to(scope).select_for_update().filter(pk=answer.pk).first()
        if row is None:
            raise NotFound
        if row.is_finished or row.cancel_requested:
            answer.refresh_from_db()
            return
        row.cancel_requested = True
        unclaimed = row.status == AnswerStatus.QUEUED
        entry = audit.record(Action.ANSWER_CANCELLED, row, data={"status": row.status}, answer=row.pk)
        if unclaimed:
            row.status, row.finished_at = AnswerStatus.CANCELLED, timezone.now()
            row.record_sequence, row.record_hash = entry.sequence, entry.hash
        row.save()
        transaction.on_commit(lambda: _tell_of_stop(row.pk, finished=unclaimed), robust=True)
    answer.refresh_from_db()


def give_feedback(
    scope: Scope, answer: Answer, *, rating: str, comment: str = "", claim: int | None = None
) -> Feedback:
    """Keep what the asker thought of the answer, or of its claim number `claim`; a second opinion replaces the first."""
    scope.require(Permission.ASK)
    own = Answer.objects.get_visible(scope, answer.pk)
    if rating not in {"up", "down"}:
        raise Invalid(_("A rating is up or down."), errors={"rating": [_("Unknown rating.")]})
    if len(comment) > LONGEST_COMMENT:
        raise Invalid(_("This comment is too long."), errors={"comment": [_("At most 4,000 characters.")]})
    if not own.is_finished:
        raise Conflict(_("This answer is still being written. Rate it when it has ended."))
    about: Claim | None = None
    if claim is not None:
        about = own.claims.filter(ordinal=claim).first()
        if about is None:
            raise NotFound
    with transaction.atomic():
        given, _created = Feedback.objects.update_or_create(
            answer=own, claim=about, defaults={"rating": rating, "comment": comment.replace("\x00", "")}
        )
        audit.record(
            Action.FEEDBACK_GIVEN,
            own,
            data={"rating": rating, "comment": given.comment, "claim": claim},
            answer=own.pk,
        )
    return given


def _tell_of_stop(answer_id: uuid.UUID, *, finished: bool) -> None:
    stream.request_stop(answer_id)
    if finished:
        stream.append(answer_id, Done(str(answer_id)))


def _checked_question(question: str) -> str:
    words = question.replace("\x00", "").strip()
    if not words:
        raise Invalid(_("A question is needed."), errors={"question": [_("Write a question.")]})
    if len(words) > LONGEST_QUESTION:
        raise Invalid(
            _("This question is too long."),
            errors={"question": [_("At most 4,000 characters; put the rest in a document.")]},
        )
    return words


def _visible(rows: QuerySet[Collection] | QuerySet[Document], wanted: Sequence[uuid.UUID | str]) -> list[uuid.UUID]:
    """Return the ids wanted, each once; raises `NotFound` unless all of them are among the rows."""
    ids = list(dict.fromkeys(_uuid(pk) for pk in wanted))
    if ids and rows.filter(pk__in=ids).count() != len(ids):
        raise NotFound
    return ids


def _uuid(value: uuid.UUID | str) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
    except ValueError:
        raise NotFound from None
