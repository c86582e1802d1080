"""Settings from environment variables only; the same file in tests, embedded use and production.

PORTAL_MODE=embedded (default): SQLite, filesystem broker, secrets made on first start under var/.
PORTAL_MODE=production: PostgreSQL, Redis, every secret must be given; see docs/deploy.md.
A variable NAME may be given as NAME_FILE pointing to a file that holds the value.
"""

import os
import secrets
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv

from accounts.policy import FACTOR_MODES, PASSWORD_PROFILES
from partyaffairs.broker import PUBLISH_RETRY, transport_options
from partyaffairs.periodic import MARKED_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv()


def _one_of(name: str, known: Collection[str], *, default: str) -> str:
    value: str = env.str(name, default=default)
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(known)}.")
    return value


PRODUCTION = _one_of("PORTAL_MODE", ("embedded", "production"), default="embedded") == "production"
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
for folder in ("media", "static", "broker/queue", "broker/processed", "broker/control", "fonts"):
    (VAR_DIR / folder).mkdir(parents=True, exist_ok=True)


def _required(name: str, example: str) -> str:
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is missing. Production mode needs it, for example {name}={example} "
            f"or {name}_FILE=/run/secrets/{name.lower()}."
        )
    return value


def _embedded_secret(name: str = "secret_key") -> str:
    """Return this installation's own random key, made once, readable by its owner only."""
    path = VAR_DIR / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        key = secrets.token_urlsafe(48)
        handle.write(key)
    return key


DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG must be off in production mode.")
    SECRET_KEY = _required("SECRET_KEY", "$(openssl rand -base64 48)")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY is too short: production mode needs 50 characters or more.")
    # Seals id numbers at rest. The first key seals, all of them open: put a new one in front to rotate.
    PERSONAL_DATA_KEYS = [
        k.strip() for k in _required("PERSONAL_DATA_KEYS", "$(openssl rand -base64 32)").split(",")
    ]
    if any(len(key) < 32 for key in PERSONAL_DATA_KEYS):
        raise ImproperlyConfigured("PERSONAL_DATA_KEYS is too short: each key needs 32 characters or more.")
    DATABASE_URL = _required("DATABASE_URL", "postgres://portal:password@postgres:5432/portal")
    CELERY_BROKER_URL = _required("CELERY_BROKER_URL", "redis://redis:6379/0")
    ALLOWED_HOSTS = [h.strip() for h in _required("ALLOWED_HOSTS", "portal.example.com").split(",")]
    if not DATABASE_URL.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database in production mode.")
else:
    SECRET_KEY = env.str("SECRET_KEY", default="") or _embedded_secret()
    PERSONAL_DATA_KEYS = env.list("PERSONAL_DATA_KEYS", default=[]) or [_embedded_secret("personal_data_key")]
    DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
    CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])

INSTALLED_APPS = [
    "partyaffairs",
    "backups",
    "personal",
    "dashboards",
    "incentives",
    "burden",
    "reminders",
    "training",
    "errorbank",
    "records",
    "papers",
    "factors",
    "notices",
    "guide",
    "branches",
    "ledgers",
    "jobs",
    "audit",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "lucide",
]

MIDDLEWARE = [
    "burden.box.middleware.Door",  # first: the others would read cookies and log refusals of the channel
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.CraftedInputMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInWallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.WrongMethodMiddleware",
    "accounts.middleware.SessionLimitMiddleware",
    "factors.middleware.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "partyaffairs.urls"
WSGI_APPLICATION = "partyaffairs.wsgi.application"
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
                "accounts.context_processors.display",
                "branches.context_processors.navigation",
                "branches.context_processors.area",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": (_database := dict(env.db_url_config(DATABASE_URL)))}
if "sqlite" in _database["ENGINE"]:
    # IMMEDIATE takes the write lock at BEGIN, so two writers wait instead of failing at upgrade.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
    _database.setdefault("TEST", {})["NAME"] = env.str("TEST_SQLITE", default=str(VAR_DIR / "test.sqlite3"))
else:
    _database.setdefault("OPTIONS", {})["options"] = "-c jit=off"  # compiling takes longer than running
    _database.update(CONN_HEALTH_CHECKS=True, CONN_MAX_AGE=60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_HASHERS = "django.contrib.auth.hashers"
PASSWORD_HASHERS = [f"{_HASHERS}.Argon2PasswordHasher", f"{_HASHERS}.PBKDF2PasswordHasher"]
PASSWORD_PROFILE = _one_of("PASSWORD_PROFILE", PASSWORD_PROFILES, default="plain")
AUTH_PASSWORD_VALIDATORS = PASSWORD_PROFILES[PASSWORD_PROFILE].validators
SECOND_FACTOR = _one_of("SECOND_FACTOR", FACTOR_MODES, default="required" if PRODUCTION else "offered")
LOGIN_URL = LOGOUT_REDIRECT_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
AXES_HANDLER = "accounts.lockout.FormlessHandler"
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours; the lock ends by itself
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "accounts.views.login_lockout"
AXES_USERNAME_CALLABLE = "accounts.access.lockout_name"
AXES_CLIENT_IP_CALLABLE = "accounts.access.client_address"
AXES_DISABLE_ACCESS_LOG = True  # accounts.SignIn is the one sign-in log
AXES_HTTP_RESPONSE_CODE = 429
AXES_SENSITIVE_PARAMETERS = ["username", "password"]  # people type passwords into the name field
AXES_VERBOSE = False
# How many of our own proxies stand in front; their X-Forwarded-For entries are believed, no others.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)

# Signed-in pages live under /w/; public pages never see a cookie.
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/w/"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "partyaffairs.finders.BootstrapFinder",
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
FONT_DIR = Path(env.str("FONT_DIR", default=str(VAR_DIR / "fonts")))
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR_DIR / "backups")))
BACKUP_BOX_DIR = env.str("BACKUP_BOX_DIR", default="")  # apart from BACKUP_DIR: docs/operations.md
TESTING = "pytest" in sys.modules
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "partyaffairs.storage.WholeFiles"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING or DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# An uploaded roster holds id numbers: up to its limit it stays in memory, never in a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 1024 * 1024

# What leaves the portal, docs/adr/0010: links begin with PORTAL_URL; a way out without its line is closed.
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/")
_email_url = env.str("EMAIL_URL", default="").strip()
EMAIL_ENABLED = bool(_email_url)
vars().update(env.email_url_config(_email_url or "dummymail://"))
EMAIL_TIMEOUT = 10  # seconds
NOTICE_SENDER = env.str("NOTICE_SENDER", default="")
_hosts = env.str("NOTICE_WEBHOOK_HOSTS", default="").split(",")
NOTICE_WEBHOOK_HOSTS = [h.strip() for h in _hosts if h.strip()]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1500
CELERY_TASK_SOFT_TIME_LIMIT = 1400
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULE = MARKED_SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL, VAR_DIR / "broker")
CELERY_TASK_PUBLISH_RETRY_POLICY = PUBLISH_RETRY

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {name: {"()": f"partyaffairs.logs.{name}LeftOut"} for name in ("Keys", "Box")},
    "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["Keys", "Box"]}},
    "root": {"handlers": ["err"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
