#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Makes sure that a Chromium is on the PATH, for the tests of the page of
# examples/access-review. As root on Debian it installs one if there is none.
set -eu

# Prints the path of the first one that is installed and can start.
find_browser() {
	for name in chromium chromium-browser google-chrome; do
		if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
			command -v "$name"
			return
		fi
	done
	return 1
}

find_browser && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "No Chromium is on the PATH: installing Debian's." >&2
	{ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium; } >&2 || true
	find_browser && exit
fi
cat >&2 <<'MESSAGE'
No chromium, chromium-browser or google-chrome is on the PATH, and this script cannot install one.
The tests of the access review's page need a Chromium. Without it, make test skips them.
MESSAGE
exit 1
