"""Forms about who may read: people, groups, and the readers of one document."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Group, User
from apps.web.forms import Form

_SUGGESTS_PEOPLE = {"autocomplete": "off", "data-combo": reverse_lazy("suggest-people")}


class PersonForm(Form):
    """A person as an administrator sees them."""

    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    is_active = forms.BooleanField(label=_("May sign in"), required=False)
    is_auditor = forms.BooleanField(label=_("Auditor: reads the record"), required=False)
    is_administrator = forms.BooleanField(label=_("Administrator: people, groups and access"), required=False)


class NewPersonForm(Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=_("By it they are known to single sign-on. A password is given by who operates this installation."),
    )
    name = forms.CharField(label=_("Name"), max_length=150, required=False)


class GroupForm(Form):
    name = forms.CharField(label=_("Name"), max_length=150)


class MemberForm(Form):
    """One more member of a group."""

    who = forms.CharField(
        label=_("Person"), max_length=254, widget=forms.TextInput(_SUGGESTS_PEOPLE), help_text=_("An e-mail address.")
    )

    def clean_who(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["who"].strip(), is_active=True).first()
        if user is None:
            raise forms.ValidationError(gettext("No person has this address. Check the spelling."))
        return user


class NarrowForm(Form):
    """All readers of a document's collection, or only some; `also` names one who reads through a group."""

    to = forms.ChoiceField(
        label=_("Who reads it"),
        choices=[("all", _("All readers of the collection")), ("some", _("Only some of them, and its managers"))],
        widget=forms.RadioSelect,
    )
    readers = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    also = forms.CharField(
        label=_("Somebody else who reads the collection"),
        max_length=254,
        required=False,
        widget=forms.TextInput(_SUGGESTS_PEOPLE),
        help_text=_("A person who reads it through a group, by e-mail address."),
    )

    def __init__(self, *args: Any, readers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["readers"]).choices = list(readers)

    def clean_also(self) -> User | None:
        address = self.cleaned_data["also"].strip()
        if not address:
            return None
        user = User.objects.filter(email__iexact=address, is_active=True).first()
        if user is None:
            raise forms.ValidationError(gettext("No person has this address. Check the spelling."))
        return user

    def chosen(self) -> tuple[list[User], list[Group]]:
        """Return the people and the groups that were named."""
        ids: dict[str, list[str]] = {"user": [], "group": []}
        for value in self.cleaned_data["readers"]:
            kind, _colon, pk = value.partition(":")
            ids[kind].append(pk)
        users = list(User.objects.filter(pk__in=ids["user"]))
        if self.cleaned_data["also"] and self.cleaned_data["also"] not in users:
            users.append(self.cleaned_data["also"])
        return users, list(Group.objects.filter(pk__in=ids["group"]))
