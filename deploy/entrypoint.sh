#!/bin/sh
# Start one part of Toulmin: web, worker-ingestion, worker-answers, beat, setup, or any management command.
# Settings that are secret are read from files named like the variable, in /secrets/app; a variable that is set wins.
set -eu

for file in /secrets/app/TOULMIN_*; do
  [ -f "$file" ] || continue
  name=$(basename "$file")
  eval "given=\${$name:-}"
  [ -n "$given" ] || export "$name=$(cat "$file")"
done

[ -z "${TMPDIR:-}" ] || mkdir -p "$TMPDIR"

part=${1:-web}
[ $# -eq 0 ] || shift
case "$part" in
  web)
    exec python -m uvicorn config.asgi:application --host "$TOULMIN_BIND" --port "$TOULMIN_PORT" \
      --proxy-headers --forwarded-allow-ips "${TOULMIN_PROXIES:-127.0.0.1}" \
      --timeout-graceful-shutdown 20 --no-server-header --no-access-log --lifespan off "$@"
    ;;
  worker-ingestion)
    exec python -m celery -A config worker --queues=ingestion --hostname=ingestion@%h \
      --pool=threads "--concurrency=${TOULMIN_READERS:-4}" --loglevel=INFO --without-gossip --without-mingle "$@"
    ;;
  worker-answers)
    exec python -m celery -A config worker --queues=answers --hostname=answers@%h \
      --pool=threads "--concurrency=${TOULMIN_WRITERS:-64}" --loglevel=INFO --without-gossip --without-mingle "$@"
    ;;
  beat)
    exec python -m celery -A config beat --schedule=/tmp/beat --pidfile= --loglevel=INFO "$@"
    ;;
  setup)
    python manage.py migrate --noinput
    exec python manage.py collectstatic --noinput --verbosity 0
    ;;
  secrets)
    exec python deploy/make_secrets.py "$@"
    ;;
  *)
    exec python manage.py "$part" "$@"
    ;;
esac
