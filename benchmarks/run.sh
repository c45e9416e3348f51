#!/usr/bin/env bash
# Makes the peers' environments beside this script, installs the checkout into them, and measures.
set -euo pipefail
cd "$(dirname "$0")"

pip_install() { # NAME ARGUMENT...
  ".env/$1/bin/pip" install --quiet --disable-pip-version-check "${@:2}"
}

environment() { # NAME REQUIREMENTS
  if ! cmp --silent "$2" ".env/$1/requirements.txt"; then
    rm -rf ".env/$1"
    "${PYTHON:-python3}" -m venv ".env/$1"
    pip_install "$1" --requirement "$2"
    cp "$2" ".env/$1/requirements.txt"
  fi
}

environment main requirements.txt
environment official_v2 requirements-official_v2.txt
environment sandbox requirements-sandbox.txt
if command -v npm > /dev/null && ! cmp --silent package-lock.json .env/javascript/package-lock.json; then
  mkdir -p .env/javascript
  cp package.json package-lock.json .env/javascript/
  npm ci --prefix .env/javascript --ignore-scripts --no-audit --no-fund --loglevel=error
fi
# Installed as users have it, without extras: an editable install adds to every import, and httpx
# imports click and rich where it finds them.
pip_install main --no-build-isolation ..
pip_install sandbox --no-build-isolation ..
exec .env/main/bin/python "${SCRIPT:-bench.py}" "$@"
