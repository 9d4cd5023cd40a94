"""Matter codes: what else an answer is charged to, beside people and groups, in an organisation that bills or allocates."""

import re
from typing import Final

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts.scope import Scope
from apps.core.errors import Invalid
from apps.usage.models import Charge, Matter

LONGEST_CODE: Final = 40
_CODE = re.compile(r"[^\W_][\w./#&+-]*(?: [\w./#&+-]+)*")  # letters of any script: A-2024/17, Größe 3


def checked_code(code: str) -> str:
    """Return a code as it is kept: in capitals, so that one matter is not two. Raises `Invalid` for what is no code."""
    plain = " ".join(code.split()).upper()
    if len(plain) > LONGEST_CODE or not _CODE.fullmatch(plain):
        message = _("A matter is a short code: up to 40 letters, digits and . / # & + - between them.")
        raise Invalid(message, errors={"matter": [message]})
    return plain


def matter_for(code: str) -> str:
    """Return the matter that a question is charged to, or "" for none.

    Raises `Invalid` where one is needed and missing, and for a code that is not listed while there is a list of open ones.
    """
    if not code.strip():
        if settings.ENV.matter_required:
            message = _("Say which matter this is for. Your organisation needs one for every question.")
            raise Invalid(message, errors={"matter": [message]})
        return ""
    plain = checked_code(code)
    listed = Matter.objects.filter(open=True)
    if listed.exists() and not listed.filter(code=plain).exists():
        message = _("There is no open matter %(code)s. Choose one of the list, or ask an administrator.") % {
            "code": plain
        }
        raise Invalid(message, errors={"matter": [message]})
    return plain


def suggestions_for(scope: Scope, *, most: int = 8) -> list[str]:
    """Return the matters that this person's questions named last, latest first, without those that are closed."""
    if scope.user_id is None:
        return []
    own = Charge.objects.filter(asker=scope.user_id).exclude(matter="")
    latest = own.values("matter").annotate(last=Max("asked_at")).order_by("-last").values_list("matter", flat=True)
    closed = set(Matter.objects.filter(open=False).values_list("code", flat=True))
    return [code for code in latest[: most + len(closed)] if code not in closed][:most]
