"""`manage.py evaluate`: a folder through the real pipeline, two configurations compared, and a bar."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.documents.models import Collection, Document
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = {
    "debt": ("Debt", "Net debt fell to 4,120 million at the end of the year."),
    "staff": ("Staff", "Staff costs rose because more people were hired in Oslo."),
    "weather": ("Weather", "The winter was mild and the harbour stayed open."),
}
QUESTIONS = {"q1": ("How high was net debt?", "debt"), "q2": ("Why did staff costs rise?", "staff")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"id": key, "title": title, "text": text} for key, (title, text) in TEXTS.items()]
    _write(tmp_path / "corpus.jsonl", rows)
    asked: list[dict[str, Any]] = [{"id": key, "question": text} for key, (text, _) in QUESTIONS.items()]
    asked.append({"id": "q3", "question": "Who is the auditor?", "answerable": False})
    _write(tmp_path / "queries.jsonl", asked)
    _write(
        tmp_path / "qrels.jsonl", [{"query_id": key, "doc_id": doc, "score": 1} for key, (_, doc) in QUESTIONS.items()]
    )
    return tmp_path


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _run(*arguments: object) -> str:
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_folder_is_read_asked_measured_by_leg_and_taken_away_again(folder: Path) -> None:
    report = json.loads(_run(folder, "--json"))
    assert report["measures"]["keyword"]["hit@1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(report["measures"]) == {"dense", "keyword", "fused", "reranked"}
    assert set(report["results"]) == {"q1", "q2"}
    assert not Collection.objects.exists()
    assert not Document.objects.exists()
    assert not User.objects.exists()


def test_the_table_names_every_leg_and_measure(folder: Path) -> None:
    shown = _run(folder)
    assert all(word in shown for word in ("dense", "keyword", "fused", "reranked", "ndcg@10", "recall@100"))


def test_the_collection_is_kept_for_whoever_asked(folder: Path) -> None:
    person = UserFactory(email="ada@example.org")
    _run(folder, "--as", "ada@example.org", "--keep")
    assert Collection.objects.get().created_by == person
    assert Document.objects.count() == 3


def test_two_configurations_are_compared_and_their_reports_again_from_files(folder: Path, tmp_path: Path) -> None:
    shown = json.loads(_run(folder, "--json", "--compare", "default", "judged=0,words=1"))
    assert shown["differences"]["keyword"]["ndcg@10"]["value"] == 0
    assert shown["after"]["configuration"]["words"] == 1
    files = [tmp_path / "before.json", tmp_path / "after.json"]
    for path, name in zip(files, ("before", "after"), strict=True):
        path.write_text(json.dumps(shown[name]), encoding="utf-8")
    assert "Lost most" in _run("--compare", *files)


def test_below_its_bar_it_fails_and_says_by_how_much(folder: Path) -> None:
    _run(folder, "--bar", "hit@5=1")
    with pytest.raises(CommandError, match=r"recall@5 is 1.000, below the bar of 1.500") as caught:
        _run(folder, "--bar", "recall@5=1.5")
    assert caught.value.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bar", "speed=1"], "no measure"),
        (["--configuration", "wrods=1"], "wrods"),
        (["--keep"], "--as"),
        (["--as", "nobody@example.org"], "--as"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_read(folder: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        _run(folder, *arguments)
    assert not Collection.objects.exists()


def test_a_folder_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"queries\.jsonl"):
        _run(tmp_path)
