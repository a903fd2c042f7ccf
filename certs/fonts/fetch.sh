#!/bin/sh
# Puts the fonts of the certificates' pages into DEST: copied from this
# machine where Debian's packages are installed, else unpacked (not installed)
# from the packages, which are kept in CACHE.
#   fetch.sh CACHE DEST
set -eu
cache=$1 dest=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$cache" "$dest"

# find_font PACKAGE FILE: prints the path of FILE.
find_font() {
  for d in /usr/share/fonts "$cache/$1"; do
    f=$(find "$d" -name "$2" 2>/dev/null | head -n 1)
    [ -z "$f" ] || { echo "$f"; return 0; }
  done
  [ -n "$(find "$cache" -maxdepth 1 -name "$1_*.deb" | head -n 1)" ] ||
    (cd "$cache" && apt-get download "$1" >&2) || {
    echo "fetch.sh: $1 could not be fetched; install it: apt-get install $1" >&2
    return 1
  }
  deb=$(find "$cache" -maxdepth 1 -name "$1_*.deb" | head -n 1)
  mkdir -p "$cache/$1" && dpkg-deb -x "$deb" "$cache/$1"
  f=$(find "$cache/$1" -name "$2" | head -n 1)
  [ -n "$f" ] || { echo "fetch.sh: $1 holds no $2" >&2; return 1; }
  echo "$f"
}

bold=$(find_font fonts-morisawa-bizud-gothic BIZUDPGothic-Bold.ttf)
regular=$(find_font fonts-morisawa-bizud-gothic BIZUDPGothic-Regular.ttf)
ipamj=$(find_font fonts-ipamj-mincho ipamjm.ttf)
cp "$bold" "$dest/BIZUDPGothic-Bold.ttf"
dest=$(cd "$dest" && pwd)
(cd "$here" && ${GO:-go} run ./subset -from "$ipamj" -beside "$regular" \
  -name MasshoFallback -o "$dest/MasshoFallback.ttf.gz") >&2
# Last, because make takes it for the sign that all are there.
cp "$regular" "$dest/BIZUDPGothic-Regular.ttf.tmp"
mv "$dest/BIZUDPGothic-Regular.ttf.tmp" "$dest/BIZUDPGothic-Regular.ttf"
