"""Golden sets with their questions and bars, the runs that measure search on them, and what was made live."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.scope import Scope
from apps.core.errors import NotFound
from apps.core.models import Entity
from apps.documents.models import Collection, Document, Role
from apps.evaluation.measures import MEASURES
from apps.retrieval.configuration import Configuration


class GoldenSetQuerySet(models.QuerySet["GoldenSet"]):
    def visible_to(self, scope: Scope) -> Self:
        """Return the sets of collections that the scope manages: it reads all that their grounds quote."""
        return self.filter(collection__in=Collection.objects.visible_to(scope, Role.MANAGER))

    def get_visible(self, scope: Scope, pk: uuid.UUID | str) -> "GoldenSet":
        found = self.visible_to(scope).filter(pk=pk).select_related("collection").first()
        if found is None:
            raise NotFound
        return found


class GoldenSet(Entity):
    """Questions of one collection of which somebody knows what answers them."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="golden_sets")
    name = models.CharField(max_length=150)
    changed_at = models.DateTimeField(
        default=timezone.now, help_text="When a question came or went: what was measured before counts no longer."
    )

    objects: ClassVar[GoldenSetQuerySet] = GoldenSetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["collection", "name"], name="golden_set_name")]

    def __str__(self) -> str:
        return self.name


class Bar(models.Model):
    """What search must reach on a set before a configuration goes live, at its last stage."""

    id = models.BigAutoField(primary_key=True)
    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="bars")
    measure = models.CharField(max_length=12, choices=[(name, name) for name in MEASURES])
    value = models.FloatField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["golden_set", "measure"], name="one_bar_a_measure"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=1), name="bar_within_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} ≥ {self.value:g}"


class GoldenQuestion(Entity):
    """A question and, in its grounds, what answers it; without grounds where the documents do not."""

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=200, help_text="What it is called where it came from.")
    text = models.TextField()
    answerable = models.BooleanField(default=True, help_text="Whether the documents answer it.")
    answers = ArrayField(models.TextField(), default=list, help_text="Right answers; each of them does by itself.")

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["golden_set", "key"], name="golden_question_key")]

    def __str__(self) -> str:
        return self.text[:80]


class GoldenGround(models.Model):
    """A document that answers a question, with the page and the words of it where they are known. It goes with its document."""

    id = models.BigAutoField(primary_key=True)
    question = models.ForeignKey(GoldenQuestion, on_delete=models.CASCADE, related_name="grounds")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    page = models.PositiveIntegerField(null=True)
    quote = models.TextField(blank=True)
    grade = models.FloatField(default=1.0)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.document_id}, page {self.page}" if self.page else str(self.document_id)


class Run(Entity):
    """queued → running → done | failed | cancelled. The questions of a golden set, put one after another."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    golden_set_id: uuid.UUID
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    total = models.PositiveIntegerField(help_text="Questions to ask.")
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.golden_set_id}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class EvaluationRun(Run):
    """Search as one configuration runs it, measured on a set.

    It is asked turn by turn; which questions have been asked, its results say.
    """

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="runs")
    configuration = models.JSONField(help_text="By value, with the number of the index.")
    embedder = models.CharField(max_length=200)
    chunker_version = models.PositiveIntegerField()
    reranker = models.CharField(max_length=200, blank=True, help_text="What judged at last.")
    left_out = models.PositiveIntegerField(
        default=0, help_text="Questions without grounds, of which search cannot be right or wrong."
    )
    measures = models.JSONField(default=dict, help_text="By leg and measure: value, low, high.")
    seconds = models.FloatField(default=0.0, help_text="The median of a search.")

    @property
    def ran_with(self) -> Configuration:
        return Configuration.of(self.configuration)


class QuestionResult(models.Model):
    """Where the legs of one run had the grounds of a question. Nothing of what else they found is kept."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(EvaluationRun, on_delete=models.CASCADE, related_name="results")
    question = models.ForeignKey(GoldenQuestion, on_delete=models.CASCADE, related_name="+")
    places = models.JSONField(help_text="By leg: the place of each ground, from 1, or null.")
    measures = models.JSONField(help_text="By leg and measure.")
    seconds = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "question"], name="question_once_a_run")]

    def __str__(self) -> str:
        return f"{self.question_id} in {self.run_id}"


class AnswersRun(Run):
    """The questions of a set put to the model as people put them.

    One that failed, as where a budget is spent, goes on where it was when it is queued again.
    """

    golden_set = models.ForeignKey(GoldenSet, on_delete=models.CASCADE, related_name="answers_runs")
    effort = models.CharField(max_length=10)
    matter = models.CharField(max_length=40, blank=True)
    look_at = models.DateTimeField(null=True, help_text="When to look next whether answers have come.")


class AnsweredQuestion(models.Model):
    """A question of a run with its answer by id, and what was observed of it once it had ended, as `answers.observing` has it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(AnswersRun, on_delete=models.CASCADE, related_name="answered")
    question = models.ForeignKey(GoldenQuestion, on_delete=models.CASCADE, related_name="+")
    answer = models.UUIDField()
    observed = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "question"], name="question_answered_once_a_run")]

    def __str__(self) -> str:
        return f"{self.question_id} in {self.run_id}"


class MadeLive(Entity):
    """A configuration that was made live; the last of them is what searches run with. The index is not part of it."""

    configuration = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    objections = models.JSONField(default=list, help_text="The sentences against it.")
    override = models.TextField(blank=True, help_text="Why it was made live in spite of them.")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(Configuration.of(self.configuration))
