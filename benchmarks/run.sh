#!/usr/bin/env bash
# Makes the peers' environment beside this script, puts the checkout into it, and measures.
set -euo pipefail
cd "$(dirname "$0")"

if ! cmp --silent requirements.txt .env/requirements.txt; then
  rm -rf .env
  "${PYTHON:-python3}" -m venv .env
  .env/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
  cp requirements.txt .env/
fi
# Installed as users have it, without extras: an editable install adds to every import, and httpx
# imports click and rich where it finds them.
.env/bin/pip install --quiet --disable-pip-version-check --no-build-isolation ..
exec .env/bin/python bench.py "$@"
