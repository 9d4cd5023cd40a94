"""Forms about golden sets and how search is run."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.evaluation.measures import MEASURES
from apps.evaluation.services.sets import LONGEST_ANSWER, LONGEST_NAME, LONGEST_QUESTION, LONGEST_QUOTE
from apps.reasoning.models import Effort
from apps.reasoning.routing import AUTO
from apps.retrieval.configuration import Configuration
from apps.usage.matters import LONGEST_CODE
from apps.web.forms import Form


class SetForm(Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)


class QuestionForm(Form):
    """A golden question, with one place that answers it."""

    question = forms.CharField(
        label=_("Question"), max_length=LONGEST_QUESTION, widget=forms.Textarea({"rows": 2, "dir": "auto"})
    )
    answer = forms.CharField(
        label=_("Right answer"),
        max_length=LONGEST_ANSWER,
        required=False,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        help_text=_("What the model’s answer is graded by. Empty: it is not graded."),
    )
    document = forms.CharField(
        label=_("Document that answers it"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "data-combo": reverse_lazy("suggest-documents")}),
        help_text=_("Its title. Empty: the documents do not answer this question."),
    )
    page = forms.IntegerField(label=_("Page"), min_value=1, required=False)
    quote = forms.CharField(
        label=_("Words that answer it"),
        max_length=LONGEST_QUOTE,
        required=False,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        help_text=_("As they stand in the document. Without them the page counts, without a page the document."),
    )


class ImportForm(Form):
    file = forms.FileField(
        label=_("File of questions"),
        widget=forms.FileInput({"accept": ".jsonl"}),
        help_text=_("JSON Lines, as this page exports them."),
    )


class BarForm(Form):
    """What must be reached; an empty field is no bar."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in MEASURES:
            self.fields[name] = forms.FloatField(
                label=name, min_value=0, max_value=1, required=False, widget=forms.NumberInput({"step": "0.01"})
            )

    def bars(self) -> dict[str, float]:
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class RunForm(Form):
    """How search is run, for one measurement."""

    generation = forms.IntegerField(
        label=_("Index"), min_value=1, required=False, help_text=_("Its number. Empty: the one that is live.")
    )
    words = forms.FloatField(label=_("Weight of words beside meaning"), min_value=0, max_value=1)
    closeness = forms.FloatField(label=_("Weight of words that stand together"), min_value=0, max_value=1)
    headings = forms.FloatField(label=_("Weight of headings"), min_value=0, max_value=1)
    judged = forms.IntegerField(label=_("Passages that are judged again"), min_value=0, max_value=200)
    reranked = forms.IntegerField(label=_("Of them by a model, where there is one"), min_value=0, max_value=200)

    def configuration(self) -> Configuration:
        return Configuration.of(self.cleaned_data)


class AnswersRunForm(Form):
    """How the model is asked, for one measurement of its answers."""

    effort = forms.ChoiceField(label=_("Effort"), choices=[(AUTO, _("As proposed for each")), *Effort.choices])
    matter = forms.CharField(
        label=_("Matter"), max_length=LONGEST_CODE, required=False, help_text=_("What the answers are charged to.")
    )


class LiveForm(Form):
    """Making a configuration live, in spite of a bar if there is one."""

    reason = forms.CharField(
        label=_("Why in spite of that"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, against: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not against:
            del self.fields["reason"]

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise forms.ValidationError(gettext("Say why. It is recorded with your name."))
        return reason
