#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Looks for known vulnerabilities in what the provider and its tests call. $1 is govulncheck. GOVULNDB names another
# database than https://vuln.go.dev, as https:// or as file:// with a copy in the same layout.
#
# It fails where something is found and where the database does not answer. With VULNCHECK_OFFLINE=skip the latter is
# no failure, but it says that nothing was checked.
set -eu
cd "$(dirname "$0")/../.."
database=${GOVULNDB:-https://vuln.go.dev}

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
"$1" -db "$database" -test ./... >"$output" 2>&1 || status=$?
cat "$output"
if [ "$status" -ne 0 ] && grep -q '^govulncheck: fetching vulnerabilities: ' "$output"; then
	echo "NOT CHECKED for known vulnerabilities: no answer from $database"
	[ "${VULNCHECK_OFFLINE:-}" = skip ] && exit 0
fi
exit "$status"
