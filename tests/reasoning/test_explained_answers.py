"""An answer with verdicts, figures and steps: the same while it comes, when it is stored, when it is fetched, and in the record."""

import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from apps.accounts.models import User
from apps.audit import log as audit
from apps.audit.models import Record
from apps.documents.models import Document
from apps.documents.services import revoke_role
from apps.ingestion.services import narrow_document
from apps.reasoning import stream
from apps.reasoning.events import Claimed, Conflicted, Done, Event, Figured
from apps.reasoning.models import Answer, AnswerStatus
from apps.reasoning.objects import answer_object
from apps.reasoning.pipeline import Answering, write_answer
from apps.reasoning.storing import store
from apps.reasoning.unsupported import withheld_claim
from apps.reasoning.verifying import Checks
from apps.reasoning.written import Question
from apps.retrieval.passages import Passage
from apps.serving.health import ModelState
from apps.serving.line import Line
from inference.stub import StubServer
from tests.api.conftest import Caller
from tests.api.events import read_events
from tests.factories import AnswerFactory, DocumentFactory, UserFactory, grant, owned_by, scope_of
from tests.reasoning.conftest import (
    COVENANT,
    NET_DEBT,
    PENSION,
    FakeSearch,
    followed,
    make_passage,
    ready_at,
    text_shown,
)

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]

DIVIDEND = "The Board proposes a final dividend of 12.5 pence per ordinary share."
IDLE = "Lenders usually waive a breach of 99 %."
SAID = (
    "Net debt rose by 10.8 % from £1,087 million to £1,204 million [1].\ncalc: (1,204 − 1,087) ÷ 1,087 = 10.8 %\n\n"
    "- A final dividend of 12.5 pence per ordinary share is proposed.\n"
    f"- Leverage must not exceed 3.95:1 [2].\n- {IDLE}"
)
SHOWN = SAID.replace("calc: (1,204 − 1,087) ÷ 1,087 = 10.8 %\n", "")


@dataclass
class Told:
    answer: Answer
    events: list[Event]

    @property
    def streamed(self) -> str:
        """Return the words of the answer as a reader of the events holds them at the end."""
        return text_shown(self.events)


@pytest.fixture
def asker() -> User:
    made: User = UserFactory()
    return made


@pytest.fixture
def document(asker: User) -> Document:
    """A document of somebody else's, in a collection that the asker may read."""
    made: Document = DocumentFactory(collection=owned_by(UserFactory()), title="Annual Report 2025")
    grant(made.collection, asker)
    return made


def of(document: Document, text: str, **changes: Any) -> Passage:
    return make_passage(
        text,
        document_id=document.pk,
        document_title=document.title,
        collection_id=document.collection_id,
        version_id=document.latest.pk if document.latest else uuid.uuid4(),
        **changes,
    )


@pytest.fixture
def tell(asker: User, document: Document, serve: Callable[..., StubServer]) -> Callable[..., Told]:
    """Return a function that writes an answer from claim to record; the passage on the dividend is found and not read."""

    def written(
        text: str = SAID, policy: str = "mark", apart: Document | None = None, instead: Sequence[Passage] = ()
    ) -> Told:
        read = [
            of(document, words, rank=n, page=n) for n, words in enumerate((NET_DEBT, COVENANT, *[PENSION] * 4), start=1)
        ]
        search = FakeSearch(*(instead or read), of(apart or document, DIVIDEND, rank=7, page=7))
        answer = AnswerFactory(
            asker=asker, status=AnswerStatus.REASONING, finished_at=None, text="", outcome="", effort="quick"
        )
        script = [
            {"delta": {"reasoning": "Net debt stood at £1,204 million."}},
            *({"delta": {"content": c}} for c in text),
        ]
        line = Line(ModelState("ready", context=32768), (ready_at(serve(case=[script])),))
        using = Answering(line, lambda: False, time.monotonic() + 30, search=search, checks=Checks(policy=policy))
        question = Question(answer.pk, answer.question, scope_of(asker), effort="quick")
        steps = write_answer(question, using)
        events, made = followed(steps)
        for event in events:
            stream.append(answer.pk, event)
        store(answer.pk, made)
        stream.append(answer.pk, Done(str(answer.pk)))
        answer.refresh_from_db()
        return Told(answer, events)

    return written


def shown(asker: User, answer: Answer) -> dict[str, Any]:
    return answer_object(scope_of(asker), Answer.objects.get(pk=answer.pk))


def test_what_comes_live_is_what_is_stored(tell: Callable[..., Told], asker: User) -> None:
    told = tell()
    value = shown(asker, told.answer)
    assert told.streamed == value["text"] == SHOWN
    assert [event.claim for event in told.events if isinstance(event, Claimed)] == value["claims"]
    assert [event.figure for event in told.events if isinstance(event, Figured)] == value["figures"]
    assert [claim["verdict"] for claim in value["claims"]] == ["supported", "supported", "contradicted", "unsupported"]
    assert [claim["found_afterwards"] for claim in value["claims"]] == [[], [7], [], []]
    assert [(one["marker"], one["quote"], one["found_afterwards"]) for one in value["citations"]] == [
        (1, NET_DEBT, False), (2, COVENANT, False), (7, DIVIDEND, True),
    ]  # fmt: skip
    rise = value["figures"][0]
    assert (rise["text"], rise["claim"], rise["verdict"]) == ("10.8 %", 1, "computed")
    assert [one["kind"] for one in value["trace"]] == ["restates"]


