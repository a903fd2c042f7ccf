#!/bin/sh
# Puts the console's fixed-width font into DEST: copied from this machine where
# Debian's package is installed, else unpacked (not installed) from the
# package, which is kept in CACHE.
#   fetch.sh CACHE DEST
set -eu
cache=$1 dest=$2
package=fonts-morisawa-bizud-gothic file=BIZUDGothic-Regular.ttf
mkdir -p "$cache" "$dest"

find_in() { find "$1" -name "$file" 2>/dev/null | head -n 1; }
find_deb() { find "$cache" -maxdepth 1 -name "${package}_*.deb" | head -n 1; }

font=$(find_in /usr/share/fonts)
[ -n "$font" ] || font=$(find_in "$cache/$package")
if [ -z "$font" ]; then
  [ -n "$(find_deb)" ] || (cd "$cache" && apt-get download "$package" >&2) || {
    echo "fetch.sh: $package could not be fetched; install it: apt-get install $package" >&2
    exit 1
  }
  mkdir -p "$cache/$package"
  dpkg-deb -x "$(find_deb)" "$cache/$package"
  font=$(find_in "$cache/$package")
  [ -n "$font" ] || { echo "fetch.sh: $package holds no $file" >&2; exit 1; }
fi
cp "$font" "$dest/$file.tmp"
mv "$dest/$file.tmp" "$dest/$file"
