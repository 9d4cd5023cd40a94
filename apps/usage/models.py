"""What answers cost, by value, so that it outlives people, groups and endpoints; and how much may be spent.

A charge belongs to the day on which its question was asked, in the organisation's time zone, so that what was reserved of a
budget and what is charged to it fall into the same period however long the answer takes.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.core.models import Entity


class Charge(models.Model):
    """The account of one answer. `amount` is null where no price is known; tokens are counted all the same."""

    id = models.BigAutoField(primary_key=True)
    answer = models.UUIDField(unique=True)
    day = models.DateField(help_text="On which it was asked, in the organisation’s time zone.")
    asked_at = models.DateTimeField()
    asker = models.UUIDField(null=True)
    asker_label = models.CharField(max_length=254, blank=True)
    groups = ArrayField(models.UUIDField(), default=list, help_text="Of the asker, when it was asked.")
    group_names = ArrayField(models.CharField(max_length=150), default=list, help_text="In the order of `groups`.")
    token = models.UUIDField(null=True, help_text="The API token that asked.")
    token_label = models.CharField(max_length=254, blank=True)
    collections = ArrayField(models.UUIDField(), default=list, help_text="Cited; where nothing was, those read from.")
    collection_names = ArrayField(models.CharField(max_length=200), default=list)
    documents = ArrayField(models.UUIDField(), default=list, help_text="Cited.")
    matter = models.CharField(max_length=40, blank=True)

    model = models.CharField(max_length=200, blank=True, help_text="Empty: no model was asked.")
    endpoint = models.CharField(max_length=40, blank=True, help_text="“environment”, or the id of a row.")
    endpoint_name = models.CharField(max_length=200, blank=True)
    effort = models.CharField(max_length=10)
    status = models.CharField(max_length=12)
    outcome = models.CharField(max_length=20, blank=True)

    prompt_tokens = models.PositiveBigIntegerField(default=0)
    cached_tokens = models.PositiveBigIntegerField(null=True, help_text="Null: the endpoint did not say.")
    reasoning_tokens = models.PositiveBigIntegerField(default=0)
    answer_tokens = models.PositiveBigIntegerField(default=0)
    token_source = models.JSONField(default=dict, help_text="By figure: server, split or estimated.")

    queue_seconds = models.FloatField(null=True)
    retrieve_seconds = models.FloatField(null=True)
    prefill_seconds = models.FloatField(null=True)
    decode_seconds = models.FloatField(null=True)
    verify_seconds = models.FloatField(null=True)
    total_seconds = models.FloatField(null=True)
    held_from = models.DateTimeField(null=True, help_text="From when the model wrote this answer.")
    held_until = models.DateTimeField(null=True)

    amount = models.DecimalField(max_digits=18, decimal_places=9, null=True)
    currency = models.CharField(max_length=3, blank=True)
    basis = models.JSONField(default=dict, help_text="How the amount came about; see `accounts.basis_sentence`.")
    energy_wh = models.FloatField(null=True)

    claims = models.PositiveIntegerField(default=0)
    claims_supported = models.PositiveIntegerField(default=0)
    claims_partly = models.PositiveIntegerField(default=0)
    claims_unchecked = models.PositiveIntegerField(default=0)
    accepted = models.BooleanField(null=True, help_text="What the asker thought of it; null: they did not say.")

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["day", "id"], name="charges_of_a_day"),
            models.Index(fields=["asker", "day"], name="charges_of_a_person"),
            models.Index(fields=["token", "day"], name="charges_of_a_token", condition=models.Q(token__isnull=False)),
            models.Index(fields=["endpoint", "held_until"], name="charges_of_an_endpoint"),
            models.Index(fields=["matter", "day"], name="charges_of_a_matter", condition=~models.Q(matter="")),
            GinIndex(fields=["groups"], name="charges_of_groups"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} {self.amount} {self.currency}"


class Principal(models.TextChoices):
    ORGANISATION = "organisation", _("Everybody")
    GROUP = "group", _("Group")
    USER = "user", _("Person")
    TOKEN = "token", _("Token")


class Every(models.TextChoices):
    DAY = "day", _("Day")
    MONTH = "month", _("Month")


class Budget(Entity):
    """So much may be spent in every period: money in one currency, or tokens. A hard one refuses, a soft one warns."""

    principal = models.CharField(max_length=12, choices=Principal.choices)
    principal_id = models.UUIDField(null=True, help_text="Null: the organisation.")
    principal_label = models.CharField(max_length=254, blank=True)
    period = models.CharField(max_length=5, choices=Every.choices)
    limit = models.DecimalField(max_digits=20, decimal_places=6)
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217; empty: the limit is in tokens.")
    soft_share = models.DecimalField(
        max_digits=4, decimal_places=3, default=0.8, help_text="From which share on it warns."
    )
    hard = models.BooleanField(default=True)

    class Meta:
        ordering = ["principal", "principal_label", "period", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "principal_id", "period", "currency"],
                name="one_budget_a_principal_and_period",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(limit__gte=0), name="budget_not_negative"),
            models.CheckConstraint(
                condition=models.Q(soft_share__gt=0, soft_share__lte=1), name="budget_soft_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(principal="organisation", principal_id__isnull=True)
                | (~models.Q(principal="organisation") & models.Q(principal_id__isnull=False)),
                name="budget_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.principal_label} {self.period}".strip()


class Spending(models.Model):
    """What of a budget is spent and set aside in one period. The row is the lock: see `budgets`."""

    id = models.BigAutoField(primary_key=True)
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="spendings")
    begins = models.DateField(help_text="First day of the period.")
    spent = models.DecimalField(max_digits=20, decimal_places=9, default=0)
    reserved = models.DecimalField(max_digits=20, decimal_places=9, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "begins"], name="one_spending_a_period"),
            models.CheckConstraint(condition=models.Q(reserved__gte=0), name="reserved_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.begins} {self.spent}"


class Reservation(models.Model):
    """What is set aside of one budget for one answer that is being written."""

    id = models.BigAutoField(primary_key=True)
    answer = models.UUIDField(db_index=True)
    spending = models.ForeignKey(Spending, on_delete=models.CASCADE, related_name="reservations")
    amount = models.DecimalField(max_digits=20, decimal_places=9)
    ends = models.DateTimeField(db_index=True, help_text="When it is given back whatever became of the answer.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "spending"], name="one_reservation_an_answer")]

    def __str__(self) -> str:
        return f"{self.answer} {self.amount}"


class Matter(Entity):
    """A code that answers are charged to. Once there is an open one, questions may only name open ones."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200, blank=True)
    open = models.BooleanField(default=True)

    objects: ClassVar[models.Manager["Matter"]] = models.Manager()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(Upper("code"), name="matter_code_any_case")]

    def __str__(self) -> str:
        return self.code


