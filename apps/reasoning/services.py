"""What people do with answers: ask, stop, take one out as a file, and say what they thought of it."""

import hashlib
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.audit import log as audit
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid, NotAllowed, NotFound
from apps.documents.models import Collection, Document
from apps.reasoning import stream
from apps.reasoning.charging import account_object, reserve_for
from apps.reasoning.conversation import conversation_of
from apps.reasoning.events import Done
from apps.reasoning.exports.files import ExportedFile, ExportFormat, export_file
from apps.reasoning.models import Answer, AnswerStatus, Claim, Effort, Feedback, Outcome
from apps.reasoning.objects import answer_object
from apps.reasoning.routing import AUTO, propose_effort
from apps.reasoning.tasks import ring
from apps.reasoning.withholding import withheld_sentence
from apps.retrieval.within import Filters
from apps.usage.accounts import Account
from apps.usage.budgets import release
from apps.usage.charges import note_opinion
from apps.usage.matters import matter_for

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
    matter: str = "",
) -> Answer:
    """Take a question and return its answer, which a worker now begins to write. Effort `auto` takes the proposed one; without a
    conversation to go on with, one begins.

    Raises `NotAllowed`, `Invalid` for a question that is empty or too long, `NotFound` for a collection, document or conversation
    that the asker cannot see, and `BudgetExceeded` where a budget has no room for what it may take. If the broker is down the answer waits, and is rung again by the sweep.
    """
    scope.require(Permission.ASK)
    words = _checked_question(question)
    filters = filters or Filters()
    effort, routed = _effort_for(words, effort)
    matter = matter_for(matter)
    within = _visible(Collection.objects.visible_to(scope), collections)
    about = _visible(Document.objects.visible_to(scope), documents)
    own = uuid.uuid4()
    follows = conversation_of(scope, _uuid(conversation) if conversation else None, own)
    with transaction.atomic():
        answer = Answer.objects.create(
            pk=own,
            asker_id=scope.user_id,
            question=words,
            collections=within,
            documents=about,
            effort=effort,
            conversation=follows,
            as_of=filters.as_of,
            filters=filters.as_json(),
            matter=matter,
            routed=routed,
        )
        answer.account = reserve_for(scope, answer)
        answer.save(update_fields=["account"])
        audit.record(
            Action.QUESTION_ASKED,
            answer,
            data={
                "question": words,
                "collections": [str(pk) for pk in within],
                "documents": [str(pk) for pk in about],
                "effort": answer.effort,
                **({"conversation": str(follows)} if follows != own else {}),
                **({"matter": matter} if matter else {}),
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
        if unclaimed:
            release(row.pk)
        entry = audit.record(Action.ANSWER_CANCELLED, row, data={"status": row.status}, answer=row.pk)
        if unclaimed:
            row.status, row.finished_at = AnswerStatus.CANCELLED, timezone.now()
            row.account |= account_object(Account(basis={"code": "no_model"}))
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
        if about is None:
            note_opinion(own.pk, accepted=rating == "up")
        audit.record(
            Action.FEEDBACK_GIVEN,
            own,
            data={"rating": rating, "comment": given.comment, "claim": claim},
            answer=own.pk,
        )
    return given


def withdraw_feedback(scope: Scope, answer: Answer, *, claim: int | None = None) -> None:
    """Take back what the asker thought of the answer, or of its claim number `claim`; taking back nothing changes nothing."""
    scope.require(Permission.ASK)
    own = Answer.objects.get_visible(scope, answer.pk)
    about = Feedback.objects.filter(claim__ordinal=claim) if claim is not None else Feedback.objects.filter(claim=None)
    with transaction.atomic():
        if not about.filter(answer=own).delete()[0]:
            return
        if claim is None:
            note_opinion(own.pk, accepted=None)
        audit.record(Action.FEEDBACK_WITHDRAWN, own, data={"claim": claim}, answer=own.pk)


def export_answer(scope: Scope, answer: Answer, *, format: str, site: str) -> ExportedFile:
    """Return a finished answer as a file, as its asker may see it now, and record that it was taken out.

    `site` is the address at which they reach the installation. Raises `Invalid` for a format that there is none of, `Conflict` while it
    is being written, and `NotAllowed` where it rests on what they may no longer open.
    """
    scope.require(Permission.ASK)
    if format not in ExportFormat.values:
        message = _("An answer is exported as docx, pdf, xlsx or txt.")
        raise Invalid(message, errors={"format": [_("Unknown format.")]})
    own = Answer.objects.get_visible(scope, answer.pk)
    if not own.is_finished:
        raise Conflict(_("This answer is still being written. Export it when it has ended."))
    shown = answer_object(scope, own)
    if shown["withheld"] or (own.outcome == Outcome.NOT_IN_DOCUMENTS and shown["absence"] is None):
        raise NotAllowed(withheld_sentence())
    made = export_file(shown, ExportFormat(format), site=site)
    with transaction.atomic():
        audit.record(
            Action.ANSWER_EXPORTED,
            own,
            data={"format": format, "bytes": len(made.content), "sha256": hashlib.sha256(made.content).hexdigest()},
            answer=own.pk,
            documents=sorted({each["document"]["id"] for each in shown["citations"]}),
        )
    return made


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


def _effort_for(question: str, effort: str) -> tuple[str, dict[str, str] | None]:
    """Return the effort to write with and, where it was left to us, what kind of question this is taken for and why."""
    if effort == AUTO:
        proposal = propose_effort(question)
        return proposal.effort, {"kind": proposal.kind.value, "why": proposal.why}
    if effort not in Effort.values:
        message = _("Effort is one of auto, quick, standard and deep.")
        raise Invalid(message, errors={"effort": [_("Unknown effort.")]})
    return effort, None


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
