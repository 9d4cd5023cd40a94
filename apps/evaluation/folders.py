"""A folder of questions as search sees it: its files are read into a collection of their own as if somebody had added them.

The folder holds `queries.jsonl` and `qrels.jsonl`, and either files (`pdfs/` or `files/`, where the unit is the page) or
`corpus.jsonl` with one text a line. Files are taken where the corpus is made of their pages, or where there is no corpus.
"""

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps.accounts.scope import Scope
from apps.core.errors import Invalid
from apps.documents.models import Collection, Status
from apps.evaluation.grounds import Ground
from apps.evaluation.known import Known
from apps.ingestion.models import IngestRun
from apps.ingestion.services import upload_document
from apps.ingestion.tasks import ingest_version

FILES = ("pdfs", "files")
_PAGE = re.compile(r"^(?P<document>.+)#p(?P<page>\d+)$")
_ENDED = {Status.READY, Status.FAILED, Status.CANCELLED}
_BEFORE_LOOKING_AGAIN = 0.5
_LONGEST_TITLE = 200

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a folder, and what answers it."""

    key: str
    text: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the questions and their texts are."""

    path: Path

    def __post_init__(self) -> None:
        for name in ("queries.jsonl", "qrels.jsonl"):
            if not (self.path / name).is_file():
                raise Invalid(f"There is no {name} in {self.path}.")
        if not self.texts.is_file() and not self.files:
            raise Invalid(f"There is neither corpus.jsonl nor a folder pdfs or files in {self.path}.")

    @property
    def texts(self) -> Path:
        return self.path / "corpus.jsonl"

    @property
    def files(self) -> list[Path]:
        return sorted(path for name in FILES for path in (self.path / name).glob("*") if path.is_file())

    @property
    def is_of_files(self) -> bool:
        """Whether what is looked for are pages of the files."""
        stems = {path.stem for path in self.files}
        if not self.texts.is_file():
            return True
        return bool(stems) and all(
            (found := _PAGE.match(row["id"])) and found["document"] in stems for row in rows_of(self.texts)
        )

    def load(self, scope: Scope, collection: Collection, say: Say) -> dict[str, str]:
        """Read everything into a collection; return the ids of the documents by what the folder calls them."""
        ids = self._upload(scope, collection)
        _read(collection, say)
        return ids

    def questions(self, ids: dict[str, str]) -> list[Question]:
        """Return the questions that the folder says the answer to, in its order."""
        of_files = self.is_of_files
        grounds: dict[str, list[Ground]] = defaultdict(list)
        for row in rows_of(self.path / "qrels.jsonl"):
            if float(row.get("score", 1)) > 0:
                grounds[row["query_id"]].append(_ground(row, ids, of_files=of_files))
        rows = (row for row in rows_of(self.path / "queries.jsonl") if row.get("answerable", True))
        asked = [(row, list(dict.fromkeys(grounds[row["id"]]))) for row in rows if row["id"] in grounds]
        return [Question(row["id"], row["question"], tuple(found)) for row, found in asked]

    def known(self, ids: dict[str, str], *, of_grounds_only: bool = False) -> list[Known]:
        """Return all questions with what is known to answer them, those that the documents do not answer among them.

        A question that names a `context_id` is asked of the texts with that id alone; with `of_grounds_only` each is asked of the
        documents that qrels.jsonl names for it.
        """
        of_files = self.is_of_files
        grounds: dict[str, list[Ground]] = defaultdict(list)
        for row in rows_of(self.path / "qrels.jsonl"):
            quote = row.get("evidence_text", "") if "start" in row and not of_files else ""
            grounds[row["query_id"]].append(replace(_ground(row, ids, of_files=of_files), quote=quote))
        contexts: dict[str, list[str]] = defaultdict(list)
        if self.texts.is_file():
            for row in rows_of(self.texts):
                if (context := row.get("context_id")) and str(row["id"]) in ids:
                    contexts[context].append(ids[str(row["id"])])
        found = []
        for row in rows_of(self.path / "queries.jsonl"):
            about = contexts.get(row.get("context_id", ""), [])
            named = [ground.document for ground in grounds[row["id"]]]
            found.append(
                Known(
                    key=row["id"],
                    text=row["question"],
                    answers=_answers(row),
                    answerable=bool(row.get("answerable", True)),
                    grounds=tuple(dict.fromkeys(ground for ground in grounds[row["id"]] if ground.grade > 0)),
                    scale=str(row.get("scale") or ""),
                    documents=tuple(dict.fromkeys(named if of_grounds_only else about)),
                )
            )
        return found

    def _upload(self, scope: Scope, collection: Collection) -> dict[str, str]:
        if self.is_of_files:
            sent = ((path.stem, path.name, path.read_bytes(), path.stem, "") for path in self.files)
        else:
            sent = (
                (str(row["id"]), f"{number}.txt", row["text"].encode(), row.get("title", ""), row.get("lang", ""))
                for number, row in enumerate(rows_of(self.texts), start=1)
            )
        ids = {}
        for name, filename, content, title, language in sent:
            if not content.strip():
                continue
            document, _there = upload_document(
                scope,
                collection,
                [content],
                filename=filename,
                title=" ".join(title.split())[:_LONGEST_TITLE] or name,
                language=language,
            )
            ids[name] = str(document.pk)
        return ids


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise Invalid(f"Line {number} of {path.name} is no JSON.") from error


def _answers(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the right answers of a question, each of which does; the parts of an answer with several are one."""
    answers = [str(each) for each in row.get("answers") or ()]
    return (", ".join(answers),) if row.get("answer_type") == "multi-span" and answers else tuple(answers)


def _ground(row: dict[str, Any], ids: dict[str, str], *, of_files: bool) -> Ground:
    name, page, grade = str(row["doc_id"]), None, float(row.get("score", 1))
    if of_files and (found := _PAGE.match(name)):
        name, page = found["document"], int(found["page"])
    elif of_files:
        page = row.get("page")
    if name not in ids:
        raise Invalid(f"qrels.jsonl names “{name}”, which is not in the folder.")
    return Ground(ids[name], page, grade=grade)


def _read(collection: Collection, say: Say) -> None:
    """Read what was added in this process, and wait for what a worker has taken up."""
    started = time.monotonic()
    runs = list(IngestRun.objects.filter(version__document__collection=collection).values_list("pk", flat=True))
    for number, run in enumerate(runs, start=1):
        ingest_version(str(run))
        if number % 500 == 0:
            say(f"{number} of {len(runs)} documents read in {time.monotonic() - started:.0f} s")
    latest = collection.documents.values_list("latest__status", flat=True)
    while not set(latest.all()) <= _ENDED:
        time.sleep(_BEFORE_LOOKING_AGAIN)
    failed = collection.documents.exclude(latest__status=Status.READY).values_list("title", "latest__error_detail")
    for title, why in failed:
        say(f"“{title}” could not be read: {why}")
    say(f"{len(runs)} documents read in {time.monotonic() - started:.0f} s")
