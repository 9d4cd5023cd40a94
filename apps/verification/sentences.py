"""Where sentences begin and end, in any script. Pure: text in, ranges out.

Wrong splits cost more than missed ones: half a sentence would be judged and cited as if somebody had said it.
"""

import re
from collections.abc import Iterator

Range = tuple[int, int]
"""Half-open, in characters."""

_ENGLISH = "e.g i.e etc vs mr mrs ms dr prof st approx inc ltd co corp dept est u.s u.k a.m p.m cf viz incl excl"
_GERMAN = (
    "z.b d.h u.a bzw ca usw inkl exkl zzgl mio mrd vgl ggf evtl sog i.d.r u.u o.g mind max min bspw einschl rd tsd"
)
_ROMANCE_DUTCH = "mme mlle env núm sr sra ej ud sig dott sig.ra ecc bv nv mw dhr bijv enz exmo"
_ABBREVIATIONS = frozenset(f"{_ENGLISH} {_GERMAN} {_ROMANCE_DUTCH}".split())
_NUMBERED = "no nos vol pp p fig sec cl art ch para paras nr abs ziff abb tab kap réf pág pag blz"
_BEFORE_FIGURES = frozenset(_NUMBERED.split())
_ENGLISH_MONTHS = "january february march april may june july august september october november december"
_GERMAN_MONTHS = "januar jänner februar märz mai juni juli oktober dezember quartal halbjahr jahrhundert"
_NORDIC_CZECH_MONTHS = "mars maj desember ledna února března dubna května června července srpna září října listopadu"
_MONTHS = frozenset(f"{_ENGLISH_MONTHS} {_GERMAN_MONTHS} {_NORDIC_CZECH_MONTHS}".split())
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$|\[\d)|[。！？｡।॥؟۔]+[」』”’）]*")
_MARKERS = re.compile(r"(?:[ \u00a0]?\[\d{1,3}\])+")
_LAST_WORD = re.compile(r"[\w.]+$")
_NEXT_WORD = re.compile(r"[\s\"'“‘«(\[*_]*(\w+)")


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Range]:
    """Yield the sentences of `text[start:end]` as ranges without outer space. Markers `[n]` after a full stop belong to
    the sentence before it. Line ends count as spaces."""
    stop = len(text) if end is None else end
    begin, at = start, start
    while match := _END.search(text, at, stop):
        at = match.end()
        if markers := _MARKERS.match(text, at, stop):
            at = markers.end()
        if at < stop and not _ends(text, match, at, begin, stop):
            continue
        yield from _trimmed(text, begin, at)
        begin = at
    yield from _trimmed(text, begin, stop)


def _ends(text: str, match: re.Match[str], at: int, begin: int, stop: int) -> bool:
    """Return whether the punctuation matched really closes a sentence."""
    mark = match.group()
    if mark[0] in "。！？｡।॥؟۔!?":
        return not _continues(text, at, stop) if mark[0] in "!?" else True
    if mark[0] == "…" or mark.startswith(".."):
        return not _continues(text, at, stop)
    word = _LAST_WORD.search(text, begin, match.start())
    last = word.group().casefold() if word else ""
    following = _NEXT_WORD.match(text, at, stop)
    after = following.group(1) if following else ""
    if _continues(text, at, stop) or last.rstrip(".") in _ABBREVIATIONS:
        return False
    if last in _BEFORE_FIGURES and after[:1].isdigit():
        return False
    if len(last) == 1 and last.isalpha():  # an initial: J. Smith
        return False
    if last.isdigit() and len(last) <= 2:
        line = text.rfind("\n", begin, match.start()) + 1 or begin
        is_list_number = not text[line : word.start() if word else line].strip()
        return not (is_list_number or after.casefold() in _MONTHS)
    return True


def _continues(text: str, at: int, stop: int) -> bool:
    """Return whether what follows starts in lower case, as no sentence does."""
    following = _NEXT_WORD.match(text, at, stop)
    return bool(following and following.group(1)[0].islower())


def _trimmed(text: str, begin: int, end: int) -> Iterator[Range]:
    piece = text[begin:end]
    if stripped := piece.strip():
        first = begin + piece.index(stripped[0])
        yield first, first + len(stripped)
