#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Follows the guide of single sign-on with BIND, SimpleSAMLphp and Chromium: with $1, which is internal/cmd/ssoguide.
# All of it listens on 127.0.0.1, and writes into one temporary folder. Where that is allowed, it has a network namespace
# without any other interface.
#
# It fails where a package is missing. With REAL_PARTS_MISSING=skip that is no failure, but it says that nothing was
# checked. Without $1 it looks for the packages alone.
set -eu
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/sbin:/sbin # named and ip

missing=
command -v named >/dev/null || missing="$missing bind9"
command -v php >/dev/null || missing="$missing php-cli"
[ -d /usr/share/simplesamlphp/www ] || missing="$missing simplesamlphp"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
	missing="$missing chromium"
if [ -n "$missing" ]; then
	echo "NOT CHECKED with real parts: single sign-on. Missing packages:$missing"
	[ "${REAL_PARTS_MISSING:-}" = skip ] && exit 0
	echo "Debian 12 has them: apt-get install --no-install-recommends bind9 php-cli php-xml simplesamlphp chromium" >&2
	exit 1
fi
[ $# -gt 0 ] || exit 0

for namespace in "--net" "--net --map-root-user"; do
	if unshare $namespace ip link set lo up 2>/dev/null; then
		echo "In a network namespace that has nothing but the loopback interface"
		exec unshare $namespace sh -c 'ip link set lo up && exec "$@"' sh "$@" -real-parts
	fi
done
echo "Without a network namespace, which is not allowed here"
exec "$@" -real-parts
