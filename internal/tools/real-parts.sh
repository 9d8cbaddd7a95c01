#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Follows the guide of single sign-on with BIND, SimpleSAMLphp and Chromium. $1 is the executable of internal/cmd/ssoguide.
# All servers listen on 127.0.0.1, and write into one temporary folder. If the system allows it, they run in a network
# namespace that has no other interface.
#
# The script fails if a package is missing. With REAL_PARTS_MISSING=skip it says that nothing was checked, and succeeds.
# Without $1 it only looks for the packages.
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
		echo "Running in a network namespace that has only the loopback interface"
		exec unshare $namespace sh -c 'ip link set lo up && exec "$@"' sh "$@" -real-parts
	fi
done
echo "Running without a network namespace, which this system does not allow"
exec "$@" -real-parts
