#!/bin/sh
# Builds the dashboard into a folder: build.sh OUT. Two builds at a time wait for each other; packages are installed only when the lock
# file has changed. Exit codes: 10 no npm, 12 npm ci failed, 13 the build failed.
set -u
cd "$(dirname "$0")" || exit 13
out=$1
command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 || exit 10

lock=.building
waited=0
until mkdir "$lock" 2>/dev/null; do
  # A holder that was killed leaves its folder behind; no build takes five minutes.
  if [ -n "$(find "$lock" -maxdepth 0 -mmin +5 2>/dev/null)" ]; then rmdir "$lock" 2>/dev/null; fi
  waited=$((waited + 1))
  [ "$waited" -gt 600 ] && { echo "dashboard: another build holds $PWD/$lock; remove that folder if none runs" >&2; exit 13; }
  sleep 1
done
trap 'rmdir "$lock" 2>/dev/null' EXIT
trap 'exit 13' INT TERM HUP

if ! cmp -s package-lock.json node_modules/.package-lock.installed; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || exit 12
  cp package-lock.json node_modules/.package-lock.installed
fi

# Beside the old output first, so that a build that fails leaves the old one whole.
rm -rf "$out.new"
node_modules/.bin/tsc --noEmit || exit 13
node_modules/.bin/vite build --logLevel warn --outDir "$out.new" || exit 13
rm -rf "$out"
mv "$out.new" "$out" || exit 13
