"""People, groups, tokens and what is granted to them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from apps.api.schemas.parts import Body, Id, Principal, Shown, Time
from apps.api.schemas.usage import BudgetLeft

RoleName = Literal["reader", "contributor", "manager"]


class UserRef(Shown):
    id: Id
    email: str
    name: str


class TokenRef(Shown):
    id: Id
    name: str
    ending: str = Field(description="The last four characters of its secret.")
    expires_at: Time | None


class Me(Shown):
    """Who calls, and what they may do."""

    user: UserRef
    token: TokenRef | None = Field(description="Null for a browser’s session.")
    roles: list[Literal["administrator", "auditor"]]
    scopes: list[str] = Field(description="Permissions of this token.")
    budget: BudgetLeft | None = Field(None, description="What is left to spend; null where no budget binds the caller.")


class User(UserRef):
    administrator: bool
    auditor: bool
    active: bool
    created_at: Time


class NewUser(Body):
    email: str = Field(max_length=254)
    name: str = ""
    password: str | None = Field(None, description="Without one they come through single sign-on only.")
    administrator: bool = False
    auditor: bool = False


class UserChange(Body):
    name: str | None = None
    administrator: bool | None = None
    auditor: bool | None = None
    active: bool | None = None


class UserList(Shown):
    items: list[User]
    next: str | None


class Group(Shown):
    id: Id
    name: str
    members: list[UserRef]
    created_at: Time


class NewGroup(Body):
    name: str
    members: list[UUID] = Field([], description="Ids of people.")


class GroupChange(Body):
    name: str | None = None
    members: list[UUID] | None = Field(None, description="Ids of the people who are in it from now on.")


class GroupList(Shown):
    items: list[Group]
    next: str | None


class GrantedPrincipal(Shown):
    type: Literal["user", "group"]
    id: Id
    label: str


class Grant(Shown):
    principal: GrantedPrincipal
    role: RoleName
    created_at: Time


class GrantList(Shown):
    items: list[Grant]
    next: str | None


class NewGrant(Body):
    principal: Principal
    role: RoleName


class EndedGrant(Body):
    principal: Principal
