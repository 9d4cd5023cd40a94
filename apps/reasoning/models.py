"""Questions and what was answered: the reasoning, the claims, and every passage that was considered."""

import uuid
from textwrap import shorten
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.scope import Permission, Scope
from apps.core.errors import NotFound
from apps.core.models import Entity


class Effort(models.TextChoices):
    QUICK = "quick", _("Quick")
    STANDARD = "standard", _("Standard")
    DEEP = "deep", _("Deep")


class AnswerStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RETRIEVING = "retrieving", _("Retrieving")
    REASONING = "reasoning", _("Reasoning")
    VERIFYING = "verifying", _("Verifying")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Stopped")


FINISHED = [AnswerStatus.DONE, AnswerStatus.FAILED, AnswerStatus.CANCELLED]


class Outcome(models.TextChoices):
    ANSWERED = "answered", _("Answered")
    PARTLY = "partly", _("Answered in part")
    NOT_IN_DOCUMENTS = "not_in_documents", _("Not in the documents")
    EXTRACTED = "extracted", _("Passages only")


class CandidateReason(models.TextChoices):
    USED = "used", _("Cited")
    USED_NOT_CITED = "used_not_cited", _("Read, not cited")
    RERANK_CUT = "rerank_cut", _("Judged less relevant")
    BELOW_K = "below_k", _("Too far down")
    DUPLICATE_OF = "duplicate_of", _("Same as another")
    OLD_VERSION = "old_version", _("Superseded")
    TOKEN_BUDGET = "token_budget", _("No room left")
    LOW_PARSE_CONFIDENCE = "low_parse_confidence", _("Poorly read")
    INSTRUCTION_LIKE = "instruction_like", _("Addressed to the model")


class Verdict(models.TextChoices):
    SUPPORTED = "supported", _("Supported")
    PARTLY = "partly", _("Partly")
    UNSUPPORTED = "unsupported", _("Not supported")
    CONTRADICTED = "contradicted", _("Contradicted")
    UNCHECKED = "unchecked", _("Not checked")


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, scope: Scope) -> Self:
        """Return the answers that the scope's own person asked for."""
        if not scope.may(Permission.ASK) or scope.user_id is None:
            return self.none()
        return self.filter(asker=scope.user_id)

    def get_visible(self, scope: Scope, pk: uuid.UUID | str) -> "Answer":
        """Return one answer; raises `NotFound` if it is not the asker's own."""
        answer = self.visible_to(scope).filter(pk=pk).first()
        if answer is None:
            raise NotFound
        return answer

    def with_grounds(self) -> Self:
        """Return the same answers with all that `objects.answer_object` needs, in five more queries."""
        return self.prefetch_related("candidates", "claims", "figures", "citations", "feedback")


class Answer(Entity):
    """A question and its answer. Rows move queued → retrieving → reasoning → verifying → done | failed | cancelled;
    a worker that dies is noticed by its lease, and the answer ends as failed with what there was."""

    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="answers")
    question = models.TextField()
    collections = ArrayField(models.UUIDField(), default=list, help_text="Empty: all that the asker may read.")
    documents = ArrayField(models.UUIDField(), default=list, help_text="Empty: all of the collections.")
    effort = models.CharField(max_length=10, choices=Effort.choices, default=Effort.STANDARD)
    conversation = models.UUIDField(null=True, db_index=True)
    leans_on = ArrayField(
        models.UUIDField(),
        default=list,
        help_text="Documents that the earlier answers rest on of which the model was told.",
    )
    as_of = models.DateField(null=True, help_text="The versions in force on that day; empty: on the day of asking.")
    filters = models.JSONField(default=dict, help_text="What else was searched only, as `Filters.as_json`.")
    matter = models.CharField(max_length=40, blank=True, help_text="What else it is charged to.")
    routed = models.JSONField(null=True, help_text="Where the effort was proposed: kind of question, and why.")

    status = models.CharField(max_length=12, choices=AnswerStatus.choices, default=AnswerStatus.QUEUED, db_index=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    text = models.TextField(blank=True)
    notice_code = models.CharField(max_length=48, blank=True, help_text="Why the answer is less than asked for.")
    notice = models.TextField(blank=True)
    error_code = models.CharField(max_length=48, blank=True)
    error_detail = models.TextField(blank=True)

    reasoning = models.TextField(blank=True)
    reasoning_source = models.CharField(max_length=8, default="none")
    reasoning_cut = models.BooleanField(default=False)

    prompt = models.JSONField(default=list, help_text="The messages as sent.")
    prompt_name = models.CharField(max_length=48, blank=True)
    prompt_hash = models.CharField(max_length=64, blank=True)
    model = models.JSONField(default=dict, help_text="name, revision, endpoint, parameters, demonstration")
    usage = models.JSONField(default=dict)
    account = models.JSONField(default=dict, help_text="What it cost, how that came about, and whom it is charged to.")
    searched = models.PositiveIntegerField(default=0, help_text="Passages that the asker could be answered from.")
    index_generation = models.CharField(max_length=220, blank=True)
    absence = models.JSONField(null=True, help_text="What was searched, where the documents do not answer.")
    steps = models.JSONField(default=list, help_text="The questions it was taken apart into, and what each found.")
    conflicts = models.JSONField(default=list, help_text="Where two passages give different values for the same thing.")
    suspicious = models.JSONField(default=list, help_text="Passages with text that addresses the model.")
    trace = models.JSONField(default=list, help_text="The reasoning by sentence, each with what it is.")
    trace_notes = models.JSONField(default=list, help_text="What only the reasoning says, or only the answer.")

    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    record_sequence = models.BigIntegerField(null=True, blank=True)
    record_hash = models.CharField(max_length=64, blank=True)

    objects: ClassVar[AnswerQuerySet] = AnswerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["asker", "-created_at"], name="answers_of_a_person"),
            GinIndex(SearchVector("question", "text", config="simple"), name="answers_by_their_words"),
        ]

    def __str__(self) -> str:
        return shorten(self.question, 120, placeholder="…")

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED


