# One image for the roles web, live, worker, beat and migrate; compose.yaml says how each is started.
FROM python:3.13-slim AS build
WORKDIR /handrail
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home handrail && install --directory --owner handrail /datasets
# Few arenas of glibc, which keeps what was freed in each: large requests would fill all of them.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/handrail/static-files \
    MALLOC_ARENA_MAX=2
WORKDIR /handrail
COPY --from=build /venv /venv
COPY manage.py ./
COPY config config
COPY escalations escalations
COPY agents_api agents_api
COPY operators operators
COPY demo demo
COPY locale locale
COPY templates templates
COPY static static
# Collecting files reads none of these values, but the settings want them.
RUN SECRET_KEY=unused API_KEY_PEPPER=unused DATABASE_URL=postgresql://unused REDIS_URL=redis://unused \
    python manage.py collectstatic --noinput
USER handrail
EXPOSE 8000
