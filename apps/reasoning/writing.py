"""The writer of one answer: claims the row, keeps its lease while the model is silent, streams, stores.

A second ring for the same answer finds nothing to claim. A writer that loses its lease (its machine slept, say) stops, and
what it has written is not stored over the end that the sweep gave the answer.
"""

import threading
import time
import uuid
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.audit.actors import acting
from apps.core.errors import ToulminError
from apps.reasoning import stream
from apps.reasoning.events import Done, Failed, ReasoningDelta, StatusChanged
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.storing import asker_of, store
from apps.reasoning.written import Notice, Question, Written
from apps.retrieval.within import Filters
from apps.serving import health

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=15)
RENEWED_EVERY = 5.0
RUNNING = [AnswerStatus.RETRIEVING, AnswerStatus.REASONING, AnswerStatus.VERIFYING]
_LOOK_EVERY = 0.25


def write(answer_id: uuid.UUID) -> None:
    """Write an answer from claim to record. Returns without doing anything if it does not wait for a writer."""
    answer = _claim(answer_id)
    if answer is None:
        return
    with acting(asker_of(answer)), _Hold(answer_id) as hold:
        written = _write(answer, hold)
        record = store(answer_id, written)
    if record is None:
        return
    if written.status == AnswerStatus.FAILED:
        stream.append(answer_id, Failed(written.error.code, written.error.detail))
    else:
        stream.append(answer_id, Done(str(answer_id)))
    log.info("answer.finished", answer=str(answer_id), status=written.status.value, outcome=written.outcome)


def _claim(answer_id: uuid.UUID) -> Answer | None:
    now = timezone.now()
    claimed = Answer.objects.filter(pk=answer_id, status=AnswerStatus.QUEUED).update(
        status=AnswerStatus.RETRIEVING, started_at=now, lease_until=now + LEASE
    )
    return Answer.objects.select_related("asker").get(pk=answer_id) if claimed else None


def _write(answer: Answer, hold: "_Hold") -> Written:
    """Return the answer as written, or as failed: every question comes to an end that can be read."""
    try:
        return _run(answer, hold)
    except ToulminError as error:
        log.warning("answer.failed", answer=str(answer.pk), code=error.code)
        return _failed(error.code, error.detail)
    except Exception:
        log.exception("answer.broke", answer=str(answer.pk))
        return _failed("internal", _("Something went wrong on our side while this was written. Ask again."))


def _run(answer: Answer, hold: "_Hold") -> Written:
    if answer.asker is None:
        return _failed("not_allowed", _("The person who asked this is no longer here."))
    waited = (answer.started_at or answer.created_at) - answer.created_at
    question = Question(
        id=answer.pk,
        text=answer.question,
        scope=Scope.of_user(answer.asker),
        collections=tuple(answer.collections),
        documents=tuple(answer.documents),
        filters=Filters.from_json(answer.filters),
        effort=answer.effort,
        queued_seconds=waited.total_seconds(),
    )
    state = health.state_for_answering()
    using = Answering(
        state=state,
        model=health.get_model() if state.can_answer else None,
        stopped=hold.should_stop,
        deadline=time.monotonic() + settings.ENV.answer_deadline,
    )
    events = write_answer(question, using)
    status = ""
    try:
        while True:
            event = next(events)
            stream.append(answer.pk, event)
            if isinstance(event, StatusChanged) and event.status != status:
                status = event.status
                Answer.objects.filter(pk=answer.pk, status__in=RUNNING).update(status=status)
                _release_connection()  # none is held while the model thinks
            elif isinstance(event, ReasoningDelta):
                hold.note_alive()
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
    """The lease on an answer, renewed on a thread of its own, and the word to stop."""

    def __init__(self, answer_id: uuid.UUID) -> None:
        self._answer_id = answer_id
        self._over = threading.Event()
        self._stop = False
        self._looked = 0.0
        self._told_alive = 0.0
        self._thread = threading.Thread(target=self._renew, name="answer-lease", daemon=True)

    def __enter__(self) -> "_Hold":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def should_stop(self) -> bool:
        """Return whether the asker stopped this, or the lease was lost. Looks at most four times a second."""
        now = time.monotonic()
        if not self._stop and now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._stop = stream.stop_requested(self._answer_id)
        return self._stop

    def note_alive(self) -> None:
        now = time.monotonic()
        if now - self._told_alive > RENEWED_EVERY:
            self._told_alive = now
            health.note_alive()

    def _renew(self) -> None:
        while not self._over.wait(RENEWED_EVERY):
            try:
                mine = Answer.objects.filter(pk=self._answer_id, status__in=RUNNING)
                kept = mine.update(lease_until=timezone.now() + LEASE)
                if not kept or mine.filter(cancel_requested=True).exists():
                    self._stop = True
            except DatabaseError as error:
                log.warning("answer.lease_not_renewed", answer=str(self._answer_id), error=type(error).__name__)
            finally:
                connection.close()
