"""Whether a figure has the sign that it should: a sentence may say `fell by 3 %` where a table says −3 %."""

from decimal import Decimal

from apps.verification.figures.mentions import Mention
from apps.verification.figures.words import BETWEEN, FELL, ROSE, _words

OUTGOING = _words(
    r"expenses?|costs?|charges?|taxes|tax|interest|depreciation|amorti[sz]ation|impairments?|write-?offs?|deductions?|dividends?|repayments?|purchases?|payments?"
    r"|provisions?|allowances?|eliminations?|adjustments?|treasury|forfeited|exercised|sold|disposals?|cancelled|vested|expired|liabilit(?:y|ies)|debt|borrowings?"
    r"|aufwand|aufwendungen|kosten|steuern?|abschreibung\w*|zinsen|charges|coûts?|impôts?|gastos|costi|imposte#費用|費|税|原価|支出|費用"
)
"""Names what tables print in brackets because it is taken off, and sentences without a sign."""


def sign_is_wrong(mention: Mention, value: Decimal, claim: str, labels: str = "") -> bool:
    """Return whether a figure contradicts the sign of the value that it states, given the words around it and the labels of its cell."""
    if value == 0 or mention.value == 0 or mention.bracketed or BETWEEN.search(claim):
        return False
    falls, rises = FELL.search(claim) is not None, ROSE.search(claim) is not None
    if mention.signed:
        # A minus beside a word of loss or outflow may be said of what a table prints without it.
        return (mention.value < 0) != (value < 0) and not (labels and FELL.search(labels))
    if value < 0:
        return not (falls or FELL.search(labels) or OUTGOING.search(labels) or OUTGOING.search(claim))
    return not labels and falls and not rises and _says_change(claim)


def _says_change(claim: str) -> bool:
    return _DECREASED.search(claim) is not None


_DECREASED = _words(
    r"decreased|declined|fell|dropped|shrank|sank|gesunken|fiel|gefallen|baissé|diminué|recul[ée]|disminuyó|cayó|bajó|diminuito|calò|gedaald#減少した|減少し|下降"
)
