"""Indexes side by side: begun, switched to, gone back to, dropped. One is live; nothing of another is ever searched.

Whoever decides that a generation may not go live, a bar of quality for instance, says so through `before_switch`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.scope import Permission, Scope
from apps.audit import log
from apps.audit.actions import Action
from apps.core.errors import Conflict, NotFound
from apps.documents.models import Version
from apps.retrieval.building import note_what_is_there, outstanding
from apps.retrieval.embedding import get_embedder
from apps.retrieval.graph import drop_graph, graph_bytes, has_graph
from apps.retrieval.index import live_generation, lock_generations, make_generation
from apps.retrieval.models import IndexedPassage, IndexGeneration

Bar = Callable[[IndexGeneration], str]
"""Returns a sentence that says why a generation may not go live; empty if it may."""

_DROPPED_AT_ONCE = 5000
_State = IndexGeneration.State
_bars: list[Bar] = []


@dataclass(frozen=True, slots=True)
class Standing:
    """How a generation is: `documents` are the versions that have been read, `outstanding` those that it does not hold yet."""

    generation: IndexGeneration
    passages: int
    documents: int
    outstanding: int
    has_graph: bool
    passage_bytes: int
    graph_bytes: int

    @property
    def is_complete(self) -> bool:
        return not self.outstanding and self.has_graph


def before_switch(bar: Bar) -> None:
    """Have a generation judged before it goes live."""
    _bars.append(bar)


def standings() -> list[Standing]:
    """Return how every generation is, oldest first."""
    return [standing(generation) for generation in IndexGeneration.objects.order_by("number")]


def standing(generation: IndexGeneration) -> Standing:
    passages = IndexedPassage.objects.filter(generation=generation).count()
    return Standing(
        generation=generation,
        passages=passages,
        documents=Version.objects.filter(ready_at__isnull=False).count(),
        outstanding=outstanding(generation).count(),
        has_graph=has_graph(generation),
        passage_bytes=passages * _bytes_a_passage(),
        graph_bytes=graph_bytes(generation),
    )


def begin(scope: Scope, *, model: str = "") -> IndexGeneration:
    """Make a generation to be built with a model, or the configured one; loads it. Raises `Conflict` while one is being built."""
    scope.require(Permission.ADMINISTER)
    model = model or settings.ENV.embedding_model
    embedder = get_embedder(model)
    embedder.warm_up()
    with transaction.atomic():
        lock_generations()
        being_built = IndexGeneration.objects.filter(state=_State.BUILDING).first()
        if being_built is not None:
            raise Conflict(
                _("Generation %(number)s is being built. Switch to it or drop it first.")
                % {"number": being_built.number}
            )
        return make_generation(embedder, model, _State.BUILDING)


def switch(scope: Scope, number: int, *, override: str = "") -> IndexGeneration:
    """Have searches read another generation from their next query on. `override` says why, in spite of a bar.

    Raises `Conflict` where it does not hold every document, or falls below a bar. What is read just now is brought over after.
    """
    scope.require(Permission.ADMINISTER)
    with transaction.atomic():
        lock_generations()
        generation = _get(number)
        if generation.state == _State.LIVE:
            return generation
        objections = [sentence for bar in _bars if (sentence := bar(generation))]
        if objections and not override:
            raise Conflict(" ".join(objections), code="below_bar")
        before = live_generation()
        _wait_for_readings()
        _check_complete(generation)
        if before is not None:
            note_what_is_there(before)
        now = timezone.now()
        IndexGeneration.objects.filter(state=_State.LIVE).update(state=_State.RETIRED, retired_at=now)
        IndexGeneration.objects.filter(pk=generation.pk).update(state=_State.LIVE, retired_at=None)
        log.record(
            Action.INDEX_SWITCHED,
            generation,
            data={
                "generation": str(generation),
                "before": str(before) if before else None,
                "back": generation.retired_at is not None,
                "objections": objections,
                "override": override,
            },
            actor=scope.actor,
        )
    generation.refresh_from_db()
    return generation


def previous() -> IndexGeneration:
    """Return the generation that was live before. Raises `NotFound` where it was dropped or there was none."""
    last = IndexGeneration.objects.filter(state=_State.RETIRED).order_by("-retired_at").first()
    if last is None:
        raise NotFound(_("There is no generation to go back to."))
    return last


def drop(scope: Scope, number: int) -> int:
    """Remove a generation that is not live, with its passages and its graph; return how many passages there were."""
    scope.require(Permission.ADMINISTER)
    generation = _get(number)
    if generation.state == _State.LIVE:
        raise Conflict(_("Generation %(number)s answers searches. Switch to another first.") % {"number": number})
    drop_graph(generation)
    removed = _forget_passages(generation)
    with transaction.atomic():
        lock_generations()
        if IndexGeneration.objects.filter(pk=generation.pk, state=_State.LIVE).exists():
            raise Conflict(_("Generation %(number)s has gone live meanwhile.") % {"number": number})
        removed += _forget_passages(generation)
        data = {"generation": str(generation), "was": generation.state, "passages": removed}
        log.record(Action.INDEX_DROPPED, generation, data=data, actor=scope.actor)
        IndexGeneration.objects.filter(pk=generation.pk).delete()
    return removed


def _get(number: int) -> IndexGeneration:
    generation = IndexGeneration.objects.filter(number=number).first()
    if generation is None:
        raise NotFound(_("There is no generation %(number)s.") % {"number": number})
    return generation


def _wait_for_readings() -> None:
    """Let no reading end between the look at what is outstanding and the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute(f"LOCK TABLE {Version._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _check_complete(generation: IndexGeneration) -> None:
    missing = outstanding(generation).count()
    if missing or not has_graph(generation):
        raise Conflict(
            _(
                "Generation %(number)s does not hold everything yet: %(missing)s documents are outstanding. "
                "It is brought up to date by the worker that reads documents; look again in a while."
            )
            % {"number": generation.number, "missing": missing},
            code="index_incomplete",
        )


def _forget_passages(generation: IndexGeneration) -> int:
    """Remove the passages of a generation, some at a time, and return how many there were."""
    table = IndexedPassage._meta.db_table
    statement = f"DELETE FROM {table} WHERE id = ANY(ARRAY(SELECT id FROM {table} WHERE generation_id = %s LIMIT %s))"  # noqa: S608
    removed = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [generation.pk, _DROPPED_AT_ONCE])
            if not cursor.rowcount:
                return removed
            removed += cursor.rowcount


def _bytes_a_passage() -> int:
    """Return what a passage takes in its table, about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_table_size(oid) / greatest(reltuples, 1) FROM pg_class WHERE oid = %s::regclass",
            [IndexedPassage._meta.db_table],
        )
        return int(cursor.fetchone()[0])
