"""The questions of a golden set with what is known to answer them."""

from apps.evaluation.grounds import Ground
from apps.evaluation.known import Known
from apps.evaluation.models import GoldenQuestion, GoldenSet


def known_of(golden_set: GoldenSet) -> list[Known]:
    """Return the questions of a set, in its order. Two queries."""
    return [known(question) for question in golden_set.questions.prefetch_related("grounds")]


def known(question: GoldenQuestion) -> Known:
    """Return a golden question as it is asked. One whose grounds were all deleted is one that nothing is known of any more."""
    grounds = tuple(Ground(str(row.document_id), row.page, row.quote, row.grade) for row in question.grounds.all())
    return Known(question.key, question.text, tuple(question.answers), question.answerable, grounds)
