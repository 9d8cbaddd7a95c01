#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Checks that the Go of the toolchain line in go.mod can build every tool: each argument, as PACKAGE@VERSION, and each
# module in internal/tools. The workflows install exactly that Go and no newer one, and with it a tool whose own go.mod
# asks for more does not build. A machine with a newer Go would not show that.
set -eu
cd "$(dirname "$0")/../.."

# Reports whether Go $1 is older than Go $2.
older() {
	[ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | sed -n 1p)" = "$1" ]
}

toolchain=$(sed -n 's/^toolchain go//p' go.mod)
if [ -z "$toolchain" ]; then
	echo "go.mod has no toolchain line. Add one with: go get toolchain@patch"
	exit 1
fi
running=$(go env GOVERSION)
running=${running#go}

failed=0
# check TOOL FILE: the tool's go.mod is the file.
check() {
	needs=$(sed -n 's/^go //p' "$2")
	if older "$toolchain" "$needs"; then
		echo "$1 needs Go $needs, but the toolchain line of go.mod says go$toolchain." \
			"Raise that line with: go get toolchain@go$needs"
		failed=1
	elif older "$running" "$needs"; then
		echo "$1 needs Go $needs, but Go $running is running." \
			"Install Go $toolchain, or set GOTOOLCHAIN=auto so that Go downloads it."
		failed=1
	fi
}

for tool in "$@"; do
	module=${tool%@*}
	module=${module%%/cmd/*}
	# Not in this folder, where go list would refuse a go.mod that is not tidy.
	file=$(cd / && go list -m -f '{{.GoMod}}' "$module@${tool##*@}")
	check "$tool" "$file"
done
for file in internal/tools/*/go.mod; do
	check "${file%/go.mod}" "$file"
done
[ "$failed" = 0 ] || exit 1
echo "Go $toolchain, of the toolchain line in go.mod, can build every tool."
