"""People, groups, and the tokens that act for people."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from apps.core.models import Entity

SHOWN_TO_ADMINISTRATORS = frozenset({"accounts", "audit", "documents", "retrieval", "ingestion", "reasoning"})
"""Apps whose rows Django's administration shows. Not those of libraries, which hold secrets of sign-in."""

TOKEN_PREFIX = "tlm_"  # noqa: S105  # a prefix by which secret scanners know a token


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new active person; without a password they can only come through single sign-on."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(Entity, AbstractBaseUser):
    """A member of staff. What they may read is decided by grants, never by these roles."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    is_auditor = models.BooleanField(default=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's read-only administration is open to administrators."""
        return self.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Administrators may view rows in Django's administration; nobody changes any there."""
        app_label, _, codename = perm.partition(".")
        return self.has_module_perms(app_label) and codename.startswith("view_")

    def has_perms(self, perms: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_administrator and app_label in SHOWN_TO_ADMINISTRATORS


class Group(Entity):
    """People who are granted access together."""

    name = models.CharField(max_length=150, unique=True)
    members = models.ManyToManyField(User, related_name="member_of", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> Self:
        """Return tokens that are neither revoked nor expired, of people who are active."""
        now = timezone.now()
        return self.filter(revoked_at=None, user__is_active=True).filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now)
        )


class ApiToken(Entity):
    """A key that acts for a person, with no more than that person's rights. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    permissions = ArrayField(
        models.CharField(max_length=32), default=list, help_text="Empty: all that the person may do."
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ApiToken"]] = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"

    @classmethod
    def make(
        cls, user: User, name: str, *, permissions: list[str], expires_at: datetime | None
    ) -> tuple["ApiToken", str]:
        """Return an unsaved token and its secret, which cannot be had again."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        token = cls(
            user=user,
            name=name,
            hash=cls.hash_of(secret),
            ending=secret[-4:],
            permissions=permissions,
            expires_at=expires_at,
        )
        return token, secret

    @staticmethod
    def hash_of(secret: str) -> str:
        """Return what is stored for a secret. It has 256 random bits, so one round of SHA-256 is enough."""
        return hashlib.sha256(secret.encode()).hexdigest()
