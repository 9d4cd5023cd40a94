"""The kind of a question, told from its words; and what is proposed for it."""

import time

import pytest

from apps.reasoning.models import Effort
from apps.reasoning.routing import Kind, kind_of, propose_effort


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        (Kind.LOOKUP, "Who signed the lease of the Hamburg office?"),
        (Kind.LOOKUP, "Wie lang ist die Kündigungsfrist?"),
        (Kind.LOOKUP, "Quelle est la date de fin du contrat ?"),
        (Kind.LOOKUP, "¿Cuál es el plazo de entrega?"),
        (Kind.LOOKUP, "合同的到期日是哪一天？"),
        (Kind.LOOKUP, "契約の終了日はいつですか。"),
        (Kind.LOOKUP, "What was the revenue in 2019 and 2018, respectively?"),
        (Kind.COMPARISON, "Which of the two suppliers gives the longer warranty?"),
        (Kind.COMPARISON, "Who is older, Ada Byron or Mary Shelley?"),
        (Kind.COMPARISON, "Welcher Vertrag läuft länger, der mit Nord oder der mit Süd?"),
        (Kind.COMPARISON, "Laquelle des deux offres est la moins chère ?"),
        (Kind.COMPARISON, "¿Cuál de los dos contratos vence antes?"),
        (Kind.COMPARISON, "与去年的合同相比，付款条件有什么不同？"),
        (Kind.COMPARISON, "A社とB社ではどちらの保証期間が長いか。"),
        (Kind.CALCULATION, "By how much did revenue change from 2021 to 2022?"),
        (Kind.CALCULATION, "What is the ratio of debt to equity?"),
        (Kind.CALCULATION, "Um wie viel Prozent ist der Umsatz gestiegen?"),
        (Kind.CALCULATION, "De combien le chiffre d'affaires a-t-il augmenté ?"),
        (Kind.CALCULATION, "¿Cuál fue la variación de los ingresos entre 2020 y 2021?"),
        (Kind.CALCULATION, "2021年到2022年收入增长了多少？"),
        (Kind.CALCULATION, "売上高は2023年から2024年にかけていくら増加したか。"),
        (Kind.MULTI_STEP, "Where was the founder of the parent company of Nordwind born?"),
        (Kind.MULTI_STEP, "When does Nordwind's guarantor publish its accounts?"),
        (Kind.MULTI_STEP, "Which company has the auditor who was appointed first, Nord or Süd?"),
        (Kind.MULTI_STEP, "Does the policy cover floods, and if so, how are claims reported?"),
    ],
)
def test_kinds_are_told_in_every_language(kind: Kind, question: str) -> None:
    assert kind_of(question) is kind


def test_effort_grows_with_what_a_question_needs() -> None:
    assert propose_effort("Who signed the lease?").effort is Effort.QUICK
    assert propose_effort("Which lease is longer, the first or the second?").effort is Effort.STANDARD
    assert propose_effort("Where was the founder of the parent company of Nordwind born?").effort is Effort.DEEP


def test_a_question_for_reasons_or_lists_is_no_quick_one_though_it_is_a_lookup() -> None:
    proposal = propose_effort("Explain the termination rights of the tenant.")
    assert (proposal.kind, proposal.effort) == (Kind.LOOKUP, Effort.STANDARD)


def test_a_proposal_says_why_in_a_sentence() -> None:
    assert propose_effort("What is the average rent?").why == "A figure has to be worked out from others."


def test_the_longest_question_is_told_in_milliseconds() -> None:
    kind_of("warm")
    begun = time.perf_counter()
    for question in ("公司的" * 1333, "x" * 4000, "which one has the " * 222, "percentage of a " * 250):
        kind_of(question)
    assert time.perf_counter() - begun < 0.2


def test_a_question_at_the_end_of_a_pasted_text_is_read() -> None:
    assert (
        kind_of("The tenant may terminate. " * 100 + "By how many percent did the rent increase?") is Kind.CALCULATION
    )
