"""Forms about what may be spent: budgets and matters."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ApiToken, Group, User
from apps.usage.matters import LONGEST_CODE
from apps.usage.models import Every, Principal
from apps.web.forms import Form

CURRENCIES = ["EUR", "GBP", "USD", "CHF", "JPY", "CAD", "AUD", "INR"]
_SUGGESTS = {"autocomplete": "off", "data-combo": reverse_lazy("suggest-holders")}


class _Amounts(Form):
    """How much, and what then happens: the part of a budget that can be changed."""

    limit = forms.DecimalField(
        label=_("At most"), min_value=0, max_digits=19, decimal_places=6, widget=forms.NumberInput({"step": "any"})
    )
    soft = forms.DecimalField(
        label=_("Warn from, in per cent"), min_value=1, max_value=100, max_digits=4, decimal_places=1, initial=80
    )
    hard = forms.TypedChoiceField(
        label=_("When it is spent"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Refuse questions until it renews")), ("no", _("Go on answering, and say so"))],
    )

    def amounts(self) -> dict[str, Any]:
        """Return the fields as the services take them."""
        cleaned = self.cleaned_data
        return {"limit": cleaned["limit"], "soft_share": cleaned["soft"] / Decimal(100), "hard": cleaned["hard"]}


class ChangeBudgetForm(_Amounts):
    pass


class BudgetForm(_Amounts):
    """A new budget. Whose it is, is named as one sees it: an address, the name of a group or of a token."""

    principal = forms.ChoiceField(label=_("Whose"), choices=Principal.choices)
    who = forms.CharField(
        label=_("Which person, group or token"),
        max_length=254,
        required=False,
        widget=forms.TextInput(_SUGGESTS),
        help_text=_("An e-mail address, the name of a group, or that of a token. Empty for everybody together."),
    )
    period = forms.ChoiceField(label=_("For every"), choices=Every.choices, initial=Every.MONTH)
    unit = forms.ChoiceField(label=_("Counted in"), choices=[])

    field_order = ["principal", "who", "period", "limit", "unit", "soft", "hard"]

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(dict.fromkeys([*currencies, *CURRENCIES]))
        self.fields["unit"] = forms.ChoiceField(
            label=_("Counted in"), choices=[*((code, code) for code in known), ("tokens", _("Tokens of the model"))]
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        who, principal = cleaned.get("who", "").strip(), cleaned.get("principal", "")
        found: User | Group | ApiToken | None = None
        if principal == Principal.USER:
            found = User.objects.filter(email__iexact=who).first()
        elif principal == Principal.GROUP:
            found = Group.objects.filter(name__iexact=who).first()
        elif principal == Principal.TOKEN:
            found = next((one for one in ApiToken.objects.usable() if str(one).casefold() == who.casefold()), None)
        if principal in (Principal.USER, Principal.GROUP, Principal.TOKEN) and found is None:
            self.add_error("who", gettext("Nobody and nothing of this sort is called that. Check the spelling."))
        return cleaned | {"principal_id": found.pk if found else None}

    def budget(self) -> dict[str, Any]:
        """Return the fields as the service takes them."""
        cleaned = self.cleaned_data
        principal_id: uuid.UUID | None = cleaned["principal_id"]
        return {
            "principal": cleaned["principal"],
            "principal_id": principal_id,
            "period": cleaned["period"],
            "currency": "" if cleaned["unit"] == "tokens" else cleaned["unit"],
            **self.amounts(),
        }


class MatterForm(Form):
    code = forms.CharField(
        label=_("Code"), max_length=LONGEST_CODE, help_text=_("As it stands on your invoices, such as A-2024/17.")
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