class RolledPeriod(models.Model):
    """A mark that the sums of a day or month are complete; see `rolling`."""

    id = models.BigAutoField(primary_key=True)
    every = models.CharField(max_length=5, choices=Every.choices)
    begins = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["every", "begins"], name="one_mark_a_period")]

    def __str__(self) -> str:
        return f"{self.every} {self.begins}"


class RolledSum(models.Model):
    """The sums of one value of a dimension in a day or month, in one currency. Made from charges, never changed."""

    id = models.BigAutoField(primary_key=True)
    every = models.CharField(max_length=5, choices=Every.choices)
    begins = models.DateField()
    dimension = models.CharField(max_length=12)
    key = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=254, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    answers = models.PositiveBigIntegerField()
    accepted = models.PositiveBigIntegerField()
    failed = models.PositiveBigIntegerField()
    prompt_tokens = models.PositiveBigIntegerField()
    cached_tokens = models.PositiveBigIntegerField()
    cached_of = models.PositiveBigIntegerField()
    reasoning_tokens = models.PositiveBigIntegerField()
    answer_tokens = models.PositiveBigIntegerField()
    seconds = models.FloatField()
    energy_wh = models.FloatField()
    claims = models.PositiveBigIntegerField()
    claims_supported = models.PositiveBigIntegerField()
    claims_unchecked = models.PositiveBigIntegerField()
    priced = models.PositiveBigIntegerField()
    amount = models.DecimalField(max_digits=24, decimal_places=9, null=True)

    class Meta:
        indexes = [models.Index(fields=["every", "dimension", "begins"], name="rolled_sums_of_a_dimension")]

    def __str__(self) -> str:
        return f"{self.every} {self.begins} {self.dimension} {self.key}"
