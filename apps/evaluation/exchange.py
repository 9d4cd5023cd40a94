"""Golden questions as JSON Lines, one a line: `id`, `question`, `answers`, `answerable`, and `qrels` with `doc_id`, `page`,
`evidence_text` and `score`, the keys of the folders that `evaluate` takes. A document goes by its id, file name or title.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import Invalid
from apps.documents.models import Document
from apps.evaluation.grounds import Ground
from apps.evaluation.models import GoldenSet
from apps.evaluation.services import NewQuestion


@dataclass(frozen=True, slots=True)
class _Names:
    """The documents of a collection by what they may be called."""

    ids: Mapping[str, str]

    @classmethod
    def of(cls, scope: Scope, golden_set: GoldenSet) -> "_Names":
        ids: dict[str, str] = {}
        rows = Document.objects.visible_to(scope).filter(collection=golden_set.collection_id).order_by("-created_at")
        for pk, title, filename in rows.values_list("pk", "title", "latest__filename"):
            stem = (filename or "").rpartition(".")[0]
            ids |= {name.casefold(): str(pk) for name in (title, filename, stem, str(pk)) if name}
        return cls(ids)

    def find(self, name: str) -> tuple[str, int | None]:
        """Return the document of this name and the page that the name has, as `report#p3`."""
        plain, _hash, page = name.rpartition("#p")
        for called, number in ((name, None), (plain, int(page) if page.isdigit() else None)):
            if found := self.ids.get(called.casefold()):
                return found, number
        raise Invalid(_("There is no document “%(name)s” in this collection.") % {"name": name})


def questions_from(scope: Scope, golden_set: GoldenSet, lines: Iterable[str]) -> list[NewQuestion]:
    """Return the questions of a file. Raises `Invalid` with the number of a line that cannot be used."""
    names = _Names.of(scope, golden_set)
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_question(names, json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Invalid(_("Line %(number)s is not a question in JSON.") % {"number": number}) from error
        except Invalid as error:
            raise Invalid(_("Line %(number)s: %(why)s") % {"number": number, "why": error.detail}) from error
    return found


def lines_of(golden_set: GoldenSet) -> Iterator[str]:
    """Yield the questions of a set as lines."""
    for question in golden_set.questions.prefetch_related("grounds__document"):
        row = {
            "id": question.key,
            "question": question.text,
            "answerable": question.answerable,
            "answers": question.answers,
        }
        qrels = [
            {"doc_id": str(ground.document_id), "title": ground.document.title, "score": ground.grade}
            | ({"page": ground.page} if ground.page else {})
            | ({"evidence_text": ground.quote} if ground.quote else {})
            for ground in question.grounds.all()
        ]
        yield json.dumps(row | {"qrels": qrels}, ensure_ascii=False) + "\n"


def _question(names: _Names, row: Mapping[str, Any]) -> NewQuestion:
    answerable = row.get("answerable", True)
    grounds = [_ground(names, each) for each in row.get("qrels", ())] if answerable else []
    if answerable and not grounds:
        raise Invalid(_("it says neither what answers the question nor that the documents do not."))
    answers = [str(each) for each in row.get("answers") or ()] if answerable else []
    return NewQuestion(str(row["question"]), grounds, str(row.get("id", "")), answers)


def _ground(names: _Names, row: Mapping[str, Any]) -> Ground:
    document, page = names.find(str(row["doc_id"]))
    given = row.get("page")
    return Ground(
        document,
        int(given) if given is not None else page,
        str(row.get("evidence_text", "")),
        float(row.get("score", 1)),
    )
