"""Whether a sentence says that the passages do not tell something. Pure.

Nothing that could be cited bears out such a sentence, so it is not judged like one that states a fact. Only plain cases are told: a
negation beside a word for the passages and a verb of saying, or the passive of one.
"""

import re

_SOURCES = (
    r"passages?|documents?|sources?|excerpts?|materials?|unterlagen|dokumente?n?|quellen?|passagen?|textstellen?|extraits?|documentos?|"
    r"pasajes?|fuentes?|trechos?|fontes?|documenti?|passagg(?:io|i)|fonti|documenten|bronnen"
)
_NOT = (
    r"not|n[o']t|no|none|nothing|neither|nowhere|nicht|nichts|keine?[mnrs]?|weder|pas|rien|aucune?|ningun[ao]?|ningún|nada|n[ãa]o|"
    r"nenhuma?|non|nulla|nessun[oa]?|niet|niets|geen"
)
_SAYS = (
    r"states?|says?|mentions?|gives?|contains?|provides?|specif(?:y|ies)|disclos\w*|includes?|tells?|shows?|answers?|cover\w*|names?|"
    r"nennen|nennt|enthalten|enthält|erwähnen|erwähnt|sagen|sagt|geben|gibt|belegen|belegt|beantworten|mentionn\w*|indiqu\w*|donne\w*|"
    r"précis\w*|contien\w*|mencion\w*|indic\w*|contêm|dice\w*|contengono|contiene|riporta\w*|vermeld\w*|bevatten|bevat|noemen|noemt"
)
_SAID = (
    r"stated|said|mentioned|given|contained|provided|specified|disclosed|covered|named|found|genannt|enthalten|erwähnt|angegeben|"
    r"mentionnée?s?|indiquée?s?|précisée?s?|mencionad[oa]s?|indicad[oa]s?|menzionat[oaie]|indicat[oaie]|vermeld|genoemd"
)
_BE = r"is|are|was|were|be|been|wird|werden|ist|sind|est|sont|es|está|están|é|são|è|sono|wordt|worden"
_UNSPACED = re.compile(
    r"(?:資料|文書|文段|文章|文件|文档|段落|出典).*(?:ない|ません|没有|未(?:提及|说明|給出|给出)|无)|(?:记载|記載|提及|说明|言及)(?:されていない|されていません|がない|はない|がありません)"
)


def _word(words: str) -> str:
    return rf"(?<!\w)(?:{words})(?!\w)"


_NEGATED = re.compile(rf"{_word(_NOT)}|n['’]t(?!\w)", re.IGNORECASE)
_BY_SOURCES = re.compile(
    rf"{_word(_SOURCES)}.*{_word(_SAYS)}|{_word(_SAYS)}.*{_word(_SOURCES)}", re.IGNORECASE | re.DOTALL
)
_PASSIVE = re.compile(
    rf"(?:{_word('no|keine?|aucune?|ningun[ao]?|ningún|nenhuma?|nessun[oa]?|geen')}.*{_word(_BE)}|{_word(_BE)}[^.;]{{0,60}}?\s(?:{_NOT}))\s+(?:\w+\s+)?{_word(_SAID)}",
    re.IGNORECASE | re.DOTALL,
)


def says_what_is_missing(sentence: str) -> bool:
    """Return whether a sentence says that something does not stand in the passages."""
    by_sources = _NEGATED.search(sentence) and _BY_SOURCES.search(sentence)
    return bool(by_sources or _PASSIVE.search(sentence) or _UNSPACED.search(sentence))
