"""Equations of Office documents (OMML) in one line: fractions with a stroke, powers with ^, what belongs together in brackets."""

from typing import Any

from apps.documents.parsers.ooxml import child, children, local_name

_DEEPEST = 60
_LEFT_OUT = frozenset(
    {"rPr", "ctrlPr", "fPr", "dPr", "sSupPr", "sSubPr", "sSubSupPr", "radPr", "naryPr", "funcPr", "mPr"}
)


def equation_text(element: Any, depth: int = 0) -> str:
    """Return an equation, or a part of one, as it would be typed."""
    if element is None or depth > _DEEPEST:
        return ""

    def part(name: str) -> str:
        return equation_text(child(element, name), depth + 1)

    match local_name(element):
        case "t":
            return str(element.text or "")
        case "f":
            return f"{_grouped(part('num'))}/{_grouped(part('den'))}"
        case "sSup":
            return f"{part('e')}^{_grouped(part('sup'))}"
        case "sSub":
            return f"{part('e')}_{_grouped(part('sub'))}"
        case "sSubSup":
            return f"{part('e')}_{_grouped(part('sub'))}^{_grouped(part('sup'))}"
        case "rad":
            degree = part("deg")
            return f"{degree}√{_grouped(part('e'))}"
        case "nary":
            bounds = "".join(
                f"{mark}{_grouped(text)}" for mark, text in (("_", part("sub")), ("^", part("sup"))) if text
            )
            return f"{_sign(element, 'naryPr', 'chr', '∫')}{bounds} {part('e')}"
        case "d":
            inside = _sign(element, "dPr", "sepChr", "|").join(
                equation_text(e, depth + 1) for e in children(element, "e")
            )
            return f"{_sign(element, 'dPr', 'begChr', '(')}{inside}{_sign(element, 'dPr', 'endChr', ')')}"
        case "func":
            return f"{part('fName')} {_grouped(part('e'))}"
        case "m":
            rows = (
                ", ".join(equation_text(e, depth + 1) for e in children(row, "e")) for row in children(element, "mr")
            )
            return f"[{'; '.join(rows)}]"
    return "".join(equation_text(item, depth + 1) for item in element if local_name(item) not in _LEFT_OUT)


def _grouped(text: str) -> str:
    """Brackets keep together what is more than one sign, unless it has its own."""
    return text if len(text) < 2 or text.isalnum() or (text[0] == "(" and text[-1] == ")") else f"({text})"


def _sign(element: Any, properties: str, name: str, default: str) -> str:
    sign = child(element, properties, name)
    return next((str(value) for value in sign.attrib.values()), "") if sign is not None else default
