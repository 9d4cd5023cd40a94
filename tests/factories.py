"""Rows for tests: people, what they may see, documents that have been read, and answers with their grounds.

Everything is made as the services leave it, so a test states only what it is about.
"""

import hashlib
import uuid
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from apps.accounts.models import ApiToken, Group, User
from apps.accounts.scope import Permission, Scope
from apps.documents.models import Attachment, Block, Collection, Document, Grant, Page, Role, Status, Version
from apps.reasoning.models import Answer, AnswerStatus, Candidate, Citation, Claim, Outcome
from apps.retrieval.analysis import posted_terms
from apps.retrieval.models import IndexedPassage, IndexGeneration

PASSWORD = "a long and quiet harbour"


class UserFactory(DjangoModelFactory):
    """A member of staff. `password=` sets one (slow on purpose); by default there is none."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(**kwargs)


def scope_of(user: User) -> Scope:
    """Return the scope that a page request of this person has."""
    return Scope.of_user(user)


def token_for(user: User, *permissions: Permission, **fields: Any) -> str:
    """Return the secret of a new token; without permissions it may all that the person may."""
    token, secret = ApiToken.make(
        user, fields.pop("name", "test"), permissions=[p.value for p in permissions], expires_at=None
    )
    for name, value in fields.items():
        setattr(token, name, value)
    token.save()
    return secret


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Group {n}")

    @factory.post_generation
    def members(self: Group, create: bool, extracted: Any, **_: Any) -> None:  # type: ignore[misc]
        if create and extracted:
            self.members.set(extracted)


class CollectionFactory(DjangoModelFactory):
    """A collection that nobody may see yet; see `owned_by` and `grant`."""

    class Meta:
        model = Collection

    name = factory.Sequence(lambda n: f"Collection {n}")


def grant(collection: Collection, to: User | Group, role: Role = Role.READER) -> Grant:
    """Give a person or a group a role in a collection."""
    principal = {"user": to} if isinstance(to, User) else {"group": to}
    return Grant.objects.update_or_create(collection=collection, **principal, defaults={"role": role})[0]


def owned_by(user: User, **fields: Any) -> Collection:
    """Return a new collection whose manager is `user`."""
    collection = CollectionFactory(created_by=user, **fields)
    grant(collection, user, Role.MANAGER)
    return collection


class DocumentFactory(DjangoModelFactory):
    """A document whose only version is ready and has no content yet. `version__…` sets fields of the version;
    `version__none=True` makes a document without one."""

    class Meta:
        model = Document
        skip_postgeneration_save = True

    collection = factory.SubFactory(CollectionFactory)
    title = factory.Sequence(lambda n: f"Annual report {n}")
    created_by = factory.SelfAttribute("collection.created_by")

    @factory.post_generation
    def version(self: Document, create: bool, extracted: Any, **fields: Any) -> None:  # type: ignore[misc]
        if create and not fields.pop("none", False):
            self.latest = self.in_force = VersionFactory(document=self, **fields)
            self.save(update_fields=["latest", "in_force"])


class VersionFactory(DjangoModelFactory):
    """The bytes of a document, read and indexed."""

    class Meta:
        model = Version

    document = factory.SubFactory(DocumentFactory, version__none=True)
    number = 1
    filename = "report.pdf"
    media_type = "application/pdf"
    bytes = 1000
    sha256 = factory.LazyFunction(lambda: hashlib.sha256(uuid.uuid4().bytes).hexdigest())
    language = "en"
    status = Status.READY
    progress = 1.0
    page_count = 1
    passage_count = 1
    parser_version = 1
    ready_at = factory.LazyFunction(timezone.now)
    created_by = factory.SelfAttribute("document.created_by")


class AttachmentFactory(DjangoModelFactory):
    """A file inside a version, of which no document was made."""

    class Meta:
        model = Attachment

    version = factory.SubFactory(VersionFactory)
    ordinal = factory.Sequence(lambda n: n)
    name = "annex.pdf"
    bytes = 1000


class PageFactory(DjangoModelFactory):
    class Meta:
        model = Page

    version = factory.SubFactory(VersionFactory)
    number = factory.Sequence(lambda n: n + 1)
    width = 595.0
    height = 842.0
    quality = "read"


class BlockFactory(DjangoModelFactory):
    class Meta:
        model = Block

    page = factory.SubFactory(PageFactory)
    version = factory.SelfAttribute("page.version")
    ordinal = factory.Sequence(lambda n: n)
    kind = "text"
    text = "Net debt fell to 4,120 million."
    boxes = factory.LazyFunction(lambda: [[0.1, 0.2, 0.9, 0.25]])
    lines = factory.LazyAttribute(lambda block: [{"text": block.text, "box": [0.1, 0.2, 0.9, 0.25]}])


def live_generation(dimensions: int = 384) -> IndexGeneration:
    """Return the live index generation, made if there is none."""
    return IndexGeneration.objects.get_or_create(
        state=IndexGeneration.State.LIVE,
        defaults={"number": 1, "embedder": "all-MiniLM-L6-v2", "dimensions": dimensions, "chunker_version": 1},
    )[0]


class IndexedPassageFactory(DjangoModelFactory):
    """A passage of a document's latest version in the live generation; its vector points along `axis`."""

    class Meta:
        model = IndexedPassage

    class Params:
        axis = 0

    document = factory.SubFactory(DocumentFactory)
    generation = factory.LazyFunction(live_generation)
    collection = factory.SelfAttribute("document.collection")
    access = factory.SelfAttribute("document.access")
    version = factory.SelfAttribute("document.latest")
    ordinal = factory.Sequence(lambda n: n)
    page = 1
    boxes = factory.LazyFunction(lambda: [[0.1, 0.2, 0.9, 0.25]])
    lines = factory.LazyAttribute(lambda p: [{"start": 0, "end": len(p.text), "box": [0.1, 0.2, 0.9, 0.25]}])
    heading = "Borrowings"
    text = "Net debt fell to 4,120 million."
    language = "en"
    embedding = factory.LazyAttribute(lambda p: [1.0 if i == p.axis else 0.0 for i in range(p.generation.dimensions)])
    terms = factory.LazyAttribute(lambda p: posted_terms(p.text, "", p.language))


