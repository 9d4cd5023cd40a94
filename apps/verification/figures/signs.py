"""Whether a figure has the sign that it should: a sentence may say `fell by 3 %` where a table says −3 %."""

from decimal import Decimal

from apps.verification.figures.mentions import Mention
from apps.verification.figures.words import BETWEEN, FELL, ROSE, whole_words

OUTGOING = whole_words(
    r"expenses?|costs?|charges?|taxes|tax|interest|depreciation|amorti[sz]ation|impairments?|write-?offs?|deductions?|dividends?|repayments?|purchases?|payments?"
    r"|provisions?|allowances?|eliminations?|adjustments?|treasury|forfeited|exercised|sold|disposals?|cancelled|vested|expired|liabilit(?:y|ies)|debt|borrowings?"
    r"|aufwand|aufwendungen|kosten|steuern?|abschreibung\w*|zinsen|charges|coûts?|impôts?|gastos|costi|imposte#費用|費|税|原価|支出|費用"
)
"""Names what tables print in brackets because it is taken off, and sentences without a sign."""


def sign_is_wrong(mention: Mention, value: Decimal, claim: str, labels: str = "", *, is_rise: bool | None = None) -> bool:
    """Return whether a figure contradicts the sign of the value that it states, given the words around it and the labels of its cell.

    `is_rise`: the value is by how much the later period is more (or, if false, the earlier); None for anything else.
    """
    if value == 0 or mention.value == 0 or mention.bracketed:
        return False
    falls, rises = FELL.search(claim) is not None, ROSE.search(claim) is not None
    if mention.signed:
        # A minus beside a word of loss or outflow may be said of what a table prints without it.
        return (mention.value < 0) != (value < 0) and not (labels and FELL.search(labels))
    if BETWEEN.search(claim) or is_rise is False:
        return False
    if value < 0:
        if labels and (FELL.search(labels) or OUTGOING.search(labels) or OUTGOING.search(claim)):
            return False
        return rises or not falls
    return bool(is_rise and not rises and DECREASED.search(claim))


DECREASED = whole_words(
    r"decreased?|declined?|fell|dropped|shrank|sank|gesunken|fiel|gefallen|rückgang|baissé|diminué|recul[ée]|disminuyó|cayó|bajó|diminuito|calò|gedaald#減少|下降"
)
