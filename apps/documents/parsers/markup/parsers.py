"""Pages of websites and intranets (HTML, web archives), and Markdown by way of HTML."""

import re
from dataclasses import replace

from markdown_it import MarkdownIt

from apps.documents.parsers.flow import flowing
from apps.documents.parsers.markup.html import Html, read_html
from apps.documents.parsers.text import decode, decode_as
from apps.documents.parsing import Parsed, Progress, Source

_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml[^>]+encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_DEEPEST = 100
_PREAMBLE = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_STATED = re.compile(r"^(title|author|date|lang|language):[ \t]*[\"']?(.*?)[\"']?[ \t]*$", re.MULTILINE | re.IGNORECASE)


class HtmlParser:
    """A page of a website or an intranet, as saved."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        return parsed_html(read_html(decode_html(source.path.read_bytes())))


class MarkdownParser:
    """CommonMark with tables and struck text, and with HTML in it; a preamble in YAML says what it is."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        progress(0, 1)
        text = decode(source.path.read_bytes())
        preamble = _PREAMBLE.match(text)
        stated = {name.lower(): value for name, value in _STATED.findall(preamble[1])} if preamble else {}
        rendered = (
            MarkdownIt("commonmark")
            .enable(["table", "strikethrough"])
            .render(text[preamble.end() if preamble else 0 :])
        )
        page = read_html(rendered, only_main=False)
        language = stated.get("lang", stated.get("language", ""))[:2].lower()
        metadata = tuple((name, stated[name]) for name in ("author", "date") if stated.get(name))
        return parsed_html(replace(page, title=stated.get("title", ""), language=language, metadata=metadata))


def parsed_html(page: Html) -> Parsed:
    """Return a page as a document without pages to turn."""
    return replace(flowing(page.blocks, title=page.title, language=page.language), metadata=page.metadata)


def decode_html(data: bytes, charset: str = "") -> str:
    """Return the text of a page in the encoding that its transport, or else the page itself, declares."""
    found = _META.search(data[:4096]) or _DECLARATION.match(data[:200])
    declared = found[1].decode("ascii").lower() if found else ""
    # What could be read byte by byte is not in an encoding of wider units, whatever it declares.
    return decode_as(data, charset or ("" if declared.startswith(("utf-16", "utf-32")) else declared))