def passage_json(document: Document, **changes: Any) -> dict[str, Any]:
    """Return a passage of a document as the REST contract shows it and as candidates keep it."""
    version = document.latest
    return {
        "id": str(uuid.uuid4()),
        "document": {"id": str(document.pk), "title": document.title},
        "collection": str(document.collection_id),
        "version": version.number if version else 1,
        "version_id": str(version.pk) if version else str(uuid.uuid4()),
        "page": 1,
        "boxes": [[0.1, 0.2, 0.9, 0.25]],
        "lines": [{"start": 0, "end": 31, "box": [0.1, 0.2, 0.9, 0.25]}],
        "span": None,
        "text": "Net debt fell to 4,120 million.",
        "heading": "Borrowings",
        "language": "en",
        "scores": {"vector": 0.8, "keyword": 0.5, "fused": 0.03, "rerank": None},
        "rank": 1,
    } | changes


class AnswerFactory(DjangoModelFactory):
    """An answer without grounds, finished; see `answer_with_grounds`."""

    class Meta:
        model = Answer

    asker = factory.SubFactory(UserFactory)
    question = "How much was net debt at the end of the year?"
    status = AnswerStatus.DONE
    outcome = Outcome.ANSWERED
    text = "Net debt was 4,120 million [1]."
    reasoning = "The first passage states net debt."
    reasoning_source = "field"
    prompt = factory.LazyFunction(lambda: [{"role": "user", "content": "Answer from the passages."}])
    prompt_name = "answer"
    prompt_hash = "0" * 64
    model = factory.LazyFunction(
        lambda: {
            "name": "deepseek-r1",
            "revision": "test",
            "endpoint": "http://127.0.0.1:1/v1",
            "parameters": {"temperature": 0.6},
            "demonstration": False,
        }
    )
    usage = factory.LazyFunction(
        lambda: {
            "prompt_tokens": 900,
            "cached_tokens": 0,
            "reasoning_tokens": 40,
            "answer_tokens": 12,
            "seconds": {"queue": 0.1, "retrieve": 0.2, "first_token": 0.5, "total": 2.0},
        }
    )
    searched = 40
    index_generation = "1:all-MiniLM-L6-v2"
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)


def answer_with_grounds(asker: User, document: Document | None = None, **fields: Any) -> Answer:
    """Return a finished answer with one cited claim, one passage that was read and not cited, and one cut."""
    if document is None:
        document = DocumentFactory(collection=owned_by(asker))
    answer = AnswerFactory(asker=asker, **fields)
    candidates = [
        _candidate(answer, document, rank=1, marker=1, reason="used"),
        _candidate(answer, document, rank=2, marker=2, reason="used_not_cited"),
        _candidate(answer, document, rank=3, marker=None, reason="below_k"),
    ]
    Claim.objects.create(
        answer=answer, ordinal=1, text=answer.text, start=0, end=len(answer.text), markers=[1], verdict="unchecked"
    )
    Citation.objects.create(
        answer=answer,
        candidate=candidates[0],
        marker=1,
        quote="Net debt fell to 4,120 million.",
        quote_found=True,
        boxes=[[0.1, 0.2, 0.9, 0.25]],
    )
    return answer


def _candidate(answer: Answer, document: Document, *, rank: int, marker: int | None, reason: str) -> Candidate:
    passage = passage_json(document, rank=rank)
    return Candidate.objects.create(
        answer=answer,
        rank=rank,
        marker=marker,
        stage="retrieve" if marker is None else "prompt",
        reason=reason,
        passage_id=passage["id"],
        document_id=document.pk,
        collection_id=document.collection_id,
        version_id=passage["version_id"],
        passage=passage,
    )
