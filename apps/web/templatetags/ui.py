"""Template tags of the interface: icons, and the forms in which figures, sizes and names are written."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
