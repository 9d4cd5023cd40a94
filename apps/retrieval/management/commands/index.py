"""Indexes from a shell: how they are, building one with another model, switching to it, going back, removing one."""

from argparse import ArgumentParser
from typing import Any

import redis
from celery.exceptions import OperationalError
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from apps.accounts.scope import Scope
from apps.core.errors import ToulminError, Unavailable
from apps.retrieval import generations
from apps.retrieval.building import Turn, bring_up_to_date
from apps.retrieval.generations import Standing
from apps.retrieval.models import IndexGeneration
from apps.retrieval.remote import RemoteEmbedder
from apps.retrieval.tasks import keep_indexes

_TURN = 5.0
_TO_LOAD = 300.0


class Command(BaseCommand):
    help = (
        "Looks after the indexes that searches read. A new one is built beside the one that answers, by the worker that reads "
        "documents, and takes its place when you say so."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="how each index is")
        build = verbs.add_parser("build", help="build one, or go on with it")
        build.add_argument("--model", default="", help="what embeds for it; without it, TOULMIN_EMBEDDING_MODEL")
        build.add_argument("--here", action="store_true", help="in this process, and wait for it")
        switch = verbs.add_parser("switch", help="have searches read another")
        switch.add_argument("number", type=int)
        back = verbs.add_parser("rollback", help="have searches read the one before")
        for verb in (switch, back):
            verb.add_argument("--override", default="", metavar="REASON", help="why, though it falls below a bar")
            verb.add_argument(
                "--unasked", action="store_true", help="do not wait for the answers worker to load the model"
            )
        drop = verbs.add_parser("drop", help="remove one that is not live")
        drop.add_argument("number", type=int)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"_{verb}")(Scope.of_system(), options)
        except ToulminError as error:
            raise CommandError(error.detail) from error

    def _status(self, scope: Scope, options: dict[str, Any]) -> None:
        found = generations.standings()
        for one in found:
            self.stdout.write(_line(one))
        if not found:
            self.stdout.write("There is no index yet. The first document makes it.")

    def _build(self, scope: Scope, options: dict[str, Any]) -> None:
        building = IndexGeneration.objects.filter(state=IndexGeneration.State.BUILDING).first()
        if building is not None and options["model"] not in {"", building.model}:
            raise CommandError(f"Generation {building.number} is being built with “{building.model}”. Drop it first.")
        generation = building or generations.begin(scope, model=options["model"])
        if options["here"]:
            self._work(generation)
        else:
            self._ring()
            self.stdout.write(f"Generation {generation} is built by the worker that reads documents.")

    def _work(self, generation: IndexGeneration) -> None:
        turn = Turn.MORE
        while turn is Turn.MORE:
            turn = bring_up_to_date(generation, seconds=_TURN)
            self.stdout.write(_line(generations.standing(generation)))
        if turn is Turn.WAIT:
            raise CommandError("It is not complete: another process builds, or the log says what could not be indexed.")

    def _switch(self, scope: Scope, options: dict[str, Any]) -> None:
        self._go_live(scope, IndexGeneration.objects.filter(number=options["number"]).first(), options)

    def _rollback(self, scope: Scope, options: dict[str, Any]) -> None:
        self._go_live(scope, generations.previous(), options)

    def _go_live(self, scope: Scope, generation: IndexGeneration | None, options: dict[str, Any]) -> None:
        if generation is None:
            raise CommandError(f"There is no generation {options['number']}.")
        if not options["unasked"]:
            _have_loaded(generation)
        live = generations.switch(scope, generation.number, override=options["override"])
        self._ring()
        self.stdout.write(f"Searches read generation {live}.")

    def _drop(self, scope: Scope, options: dict[str, Any]) -> None:
        removed = generations.drop(scope, options["number"])
        self.stdout.write(f"Generation {options['number']} is gone, with {removed} passages.")

    def _ring(self) -> None:
        try:
            keep_indexes.delay()
        except (OperationalError, redis.RedisError):
            self.stderr.write("Redis does not answer. The work begins within a minute of its being back.")


def _have_loaded(generation: IndexGeneration) -> None:
    """Have the answers worker load the model now, so that no search waits for it."""
    try:
        RemoteEmbedder(generation.model, timeout=_TO_LOAD).embed_question("ready")
    except Unavailable as error:
        raise CommandError(
            f"{error.detail} Start it, or see its log; with --unasked searches go by words until it has loaded the model."
        ) from error


def _line(one: Standing) -> str:
    generation = one.generation
    done = one.documents - one.outstanding
    graph = filesizeformat(one.graph_bytes) if one.has_graph else "no graph yet"
    return (
        f"{generation.number}  {generation.state:8}  {generation.embedder}, chunker {generation.chunker_version}  "
        f"{done} of {one.documents} documents, {one.passages} passages, {filesizeformat(one.passage_bytes)}, graph {graph}"
    )
