"""E-books made on the spot."""

import zipfile
from pathlib import Path

_PAGE = (
    "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>x</title></head><body><h1>{}</h1><p>{}</p></body></html>"
)
_CONTAINER = (
    "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
    "<rootfile full-path='OEBPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>"
)
_OPF = (
    "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata>"
    "<dc:title>On  pumps</dc:title><dc:creator>Ann Müller</dc:creator><dc:language>en-GB</dc:language><dc:date>2024</dc:date>"
    "</metadata><manifest><item id='b' href='two%20of%20two.xhtml' media-type='application/xhtml+xml'/>"
    "<item id='a' href='one.xhtml' media-type='application/xhtml+xml'/>{contents}"
    "<item id='c' href='missing.xhtml' media-type='application/xhtml+xml'/></manifest>"
    "<spine><itemref idref='a'/><itemref idref='b'/><itemref idref='c'/></spine></package>"
)
_NAV = "<item id='n' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>"
_NCX = "<item id='n' href='toc.ncx' media-type='application/x-dtbncx+xml'/>"


def epub(path: Path, *, ncx: bool = False, encrypted: str = "") -> Path:
    """Write a book of two chapters, of which its table of contents names the first."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr("OEBPS/book.opf", _OPF.format(contents=_NCX if ncx else _NAV))
        archive.writestr("OEBPS/one.xhtml", _PAGE.format("Pumps", "They run at night."))
        archive.writestr("OEBPS/two of two.xhtml", _PAGE.format("Valves", "They are shut by day."))
        if ncx:
            archive.writestr(
                "OEBPS/toc.ncx",
                "<ncx xmlns='http://www.daisy.org/z3986/2005/ncx/'><navMap><navPoint><navLabel><text>Chapter of the NCX</text>"
                "</navLabel><content src='one.xhtml#top'/></navPoint></navMap></ncx>",
            )
        else:
            nav = "<nav><ol><li><a href='one.xhtml'>First <b>chapter</b></a></li><li><a href='one.xhtml#s'>Part</a></li></ol></nav>"
            archive.writestr("OEBPS/nav.xhtml", f"<html xmlns='http://www.w3.org/1999/xhtml'><body>{nav}</body></html>")
        if encrypted:
            archive.writestr(
                "META-INF/encryption.xml",
                f"<encryption xmlns:e='http://www.w3.org/2001/04/xmlenc#'><e:CipherReference URI='{encrypted}'/></encryption>",
            )
    return path
