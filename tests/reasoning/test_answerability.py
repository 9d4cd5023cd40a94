"""What the evidence says of an answer beside the model: the passages found, and the verdicts on its claims."""

import pytest

from apps.reasoning.answerability import Evidence, decide, evidence_of
from apps.reasoning.claims import Claimed
from apps.reasoning.models import Outcome, Verdict
from apps.reasoning.written import Judged
from apps.retrieval.passages import Scores
from tests.reasoning.conftest import COVENANT, NET_DEBT, PENSION, make_passage

WEAK, FAIR, NEAR = (Evidence(score, score, score, score) for score in (0.1, 0.5, 0.9))


def claims(*verdicts: Verdict, markers: tuple[int, ...] = (1,)) -> list[Judged]:
    return [Judged(Claimed("It is so.", 0, 9, markers), "", verdict) for verdict in verdicts]


def test_passages_with_the_questions_words_promise_more_than_others() -> None:
    passages = [make_passage(NET_DEBT), make_passage(COVENANT, rank=2), make_passage(PENSION, rank=3)]
    near = evidence_of("What was net debt at 31 March 2025?", passages)
    far = evidence_of("Who chaired the audit committee of the subsidiary in Norway?", passages)
    assert near.score > far.score
    assert near.missing == ()
    assert {"chaired", "audit", "committee", "Norway"} <= set(far.missing)


def test_nearness_counts_and_its_absence_is_neither_sign() -> None:
    def score(vector: float | None) -> float:
        return evidence_of("What was net debt?", [make_passage(scores=Scores(vector=vector))]).score

    assert score(0.2) < score(None) < score(0.9)


def test_nothing_found_promises_nothing() -> None:
    evidence = evidence_of("What was net debt?", [])
    assert (evidence.score, evidence.missing) == (0.0, ("net", "debt"))


@pytest.mark.parametrize(
    ("said", "verdicts", "evidence", "outcome", "code"),
    [
        (Outcome.ANSWERED, [Verdict.SUPPORTED, Verdict.UNSUPPORTED], WEAK, Outcome.ANSWERED, ""),
        (Outcome.ANSWERED, [Verdict.UNCHECKED], WEAK, Outcome.ANSWERED, ""),
        (Outcome.ANSWERED, [Verdict.UNSUPPORTED], WEAK, Outcome.NOT_IN_DOCUMENTS, "answered_without_evidence"),
        (Outcome.ANSWERED, [Verdict.CONTRADICTED], FAIR, Outcome.ANSWERED, "none_borne_out"),
        (Outcome.NOT_IN_DOCUMENTS, [], WEAK, Outcome.NOT_IN_DOCUMENTS, ""),
        (Outcome.NOT_IN_DOCUMENTS, [], FAIR, Outcome.NOT_IN_DOCUMENTS, ""),
        (Outcome.NOT_IN_DOCUMENTS, [], NEAR, Outcome.NOT_IN_DOCUMENTS, "model_finds_nothing"),
        (Outcome.PARTLY, [Verdict.SUPPORTED], FAIR, Outcome.PARTLY, "partly"),
        (Outcome.PARTLY, [Verdict.UNSUPPORTED], WEAK, Outcome.NOT_IN_DOCUMENTS, "answered_without_evidence"),
    ],
)
def test_the_outcome_follows_from_the_model_and_the_evidence(
    said: Outcome, verdicts: list[Verdict], evidence: Evidence, outcome: Outcome, code: str
) -> None:
    decision = decide(said, claims(*verdicts), evidence)
    assert (decision.outcome, decision.notice.code) == (outcome, code)


def test_an_answer_in_part_says_of_what_there_is_nothing() -> None:
    evidence = Evidence(0.5, 0.5, 0.5, 0.5, ("pension", "2021"))
    decision = decide(Outcome.PARTLY, claims(Verdict.SUPPORTED), evidence)
    assert "“pension”, “2021”" in decision.notice.detail
    assert decision.as_json()["missing"] == ["pension", "2021"]


def test_a_claim_that_cites_nothing_is_no_evidence_against_near_passages() -> None:
    decision = decide(Outcome.ANSWERED, claims(Verdict.UNSUPPORTED, markers=()), FAIR)
    assert (decision.outcome, decision.notice.code) == (Outcome.ANSWERED, "")
