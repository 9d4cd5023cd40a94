"""Every form. A form checks what was typed; what may be done is decided by the service it is handed to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Group, User
from apps.core.errors import Invalid, ToulminError
from apps.documents.models import Collection, Role
from apps.reasoning.models import Effort
from apps.reasoning.routing import AUTO
from apps.usage.matters import LONGEST_CODE


class Form(forms.Form):
    """The base of ours: it can show what a service refused."""

    @contextmanager
    def refusing(self, *kinds: type[ToulminError]) -> Iterator[None]:
        """Show what a service refuses within, and go on after it. `kinds`: only these; otherwise whatever we refuse."""
        expected = kinds or (ToulminError,)
        try:
            yield
        except expected as error:
            self.refuse(error)

    def refuse(self, error: ToulminError) -> None:
        """Show why a service did not take the form, by the field where it has one."""
        named = error.errors if isinstance(error, Invalid) else {}
        for field, sentences in named.items():
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)
        if not named:
            self.add_error(None, error.detail)


class CollectionForm(Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is in it and who keeps it. Readers see this."),
    )
    allow_download = forms.BooleanField(label=_("Let readers download the originals"), required=False, initial=True)


class ConfirmNameForm(Form):
    """Deleting a collection takes its name, typed."""

    name = forms.CharField(label=_("Type the name of the collection"), widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, *args: Any, collection: Collection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collection = collection

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.strip() != self.collection.name:
            raise forms.ValidationError(gettext("This is not its name. Type it exactly as it stands above."))
        return name


class DetailsForm(Form):
    """What a document is called and from when its latest version counts."""

    title = forms.CharField(label=_("Title"), max_length=300)
    effective_from = forms.DateField(
        label=_("In force from"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Of the latest version. Empty: from the day it was added."),
    )


class MoveForm(Form):
    """Another collection for a document; only those in which its mover may add."""

    collection = forms.ModelChoiceField(label=_("Collection"), queryset=Collection.objects.none())

    def __init__(self, *args: Any, collections: QuerySet[Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Collection]", self.fields["collection"]).queryset = collections


class VersionForm(Form):
    """The next version of a document."""

    file = forms.FileField(label=_("File"), max_length=300, widget=forms.FileInput())
    effective_from = forms.DateField(
        label=_("In force from"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: as soon as it is read. Until then the version before goes on answering."),
    )


class PasswordForm(Form):
    """What opens a protected file. The field is no sign-in: browsers are asked to keep nothing."""

    password = forms.CharField(
        label=_("Password of the file"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("It is kept encrypted and used only to read this document."),
    )


class GrantForm(Form):
    """Who, by e-mail address or by the name of a group, and as what."""

    who = forms.CharField(
        label=_("Person or group"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off", "data-combo": reverse_lazy("suggest-readers")}),
        help_text=_("An e-mail address, or the name of a group."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        who = cleaned.get("who", "").strip()
        user = User.objects.filter(email__iexact=who, is_active=True).first() if who else None
        group = Group.objects.filter(name__iexact=who).first() if who and user is None else None
        if who and user is None and group is None:
            self.add_error("who", gettext("No person has this address and no group this name. Check the spelling."))
        return cleaned | {"user": user, "group": group}


class RoleForm(Form):
    """A new role for a grant that is there."""

    role = forms.ChoiceField(choices=Role.choices)


class TokenForm(Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What it is for, so that you know it later."))
    days = forms.TypedChoiceField(
        label=_("Ends after"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year")), (0, _("never"))],
        initial=90,
    )

    def expires_at(self) -> Any:
        """Return when the token ends; None for never."""
        days: int = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class QuestionForm(Form):
    """A question and where to look for its answer: nowhere chosen means everything that may be read."""

    question = forms.CharField(
        error_messages={"required": _("Write a question.")},
        widget=forms.Textarea,
    )
    collections = forms.TypedMultipleChoiceField(required=False, coerce=str)
    documents = forms.TypedMultipleChoiceField(required=False, coerce=str)
    effort = forms.ChoiceField(choices=[(AUTO, _("Auto")), *Effort.choices], required=False)
    matter = forms.CharField(max_length=LONGEST_CODE, required=False)
    conversation = forms.UUIDField(required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        for name in ("collections", "documents"):
            field = cast(forms.TypedMultipleChoiceField, self.fields[name])
            # Which of them may be read is for the service to say, so that unknown and not yours read the same.
            field.choices = [(value, value) for value in (data.getlist(name) if data else [])]

    def clean_effort(self) -> str:
        return self.cleaned_data["effort"] or AUTO
