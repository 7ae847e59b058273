"""Django settings, one file for every deployment; what differs comes from `config.env`."""

from pathlib import Path

from csp.constants import NONCE, SELF

from config import env, logging
from config.database import postgresql

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.DEBUG
SECRET_KEY = env.SECRET_KEY
API_KEY_PEPPER = env.API_KEY_PEPPER
PUBLIC_URL = env.PUBLIC_URL
METRICS_TOKEN = env.METRICS_TOKEN
ALLOWED_HOSTS = env.ALLOWED_HOSTS
CSRF_TRUSTED_ORIGINS = env.TRUSTED_ORIGINS or ([env.PUBLIC_URL] if env.HTTPS else [])
ROOT_URLCONF = "config.urls"
LOGGING = logging.LOGGING
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [
    "config",
    "escalations",
    "agents_api",
    "operators",
    "demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "channels",
    "csp",
    "ninja",
    "django_htmx",
]

# All of these run under WSGI and ASGI alike: one that could not would hold a thread
# for as long as an agent waits.
MIDDLEWARE = [
    "config.middleware.request_id",
    "config.middleware.observe",
    "django.middleware.security.SecurityMiddleware",
    "config.language.LanguageOfPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "operators.sign_in.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
]
# For the agents' calls (config/handlers.py), which have keys in place of sessions.
MIDDLEWARE_FOR_AGENTS = [
    "config.middleware.request_id",
    "config.middleware.observe",
    "config.language.english",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "operators.desk.context.desk",
            ],
            "builtins": ["operators.templatetags.desk"],
        },
    }
]

# --- data -------------------------------------------------------------------------------

DATABASES = {
    "default": postgresql(env.DATABASE_URL, pool_size=env.DATABASE_POOL_SIZE, timeouts=env.DATABASE_TIMEOUTS)
}
REDIS_URL = env.REDIS_URL
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # A socket timeout here would cut idle subscribers (redis-py 8); connecting stays bounded.
        "CONFIG": {
            "hosts": [{"address": env.REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 1}]
        },
    }
}

# --- people -----------------------------------------------------------------------------

AUTH_USER_MODEL = "escalations.Operator"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "queue"
ACCOUNT_ADAPTER = "operators.adapters.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ALLAUTH_TRUSTED_PROXY_COUNT = env.TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.HTTPS

# --- security headers -------------------------------------------------------------------

# The proxy redirects to HTTPS; inside the cluster the health checks speak HTTP.
SECURE_SSL_REDIRECT = False
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if env.HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.HTTPS
SECURE_HSTS_PRELOAD = env.HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024 + 4096  # a handoff may have 4 MiB; the API says so with 413
UNDO_SECONDS = env.UNDO_SECONDS
SERVICE_LEVEL_SECONDS = env.SERVICE_LEVEL_SECONDS
RUNS_KEPT_DAYS = env.RUNS_KEPT_DAYS
DATASETS_DIR = env.DATASETS_DIR
REQUESTS_PER_SECOND = env.REQUESTS_PER_SECOND
TRUSTED_PROXIES = env.TRUSTED_PROXIES
WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES = env.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES

# --- mail -------------------------------------------------------------------------------

vars().update(env.EMAIL)  # EMAIL_BACKEND, EMAIL_HOST and what else the address says
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.MAIL_FROM
SENDS_MAIL = env.SENDS_MAIL

# --- background work --------------------------------------------------------------------

CELERY_BROKER_URL = env.REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 0,  # or a request whose hint cannot be sent waits six seconds
}
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for as long as it takes
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "expire leases": {"task": "escalations.tasks.sweep_leases", "schedule": 5, "options": {"expires": 5}},
    "expire cases": {"task": "escalations.tasks.sweep_expired", "schedule": 5, "options": {"expires": 5}},
    "fire timers": {"task": "escalations.tasks.sweep_timers", "schedule": 5, "options": {"expires": 5}},
    "age cases": {"task": "escalations.tasks.sweep_ages", "schedule": 5, "options": {"expires": 5}},
    "bring cases back": {"task": "escalations.tasks.sweep_aside", "schedule": 5, "options": {"expires": 5}},
    "route cases": {
        "task": "escalations.tasks.sweep_routing",
        "schedule": 2,
        "options": {"expires": 2},
    },
    "write words": {"task": "escalations.tasks.sweep_words", "schedule": 5, "options": {"expires": 5}},
    "look for alerts": {
        "task": "escalations.tasks.sweep_alerts",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "seal the audit log": {
        "task": "escalations.tasks.sweep_audit",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "check the audit log": {
        "task": "escalations.tasks.sweep_audit_checks",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "count figures": {"task": "escalations.tasks.sweep_figures", "schedule": 5, "options": {"expires": 5}},
    "play replays": {
        "task": "escalations.tasks.sweep_replays",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "measure queues": {
        "task": "escalations.tasks.measure_queues",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "measure costs": {
        "task": "escalations.tasks.measure_costs",
        "schedule": 900,
        "options": {"expires": 900},
    },
    "deliver webhooks": {
        "task": "agents_api.tasks.deliver_webhooks",
        "schedule": 2,
        "options": {"expires": 2},
    },
    "mail digests": {"task": "operators.tasks.mail_digests", "schedule": 60, "options": {"expires": 60}},
    "note customers": {
        "task": "escalations.tasks.sweep_subjects",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "erase": {"task": "escalations.tasks.sweep_erasures", "schedule": 5, "options": {"expires": 5}},
    "build datasets": {"task": "escalations.tasks.build_datasets", "schedule": 2, "options": {"expires": 2}},
    "import labels": {"task": "escalations.tasks.import_labels", "schedule": 2, "options": {"expires": 2}},
    "mail weekly reports": {
        "task": "operators.tasks.mail_weekly_reports",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "forget old keys": {"task": "agents_api.tasks.forget_idempotency_keys", "schedule": 3600},
    "forget old webhooks": {"task": "agents_api.tasks.forget_webhooks", "schedule": 3600},
    "forget closed cases' timers": {"task": "escalations.tasks.sweep_closed", "schedule": 3600},
    "forget old runs": {
        "task": "escalations.tasks.sweep_runs",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "draw reviews": {"task": "escalations.tasks.sweep_reviews", "schedule": 60, "options": {"expires": 60}},
    "forget old conversations": {"task": "escalations.tasks.sweep_conversations", "schedule": 3600},
    "forget old notices": {"task": "escalations.tasks.sweep_notices", "schedule": 3600},
    "forget what pages left": {"task": "operators.tasks.forget_leftovers", "schedule": 3600},
}

# --- language, time, static files -------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # each by its own name; README.md says how one is added
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = env.STATIC_ROOT
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
