"""Whether a figure has the sign that it should: a sentence may say `fell by 3 %` where a table says −3 %."""

import re
from decimal import Decimal

from apps.verification.figures.mentions import Mention
from apps.verification.figures.words import BETWEEN, FELL, ROSE, whole_words

OUTGOING = whole_words(
    r"expenses?|costs?|charges?|taxes|tax|interest|depreciation|amorti[sz]ation|impairments?|write-?offs?|deductions?|dividends?|repayments?|purchases?|payments?"
    r"|provisions?|allowances?|eliminations?|adjustments?|treasury|forfeited|exercised|sold|disposals?|cancelled|vested|expired|liabilit(?:y|ies)|debt|borrowings?"
    r"|aufwand|aufwendungen|kosten|steuern?|abschreibung\w*|zinsen|charges|coûts?|impôts?|gastos|costi|imposte#費用|費|税|原価|支出|費用"
)
"""Names what tables print in brackets because it is taken off, and sentences without a sign."""


def sign_is_wrong(
    mention: Mention, value: Decimal, claim: str, labels: str = "", *, is_rise: bool | None = None
) -> bool:
    """Return whether a figure contradicts the sign of the value that it states, given the words around it and the labels of its cell.

    `is_rise`: the value is by how much the later period is more (or, if false, the earlier); None for anything else.
    """
    if value == 0 or mention.value == 0 or mention.bracketed:
        return False
    claim = _ALTERNATIVE.sub(" ", claim)
    if mention.signed:
        # A minus may be said of what a table prints without it, under the name of a loss; not of the loss itself.
        return (mention.value < 0) != (value < 0) and not (LOSS.search(labels) and not LOSS.search(claim))
    if BETWEEN.search(claim) or is_rise is False:
        return False
    rising = ROSE.search(claim) is not None
    if value < 0:
        if labels:
            return not any(words.search(labels) or words.search(claim) for words in (FELL, OUTGOING))
        return rising or not (DECREASED.search(claim) or (is_rise is None and LOSS.search(claim)))
    return bool(is_rise and not rising and DECREASED.search(claim))


_ALTERNATIVE = re.compile(r"\([^()\d]*\)")
"""`income (loss)`, `increase/(decrease)`: what is in brackets is said only of some figures."""

LOSS = whole_words(
    r"loss(?:es)?|deficits?|negative|outflows?|minus|verlust\w*|pertes?|pérdidas?|perdit[ae]|verlies#損失|赤字|亏损|マイナス|손실"
)
DECREASED = whole_words(
    r"decreased?|declined?|fell|dropped|shrank|sank|gesunken|fiel|gefallen|rückgang|baissé|diminué|recul[ée]|disminuyó|cayó|bajó|diminuito|calò|gedaald#減少|下降"
)