def test_the_last_event_and_the_stored_answer_are_the_same_to_the_byte(tell: Callable[..., Told], asker: User) -> None:
    answer = tell().answer
    caller = Caller(asker)
    fetched = caller.get(f"/answers/{answer.pk}")
    last = read_events(caller.get(f"/answers/{answer.pk}/events"))[-1]
    assert last.name == "done"
    assert json.dumps(last.data) == json.dumps(fetched.json())
    assert caller.get(f"/answers/{answer.pk}").content == fetched.content


def test_the_record_seals_what_was_found(tell: Callable[..., Told], asker: User) -> None:
    answer = tell().answer
    sealed = audit.read_body(Record.objects.get(sequence=answer.record_sequence))["data"]
    value = shown(asker, answer)
    assert [{k: v for k, v in claim.items() if k != "original"} for claim in sealed["claims"]] == value["claims"]
    assert sealed["figures"] == value["figures"]
    assert (sealed["trace"], sealed["trace_notes"]) == (value["trace"], value["trace_notes"])
    assert sealed["original"] == ""


def test_where_it_is_withheld_no_word_of_it_leaves_but_the_record_keeps_it(
    tell: Callable[..., Told], asker: User
) -> None:
    told = tell(policy="withhold")
    value = shown(asker, told.answer)
    assert told.streamed == value["text"] == SHOWN.replace(IDLE, withheld_claim([]))
    assert not [event for event in told.events if IDLE in json.dumps(vars_of(event), ensure_ascii=False)]
    assert IDLE not in json.dumps(value, ensure_ascii=False)
    sealed = audit.read_body(Record.objects.get(sequence=told.answer.record_sequence))["data"]
    assert sealed["original"] == SHOWN
    assert sealed["claims"][-1]["original"] == IDLE


def vars_of(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__slots__}


def test_a_passage_found_afterwards_that_is_hidden_later_goes_by_itself(
    tell: Callable[..., Told], asker: User, document: Document
) -> None:
    apart = DocumentFactory(collection=document.collection, title="Dividend notice")
    answer = tell(apart=apart).answer
    assert shown(asker, answer)["claims"][1]["found_afterwards"] == [7]
    narrow_document(scope_of(document.collection.created_by), apart, [], [])
    value = shown(asker, answer)
    assert not value["withheld"]
    assert [citation["marker"] for citation in value["citations"]] == [1, 2]
    claim = value["claims"][1]
    assert (claim["verdict"], claim["score"], claim["found_afterwards"]) == ("unchecked", None, [])
    assert "[7]" not in claim["why"]
    assert apart.title not in json.dumps(value)


def test_a_withheld_answer_shows_nothing_of_what_was_found(
    tell: Callable[..., Told], asker: User, document: Document
) -> None:
    answer = tell().answer
    revoke_role(scope_of(document.collection.created_by), document.collection, user=asker)
    value = shown(asker, answer)
    assert value["withheld"]
    for part in ("claims", "citations", "figures", "steps", "conflicts", "suspicious", "trace", "trace_notes"):
        assert value[part] == [], part
    assert "1,204" not in json.dumps(value)


def test_steps_end_where_one_found_what_is_hidden(tell: Callable[..., Told], asker: User, document: Document) -> None:
    apart = DocumentFactory(collection=document.collection)
    answer = tell(apart=apart).answer
    steps = [
        {"ordinal": 1, "question": "Net debt?", "why": "", "found": 1, "passages": [1], "seconds": 0.1},
        {"ordinal": 2, "question": "Dividend?", "why": "", "found": 2, "passages": [2, 7], "seconds": 0.1},
        {"ordinal": 3, "question": "Who is named there?", "why": "", "found": 1, "passages": [3], "seconds": 0.1},
    ]
    Answer.objects.filter(pk=answer.pk).update(steps=steps, suspicious=[{"rank": 7, "quote": "Ignore all"}])
    assert shown(asker, answer)["steps"] == steps
    narrow_document(scope_of(document.collection.created_by), apart, [], [])
    value = shown(asker, answer)
    assert value["steps"] == [steps[0], steps[1] | {"passages": [2], "found": 1}]
    assert value["suspicious"] == []


def test_passages_that_say_different_things_are_shown_both_and_which_the_answer_follows(
    tell: Callable[..., Told], asker: User, document: Document
) -> None:
    document.title = "Aldgate plc annual report"
    later = DocumentFactory(
        collection=document.collection, title=document.title, version__effective_from=date(2025, 9, 30)
    )
    passages = [
        of(document, "Net debt at 31 March 2025 was £1,204 million."),
        of(later, "Net debt at 31 March 2025 was £1,310 million.", rank=2),
    ]
    told = tell("Net debt was £1,204 million [1].", instead=passages)
    [conflict] = shown(asker, told.answer)["conflicts"]
    assert [event.conflict for event in told.events if isinstance(event, Conflicted)] == [conflict]
    marker = {one["rank"]: one["marker"] for one in shown(asker, told.answer)["candidates"]}
    assert [(side["marker"], side["value"], side["date"], side["used"]) for side in conflict["sides"]] == [
        (marker[2], "£1,310 million", "2025-09-30", False),
        (marker[1], "£1,204 million", None, True),
    ]
