#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Finds the command-line program that the tests and the demo drive:
#
#   cli.sh              prints its path: $TF_ACC_TERRAFORM_PATH, else terraform on the PATH, else tofu on the PATH,
#                       else an OpenTofu that is built once from source and kept in the cache
#   cli.sh COMMAND...   runs the command with TF_ACC_TERRAFORM_PATH, and what else the tests need, in its environment
#   cli.sh --opentofu   as either of the two, with nothing but OpenTofu: tofu on the PATH if it is 1.12 or later, else
#                       the one that is built
set -eu

# It may name a file that does not exist; terraform then prints a warning that the tests cannot parse.
unset TF_CLI_CONFIG_FILE
export CHECKPOINT_DISABLE=1 # no look for a newer terraform

module=$(cd "$(dirname "$0")/opentofu" && pwd)

say() {
	echo "$*" >&2
}

# Prints the path of an OpenTofu of the version in the module's go.mod, and builds it first if it is not there. $1 says
# why it is wanted.
built_opentofu() {
	version=$(sed -n 's|^.*github\.com/opentofu/opentofu v\([^ ]*\).*$|\1|p' "$module/go.mod")
	cache=${TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-elasticcloud}
	mkdir -p "$cache"
	binary=$(cd "$cache" && pwd)/tofu-$version
	if [ ! -x "$binary" ]; then
		say "$1: building OpenTofu $version from the Go modules named in internal/tools/opentofu," \
			"once, in about 5 minutes on two cores."
		partial=$binary.$$
		trap 'rm -f "$partial"' EXIT
		trap 'exit 130' INT TERM
		(
			cd "$module"
			CGO_ENABLED=0 GOWORK=off go build -mod=readonly -trimpath \
				-ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' \
				-o "$partial" github.com/opentofu/opentofu/cmd/tofu
		) >&2
		mv "$partial" "$binary" # a rename, so that nobody ever sees half a program
		say "Built OpenTofu $version: $binary"
	fi
	echo "$binary"
}

# Tells whether the tofu on the PATH, if there is one, is 1.12 or later.
recent_tofu() {
	minor=$(tofu version 2>/dev/null | sed -n 's/^OpenTofu v1\.\([0-9]*\)\..*$/\1/p')
	[ "${minor:-0}" -ge 12 ]
}

find_cli() {
	if [ "$opentofu" = yes ]; then
		if recent_tofu; then
			command -v tofu
		else
			built_opentofu "No tofu 1.12 or later is on the PATH"
		fi
	elif [ -n "${TF_ACC_TERRAFORM_PATH:-}" ]; then
		if ! command -v "$TF_ACC_TERRAFORM_PATH"; then
			say "TF_ACC_TERRAFORM_PATH names no program: $TF_ACC_TERRAFORM_PATH"
			return 1
		fi
	else
		command -v terraform || command -v tofu || built_opentofu "Neither terraform nor tofu is on the PATH"
	fi
}

opentofu=no
if [ "${1:-}" = --opentofu ]; then
	opentofu=yes
	shift
fi
cli=$(find_cli)
case $cli in
/*) ;;
*) cli=$PWD/$cli ;; # the tests run in other folders
esac
if [ $# -eq 0 ]; then
	echo "$cli"
	exit
fi

export TF_ACC_TERRAFORM_PATH="$cli"
if "$cli" version | grep -q '^OpenTofu'; then
	# OpenTofu takes a provider that a test serves only under its own registry's address.
	export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=hashicorp
fi
exec "$@"
