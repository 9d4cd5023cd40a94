"""The reader's own account: who they are here, how they sign in, and the tokens that act for them."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import ApiToken
from apps.accounts.services import issue_token, revoke_token
from apps.core.errors import Invalid
from apps.web.forms import TokenForm
from apps.web.views import Request, go, page


@page
@never_cache
@require_http_methods(["GET", "POST"])
def account(request: Request) -> HttpResponse:
    """The page, and the issuing of a token. Its secret stands on the page that answers the form and nowhere else."""
    form = TokenForm(request.POST or None)
    secret = ""
    if form.is_valid():
        with form.refusing(Invalid):
            _, secret = issue_token(
                request.scope, request.user, name=form.cleaned_data["name"], expires_at=form.expires_at()
            )
            form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": ApiToken.objects.filter(user=request.user),
        "memberships": request.user.member_of.values_list("name", flat=True),
        "has_password": request.user.has_usable_password(),
        "now": timezone.now(),
    }
    return render(request, "web/account.html", context, status=422 if form.errors else 200)


@page
@require_POST
def revoke(request: Request, token_id: uuid.UUID) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, user=request.user)
    revoke_token(request.scope, token)
    messages.success(request, gettext("“%(name)s” no longer works.") % {"name": token.name})
    return go(request, "account")
