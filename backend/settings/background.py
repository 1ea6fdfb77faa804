"""Celery on Redis: what keeps work that a killed worker held from being lost or done late.

The outbox table is the truth; Celery only spreads its messages over workers. Each setting below
was measured against killed workers and a killed Redis (docs/decisions/platform-outbox.md).
"""

# Redis gives a message to another worker when it was not acknowledged for this long.
CELERY_VISIBILITY_TIMEOUT_SECONDS = 900
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT_SECONDS,
    # Look for such messages every 10 s and at every look; without these two redelivery takes
    # about 100 s more.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
}
# Acknowledge after the work, and hand it to another worker when the process dies under it.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Below the visibility timeout: work that is still running is never given out a second time.
CELERY_TASK_SOFT_TIME_LIMIT = 780
CELERY_TASK_TIME_LIMIT = 840
# Results live in our own tables.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
