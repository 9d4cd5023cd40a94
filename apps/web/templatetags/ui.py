"""Template tags of the interface: icons, and the forms in which figures, sizes and names are written."""

from collections.abc import Iterable
from datetime import datetime

from django import forms, template
from django.forms import BoundField
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext

from apps.web import parts
from apps.web.shelf import Row

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """`{% icon "check" "i--12" %}`: a picture from the sprite, unseen by screen readers; the words beside it say the same."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', f"i {extra}" if extra else "i", name
    )


@register.filter
def initials(who: object) -> str:
    """Return the first letters of the first and last word of a name or address."""
    words = str(who).split("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def plain(number: float) -> str:
    """Return a number as SVG wants it: with a point, whatever the reader's language."""
    return f"{number:g}"


@register.filter
def plain_int(number: int) -> str:
    """Return a whole number as scripts read it: ungrouped, whatever the reader's language."""
    return str(number)


@register.filter
def day(moment: datetime) -> str:
    """Return a date as people write it: the year only where it is another one."""
    local = timezone.localtime(moment)
    return date(local, gettext("j M") if local.year == timezone.localtime().year else gettext("j M Y"))


@register.filter
def other(current: str, column: str) -> str:
    """Return the order that a click on a column asks for: that column, or it reversed where it rules already."""
    return f"-{column}" if current == column else column


@register.filter
def ids(rows: Iterable[Row]) -> list[str]:
    """Return the ids of the documents of some rows."""
    return [str(row.document.pk) for row in rows]


@register.filter
def part_named(number: int, media_type: str) -> str:
    """Return the name of a page of a document of this format: “Page 3”, “Slide 3”."""
    return parts.named(parts.part_of(media_type), number)


@register.filter
def minus(number: float, less: float) -> float:
    return number - less


@register.filter
def language(code: str) -> str:
    """Return the name of a language in the reader's own; a code that Django does not know stays a code."""
    try:
        name: str = get_language_info(code)["name_translated"]
    except KeyError:
        return code
    return name


@register.filter
def control(field: BoundField) -> SafeString:
    """Return the widget of a field in the design's clothes. A placeholder that repeats the label (allauth's do) goes."""
    widget = field.field.widget
    widget.attrs.pop("placeholder", None)
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return field.as_widget()
    return field.as_widget(attrs={"class": "select" if isinstance(widget, forms.Select) else "input"})
