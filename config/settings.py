"""Django's settings: one file, safe by default. What operators may change is in `config.env`."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.database import database_settings
from config.env import ROOT, Env
from config.logs import logging_settings
from config.secrets import signing_key

django_stubs_ext.monkeypatch()

ENV = Env()
BASE_DIR = ROOT
DATA_DIR: Path = ENV.data_dir.resolve()

DEBUG = ENV.debug
SECRET_KEY = signing_key(ENV.secret_key.get_secret_value(), DATA_DIR)
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in ENV.former_secret_keys]
ALLOWED_HOSTS = ENV.hosts
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [
    "apps.core",
    "apps.audit",
    "apps.accounts",
    "apps.documents",
    "apps.retrieval",
    "apps.serving",
    "apps.verification",
    "apps.usage",
    "apps.ingestion",
    "apps.reasoning",
    "apps.evaluation",
    "apps.web",
    "apps.api",
    "django_linear_migrations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "django_structlog",
    "template_partials",
    "csp",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.web.middleware.ActingMiddleware",
    "apps.web.middleware.ErrorMiddleware",
    "apps.api.middleware.ProblemMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.web.context.shell",
            ],
            "builtins": ["template_partials.templatetags.partials", "apps.web.templatetags.ui"],
        },
    }
]

# A pool serves the ASGI process and the threads of the answer worker; commands and forked workers open their own.
_POOLED = "uvicorn" in sys.argv[0] or "--pool=threads" in sys.argv
DATABASES = {"default": database_settings(ENV.database_url, pool=_POOLED)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Workers and commands load the embedding weights; the web server asks the answers worker instead.
EMBEDDER = (
    "apps.retrieval.remote.RemoteEmbedder"
    if "uvicorn" in sys.argv[0]
    else "apps.retrieval.embedding.SentenceTransformerEmbedder"
)

RERANKER = "apps.retrieval.reranking.CrossEncoderReranker"

REDIS_URL = ENV.redis_url
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apps.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "apps.accounts.adapters.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if ENV.oidc_issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": ENV.oidc_name,
                "client_id": ENV.oidc_client_id,
                "secret": ENV.oidc_client_secret.get_secret_value(),
                "settings": {"server_url": ENV.oidc_issuer},
            }
        ],
    }
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_LIMIT = ENV.upload_limit_mb * 1024 * 1024

# Headers
# Signing in posts a form that is answered by going to the issuer, which browsers count as sending the form there.
_FORMS_GO_TO = [SELF, "{0.scheme}://{0.netloc}".format(urlsplit(ENV.oidc_issuer))] if ENV.oidc_issuer else [SELF]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": _FORMS_GO_TO,
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Two instances on one host keep their sessions apart.
SESSION_COOKIE_NAME = f"toulmin_session_{ENV.port}"
CSRF_COOKIE_NAME = f"toulmin_csrf_{ENV.port}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = ENV.https
SECURE_HSTS_SECONDS = 31_536_000 if ENV.https else 0
# Whether sub-domains and preload lists may be bound is the domain owner's to say, at their proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.https else None
CSRF_FAILURE_VIEW = "apps.web.views.errors.csrf_failure"

# Words and times
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone
LANGUAGE_CODE = "en-gb"
# A language is listed once the whole interface speaks it: a half-translated page is in no language.
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# Work in the background: see config.celery
CELERY_BROKER_URL = REDIS_URL

LOGGING = logging_settings(level=ENV.log_level, as_json=ENV.log_format == "json")
LOGGING_CONFIG = "logging.config.dictConfig"
DJANGO_STRUCTLOG_CELERY_ENABLED = True
structlog.contextvars.clear_contextvars()
