"""Making golden sets, and filling them with questions. Needs the role of manager in their collection."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, Invalid
from apps.documents.models import Collection, Document, Role
from apps.evaluation.grounds import Ground
from apps.evaluation.measures import MEASURES
from apps.evaluation.models import Bar, GoldenGround, GoldenQuestion, GoldenSet

LONGEST_NAME, LONGEST_QUESTION, LONGEST_QUOTE, LONGEST_ANSWER = 150, 2000, 4000, 2000
MOST_ANSWERS = 10
MOST_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question to be kept. `grounds` name documents by id; none where the documents do not answer it. `answers` are right answers,
    each of which does; without any, what the model says to it is not graded."""

    text: str
    grounds: Sequence[Ground] = ()
    key: str = ""
    answers: Sequence[str] = ()


def create_set(scope: Scope, collection: Collection, *, name: str) -> GoldenSet:
    """Return a new golden set. Raises `Invalid` for an empty or too long name, `Conflict` for one that is taken."""
    collection = Collection.objects.get_visible(scope, collection.pk, Role.MANAGER)
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        message = _("A golden set has a name of up to %(most)s letters.") % {"most": LONGEST_NAME}
        raise Invalid(message, errors={"name": [message]})
    try:
        with transaction.atomic():
            made = GoldenSet.objects.create(collection=collection, name=name)
            log.record(
                Action.GOLDEN_SET_CREATED, made, collection=collection.pk, data={"name": name}, actor=scope.actor
            )
    except IntegrityError:
        raise Conflict(_("This collection has a golden set of that name already.")) from None
    return made


def delete_set(scope: Scope, golden_set: GoldenSet) -> None:
    """Remove a set with its questions, bars and runs."""
    with transaction.atomic():
        golden_set = _held(scope, golden_set)
        data = {"name": golden_set.name, "questions": golden_set.questions.count(), "bars": _bars_of(golden_set)}
        log.record(
            Action.GOLDEN_SET_DELETED, golden_set, collection=golden_set.collection_id, data=data, actor=scope.actor
        )
        golden_set.delete()


def add_questions(scope: Scope, golden_set: GoldenSet, questions: Sequence[NewQuestion]) -> int:
    """Add questions, and return how many. One whose key is there already takes its place.

    Raises `Invalid` for an empty question, and for a ground in no document of the set's collection.
    """
    if not 0 < len(questions) <= MOST_AT_ONCE:
        raise Invalid(_("Send between 1 and %(most)s questions at a time.") % {"most": MOST_AT_ONCE})
    with transaction.atomic():
        golden_set = _held(scope, golden_set)
        _check(scope, golden_set, questions)
        by_key = {question.key.strip()[:200] or uuid.uuid4().hex: question for question in questions}
        golden_set.questions.filter(key__in=by_key).delete()
        for key, question in by_key.items():
            row = GoldenQuestion.objects.create(
                golden_set=golden_set,
                key=key,
                text=question.text.strip(),
                answerable=bool(question.grounds),
                answers=[answer.strip() for answer in question.answers if answer.strip()],
            )
            GoldenGround.objects.bulk_create(
                GoldenGround(
                    question=row,
                    document_id=ground.document,
                    page=ground.page,
                    quote=ground.quote.strip()[:LONGEST_QUOTE],
                    grade=ground.grade,
                )
                for ground in question.grounds
            )
        _changed(scope, golden_set, {"added": len(by_key), "keys": sorted(by_key)[:100]})
    return len(by_key)


def delete_question(scope: Scope, question: GoldenQuestion) -> None:
    """Remove a question from its set."""
    with transaction.atomic():
        golden_set = _held(scope, question.golden_set)
        _changed(scope, golden_set, {"removed": 1, "keys": [question.key]})
        question.delete()


def set_bars(scope: Scope, golden_set: GoldenSet, bars: Mapping[str, float]) -> None:
    """Set what search must reach on a set before it is changed: these bars and no others."""
    if unknown := set(bars) - set(MEASURES):
        raise Invalid(
            _("There is no measure %(names)s. There are %(known)s.")
            % {"names": ", ".join(sorted(unknown)), "known": ", ".join(MEASURES)}
        )
    if not all(0 <= value <= 1 for value in bars.values()):
        raise Invalid(_("A bar lies between 0 and 1."))
    with transaction.atomic():
        golden_set = _held(scope, golden_set)
        before = _bars_of(golden_set)
        golden_set.bars.all().delete()
        Bar.objects.bulk_create(Bar(golden_set=golden_set, measure=name, value=bars[name]) for name in bars)
        log.record(
            Action.GOLDEN_SET_CHANGED,
            golden_set,
            collection=golden_set.collection_id,
            data={"bars": dict(bars), "before": before},
            actor=scope.actor,
        )


def _held(scope: Scope, golden_set: GoldenSet) -> GoldenSet:
    """Return the set locked, if the scope manages its collection."""
    GoldenSet.objects.get_visible(scope, golden_set.pk)
    return GoldenSet.objects.select_for_update(no_key=True).get(pk=golden_set.pk)


def _check(scope: Scope, golden_set: GoldenSet, questions: Sequence[NewQuestion]) -> None:
    named = {uuid.UUID(ground.document) for question in questions for ground in question.grounds}
    there = Document.objects.visible_to(scope).filter(collection=golden_set.collection_id, pk__in=named)
    if named - set(there.values_list("pk", flat=True)):
        raise Invalid(_("A question names a document that is not in this collection."))
    for question in questions:
        if not 0 < len(question.text.strip()) <= LONGEST_QUESTION:
            raise Invalid(_("A question has between 1 and %(most)s letters.") % {"most": LONGEST_QUESTION})
        if len(question.answers) > MOST_ANSWERS or any(len(answer) > LONGEST_ANSWER for answer in question.answers):
            raise Invalid(
                _("A question has up to %(most)s right answers of up to %(letters)s letters.")
                % {"most": MOST_ANSWERS, "letters": LONGEST_ANSWER}
            )
        if any(ground.grade <= 0 for ground in question.grounds):
            raise Invalid(_("What a ground is worth is more than 0."))


def _changed(scope: Scope, golden_set: GoldenSet, data: Mapping[str, object]) -> None:
    golden_set.changed_at = timezone.now()
    golden_set.save(update_fields=["changed_at"])
    with transaction.atomic():
        log.record(
            Action.GOLDEN_SET_CHANGED,
            golden_set,
            collection=golden_set.collection_id,
            data=data,
            actor=scope.actor,
        )


def _bars_of(golden_set: GoldenSet) -> dict[str, float]:
    return dict(golden_set.bars.values_list("measure", "value"))
