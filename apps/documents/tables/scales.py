"""Words and signs that stand with figures: currencies, and how many thousands a figure is counted in."""

import re
from collections.abc import Iterable
from decimal import Decimal

_LATIN = {
    3: "thousand thousands thsd k K tsd tausend Tsd Tausend TSD milliers тыс тысяч tys tis tūkst ezer bin",
    6: "million millions Million Millions MILLION MILLIONS mn m M MM mm Mn Mio mio MIO Mill Millionen millones milioni milhões "
    "miljoen miljoner milj milionów mln млн миллионов milyon",
    9: "billion billions Billion Billions BILLION BILLIONS bn b B Bn bln Mrd mrd Milliarde Milliarden milliard milliards Md Mds "
    "mld mlrd miljard miljarder miliardi миллиардов млрд milyar",
    12: "trillion trillions tn trn Billionen трлн",
    5: "lakh lakhs lac",
    7: "crore crores cr",
}
_EASTERN = {
    2: "百",
    3: "千 천",
    4: "万 萬 만",
    6: "百万 백만",
    7: "千万 천만",
    8: "億 亿 억",
    9: "十億 십억",
    12: "兆 조",
}


def _powers(words: dict[int, str]) -> dict[str, Decimal]:
    return {word: Decimal(10) ** power for power, listed in words.items() for word in listed.split()}


SCALES = _powers(_LATIN) | _powers(_EASTERN)
"""What each word or sign multiplies by."""

_CURRENCIES = {
    "$": "", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD", "R$": "BRL",
    "NZ$": "NZD", "€": "EUR", "£": "GBP", "¥": "", "￥": "", "円": "JPY", "元": "CNY", "원": "KRW", "₩": "KRW", "₹": "INR", "₽": "RUB",
    "₺": "TRY", "₫": "VND", "₪": "ILS", "฿": "THB", "₴": "UAH", "₦": "NGN", "₱": "PHP", "zł": "PLN", "Kč": "CZK", "Ft": "HUF",
    "kr": "", "kr.": "", "Fr.": "CHF", "SFr.": "CHF", "руб.": "RUB", "руб": "RUB", "Rs.": "INR", "Rs": "INR", "RM": "MYR", "Euro": "EUR",
    "euros": "EUR", "euro": "EUR", "dollars": "", "RMB": "CNY", "人民币": "CNY", "ドル": "",
}  # fmt: skip
_CODES = (
    "USD EUR GBP JPY CNY CHF CAD AUD NZD HKD SGD TWD KRW INR BRL MXN ZAR SEK NOK DKK PLN CZK HUF RON BGN TRY RUB UAH ILS AED SAR "
    "QAR KWD EGP NGN KES THB VND IDR MYR PHP ARS CLP COP PEN ISK"
)
CURRENCIES = _CURRENCIES | {code: code for code in _CODES.split()}
"""Sign or word to ISO 4217 code, empty where several countries share the sign."""


def any_of(words: Iterable[str]) -> str:
    """Return a pattern of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SINGLE = "kKmMbB"
_LONGER = [word for word in _powers(_LATIN) if word not in _SINGLE]
_NO_LETTER = r"(?![^\W\d_])"

SCALE = (
    rf"\s?(?:{any_of(_LONGER)}){_NO_LETTER}\.?"
    # `5 m` is a length, `5m` and `5 m€` are millions.
    rf"|[{_SINGLE}]{_NO_LETTER}|\s?[{_SINGLE}](?=\s?[€$£])"
    rf"|\s?(?:{any_of(_powers(_EASTERN))})"
)
"""Pattern of a scale after a figure."""

CURRENCY = any_of(CURRENCIES)
"""Pattern of a currency."""

LARGE = "兆億亿万萬조억만"
"""Scales that follow each other in one figure: 12億3,450万."""
