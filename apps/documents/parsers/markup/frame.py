"""What of a page in HTML is its content, and what only frames it on its site: menus, banners, lists of links.

Content goes before tidiness: something is left out only where its own markup or its links say what it is.
"""

import re

from selectolax.lexbor import LexborNode

_UNSEEN = (
    "script, style, noscript, template, svg, canvas, iframe, object, embed, head, select, button, annotation, "
    "[hidden], [aria-hidden=true]"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.IGNORECASE)
_FRAME = "nav, [role=navigation], [role=search], [role=banner], [role=contentinfo], [role=menu], [role=menubar]"
_MAIN = "main, [role=main], article, #content, #main, #main-content"
_MAIN_SHARE = 0.4
_SERVES_THE_SITE = re.compile(
    r"(?<![a-z])(?:cookie|consent|gdpr|breadcrumb|navbar|nav|menu|sidebar|site-?(?:header|footer)|share|social|newsletter|"
    r"related|advert|banner|pagination|skip-?link)(?![a-z])",
    re.IGNORECASE,
)
_CONSENT = re.compile(r"(?<![a-z])(?:cookie|consent|gdpr)", re.IGNORECASE)
_LINKED = 0.6
_SHORT = 1500
_FEW = 0.3


def drop_hidden(body: LexborNode) -> None:
    """Take out of the tree what no reader of the page sees."""
    for node in body.css(_UNSEEN):
        node.decompose()
    for node in body.css("[style]"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()


def main_part(body: LexborNode) -> LexborNode:
    """Return the part that is marked as the main one, if it holds a good share of the text; else all but the site's frame."""
    whole = len(body.text())
    _drop_frame(body, whole)
    left = len(body.text())
    for part in body.css(_MAIN):
        if len(part.text()) > _MAIN_SHARE * left:
            return part
    return body


def _drop_frame(body: LexborNode, whole: int) -> None:
    for node in body.css(_FRAME):
        node.decompose()
    for node in body.css("header, footer, aside"):
        if not _within_content(node) and len(node.text()) < _FEW * whole:
            node.decompose()
    for node in body.css("div[class], div[id], section[class], ul[class], ul[id], section[id]"):
        named = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        size = len(node.text())
        if _CONSENT.search(named):
            serves = size < min(_SHORT, _FEW * whole)
        else:
            serves = bool(_SERVES_THE_SITE.search(named)) and size < _FEW * whole and _linked(node) > _LINKED
        if serves:
            node.decompose()


def _within_content(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in ("main", "article"):
            return True
        parent = parent.parent
    return False


def _linked(node: LexborNode) -> float:
    """The share of an element's text that is links."""
    text = len(re.sub(r"\s+", "", node.text()))
    links = sum(len(re.sub(r"\s+", "", link.text())) for link in node.css("a"))
    return links / text if text else 1.0
