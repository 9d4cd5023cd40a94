"""The sentences that say why a claim has its verdict. Each says what is so."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.verification.exact import Kind, Mismatch


def states_nothing() -> str:
    return _("This sentence states nothing that could be compared with a passage.")


def cites_nothing() -> str:
    return _("No passage is cited for this sentence, and none was found that bears it out.")


def bears_out(markers: Sequence[int]) -> str:
    return ngettext("The cited passage bears this out.", "The cited passages bear this out.", len(markers))


def bears_out_in_part(markers: Sequence[int]) -> str:
    return ngettext(
        "The cited passage bears out a part of this. The marked words are not in it.",
        "The cited passages bear out a part of this. The marked words are not in them.",
        len(markers),
    )


def does_not_bear_out(markers: Sequence[int]) -> str:
    return ngettext(
        "The cited passage does not bear this out.", "The cited passages do not bear this out.", len(markers)
    )


def speaks_against(markers: Sequence[int]) -> str:
    return ngettext("The cited passage speaks against this.", "The cited passages speak against this.", len(markers))


def does_not_hold(mismatch: Mismatch) -> str:
    """Return that something of the claim stands in no cited passage."""
    sentences = {
        Kind.NUMBER: _("The figure “{text}” stands in no cited passage."),
        Kind.DATE: _("The date “{text}” stands in no cited passage."),
        Kind.NAME: _("The name “{text}” stands in no cited passage."),
        Kind.IDENTIFIER: _("The identifier “{text}” stands in no cited passage."),
        Kind.SENSE: _("The cited passage does not say “{text}”."),
    }
    return sentences[mismatch.kind].format(text=mismatch.text)


def says_otherwise(mismatch: Mismatch) -> str:
    """Return that the cited passage says something else, and what."""
    sentence = _("The cited passage [{marker}] says “{instead}” where this says “{text}”.")
    marker = mismatch.place.marker if mismatch.place else ""
    return sentence.format(marker=marker, instead=mismatch.instead, text=mismatch.text)


def found_for_uncited(markers: Sequence[int]) -> str:
    return ngettext(
        "No passage was cited for this. Passage {markers}, found afterwards, bears it out.",
        "No passage was cited for this. Passages {markers}, found afterwards, bear it out.",
        len(markers),
    ).format(markers=_listed(markers))


def found_beside(why: str, markers: Sequence[int]) -> str:
    """Return why the cited passage falls short, and that another does not."""
    return ngettext(
        "{why} Passage {markers}, found afterwards, bears it out.",
        "{why} Passages {markers}, found afterwards, bear it out.",
        len(markers),
    ).format(why=why, markers=_listed(markers))


def _listed(markers: Sequence[int]) -> str:
    return ", ".join(f"[{marker}]" for marker in markers)
