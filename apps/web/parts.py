"""What one turns in a document, in words: pages, slides, sheets, chapters. Each has sentences of its own, as languages want them."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.documents.formats import format_of
from apps.web.wording import count as grouped


@dataclass(frozen=True, slots=True)
class PartWords:
    """The words around one part of a document; lazily translated."""

    all: Any
    jump: Any
    previous: Any
    next: Any
    about: Any
    resting: Any
    nothing: Any
    unread: Any


_PAGE = PartWords(
    all=gettext_lazy("Pages"),
    jump=gettext_lazy("Page"),
    previous=gettext_lazy("Previous page"),
    next=gettext_lazy("Next page"),
    about=gettext_lazy("About this page"),
    resting=gettext_lazy("Answers that rest on this page"),
    nothing=gettext_lazy("There is no text on this page."),
    unread=gettext_lazy("This page could not be read, so nothing on it can be found."),
)
_SLIDE = PartWords(
    all=gettext_lazy("Slides"),
    jump=gettext_lazy("Slide"),
    previous=gettext_lazy("Previous slide"),
    next=gettext_lazy("Next slide"),
    about=gettext_lazy("About this slide"),
    resting=gettext_lazy("Answers that rest on this slide"),
    nothing=gettext_lazy("There is no text on this slide."),
    unread=gettext_lazy("This slide could not be read, so nothing on it can be found."),
)
_SHEET = PartWords(
    all=gettext_lazy("Sheets"),
    jump=gettext_lazy("Sheet"),
    previous=gettext_lazy("Previous sheet"),
    next=gettext_lazy("Next sheet"),
    about=gettext_lazy("About this sheet"),
    resting=gettext_lazy("Answers that rest on this sheet"),
    nothing=gettext_lazy("There is nothing on this sheet."),
    unread=gettext_lazy("This sheet could not be read, so nothing on it can be found."),
)
_CHAPTER = PartWords(
    all=gettext_lazy("Chapters"),
    jump=gettext_lazy("Chapter"),
    previous=gettext_lazy("Previous chapter"),
    next=gettext_lazy("Next chapter"),
    about=gettext_lazy("About this chapter"),
    resting=gettext_lazy("Answers that rest on this chapter"),
    nothing=gettext_lazy("There is no text in this chapter."),
    unread=gettext_lazy("This chapter could not be read, so nothing in it can be found."),
)
_WORDS = {"page": _PAGE, "slide": _SLIDE, "sheet": _SHEET, "chapter": _CHAPTER}


def part_of(media_type: str) -> str:
    """Return what a format is turned by; `page` for an unknown one."""
    known = format_of(media_type)
    return (known.part if known else "") or "page"


def words_of(part: str) -> PartWords:
    return _WORDS.get(part, _PAGE)


def named(part: str, number: int, label: str = "") -> str:
    """Return the name of one part, as in “Page 3” or “Sheet ‘Costs’”."""
    values = {"number": grouped(number), "label": label}
    match part:
        case "slide":
            return _("Slide %(number)s") % values
        case "sheet":
            return (_("Sheet “%(label)s”") if label else _("Sheet %(number)s")) % values
        case "chapter":
            return (_("Chapter “%(label)s”") if label else _("Chapter %(number)s")) % values
        case _:
            return _("Page %(number)s") % values


def named_among(part: str, number: int, total: int, label: str = "") -> str:
    """Return the name of one part and how many there are, as in “Page 3 of 17”."""
    values = {"number": grouped(number), "total": grouped(total), "label": label}
    if not total:
        return named(part, number, label)
    match part:
        case "slide":
            return _("Slide %(number)s of %(total)s") % values
        case "sheet" if label:
            return _("Sheet “%(label)s”, %(number)s of %(total)s") % values
        case "sheet":
            return _("Sheet %(number)s of %(total)s") % values
        case "chapter" if label:
            return _("Chapter “%(label)s”, %(number)s of %(total)s") % values
        case "chapter":
            return _("Chapter %(number)s of %(total)s") % values
        case _:
            return _("Page %(number)s of %(total)s") % values


def counted(part: str, number: int) -> str:
    """Return so many parts, as in “17 pages”."""
    match part:
        case "slide":
            text = ngettext("%(count)s slide", "%(count)s slides", number)
        case "sheet":
            text = ngettext("%(count)s sheet", "%(count)s sheets", number)
        case "chapter":
            text = ngettext("%(count)s chapter", "%(count)s chapters", number)
        case _:
            text = ngettext("%(count)s page", "%(count)s pages", number)
    return text % {"count": grouped(number)}
