"""Measuring search and answers from a shell: on a folder of questions, or on a golden set.

Exits with 1 below a bar, and with 3 where answers stopped early.
"""

import json
import logging
import statistics
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.audit.actors import acting
from apps.core.errors import ToulminError
from apps.documents.models import Collection
from apps.documents.services import delete_collection
from apps.evaluation.answers.reports import compared as compared_answers
from apps.evaluation.answers.reports import compared_json
from apps.evaluation.askers import asker, collection_for, golden_set, person
from apps.evaluation.asking import LAST, ask
from apps.evaluation.comparing import compare
from apps.evaluation.folders import Folder, Question
from apps.evaluation.live import settled
from apps.evaluation.management import answers
from apps.evaluation.measures import MEASURES
from apps.evaluation.models import EvaluationRun, GoldenSet
from apps.evaluation.reports import Report, compared
from apps.evaluation.running import carry_on
from apps.evaluation.services import start_run
from apps.retrieval.configuration import Configuration, live_configuration
from apps.retrieval.models import IndexGeneration

_TURN = 60.0
_UNFINISHED = "Not all questions were asked. Run it again with the same --results."


class Command(BaseCommand):
    help = (
        "Measures how well search finds what answers questions, or with --answers how well the model answers them: those of a folder with queries.jsonl, qrels.jsonl and either "
        "corpus.jsonl or files in pdfs/ or files/, or those of a golden set. See docs/evaluation.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="what to read and ask")
        parser.add_argument("--set", default="", metavar="NAME", help="a golden set instead, by name or id; needs --as")
        parser.add_argument("--as", default="", dest="email", metavar="EMAIL", help="whose rights searches have")
        parser.add_argument("--keep", action="store_true", help="keep the collection of a folder; needs --as")
        parser.add_argument("--first", type=int, metavar="N", help="ask only so many questions of a folder")
        parser.add_argument("--configuration", default="live", metavar="NAME=VALUE,…", help="what search is run with")
        parser.add_argument(
            "--compare", nargs=2, metavar=("A", "B"), help="two configurations, or two files that --json wrote"
        )
        parser.add_argument("--bar", action="append", default=[], metavar="MEASURE=VALUE", help="what must be reached")
        parser.add_argument("--json", action="store_true", help="print JSON")
        answers.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("django_structlog", "apps.ingestion"):  # a line for each of thousands of documents
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            if options["judged"]:
                self._judged(options)
            elif options["answers"]:
                self._answers(options)
            else:
                self._search(options)
        except ToulminError as error:
            raise CommandError(error.detail) from error

    def _search(self, options: dict[str, Any]) -> None:
        bars = answers.bars_of(options["bar"], MEASURES, example="ndcg@10=0.7", of="")
        reports = self._reports(options)
        self._print(reports, as_json=options["json"])
        if failed := reports[-1].below(bars):
            raise CommandError(" ".join(failed), returncode=1)

    def _answers(self, options: dict[str, Any]) -> None:
        """Measure answers; what is said beside the report goes to standard error where the report is JSON."""
        bars, as_json = answers.bars_of(options["bar"]), options["json"]
        say = self.stderr.write if as_json else self.stdout.write
        if options["compare"]:
            before, after = answers.read_results(options["compare"])
            found = compared_json(before, after)
            shown = "\n\n".join([before.table(), after.table(), compared_answers(before, after)])
        else:
            if not options["folder"] and not options["set"]:
                raise CommandError("Name a folder, a golden set with --set, or two files of results with --compare.")
            after, agreement = (answers.of_set if options["set"] else answers.of_folder)(options, say)
            found, shown = after.as_json() | {"agreement": agreement}, "\n" + after.table()
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) if as_json else shown)
        if failed := after.below(bars):
            raise CommandError(" ".join(failed), returncode=1)
        if after.stopped and not options["compare"]:
            raise CommandError(_UNFINISHED, returncode=3)

    def _judged(self, options: dict[str, Any]) -> None:
        if not options["folder"]:
            raise CommandError("Name the file or folder of the judged set.")
        report = answers.of_judged(options, self.stderr.write)
        self.stdout.write(
            json.dumps(report.as_json(), ensure_ascii=False, indent=1) if options["json"] else report.table()
        )
        if report.stopped:
            raise CommandError(_UNFINISHED, returncode=3)

    def _reports(self, options: dict[str, Any]) -> list[Report]:
        chosen = options["compare"] or [options["configuration"]]
        if not options["folder"] and not options["set"]:
            if not options["compare"]:
                raise CommandError("Name a folder, a golden set with --set, or two files with --compare.")
            return [_written(Path(name)) for name in chosen]
        configurations = [_configuration(text) for text in chosen]
        if options["set"]:
            return self._of_set(options["set"], person(options["email"]), configurations)
        return self._of_folder(Folder(options["folder"]), options, configurations)

    def _of_folder(
        self, folder: Folder, options: dict[str, Any], configurations: Sequence[Configuration]
    ) -> list[Report]:
        if options["keep"] and not options["email"]:
            raise CommandError("With --keep somebody must own the collection: name them with --as.")
        with asker(options["email"]) as scope, acting(scope.actor):
            collection = collection_for(scope, folder.path.resolve().name, again=options["keep"])
            try:
                ids = folder.load(scope, collection, self.stderr.write)
                questions = folder.questions(ids)[: options["first"]]
                if not questions:
                    raise CommandError("No question of the folder says what answers it.")
                name = folder.path.resolve().name
                return [_report(scope, collection, name, questions, each) for each in configurations]
            finally:
                if not options["keep"]:
                    delete_collection(scope, collection)

    def _of_set(self, name: str, user: User, configurations: Sequence[Configuration]) -> list[Report]:
        scope = Scope.of_user(user)
        chosen = golden_set(scope, name)
        with acting(scope.actor):
            return [self._run(scope, chosen, each) for each in configurations]

    def _run(self, scope: Scope, chosen: GoldenSet, configuration: Configuration) -> Report:
        run = start_run(scope, chosen, configuration, here=True)
        while carry_on(run.pk, seconds=_TURN):
            self.stderr.write(f"{run.results.count()} of {run.total} questions asked")
        run.refresh_from_db()
        if run.state != EvaluationRun.State.DONE:
            raise CommandError(run.error or "The run was stopped.")
        rows = run.results.select_related("question")
        return Report(
            name=chosen.name,
            configuration=run.ran_with,
            index=f"{run.configuration['generation']}:{run.embedder}",
            reranker=run.reranker,
            results={row.question.key: row.measures for row in rows},
            questions={row.question.key: row.question.text for row in rows},
            seconds=run.seconds,
        )

    def _print(self, reports: Sequence[Report], *, as_json: bool) -> None:
        if as_json:
            shown: Any = [report.as_json() for report in reports]
            if len(reports) == 2:
                differences = _compare(reports).differences
                gains = {leg: {m: each.as_json() for m, each in found.items()} for leg, found in differences.items()}
                shown = {"before": shown[0], "after": shown[1], "differences": gains}
            else:
                shown = shown[0]
            self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1))
            return
        self.stdout.write("\n\n".join(report.table() for report in reports))
        if len(reports) == 2:
            self.stdout.write("\n" + compared(reports[0], reports[1], _compare(reports)))


def _report(
    scope: Scope, collection: Collection, name: str, questions: Sequence[Question], configuration: Configuration
) -> Report:
    chosen = settled(configuration)
    asked = {
        question.key: ask(scope, question.text, question.grounds, collection=collection.pk, configuration=chosen)
        for question in questions
    }
    index = IndexGeneration.objects.filter(number=chosen.generation or 0).first()
    return Report(
        name=name,
        configuration=chosen,
        index=str(index),
        reranker=next((each.reranker for each in asked.values() if each.reranker), ""),
        results={key: each.measures for key, each in asked.items()},
        questions={question.key: question.text for question in questions},
        seconds=statistics.median(each.seconds for each in asked.values()),
    )


def _compare(reports: Sequence[Report]) -> Any:
    return compare(reports[0].results, reports[1].results, leg=LAST)


def _configuration(text: str) -> Configuration:
    """Return what is typed: `live`, `default`, or names with values, which change the usual ones."""
    if text == "live":
        return live_configuration()
    pairs = [part.partition("=") for part in text.split(",") if part and part != "default"]
    return Configuration.of({name.strip(): value.strip() for name, _equals, value in pairs})


def _written(path: Path) -> Report:
    try:
        return Report.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as what --json wrote. Name a folder or a set too.") from error
