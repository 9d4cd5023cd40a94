"""E-books (EPUB): the pages of the book in the order of its spine, each a chapter, named as its table of contents names it."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from lxml import etree

from apps.documents.parsers.archives import Package, check_unpacked_size, open_package, parse_xml
from apps.documents.parsers.flow import turning
from apps.documents.parsers.markup.html import Html, read_html
from apps.documents.parsers.markup.parsers import decode_html
from apps.documents.parsing import Block, BlockKind, Parsed, Progress, Source, Unreadable

_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_STATED = {"creator": "author", "publisher": "publisher", "date": "date", "subject": "subject"}
_LONGEST_LABEL = 200


class EpubParser:
    """A page of the spine is a page of the document, since readers cite chapters."""

    def parse(self, source: Source, *, progress: Progress) -> Parsed:
        file = open_package(source)
        check_unpacked_size(file)
        book = _Book(Package(file))
        if book.is_encrypted():
            raise Unreadable(
                "This e-book is locked to a reader's account (DRM). Ask its publisher for one that is not, or for a PDF.",
                code="encrypted",
            )
        pages = book.pages
        if not pages:
            raise _damaged()

        def parts() -> Iterator[tuple[str, tuple[Block, ...]]]:
            for number, name in enumerate(pages):
                progress(number, len(pages))
                page = book.page(name)
                yield book.label(name, page), page.blocks

        parsed = turning(parts(), title=book.stated("title"), language=book.stated("language")[:2].lower())
        return replace(parsed, page_count=len(pages), metadata=book.metadata())


class _Book:
    """The package document and what it leads to. Its parts name each other relative to where they are."""

    def __init__(self, package: Package) -> None:
        self._package = package
        container = package.tree("META-INF/container.xml")
        roots = [node.get("full-path", "") for node in container.iter("{*}rootfile")] if container is not None else []
        self._at = next((root for root in roots if root in package), "")
        opf = package.tree(self._at) if self._at else None
        if opf is None:
            raise _damaged()
        self._opf = opf
        self._manifest = {item.get("id", ""): item for item in opf.iter(f"{_OPF}item")}
        self._labels = dict(self._contents())

    @property
    def pages(self) -> list[str]:
        """The names of the parts to be read, in order."""
        items = (self._manifest.get(ref.get("idref", "")) for ref in self._opf.iter(f"{_OPF}itemref"))
        names = (self._name(item) for item in items if item is not None and item.get("media-type") in _PAGES)
        return list(dict.fromkeys(name for name in names if name in self._package))

    def page(self, name: str) -> Html:
        return read_html(decode_html(self._package.read(name)), only_main=False)

    def label(self, name: str, page: Html) -> str:
        """What the table of contents calls a page, else its first heading, else its title."""
        heading = next((block.text for block in page.blocks if block.kind is BlockKind.HEADING), "")
        return (self._labels.get(name) or heading or page.title)[:_LONGEST_LABEL]

    def stated(self, name: str) -> str:
        return next((" ".join((node.text or "").split()) for node in self._opf.iter(f"{_DC}{name}") if node.text), "")

    def metadata(self) -> tuple[tuple[str, str], ...]:
        stated = ((label, self.stated(name)) for name, label in _STATED.items())
        return tuple((label, value) for label, value in stated if value)

    def is_encrypted(self) -> bool:
        """Fonts may be obfuscated in any book; pages that are encrypted cannot be read."""
        if "META-INF/encryption.xml" not in self._package:
            return False
        tree = self._package.tree("META-INF/encryption.xml")
        uris = (node.get("URI", "") for node in tree.iter("{*}CipherReference")) if tree is not None else ()
        return any(re.search(r"\.x?html?$", uri) for uri in uris)

    def _name(self, item: etree._Element, base: str = "") -> str:
        return self._resolved(item.get("href", ""), base or self._at)

    def _resolved(self, reference: str, base: str) -> str:
        path = unquote(reference.split("#")[0])
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), path)).lstrip("/")

    def _contents(self) -> Iterator[tuple[str, str]]:
        """Yield the labels of pages from the table of contents, the first of a page last, so that it stays."""
        found = [*self._from_nav(), *self._from_ncx()]
        yield from reversed([(name, " ".join(label.split())) for name, label in found if label.strip()])

    def _from_nav(self) -> Iterator[tuple[str, str]]:
        for item in self._manifest.values():
            name = self._name(item)
            if "nav" in (item.get("properties") or "").split() and name in self._package:
                tree = parse_xml(self._package.read(name))
                for link in tree.iter("{*}a"):
                    yield self._resolved(link.get("href", ""), name), "".join(link.itertext())

    def _from_ncx(self) -> Iterator[tuple[str, str]]:
        for item in self._manifest.values():
            name = self._name(item)
            if item.get("media-type") == "application/x-dtbncx+xml" and name in self._package:
                tree = self._package.tree(name)
                for point in tree.iter(f"{_NCX}navPoint") if tree is not None else ():
                    content = point.find(f"{_NCX}content")
                    label = point.findtext(f"{_NCX}navLabel/{_NCX}text") or ""
                    if content is not None:
                        yield self._resolved(content.get("src", ""), name), label


def _damaged() -> Unreadable:
    return Unreadable(
        "This e-book is damaged or cut off: its list of pages cannot be read. Get it again and send that.",
        code="damaged",
    )
