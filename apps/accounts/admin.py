"""People, groups and tokens to look at. The administration is entered through the one sign-in page."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from apps.accounts.models import ApiToken, Group, User
from apps.core.admin import ReadOnlyAdmin

admin.site.site_header = admin.site.site_title = "Toulmin"
admin.site.index_title = "Tables, to look at"
# Sign-in has second factors, limits and a record of its own; a second door would have none of them.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ["email", "name", "is_active", "is_administrator", "is_auditor", "last_login", "created_at"]
    list_filter = ["is_active", "is_administrator", "is_auditor"]
    search_fields = ["email", "name"]
    exclude = ["password"]


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "ending", "user", "permissions", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__email"]
    exclude = ["hash"]
