#!/bin/sh
# Puts geo-whois-asn-country.mmdb at CACHE/places/HASH, once per lock file and machine. Builds that run at the same time each work in a
# folder of their own; the first rename wins and the others throw theirs away. Exit codes: 0 there, 10 no npm, 12 npm failed.
set -u
cache=$1
hash=$2
source=$(dirname "$0")
target="$cache/places/$hash"
name=geo-whois-asn-country.mmdb
[ -f "$target/$name" ] && exit 0
command -v npm >/dev/null 2>&1 || exit 10
mkdir -p "$cache/places" || exit 12
work=$(mktemp -d "$cache/places/.work-XXXXXX") || exit 12
trap 'rm -rf "$work"' EXIT
cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$work/" || exit 12
(cd "$work" && npm ci --ignore-scripts --no-progress >npm.log 2>&1) || { cat "$work/npm.log"; exit 12; }
mkdir "$work/ready" || exit 12
mv "$work/node_modules/@ip-location-db/geo-whois-asn-country-mmdb/$name" "$work/ready/" || exit 12
chmod 755 "$work/ready"
mv -T "$work/ready" "$target" 2>/dev/null
[ -f "$target/$name" ] || exit 12
