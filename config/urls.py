"""Every address: pages, the REST interface, sign-in, the administration."""

from django.contrib import admin
from django.urls import include, path

from apps.web import urls as web
from apps.web.views import errors, metrics

# People are added by administrators, and there is no mail: what allauth offers for both is not there.
_CLOSED = ["signup/", "email/", "password/reset/", "password/set/", "confirm-email/"]

urlpatterns = [
    *(path(f"accounts/{address}", errors.closed) for address in _CLOSED),
    path("api/", include("apps.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("metrics", metrics.metrics, name="metrics"),
    *web.urlpatterns,
]

handler403 = "apps.web.views.errors.not_allowed"
handler404 = "apps.web.views.errors.not_found"
handler500 = "apps.web.views.errors.server_error"
