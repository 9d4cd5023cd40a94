"""The unit in which a table says that its figures stand."""

import re

_SCALE = (
    r"thousands?|millions?|billions?|tausend|tsd\.?|mio\.?|mrd\.?|millionen|milliarden|milliers|milliards|miles|millones|mil|migliaia"
    r"|milioni|miliardi|milhares|milhões|bilhões|duizenden|miljoen|miljard|tys\.?|mln\.?|mld\.?|тыс\.?|млн\.?|млрд\.?|lakhs?|crores?|mm|mn|bn"
)
_MONEY = r"US\$|[A-Z]{0,3}[$€£¥₹₩]|(?:US |U\.S\. )?dollars?|euros?|pounds?|yen|sterling|rmb|reais|pesos|rupees|(?-i:[A-Z]{3})(?![^\W\d_])"
_LETTER = r"(?-i:m|k|M|K|b|B)"
_LONG = r"thousands?|millions?|billions?|tausend|millionen|milliarden|milliers|milliards|millones|migliaia|milioni|miliardi|milhares|milhões|lakhs?|crores?"
_REST = r"(?:,? ?(?:except|unless|other than|außer|sauf|excepto|salvo|eccetto|other|and|or|of)[^()]{0,90})?"
_AFTER_IN = (
    rf"(?:(?:{_MONEY})[’'\s]*(?:in\s+)?)?(?:{_SCALE})(?![^\W\d_])(?:\s?(?:of\s+|d[e’']\s?|di\s+|von\s+)?(?:{_MONEY}))?"
)

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # (in millions, except per share data), (Dollars in thousands), amounts in EUR million
        (
            rf"(?:(?:all\s+)?(?:amounts?|figures|dollars?|values|beträge|angaben|werte|importes?|montants?|valori|valores)\s+"
            rf"(?:are\s+|is\s+)?(?:expressed\s+|stated\s+|presented\s+|shown\s+)?)?(?:[$€£¥]\s?)?\b(?:in|en|em)\s+(?:{_AFTER_IN}){_REST}"
        ),
        # (Millions), (MILLIONS, EXCEPT PER SHARE DATA), ($ millions), (Mio. EUR), (£m), ($m)
        rf"(?<=\()\s*(?:(?:{_MONEY})\s*{_LETTER}|(?:{_MONEY})?\s*(?:{_SCALE})){_REST}\s*(?:{_MONEY})?(?=\s*\))",
        rf"^\s*(?:{_MONEY})?\s*(?:{_LONG}){_REST}\s*(?:{_MONEY})?\s*$",
        # £’000, €000s, TEUR, T€, Mio. €, $m, EURm, US$ million
        r"[$€£¥]\s?[’']?000s?\b|\bT(?:EUR|€|CHF|USD)(?!\w)|\bk(?:€|EUR)(?!\w)",
        rf"\b(?:Mio|Mrd|Tsd|mln|mld|tys|млн|тыс|млрд)\.?\s?(?:{_MONEY}|zł|Kč|руб\.?)(?!\w)",
        r"(?:\b(?:USD|EUR|GBP|CHF)|US\$|[$€£])\s?(?:million|billion|thousand|mn|bn|m|k)\b",
        # 単位:百万円, 百万円, 人民币万元, 단위: 백만원
        r"(?:単位|单位|單位|단위)\s?[:：]?\s?[^\s()（）]{1,12}",
        r"[（(]?(?:人民币|人民幣)?(?:百万|千|万|億|亿|十億)(?:円|元|ドル|ユーロ|美元)(?=[）)\s]|$)|(?:백만|천|억)\s?원",
    )
)
_WHOLE_HEADING = re.compile(r"^\W*(%|percent|per cent|in %|per share|‰|bps?)\W*$", re.IGNORECASE)
_LONGEST = 300


def unit_in(text: str) -> str:
    """Return what a heading, caption or line says of the unit of the figures, as printed; empty if nothing."""
    if len(text) > _LONGEST:
        return ""
    whole = _WHOLE_HEADING.match(text)
    if whole:
        return whole[1]
    for pattern in _PATTERNS:
        found = pattern.search(text)
        if found:
            return re.sub(r"\s+", " ", found[0]).strip(" ()（）:;,")
    return ""
