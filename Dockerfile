# syntax=docker/dockerfile:1
# One image for all processes: web (default), worker, scheduler and migrations.
FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/python -m pip install --require-hashes --requirement requirements.lock

COPY pyproject.toml LICENSE ./
COPY backend ./backend
COPY providers ./providers
COPY procurement ./procurement
COPY matching ./matching
COPY quality ./quality
COPY locale/fragments ./locale/fragments
# Both need settings that are present and nothing that they name.
RUN export DJANGO_SETTINGS_MODULE=backend.settings.production \
        PASSEND_SECRET_KEY=only-while-the-image-is-built-and-never-served-by-it \
        DATABASE_URL=postgresql://build@localhost/build \
        PASSEND_ALLOWED_HOSTS=localhost \
        PASSEND_PUBLIC_URL=https://localhost \
        PASSEND_EMAIL_URL=smtp://localhost \
    && /venv/bin/python -m backend.manage build_translations \
    && /venv/bin/python -m backend.manage collectstatic --no-input --verbosity 0 \
    && /venv/bin/python -m compileall -q backend providers procurement matching quality


FROM python:3.11-slim-bookworm

# Fixed numbers, so that a platform can demand a user that is not root.
RUN groupadd --gid 10001 passend \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin passend
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=backend.settings.production \
    PASSEND_BIND_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY tools/healthcheck.py ./tools/healthcheck.py
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "tools/healthcheck.py"]
CMD ["python", "-m", "backend.serve"]
