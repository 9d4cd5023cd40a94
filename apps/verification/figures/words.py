"""Words that stand with figures in running text, in the languages that answers are mostly written in.

What a table says of itself is in `documents.tables.words`; here is what a sentence says of a figure: that it is about so much, that
it fell, what was done to arrive at it.
"""

import re
from decimal import Decimal


def whole_words(listed: str) -> re.Pattern[str]:
    """Return a pattern of whole words; `|` divides what may hold blanks, and signs without word borders stand after `#`."""
    latin, _, signs = listed.partition("#")
    words = rf"(?<![^\W\d_])(?:{latin.strip()})(?![^\W\d_])"
    return re.compile(words + (f"|{signs.strip()}" if signs.strip() else ""), re.IGNORECASE)


APPROXIMATE = re.compile(
    r"(?:(?<![^\W\d_])(?:about|around|approximately|approx\.?|roughly|circa|ca\.?|nearly|almost|some|close to|just (?:over|under|above|below)"
    r"|over|under|more than|less than|at least|up to|rund|etwa|ungefähr|knapp|gut|fast|nahezu|über|unter|mehr als|weniger als"
    r"|environ|près de|presque|plus de|moins de|alrededor de|cerca de|aproximadamente|casi|circa|quasi|ongeveer|bijna)"
    r"(?:\s+(?:a|the|by|um|eine?r?))?\s*|約|およそ|ほぼ|大约|约|近|약\s?|[~≈∼]\s?)$",
    re.IGNORECASE,
)
"""Ends what stands right before a figure that is meant roughly."""

FELL = whole_words(
    r"(?:de|in)creas(?:e[sd]?|ing) \(decrease\)|decreas(?:e[sd]?|ing)|declin(?:e[sd]?|ing)|f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?|reduc(?:e[sd]?|ing|tions?)"
    r"|lower(?:ed)?|less|shr[aiu]nk|down|contract(?:ed|ion)|worsen(?:ed)?|los(?:t|s|ses)|deficits?|negative|outflows?|used|paid|minus"
    r"|gesunken|sank|fiel(?:en)?|gefallen|rückgang|abnahme|minderung|verringer\w*|verlust\w*|gesenkt|reduziert"
    r"|baiss\w*|diminu\w*|recul\w*|pertes?|disminu\w*|baj[óa]\w*|ca[íy]\w+|pérdidas?|calo|diminuz\w*|perdit[ae]|gedaald|daling|verlies"
    r"#減|下降|下落|低下|損失|赤字|亏损|悪化|マイナス|감소|하락|손실"
)
"""Says that something became less, or is lost: a figure beside it may leave out its minus."""

ROSE = whole_words(
    r"increas(?:e[sd]?|ing)|r[io]se[ns]?|rising|gr[eo]w(?:n|s|th)?|higher|more|up|gain(?:s|ed)?|improv(?:e[sd]?|ement)|expan(?:ded|sion)|climbed"
    r"|gestiegen|stieg(?:en)?|zunahme|anstieg|wachstum|gewachsen|erhöh\w*|augment\w*|hausse|croissance|aument\w*|subi[óo]|crec\w+|crescita"
    r"|gestegen|stijging#増(?!減)|上昇|成長|增|上升|改善|증가|상승"
)

CHANGE = whole_words(
    r"chang(?:e[sd]?|ing)|differ(?:s|ed|ences?)|variances?|movements?|gap|versus|vs\.?|compared|veränder\w*|differenz|unterschied|évolution"
    r"|écart|différence|variation|variaci[óo]n\w*|diferencia|variazion\w*|differenza|verschil|verandering#増減|差|变化|变动|比较|前期比|前年比|変化|증감|차이"
)
BETWEEN = whole_words(
    r"differ(?:s|ed|ences?)|gap|differenz|unterschied|écart|différence|diferencia|differenza|verschil#差|차이"
)
"""Says how far two things are apart, whichever is larger."""

AVERAGE = whole_words(
    r"averag(?:e[sd]?|ing)|means?|durchschnitt\w*|mittel\w*|moyenn\w*|promedio\w*|medi[ao]s?|gemiddeld\w*#平均|평균"
)
TOTAL = whole_words(
    r"totals?|totall?ed|sums?|combined|together|altogether|aggregate|in all|both|overall|summen?|insgesamt|zusammen|gesamt\w*|totaux|somme|ensemble"
    r"|totale[s]?|sumas?|juntos|totaal|samen#合計|計|合计|总|総|합계|총"
)
SHARE = whole_words(
    r"ratios?|shares?|percentages?|proportions?|portions?|margins?|rates?|times|multiples?|cover(?:s|ed|age)?|per|represent(?:s|ed|ing)?|account(?:s|ed|ing)?|of"
    r"|quote[n]?|anteil\w*|verhältnis|marge[s]?|rapport|taux|part|proporci[óo]n|margen|ratio|quota|aandeel#率|比率|割合|占|倍|비율|비중|률"
)
PRIOR = whole_words(
    r"prior|previous|preceding|earlier|last year|year before|comparative|opening|beginning|vorjahr\w*|vorherig\w*|anfang|précédente?|antérieure?s?"
    r"|année dernière|anterior(?:es)?|precedente|vorig\w*#前期|前年|期首|上年|去年|전년|전기"
)
"""Names the period before the one that is named."""

NUMBERS = {
    word: Decimal(value)
    for value, words in {
        "2": "two zwei deux dos due twee", "3": "three drei trois tres tre drie", "4": "four vier quatre cuatro quattro",
        "5": "five fünf cinq cinco cinque vijf", "6": "six sechs seis sei zes", "7": "seven sieben sept siete sette zeven",
        "8": "eight acht huit ocho otto", "9": "nine neun neuf nueve nove negen", "10": "ten zehn dix diez dieci tien",
        "11": "eleven elf onze once undici", "12": "twelve zwölf douze doce dodici twaalf", "20": "twenty zwanzig vingt veinte venti twintig",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Small numbers as words; one is left out, since it is an article in most languages."""
