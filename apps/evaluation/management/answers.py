"""`evaluate --answers`: what is printed, in its order: how far the graders agree with people, then the answers."""

from argparse import ArgumentParser
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.accounts.scope import Scope
from apps.audit.actors import acting
from apps.core.errors import Invalid, Unavailable
from apps.documents.services import delete_collection
from apps.evaluation.answers.agreeing import agreement_with, exact_agreement, graded_by_people, sample
from apps.evaluation.answers.keeping import How, Kept
from apps.evaluation.answers.measures import MEASURES
from apps.evaluation.answers.measuring import measure_answers
from apps.evaluation.answers.reports import AnswersReport
from apps.evaluation.askers import asker, collection_for, golden_set, person
from apps.evaluation.folders import Folder
from apps.evaluation.grading.agreement import Agreement
from apps.evaluation.grading.grades import Gold, Grade
from apps.evaluation.judging.calls import Caller
from apps.evaluation.judging.judge import judged_grade
from apps.evaluation.judging.reports import JudgedReport
from apps.evaluation.judging.running import Judging, run_judged
from apps.evaluation.judging.sets import answers_of, judged_set
from apps.evaluation.known import Known
from apps.evaluation.questions import known_of
from apps.reasoning.models import Effort
from apps.serving.line import line_for_answering

Say = Callable[[str], None]


def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("answers of the connected model, with --answers or --judged")
    group.add_argument("--answers", action="store_true", help="ask the model and grade its answers, instead of search")
    group.add_argument("--effort", default=Effort.STANDARD.value, choices=[*Effort.values, "auto"])
    group.add_argument("--results", type=Path, metavar="FILE", help="keep each answer here, and go on where it ended")
    group.add_argument("--judge", action="store_true", help="have the model grade what code is not sure of")
    group.add_argument("--judge-on", type=int, default=60, metavar="N", help="answers graded by people to try it on")
    group.add_argument("--of-grounds", action="store_true", help="ask each question of the documents of its qrels only")
    group.add_argument("--spend", type=Decimal, metavar="AMOUNT", help="stop when so much is spent")
    group.add_argument(
        "--judged",
        action="store_true",
        help="answer and judge a set in the shape of MT-Bench or AlignBench, without documents",
    )
    group.add_argument("--against", type=Path, metavar="FILE", help="other answers to a judged set, to compare with")
    group.add_argument("--matter", default="", help="what the answers are charged to")


def read_results(paths: list[str]) -> list[AnswersReport]:
    """Return the reports of two files that --results kept."""
    return [AnswersReport.of(Kept.read(Path(path))) for path in paths]


def of_folder(options: dict[str, Any], say: Say) -> tuple[AnswersReport, dict[str, Any]]:
    """Return the report on a folder and the agreement of the graders with people, which is said before anything is asked."""
    folder = Folder(options["folder"])
    name = folder.path.resolve().name
    with asker(options["email"]) as scope, acting(scope.actor):
        judge = _judge(scope, options)
        agreement = _agreement(folder.path, judge, options, say)
        kept = Kept.opened(_how(name, options, judge), options["results"])
        collection = collection_for(scope, name, again=options["keep"])
        try:
            ids = folder.load(scope, collection, say)
            questions = folder.known(ids, of_grounds_only=options["of_grounds"])[: options["first"]]
            return _measured(scope, questions, kept, collection.pk, judge, options, say), agreement
        finally:
            if not options["keep"]:
                delete_collection(scope, collection)


def of_set(options: dict[str, Any], say: Say) -> tuple[AnswersReport, dict[str, Any]]:
    """Return the report on a golden set."""
    scope = Scope.of_user(person(options["email"]))
    with acting(scope.actor):
        chosen = golden_set(scope, options["set"])
        judge = _judge(scope, options)
        kept = Kept.opened(_how(chosen.name, options, judge), options["results"])
        questions = known_of(chosen)[: options["first"]]
        return _measured(scope, questions, kept, chosen.collection_id, judge, options, say), {}


def of_judged(options: dict[str, Any], say: Say) -> JudgedReport:
    """Return the report on a judged set: the connected model answers it and judges."""
    path: Path = options["folder"]
    against: Path | None = options["against"]
    questions = judged_set(path)[: options["first"]]
    others = answers_of(against) if against else {}
    with asker(options["email"]) as scope, acting(scope.actor):
        caller = Caller(scope)
        return run_judged(
            caller,
            questions,
            Judging(path.resolve().name, caller.name, against.name if against else ""),
            others=others,
            results=options["results"],
            matter=options["matter"],
            most=options["spend"],
            say=say,
        )


def bars_of(
    texts: Sequence[str], measures: Collection[str] = MEASURES, *, example: str = "correct=0.7", of: str = " of answers"
) -> dict[str, float]:
    """Return the bars that are typed, each as `example` is. Raises `Invalid`."""
    bars = {}
    for text in texts:
        name, _equals, value = text.partition("=")
        try:
            bars[name] = float(value)
        except ValueError:
            raise Invalid(f"“{text}” is no bar. One is written like {example}.") from None
        if name not in measures:
            raise Invalid(f"There is no measure “{name}”{of}. There are {', '.join(measures)}.")
    return bars


def _measured(
    scope: Scope,
    questions: list[Known],
    kept: Kept,
    collection: Any,
    judge: Caller | None,
    options: dict[str, Any],
    say: Say,
) -> AnswersReport:
    if not questions:
        raise Invalid("There is no question to ask.")
    return measure_answers(
        scope,
        questions,
        kept,
        collection=collection,
        matter=options["matter"],
        judge=judge,
        most=options["spend"],
        say=say,
    )


def _how(name: str, options: dict[str, Any], judge: Caller | None) -> How:
    return How(name, options["effort"], options["of_grounds"], judge.name if judge else "")


def _judge(scope: Scope, options: dict[str, Any]) -> Caller | None:
    """Return the judge, where one is wanted. Raises `Unavailable` where no model can be asked, before anything is read."""
    if not line_for_answering():
        raise Unavailable("No model can be asked now. Connect an endpoint first; see the page of models.")
    return Caller(scope) if options["judge"] else None


def _agreement(path: Path, judge: Caller | None, options: dict[str, Any], say: Say) -> dict[str, Any]:
    graded = graded_by_people(path)
    if not graded:
        return {}
    found: dict[str, Agreement] = {
        f"Grader without a model. {part}": each for part, each in exact_agreement(graded).items()
    }
    silent = 0
    if judge is not None:
        tried = sample(graded, options["judge_on"])

        def by_model(gold: Gold, answer: str) -> Grade | None:
            return judged_grade(lambda words: judge.say([("user", words)], matter=options["matter"]).text, gold, answer)

        found[f"Judge {judge.name}"], silent = agreement_with(tried, by_model)
    for part, each in found.items():
        say(each.table(part))
    if silent:
        say(f"The judge gave no grade of {silent} answers.")
    return {part: each.as_json() for part, each in found.items()} | ({"silent": silent} if silent else {})
