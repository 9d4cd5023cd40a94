"""What a written answer is beside the evidence: whether the documents answer at all, and what was kept from the model. Certifies
where they do not answer.
"""

from dataclasses import replace
from typing import Any

from apps.reasoning.absence import certify_absence
from apps.reasoning.answerability import Agreement, Decision, decide, evidence_of
from apps.reasoning.models import AnswerStatus, Outcome
from apps.reasoning.suspicion import Screened
from apps.reasoning.written import Notice, Question, Written


def explained(question: Question, written: Written, screened: Screened) -> Written:
    """Return an answer with what is suspicious, and with the outcome that the evidence allows."""
    explained = replace(written, suspicious=[one.as_json() for one in screened.suspicious])
    if written.status != AnswerStatus.DONE or written.outcome not in {
        Outcome.ANSWERED, Outcome.PARTLY, Outcome.NOT_IN_DOCUMENTS,
    }:  # fmt: skip
        return explained
    decision = decide(written.outcome, written.claims, evidence_of(question.by_itself, screened.found.passages))
    return replace(
        explained,
        outcome=decision.outcome,
        notice=_notice(written, decision),
        absence=_certificate(question, explained, screened, decision),
    )


def _notice(written: Written, decision: Decision) -> Notice:
    """Return the notice of the evidence where it is against the model's word or there is no other, else that which is there."""
    against = decision.agreement is Agreement.EVIDENCE_ALONE
    return decision.notice if against or not written.notice.code else written.notice


def _certificate(question: Question, written: Written, screened: Screened, decision: Decision) -> dict[str, Any] | None:
    if decision.outcome != Outcome.NOT_IN_DOCUMENTS:
        return None
    certificate = certify_absence(
        question.scope,
        question.by_itself,
        screened.found,
        collections=question.collections,
        documents=question.documents,
        considered=written.considered,
    )
    return certificate | {"answerability": decision.as_json()}
