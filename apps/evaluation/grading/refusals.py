"""Whether an answer refuses: it says that nothing is known, or that it cannot tell, in place of an answer. Pure."""

import re

from apps.verification.sentences import sentences

_NOT_KNOWN = re.compile(
    r"\bas an ai\b|\bas of my (?:last|latest|knowledge)\b|\bmy (?:knowledge|training) (?:cut|data)"
    r"|\bI(?:['’]m| am) (?:sorry|unable|not able)\b|\bI apologi[sz]e\b"
    r"|\bI (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t)\b.{0,40}\b(?:have|access|know|find|provide|answer|determine|browse|give|say|tell|see)\b"
    r"|\bI (?:would|['’]d) need\b"
    r"|\bleider\b.{0,60}\bnicht\b|\bje (?:suis désolé|ne (?:peux|dispose|sais))\b|\blo siento\b|\bno puedo\b|\bnon posso\b",
    re.IGNORECASE,
)
_NOT_SAID = re.compile(
    r"\b(?:contexts?|information|passages?|documents?|texts?|evidence|excerpts?|statements?|data|details?|filings?|reports?|figures?)\b[^.]{0,80}?"
    r"\b(?:do(?:es)? not|don['’]t|doesn['’]t|did not|didn['’]t) (?:\w+ ){0,2}"
    r"(?:contain|include|provide|mention|state|specify|give|say|answer|disclose|address|detail|indicate|list|have)"
    r"|\b(?:is|are|was|were) not (?:\w+ ){0,2}"
    r"(?:stated|provided|included|available|mentioned|given|specified|disclosed|detailed|contained|found|in the (?:documents?|passages?|context|text))"
    r"|\b(?:no|not enough|insufficient) (?:\w+ ){0,2}(?:information|data|details?|mention|answer)\b"
    r"|\b(?:cannot|can ?not|can['’]t|could not|unable to|not possible to|impossible to|difficult to) (?:be )?(?:\w+ )?"
    r"(?:determined?|calculated?|answer(?:ed)?|provided?|identif(?:y|ied)|computed?|assess(?:ed)?|sa(?:y|id)|give|conclude)"
    r"|\bnone of (?:the|these) (?:passages|documents)\b|\bnot in the (?:documents|passages)\b"
    r"|\bwe (?:would )?need (?:the following|to know|more|additional|the)\b"
    r"|\b(?:nicht|keine?) (?:\w+ ){0,4}(?:enthalten|angegeben|genannt|Angaben?|Informationen)\b|\bgeht (?:\w+ ){0,4}nicht hervor\b"
    r"|\bne (?:contien\w*|mentionn\w*|précis\w*|figur\w*|fourni\w*)\b|\bno (?:contien\w*|mencion\w*|figura\w*|se (?:indica|menciona|especifica))\b"
    r"|\bnon (?:contien\w*|menzion\w*|indica\w*|è (?:indicat|specificat)\w)\b"
    r"|記載(?:されて|が|は)?(?:い)?(?:ありません|ません|ない)|含まれて(?:い)?(?:ません|ない)|回答できません|没有(?:提到|提供|说明|包含|给出)|未(?:提及|提供|说明|披露)|无法(?:确定|回答|得知)|찾을 수 없|없습니다",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"\b(?:please|you (?:would|could|can|may|should)|I (?:recommend|suggest))\b[^.]{0,60}"
    r"\b(?:refer|consult|check|provide|need to (?:look|refer|consult)|look at|review)\b"
    r"|\bif you (?:can |could )?(?:provide|share|have)\b",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"\b(?:cannot|can ?not|can['’]t|could not|unable to|not possible to|impossible to) (?:\w+ )?(?:be )?(?:\w+ )?"
    r"(?:determin|calculat|answer|provid|identif|comput|assess|sa(?:y|id)|giv|conclud)"
    r"|\bwe (?:would )?need (?:the|to know|more|additional)\b|\b(?:would be|is|are) (?:required|needed|necessary) (?:to|for)\b"
    r"|回答できません|无法(?:确定|回答|得知)",
    re.IGNORECASE,
)
_CONCLUDED = re.compile(
    r"\b(?:therefore|thus|hence|so|consequently)\b[^.]{0,60}\b(?:the answer|is|are|was|were|conclude|inferred?)\b"
    r"|\bit (?:can be|is reasonable to) (?:inferred?|concluded?|assume)\b",
    re.IGNORECASE,
)
_OPENING, _CLOSING = 2, 2  # sentences


def refuses(text: str) -> bool:
    """Return whether the opening or the end of an answer says that there is none.

    What is said to be missing beside an answer is a caveat: only who gives up at the end, or opens with what is missing and draws no
    conclusion from it, refuses.
    """
    said = [text[start:end] for start, end in sentences(text)]
    if not said:
        return True
    opening, closing = said[:_OPENING], said[-_CLOSING:]
    if any(_NOT_KNOWN.search(sentence) for sentence in opening):
        return True
    if _CONCLUDED.search(closing[-1]) and not _GIVEN_UP.search(closing[-1]):
        return False
    if _GIVEN_UP.search(closing[-1]) or any(_GIVEN_UP.search(sentence) for sentence in opening):
        return True
    if not _NOT_SAID.search(opening[0]):
        return any(_ASKS_BACK.search(one) for one in closing) and _NOT_SAID.search(text) is not None
    return len(said) <= _OPENING or any(pattern.search(one) for pattern in (_NOT_SAID, _ASKS_BACK) for one in closing)
