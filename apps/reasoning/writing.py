"""The writer of one answer: claims the row, keeps its lease while the model is silent, streams, stores.

A second ring for the same answer finds nothing to claim. A writer that loses its lease (its machine slept, say) stops, and
what it has written is not stored over the end that the sweep gave the answer. One that finds no endpoint with room lets go
of the answer again: it waits in its row, and is rung for when its turn has come.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit.actors import acting
from apps.core.errors import ToulminError
from apps.reasoning import stream, waiting
from apps.reasoning.conversation import turns_before
from apps.reasoning.events import AnswerDelta, Done, Failed, ReasoningDelta, StatusChanged
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.storing import asker_of, store
from apps.reasoning.verifying import Checks
from apps.reasoning.written import Notice, Question, Written
from apps.retrieval.embedding import get_embedder
from apps.retrieval.within import Filters
from apps.serving import health
from apps.serving.line import CountedTurn, FreeTurn, Line, Turn, look_along

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=15)
RENEWED_EVERY = 5.0
RUNNING = [AnswerStatus.RETRIEVING, AnswerStatus.REASONING, AnswerStatus.VERIFYING]
_LOOK_EVERY = 0.25


def write(answer_id: uuid.UUID, *, freed: Callable[[], None] = lambda: None) -> None:
    """Write an answer from claim to record. Returns without doing anything if it does not wait for a writer, or must wait
    for its turn. `freed` is called when another answer may begin."""
    answer = Answer.objects.select_related("asker").filter(pk=answer_id, status=AnswerStatus.QUEUED).first()
    if answer is None:
        return
    line, hold = _look_along(), _Hold(answer_id)
    turn = CountedTurn(stopped=hold.should_stop, until=hold.deadline, freed=freed)
    try:
        if line.ready:
            limited = all(one.served.at_once for one in line.ready)
            ahead = waiting.ahead_of(answer) if limited else 0
            begun = turn.begin(line, ahead=ahead)
            if begun is None:
                waiting.tell_place(answer_id, ahead + 1)
                return
            line = begun
        if _claim(answer):
            with hold.kept(turn):
                _write_and_store(answer, line, hold)
    finally:
        turn.release()
        if not line.ready:
            freed()  # nobody needs to wait for endpoints that are gone


def _look_along() -> Line:
    """Return the endpoints to ask; none if they cannot even be listed, since a question must come to an end all the same."""
    try:
        return look_along()
    except DatabaseError:
        raise
    except Exception:
        log.exception("endpoints.not_listed")
        return Line(health.ModelState("down"))


def _claim(answer: Answer) -> bool:
    """Return whether the answer is this writer's now."""
    now = timezone.now()
    answer.status, answer.started_at, answer.lease_until = AnswerStatus.RETRIEVING, now, now + LEASE
    waiting_still = Answer.objects.filter(pk=answer.pk, status=AnswerStatus.QUEUED)
    claimed = waiting_still.update(status=answer.status, started_at=now, lease_until=answer.lease_until)
    return bool(claimed)


def _write_and_store(answer: Answer, line: Line, hold: "_Hold") -> None:
    written = _write(answer, line, hold)
    with acting(asker_of(answer)):
        if store(answer.pk, written) is None:
            return
    if written.status == AnswerStatus.FAILED:
        stream.append(answer.pk, Failed(written.error.code, written.error.detail))
    else:
        stream.append(answer.pk, Done(str(answer.pk)))
    log.info("answer.finished", answer=str(answer.pk), status=written.status.value, outcome=written.outcome)


def _write(answer: Answer, line: Line, hold: "_Hold") -> Written:
    """Return the answer as written, or as failed: every question comes to an end that can be read."""
    try:
        return _run(answer, line, hold)
    except ToulminError as error:
        log.warning("answer.failed", answer=str(answer.pk), code=error.code)
        return _failed(error.code, error.detail)
    except Exception:
        log.exception("answer.broke", answer=str(answer.pk))
        return _failed("internal", _("Something went wrong on our side while this was written. Ask again."))


def _run(answer: Answer, line: Line, hold: "_Hold") -> Written:
    if answer.asker is None:
        return _failed("not_allowed", _("The person who asked this is no longer here."))
    waited = (answer.started_at or answer.created_at) - answer.created_at
    scope = Scope.of_user(answer.asker)
    turns = turns_before(scope, answer)
    if turns:
        leans_on = sorted({document for turn in turns for document in turn.documents})
        Answer.objects.filter(pk=answer.pk).update(leans_on=leans_on)
    question = Question(
        id=answer.pk,
        text=answer.question,
        scope=scope,
        collections=tuple(answer.collections),
        documents=tuple(answer.documents),
        filters=Filters.from_json(answer.filters),
        effort=answer.effort,
        queued_seconds=waited.total_seconds(),
        turns=turns,
    )
    using = Answering(
        line=line,
        stopped=hold.should_stop,
        deadline=hold.deadline,
        turn=hold.turn,
        checks=Checks(get_embedder().embed_passages, settings.ENV.unsupported_claims),
    )
    events = write_answer(question, using)
    status = AnswerStatus.RETRIEVING.value
    try:
        while True:
            event = next(events)
            stream.hand_on(answer.pk, event)
            if isinstance(event, StatusChanged) and event.status != status:
                status = event.status
                Answer.objects.filter(pk=answer.pk, status__in=RUNNING).update(status=status)
                _release_connection()  # none is held while the model thinks
            elif isinstance(event, ReasoningDelta | AnswerDelta):
                hold.wrote = True
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the generator returns
    finally:
        events.close()


def _release_connection() -> None:
    """Give the database connection back, unless a transaction of the caller's needs it."""
    if not connection.in_atomic_block:
        connection.close()


def _failed(code: str, detail: str) -> Written:
    return Written(status=AnswerStatus.FAILED, error=Notice(code, detail))


class _Hold:
    """The lease on an answer and its turn, renewed on a thread of its own, and the word to stop."""

    def __init__(self, answer_id: uuid.UUID) -> None:
        self.turn: Turn = FreeTurn()
        self.deadline = time.monotonic() + settings.ENV.answer_deadline
        self.wrote = False
        """Something came since the lease was last renewed."""
        self._answer_id = answer_id
        self._over = threading.Event()
        self._stop = False
        self._looked = 0.0

    @contextmanager
    def kept(self, turn: CountedTurn) -> Iterator[None]:
        """Keep the lease and the turn until the end of the block."""
        self.turn = turn
        thread = threading.Thread(target=self._renew, args=(turn,), name="answer-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(timeout=5)

    def should_stop(self) -> bool:
        """Return whether the asker stopped this, or the lease was lost. Looks at most four times a second."""
        now = time.monotonic()
        if not self._stop and now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._stop = stream.stop_requested(self._answer_id)
        return self._stop

    def _renew(self, turn: CountedTurn) -> None:
        while not self._over.wait(RENEWED_EVERY):
            turn.renew()
            if self.wrote and turn.endpoint_id:
                self.wrote = False
                health.note_alive(turn.endpoint_id)
            try:
                mine = Answer.objects.filter(pk=self._answer_id, status__in=RUNNING)
                kept = mine.update(lease_until=timezone.now() + LEASE)
                if not kept or mine.filter(cancel_requested=True).exists():
                    self._stop = True
            except DatabaseError as error:
                log.warning("answer.lease_not_renewed", answer=str(self._answer_id), error=type(error).__name__)
            finally:
                connection.close()
