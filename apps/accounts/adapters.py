"""Where allauth meets this installation: nobody signs themselves up, single sign-on adds people, sign-ins are recorded."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit import log
from apps.audit.actions import Action
from apps.audit.actors import Actor
from apps.audit.log import Subject
from apps.core.errors import NotAllowed


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in with e-mail address and password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        with transaction.atomic():
            log.record(Action.SIGNED_IN, user, actor=_actor(request, user))

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            with transaction.atomic():
                log.record(Action.SIGNED_OUT, user, actor=_actor(request, user))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        with transaction.atomic():
            log.record(
                Action.SIGN_IN_FAILED,
                Subject("user", "", str(credentials.get("email", ""))[:254]),
                actor=Actor("user", "", "", address_of(request)),
            )


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in through the organisation's own issuer, which decides who works here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Refuse what would end in a form: an address is the issuer's to give, never the visitor's to choose."""
        if sociallogin.is_existing:
            return
        email = str(sociallogin.user.email or "")
        if not email:
            raise NotAllowed(_("Your single sign-on did not tell an e-mail address. Ask whoever runs it to send one."))
        if User.objects.filter(email__iexact=email).exists():
            raise NotAllowed(
                _(
                    "There is an account with your address, but your single sign-on does not say that the address is yours. "
                    "Ask an administrator."
                )
            )

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        user.name = data.get("name") or " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        with transaction.atomic():
            user: User = super().save_user(request, sociallogin, form)
            log.record(Action.USER_CREATED, user, data={"through": "single sign-on"}, actor=_actor(request, user))
        return user


def address_of(request: HttpRequest) -> str:
    """Return the network address that a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _actor(request: HttpRequest, user: User) -> Actor:
    return Actor("user", str(user.pk), str(user), address_of(request))
