#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Downloads plansummary from its release, verifies it, and runs it. The arguments,
# the output and the exit code are those of plansummary.
#
#   sh plansummary.sh -events plan.jsonl plan.json
#   sh plansummary.sh -install FOLDER                puts the verified program there, and runs nothing
#
#   PLANSUMMARY_VERSION  the version; left out, the one below
#   PLANSUMMARY_SHA256   the SHA-256 of plansummary_VERSION_SHA256SUMS: a release with another one is refused.
#                        It is the same for all platforms.
#   PLANSUMMARY_URL      where the files of the release are, for a mirror; left out, on GitHub
#
# Needs curl or wget, sha256sum or shasum, and tar with gzip (on Windows unzip).
# What cannot be downloaded or verified is not run: the script ends with 1.
set -eu

version=${PLANSUMMARY_VERSION:-0.1.0}

work=
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "plansummary.sh: $1" >&2
	exit 1
}

fetch() {
	if command -v curl > /dev/null; then
		curl --fail --silent --show-error --location --proto-redir '=https' --retry 3 --output "$2" "$1"
	elif command -v wget > /dev/null; then
		wget -q -O "$2" "$1"
	else
		fail "Neither curl nor wget is installed."
	fi || fail "Could not download $1"
}

checksum() {
	if command -v sha256sum > /dev/null; then
		set -- "$(sha256sum < "$1")"
	elif command -v shasum > /dev/null; then
		set -- "$(shasum -a 256 < "$1")"
	else
		fail "Neither sha256sum nor shasum is installed."
	fi
	echo "${1%% *}"
}

case $version in
*[!0-9A-Za-z.-]*) fail "Invalid version: $version" ;;
esac

system=$(uname -s)
machine=$(uname -m)
packed=tar.gz
program=plansummary
case $system in
Linux) os=linux ;;
Darwin) os=darwin ;;
FreeBSD) os=freebsd ;;
MINGW* | MSYS* | CYGWIN*)
	os=windows
	packed=zip
	program=plansummary.exe
	;;
*) os= ;;
esac
case $machine in
x86_64 | amd64) arch=amd64 ;;
aarch64 | arm64) arch=arm64 ;;
i386 | i486 | i586 | i686) arch=386 ;;
armv6* | armv7*) arch=arm ;;
*) arch= ;;
esac
if [ -z "$os" ] || [ -z "$arch" ]; then
	fail "There is no plansummary for $system on $machine."
fi

url=${PLANSUMMARY_URL:-https://github.com/elasticcloud-access/terraform-provider-elasticcloud/releases/download/v$version}
archive=plansummary_${version}_${os}_$arch.$packed
sums=plansummary_${version}_SHA256SUMS
work=$(mktemp -d)

fetch "$url/$sums" "$work/$sums"
if [ -n "${PLANSUMMARY_SHA256:-}" ]; then
	got=$(checksum "$work/$sums")
	if [ "$got" != "$(echo "$PLANSUMMARY_SHA256" | tr A-F a-f)" ]; then
		fail "The SHA-256 of $sums is $got, not $PLANSUMMARY_SHA256. Nothing was run."
	fi
fi
want=
while read -r sum name; do
	if [ "$name" = "$archive" ]; then
		want=$sum
	fi
done < "$work/$sums"
if [ -z "$want" ]; then
	fail "$sums does not list $archive. Nothing was run."
fi

fetch "$url/$archive" "$work/$archive"
got=$(checksum "$work/$archive")
if [ "$got" != "$want" ]; then
	fail "The SHA-256 of $archive is $got, not $want as in $sums. Nothing was run."
fi
if [ "$packed" = zip ]; then
	unzip -q "$work/$archive" "$program" -d "$work"
else
	tar -xzf "$work/$archive" -C "$work" "$program"
fi || fail "Could not unpack $archive."

if [ "${1:-}" = -install ]; then
	if [ $# -ne 2 ]; then
		fail "-install needs a folder."
	fi
	mkdir -p "$2"
	mv "$work/$program" "$2/$program"
	echo "$2/$program is plansummary $version."
	exit
fi
status=0
"$work/$program" "$@" || status=$?
exit "$status"