class Candidate(models.Model):
    """A passage that was considered, by value, so that it outlives a new index; `marker` is its number in the prompt."""

    id = models.BigAutoField(primary_key=True)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="candidates")
    rank = models.PositiveIntegerField()
    marker = models.PositiveIntegerField(null=True)
    stage = models.CharField(max_length=16)
    reason = models.CharField(max_length=24, choices=CandidateReason.choices)
    duplicate_of = models.PositiveIntegerField(null=True, help_text="Rank of the passage that says the same.")
    passage_id = models.UUIDField()
    document_id = models.UUIDField(db_index=True)
    collection_id = models.UUIDField(db_index=True)
    version_id = models.UUIDField()
    passage = models.JSONField(help_text="The passage as the REST contract shows it.")

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["answer", "rank"], name="candidate_rank_once")]

    def __str__(self) -> str:
        return f"{self.rank} {self.reason}"


class Claim(models.Model):
    """One sentence or table cell of an answer. `start` and `end` are its half-open range in `Answer.text`."""

    id = models.BigAutoField(primary_key=True)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="claims")
    ordinal = models.PositiveIntegerField()
    text = models.TextField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    markers = ArrayField(models.PositiveIntegerField(), default=list)
    verdict = models.CharField(max_length=14, choices=Verdict.choices, default=Verdict.UNCHECKED)
    score = models.FloatField(null=True)
    why = models.TextField(blank=True)
    unsupported = models.JSONField(default=list, help_text="Half-open ranges of `Answer.text` that nothing bears out.")
    found_afterwards = ArrayField(
        models.PositiveIntegerField(), default=list, help_text="Markers that bear it out, which the model did not cite."
    )

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["answer", "ordinal"], name="claim_ordinal_once")]

    def __str__(self) -> str:
        return self.text[:80]


class Figure(models.Model):
    """One number of an answer with its lineage, as `verification.figures.objects` writes it. `start` and `end` are its half-open
    range in `Answer.text`."""

    id = models.BigAutoField(primary_key=True)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="figures")
    ordinal = models.PositiveIntegerField()
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, null=True, related_name="figures")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    lineage = models.JSONField()

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["answer", "ordinal"], name="figure_ordinal_once")]

    def __str__(self) -> str:
        return str(self.lineage.get("text", ""))


class Citation(models.Model):
    """A marker of the answer, the passage behind it, and the words of that passage it rests on, with their boxes."""

    id = models.BigAutoField(primary_key=True)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="citations")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="citations")
    marker = models.PositiveIntegerField()
    quote = models.TextField()
    quote_found = models.BooleanField()
    boxes = models.JSONField(default=list)

    class Meta:
        ordering = ["marker"]
        constraints = [models.UniqueConstraint(fields=["answer", "marker"], name="citation_marker_once")]

    def __str__(self) -> str:
        return f"[{self.marker}]"


class Feedback(Entity):
    """What the asker thought of the whole answer, or of one claim."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="feedback")
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, null=True, blank=True, related_name="feedback")
    rating = models.CharField(max_length=4, choices=[("up", _("Right")), ("down", _("Wrong"))])
    comment = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "claim"], name="one_feedback_a_claim", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.rating
