"""Every address: pages, the REST interface, sign-in, the administration."""

from django.contrib import admin
from django.urls import include, path

from apps.web import urls as web

urlpatterns = [
    path("api/", include("apps.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    *web.urlpatterns,
]

handler403 = "apps.web.views.errors.not_allowed"
handler404 = "apps.web.views.errors.not_found"
handler500 = "apps.web.views.errors.server_error"
