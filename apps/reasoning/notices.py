"""The sentences that stand above an answer that is less than was asked for. Each says what is so, then what to do."""

from django.utils.translation import gettext as _

from apps.reasoning.written import Notice
from apps.serving.health import ModelState
from apps.verification.figures.lineage import Figure


def no_model(state: ModelState) -> Notice:
    """Return why no model was asked."""
    sentences = {
        "none": _("No model wrote this, because none is set up. Below are the sentences that come nearest."),
        "starting": _("No model wrote this: it is still being made ready. Below are the sentences that come nearest."),
    }
    down = _(
        "No model wrote this: it cannot be reached now. Below are the sentences that come nearest; ask again later."
    )
    return Notice(f"model_{state.state}", sentences.get(state.state, down))


def nothing_of_use(code: str) -> Notice:
    """Return why the passages are quoted although a model was asked."""
    sentences = {
        "out_of_budget": _(
            "No model wrote this: it spent its allowance on reasoning. Below are the sentences that come nearest; "
            "ask again with more effort."
        ),
        "deadline": _(
            "No model wrote this: it took too long. Below are the sentences that come nearest; ask again with less effort."
        ),
        "loop": _(
            "No model wrote this: it only repeated itself. Below are the sentences that come nearest; ask again."
        ),
    }
    stopped = _(
        "No model wrote this: it stopped before it had answered. Below are the sentences that come nearest; ask again."
    )
    return Notice(code, sentences.get(code, stopped))


def broken_off(code: str) -> Notice:
    """Return that what stands there is the beginning of an answer."""
    sentences = {
        "length": _("This answer ran out of its allowance and breaks off. Ask again with more effort."),
        "loop": _("The model began to repeat itself and was stopped. What it had written before is kept."),
        "deadline": _("The model took too long and was stopped. What it had written is kept; ask again for the rest."),
    }
    stopped = _("The model stopped before it had finished. What it had written is kept; ask again for the rest.")
    return Notice(code, sentences.get(code, stopped))


def stood_in(code: str) -> str:
    """Return why another endpoint wrote an answer than the first one."""
    sentences = {
        "busy": _("The first endpoint had as many answers to write as it may. Another one wrote this."),
        "circuit_open": _("The first endpoint had failed several times and is left alone. Another one wrote this."),
        "model_starting": _("The first endpoint is still being made ready. Another one wrote this."),
        "model_down": _("The first endpoint could not be reached. Another one wrote this."),
        "model_refused": _("The first endpoint refused the question. Another one wrote this."),
        "model_silent": _("The first endpoint took the question and sent nothing. Another one wrote this."),
    }
    return sentences.get(code, _("The first endpoint failed before it had answered. Another one wrote this."))


def mostly_short() -> Notice:
    return Notice(
        "mostly_short",
        _("More than half of this answer is not borne out by its passages. Look at the marks before you rely on it."),
    )


def could_not_be_checked() -> Notice:
    return Notice(
        "not_checked",
        _("This answer could not be compared with its passages. Look at each of them before you rely on it."),
    )


def also(first: Notice, second: Notice) -> Notice:
    """Return a notice that says both, under the code of the first."""
    if not first.code or not second.code:
        return first if first.code else second
    return Notice(first.code, f"{first.detail} {second.detail}")


def nothing_cited() -> Notice:
    return Notice("no_citations", _("No sentence of this answer cites a passage. Do not rely on it without looking."))


def nothing_to_search() -> str:
    return _("There is nothing to search: what you may read holds no passages. Add a document, or ask for access.")


def only_suspicious() -> str:
    return _(
        "Every passage that was found addresses the model instead of a reader, so the model was given none. Look at them yourself, "
        "or ask whoever manages the documents."
    )


def not_answered() -> str:
    return _("The documents do not answer this.")


def quoted_word_for_word() -> str:
    return _("Quoted word for word from the passage.")


def why_unchecked(cited: bool) -> str:
    """Return what is said about a claim that was not verified."""
    if not cited:
        return _("No passage is cited for this sentence.")
    return _("The cited passage was not compared with this sentence.")


def says_what_is_missing() -> str:
    return _("This says what the passages do not hold, so none could be compared with it.")


def figure_is_wrong(figure: Figure) -> str:
    """Return why a claim does not hold whose figure the ledger found wrong."""
    if figure.expression and figure.corrected:
        sentence = _("“{text}” should read “{corrected}”: {expression}.")
    elif figure.corrected:
        sentence = _("“{text}” should read “{corrected}”, as the passages have it.")
    elif figure.expression:
        sentence = _("“{text}” is not what its calculation gives: {expression}.")
    else:
        sentence = _("“{text}” stands otherwise in the passages: “{found}”.")
    found = figure.inputs[0].text if figure.inputs else ""
    return sentence.format(text=figure.text, corrected=figure.corrected, expression=figure.expression, found=found)
