"""Who may read one document, and what one person can see."""

from uuid import UUID

from pydantic import Field

from apps.api.schemas.parts import Body, Id, Shown
from apps.api.schemas.people import Grant, GrantedPrincipal, RoleName, UserRef


class DocumentAccess(Shown):
    """Who may read a document. Those named read it as far as they read its collection; its managers always do."""

    document: Id
    collection: Id
    narrowed: bool = Field(description="Whether only those named read it; if not, all readers of its collection do.")
    users: list[GrantedPrincipal]
    groups: list[GrantedPrincipal]


class NewDocumentAccess(Body):
    users: list[UUID] = Field([], description="Ids of people.")
    groups: list[UUID] = Field([], description="Ids of groups.")


class NarrowedDocument(Shown):
    id: Id
    title: str
    may_read: bool = Field(description="Whether the person is among those who may read it.")


class CollectionReach(Shown):
    id: Id
    name: str
    role: RoleName = Field(description="What the person is in it, by all grants together.")
    grants: list[Grant]
    narrowed: list[NarrowedDocument] = Field(description="Narrowed documents of it that you may read.")


class PersonAccess(Shown):
    """What a person can see of the collections that you govern."""

    user: UserRef
    active: bool
    collections: list[CollectionReach]
