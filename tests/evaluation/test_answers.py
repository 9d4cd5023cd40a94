"""`manage.py evaluate --answers`: questions asked as people ask them, graded, kept, gone on with, and compared."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from apps.documents.models import Collection
from apps.reasoning import tasks
from apps.reasoning.models import Answer
from apps.usage.models import Budget, Charge, Principal
from inference.stub import StubServer
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

TEXTS = {
    "debt": "Net debt fell to £4,120 million at the end of the year.",
    "staff": "Staff costs rose because more people were hired in Oslo.",
    "weather": "The winter was mild and the harbour stayed open.",
}
QUESTIONS: list[dict[str, Any]] = [
    {"id": "debt", "question": "How high was net debt at the end of the year?", "answers": ["£4,120 million"]},
    {"id": "staff", "question": "Why did staff costs rise?", "answers": ["Hiring in Bergen"]},
    {"id": "auditor", "question": "Zzyzx qwerty?", "answers": [], "answerable": False},
    {"id": "harbour", "question": "Who kept the harbour open?", "answers": [], "answerable": False},
]


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tasks.write_answer, "delay", lambda _answer: None)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "reports"
    path.mkdir()
    _write(path / "corpus.jsonl", [{"id": key, "title": key, "text": text} for key, text in TEXTS.items()])
    _write(path / "queries.jsonl", QUESTIONS)
    _write(path / "qrels.jsonl", [{"query_id": key, "doc_id": key, "score": 1} for key in ("debt", "staff")])
    return path


@pytest.fixture
def model(settings: Any) -> Iterator[StubServer]:
    with StubServer() as server:
        settings.ENV = settings.ENV.model_copy(
            update={"llm_base_url": server.url, "llm_price_prompt": 1.0, "llm_price_output": 2.0}
        )
        yield server


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _run(*arguments: object) -> str:
    out = StringIO()
    call_command("evaluate", *map(str, arguments), "--answers", stdout=out, stderr=StringIO())
    return out.getvalue()


def test_questions_are_asked_graded_and_counted_with_what_they_cost(folder: Path, model: StubServer) -> None:
    report = json.loads(_run(folder, "--json"))
    rows, measures = report["rows"], report["measures"]
    assert rows["debt"]["label"] == "correct"
    assert rows["debt"]["exact"]["by"] == "words" or rows["debt"]["exact"]["by"] == "figure"
    assert rows["staff"]["label"] == "incorrect"
    assert rows["auditor"]["label"] == "refusal"
    assert rows["harbour"]["label"] == "incorrect"
    assert measures["correct"]["value"] == 0.5
    assert measures["false_answer"]["value"] == 0.5
    assert measures["false_refusal"]["value"] == 0
    assert measures["false_refusal"]["high"] > 0
    assert measures["figure_exact"] == measures["figure_exact"] | {"value": 1.0, "questions": 1}
    assert measures["citation_recall"]["value"] == 1
    assert 0 < measures["citation_precision"]["value"] <= 1
    assert Decimal(report["took"]["spent"]["EUR"]) > 0
    assert report["took"]["seconds"]["median"] > 0
    assert not Collection.objects.exists()


def test_what_was_kept_is_not_asked_again(folder: Path, model: StubServer, tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    _run(folder, "--results", kept, "--first", "2")
    assert Answer.objects.count() == 2
    with kept.open("a", encoding="utf-8") as file:
        file.write('{"key": "auditor", "ques')  # the process died while it wrote
    assert "4 questions answered" in _run(folder, "--results", kept)
    assert Answer.objects.count() == 4
    assert "4 questions answered" in _run(folder, "--results", kept)
    assert Answer.objects.count() == 4


def test_results_of_another_effort_are_not_gone_on_with(folder: Path, model: StubServer, tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    _run(folder, "--results", kept, "--first", "1")
    with pytest.raises(CommandError, match="asked otherwise"):
        _run(folder, "--results", kept, "--effort", "quick")


def test_two_runs_are_compared_question_by_question(folder: Path, model: StubServer, tmp_path: Path) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    _run(folder, "--results", one)
    now = [row | ({"answers": ["More people were hired"]} if row["id"] == "staff" else {}) for row in QUESTIONS]
    _write(folder / "queries.jsonl", now)
    _run(folder, "--results", two, "--effort", "quick")
    found = json.loads(_run("--compare", one, two, "--json"))
    assert found["differences"]["correct"]["value"] == 0.5
    assert (found["differences"]["correct"]["wins"], found["differences"]["correct"]["losses"]) == (1, 0)
    assert "incorrect → correct" in _run("--compare", one, two)


def test_a_bar_is_a_floor_for_what_should_be_much_and_a_ceiling_for_the_rest(folder: Path, model: StubServer) -> None:
    _run(folder, "--bar", "correct=0.5", "--bar", "false_answer=0.5")
    with pytest.raises(CommandError, match=r"false_answer is 0\.500, above the bar of 0\.100") as caught:
        _run(folder, "--bar", "false_answer=0.1")
    assert caught.value.returncode == 1


def test_it_stops_when_the_money_is_spent_and_goes_on_later(folder: Path, model: StubServer, tmp_path: Path) -> None:
    kept = tmp_path / "run.jsonl"
    with pytest.raises(CommandError, match="again") as caught:
        _run(folder, "--results", kept, "--spend", "0.0000001")
    assert caught.value.returncode == 3
    assert Answer.objects.count() == 1
    _run(folder, "--results", kept)
    assert Answer.objects.count() == 4


def test_it_stops_at_a_budget_of_the_organisation(folder: Path, model: StubServer) -> None:
    Budget.objects.create(
        principal=Principal.ORGANISATION, period="month", limit=Decimal("0.000001"), currency="EUR", hard=True
    )
    with pytest.raises(CommandError) as caught:
        _run(folder)
    assert caught.value.returncode == 3
    assert not Answer.objects.exists()


def test_without_a_model_nothing_is_read(folder: Path) -> None:
    with pytest.raises(CommandError, match="No model"):
        _run(folder)
    assert not Collection.objects.exists()


def test_agreement_with_people_is_printed_before_anything_is_asked(folder: Path, model: StubServer) -> None:
    graded = [
        {"query_id": "debt", "model_answer": "It was £4,120 million.", "label": "Correct Answer"},
        {"query_id": "debt", "model_answer": "It was £9 million.", "label": "Incorrect Answer"},
        {"query_id": "staff", "model_answer": "I'm sorry, I do not know.", "label": "Refusal"},
    ]
    _write(folder / "human_graded_answers.jsonl", graded)
    shown = _run(folder)
    assert "3 answers graded by people, agrees on 1.000" in shown
    assert shown.index("graded by people") < shown.index("questions answered by")
    assert json.loads(_run(folder, "--json"))["agreement"]["Grader without a model. All"]["kappa"] == 1


def test_the_judge_is_tried_on_what_people_graded_then_asked_where_words_decide(
    folder: Path, settings: Any, tmp_path: Path
) -> None:
    _write(
        folder / "human_graded_answers.jsonl",
        [{"query_id": "staff", "model_answer": "Hiring.", "label": "Correct Answer"}],
    )

    class Judging(StubServer):
        def reply_to(self, body: Any) -> Any:
            asked = body["messages"][-1]["content"]
            if "GRADE: correct" in asked:
                return [{"delta": {"content": "It says the same.\nGRADE: correct"}}]
            return super().reply_to(body)

    with Judging() as server:
        settings.ENV = settings.ENV.model_copy(
            update={"llm_base_url": server.url, "llm_price_prompt": 1.0, "llm_price_output": 2.0}
        )
        report = json.loads(_run(folder, "--judge", "--json"))
    assert report["rows"]["staff"]["judged"]["label"] == "correct"
    assert report["rows"]["staff"]["exact"]["label"] == "incorrect"
    assert report["rows"]["auditor"]["judged"] is None
    assert report["agreement"]["Judge stub-reasoner"]["accuracy"]["value"] == 1
    assert Decimal(report["judging"]["EUR"]) > 0
    assert Charge.objects.filter(effort="judge").count() >= 2


def test_the_collection_is_kept_and_used_again_for_whoever_asked(folder: Path, model: StubServer) -> None:
    UserFactory(email="ada@example.org")
    _run(folder, "--as", "ada@example.org", "--keep", "--first", "1")
    _run(folder, "--as", "ada@example.org", "--keep", "--first", "1")
    assert Collection.objects.get().documents.count() == 3
