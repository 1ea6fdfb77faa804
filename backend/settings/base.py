"""Settings that hold in every environment; what differs stands in the sibling modules."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from backend.common.database_url import database_settings
from backend.common.logging import logging_settings
from backend.settings import env
from backend.settings.accounts import *  # noqa: F403
from backend.settings.background import *  # noqa: F403
from backend.settings.email import email_settings
from backend.settings.rest import *  # noqa: F403
from backend.settings.web import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = BASE_DIR / env.LOCAL_DIR.text()

SECRET_KEY = env.SECRET_KEY.text()
DEBUG = False
ALLOWED_HOSTS = env.ALLOWED_HOSTS.items()
PUBLIC_URL = env.PUBLIC_URL.text().rstrip("/")
DUO_URL = env.DUO_URL.optional().rstrip("/")
DUO_SOURCE = env.DUO_SOURCE.optional()
DUO_TARGET = env.DUO_TARGET.optional()
LOOPBACK_TARGETS = env.LOOPBACK_TARGETS.flag()
EVENT_SOURCE = env.EVENT_SOURCE.text()
# Five is the floor of the figures of quality as well.
MINIMUM_GROUP = max(5, env.MINIMUM_GROUP.number())
SPREADSHEET_MB = env.SPREADSHEET_MB.number()
ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
# The API Design Rules ask for 404 on a trailing slash; a redirected POST would lose its body.
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "backend.changes",
    "backend.audit",
    "backend.outbox",
    "backend.organisations",
    "backend.accounts",
    "backend.codelists",
    "backend.notifications",
    "backend.api",
    "backend.web",
    "backend.feed",
    "providers",
    "procurement",
    "matching",
    "quality",
    "backend",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backend.api.middleware.RequestContextMiddleware",
    "django.middleware.common.CommonMiddleware",
    # A request with a key does not see what stands between these two.
    "backend.web.lane.Enter",
    "backend.web.middleware.PagePolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "backend.web.middleware.LanguageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backend.accounts.middleware.SecondFactorMiddleware",
    "backend.web.lane.Rejoin",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The shell's templates win from those that allauth brings along.
        "DIRS": [BASE_DIR / "backend" / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "backend.web.context.page_shell",
            ],
        },
    }
]

DATABASES = {
    "default": database_settings(
        env.DATABASE_URL.optional(),
        local_dir=LOCAL_DIR,
        name=env.DATABASE_NAME.text(),
        conn_max_age=env.CONN_MAX_AGE.number(),
        process=env.PROCESS.text(),
    )
}

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
USE_I18N = True

# Files of documents: private, read by the program and served by no address of its own.
MEDIA_ROOT = Path(env.MEDIA_ROOT.text()) if env.MEDIA_ROOT.text() else LOCAL_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = LOCAL_DIR / "static"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": env.CACHE_URL.text(),
        }
        if env.CACHE_URL.optional()
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

THEME = env.THEME.text()
DEMO = env.DEMO.flag()
OCDS_PREFIX = env.OCDS_PREFIX.text()
OCDS_PUBLISHER = env.OCDS_PUBLISHER.text()
globals().update(email_settings(env.EMAIL_URL.text()))
DEFAULT_FROM_EMAIL = env.EMAIL_FROM.text()
CELERY_BROKER_URL = env.CELERY_BROKER_URL.optional()
LOGGING = logging_settings(json=False, level=env.LOG_LEVEL.text())
