"""The grader that needs no model: figures first, then dates, then yes or no, then words. Pure, and the same each time.

It is sure of figures, dates and refusals. Of words it is not: they say the same in many ways, and a model may judge them.
"""

import re
import unicodedata

from apps.evaluation.grading.figures import figures_of, is_figure, states
from apps.evaluation.grading.grades import By, Gold, Grade, Label
from apps.evaluation.grading.refusals import refuses
from apps.verification.dates import dates_in, stands_among, years_named
from apps.verification.matching import terms_of
from apps.verification.sentences import sentences

_YES_NO = re.compile(
    r"^\W*(?:(?P<yes>yes|ja|oui|sí|はい|是的?)|(?P<no>no|nein|non|いいえ|否|不是))(?:\s*(?:[,.;:!、。，；（(–—]|$)|(?<=[Yy]es)\s)",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|n['’]t|no|none|never|neither|nor|without|lacks?|nicht|keine?r?|ne|pas|non)\b|n['’]t\b|ません|ない|不|没有",
    re.IGNORECASE,
)
_UNPARTED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"\w+")
_ASIDE = re.compile(r"(?<=[.!?。])\s+(?:the|this) answer (?:here )?assumes\b.*", re.IGNORECASE | re.DOTALL)
_ENOUGH, _ENOUGH_OF_FEW, _ENOUGH_BESIDE_FIGURES = 0.4, 0.75, 0.34
"""Share of the telling words of the right answer that an answer must have: of many, of up to `_SHORT`, and where it has a figure of it."""
_SHORT = 4
_LONGEST_DATE = 4  # terms: “the 1st of June 1999”
_NEAREST = 0.3
"""Share of the words of a question that a sentence has which answers it with yes or no."""


def grade(gold: Gold, answer: str, *, is_refusal: bool | None = None) -> Grade:
    """Return the grade of an answer beside what is known to be right. `is_refusal`: what the one who answers says of that."""
    grades = [_grade_one(gold, one, answer) for one in gold.answers]
    best = next((one for one in grades if one.label is Label.CORRECT and one.is_sure), None)
    if is_refusal is not None:
        if is_refusal:
            return Grade(Label.REFUSAL, By.OUTCOME, is_sure=True)
    elif refuses(answer) and best is None:
        return Grade(Label.REFUSAL, By.REFUSAL, is_sure=True)
    best = best or next((one for one in grades if one.label is Label.CORRECT), None)
    return best or grades[0] if grades else Grade(Label.INCORRECT, By.WORDS, is_sure=False, why="nothing to compare")


def _grade_one(gold: Gold, right: str, answer: str) -> Grade:
    right = _ASIDE.sub("", right.strip()).strip()
    if is_figure(right) and not _is_of_dates(right):
        wanted = figures_of(right)
        met = all(states(answer, figure, gold) for figure in wanted)
        return Grade(_label(met), By.FIGURE, is_sure=True, why="" if met else f"{right} is not stated")
    if _is_of_dates(right):
        met = all(stands_among(date, dates_in(answer), years_named(answer)) for date in dates_in(right))
        met = met and years_named(right) <= years_named(answer)
        return Grade(_label(met), By.DATE, is_sure=True, why="" if met else f"{right} is not stated")
    if polarity := _YES_NO.match(right):
        return _by_polarity(gold, right, answer, positive=bool(polarity["yes"]))
    return _by_words(gold, right, answer)


def _is_of_dates(right: str) -> bool:
    """Return whether a right answer names days, months or several years, and nothing else."""
    if dates_in(right):
        return len(terms_of(right)) <= _LONGEST_DATE
    years = right.replace(",", " ").split()
    return len(years) > 1 and all(year.isdigit() and int(year) in years_named(right) for year in years)


def _by_polarity(gold: Gold, right: str, answer: str, *, positive: bool) -> Grade:
    said = _polarity_of(answer, gold.question)
    why = "neither affirms nor denies" if said is None else ""
    return Grade(_label(said is positive), By.POLARITY, is_sure=False, why=why)


def _polarity_of(answer: str, question: str) -> bool | None:
    """Return whether an answer affirms: by its first word, or by the sentence that is nearest to the question; None without one."""
    if match := _YES_NO.match(answer):
        return bool(match["yes"])
    asked = set(terms_of(question)) - _COMMON
    nearest = max(_ends_of(answer), key=lambda one: len(asked & set(terms_of(one))))
    if len(asked & set(terms_of(nearest))) < _NEAREST * len(asked):
        return None
    return _NEGATED.search(nearest) is None


def _ends_of(answer: str) -> list[str]:
    """Return the sentences in which an answer concludes: the first two and the last."""
    said = [answer[start:end] for start, end in sentences(answer)] or [answer]
    return [*said[:2], said[-1]]


def _by_words(gold: Gold, right: str, answer: str) -> Grade:
    """Return the grade by the words of the right answer that the question does not have, and its figures."""
    if _has_words(answer, right):
        return Grade(Label.CORRECT, By.WORDS, is_sure=len(terms_of(right)) <= _SHORT)
    first = next((right[start:end] for start, end in sentences(right)), right)
    telling = _telling(first, gold.question)
    is_short = len(telling) <= _SHORT
    where = " ".join(_ends_of(answer)) if is_short else answer
    had = set(terms_of(where))
    share = sum(term in had for term in telling) / len(telling) if telling else 0.0
    stated = [states(answer, figure, gold) for figure in figures_of(first)]
    enough = _ENOUGH_OF_FEW if is_short else _ENOUGH
    if any(stated):
        enough = _ENOUGH_BESIDE_FIGURES
    return Grade(_label(share >= enough), By.WORDS, is_sure=False, why=f"{share:.2f} of its words")


def _telling(right: str, question: str) -> list[str]:
    """Return the words of a right answer that the question does not have; all of them where it has all."""
    asked = set(terms_of(question))
    wanted = [term for term in dict.fromkeys(terms_of(right)) if not term[0].isdigit() and term not in _COMMON]
    return [term for term in wanted if term not in asked] or wanted


def _label(met: bool) -> Label:
    return Label.CORRECT if met else Label.INCORRECT


def _has_words(answer: str, right: str) -> bool:
    """Return whether an answer holds a right one word for word; within words only in scripts that do not part them."""
    whole, part = _plain(answer), _plain(right)
    return bool(part) and (f" {part} " in f" {whole} " or (_UNPARTED.search(part) is not None and part in whole))


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


_COMMON = frozenset(
    term
    for term in terms_of(
        "the and for that this with from was were are has have had been its their which also during both these those by of in on to as at "
        "an or but not all any more most than into over under only primarily due because other such each per"
    )
)
