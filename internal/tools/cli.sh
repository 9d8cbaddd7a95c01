#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Finds the command-line program that the tests and the demo drive:
#
#   cli.sh              prints its path: $TF_ACC_TERRAFORM_PATH, else terraform on the PATH, else tofu on the PATH,
#                       else an OpenTofu that is built once from source and kept in the cache
#   cli.sh COMMAND...   runs the command with TF_ACC_TERRAFORM_PATH and the other variables that the tests need
#
# An option before COMMAND chooses another program:
#
#   --opentofu            OpenTofu: tofu on the PATH if it is 1.12 or later, else the one that is built
#   --terraform           the Terraform that internal/tools/terraform pins: terraform on the PATH if it has that version,
#                         else one that is built once from source and kept in the cache
#   --terraform-if-built  $TF_ACC_TERRAFORM_PATH, else that Terraform if it is in the cache, else as without an option
set -eu

# The variable may name a file that does not exist. Terraform then prints a warning that the tests cannot parse.
unset TF_CLI_CONFIG_FILE
export CHECKPOINT_DISABLE=1 # do not look for a newer terraform

tools=$(cd "$(dirname "$0")" && pwd)
cache=${TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-elasticcloud}
case $cache in
/*) ;;
*) cache=$PWD/$cache ;;
esac

say() {
	echo "$*" >&2
}

# Prints the version of $1, opentofu or terraform, that its go.mod pins.
pinned() {
	sed -n "s|^.*github\.com/[a-z]*/$1 v\([^ ]*\).*\$|\1|p" "$tools/$1/go.mod"
}

# Prints the path of $1, opentofu or terraform, in the cache. The file may not exist yet.
in_cache() {
	echo "$cache/${1#open}-$(pinned "$1")"
}

# Builds OpenTofu as the file $1.
build_opentofu() {
	go build -mod=readonly -trimpath -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' \
		-o "$1" github.com/opentofu/opentofu/cmd/tofu
}

# Builds Terraform as the file $1, from a copy without the state backends that are Go modules of their own: Terraform's
# go.mod replaces them by folders that are not in its module. The tests need the local backend alone.
build_terraform() {
	go mod download github.com/hashicorp/terraform
	copy=$1.source
	cp -R "$(go list -m -f '{{.Dir}}' github.com/hashicorp/terraform)" "$copy"
	chmod -R u+w "$copy"
	cd "$copy"

	# Each backend is imported by a line with its path, and used by a line with New() of the name in that import.
	table=internal/backend/init/init.go
	for backend in $(sed -n 's|^replace .* => \./internal/backend/remote-state/||p' go.mod); do
		name=$(sed -n "s|^[[:space:]]*\([A-Za-z0-9]*\) \".*/remote-state/$backend\"\$|\1|p" "$table")
		sed -e "\|/remote-state/$backend\"|d" -e "/ $name\.New()/d" "$table" >"$table.new"
		mv "$table.new" "$table"
	done
	sed '/github\.com\/hashicorp\/terraform\/internal\//d' go.mod >go.mod.new
	mv go.mod.new go.mod

	go build -mod=readonly -trimpath -ldflags '-s -w -X github.com/hashicorp/terraform/version.dev=no' -o "$1" .
}

# built PROGRAM NAME REASON prints the path of PROGRAM, opentofu or terraform, in the pinned version, and builds it first
# if it is not in the cache. NAME and REASON are for the message.
built() {
	binary=$(in_cache "$1")
	if [ ! -x "$binary" ]; then
		say "$3: building $2 $(pinned "$1") from the Go modules named in internal/tools/$1," \
			"once, in about 5 minutes on two cores."
		mkdir -p "$cache"
		partial=$binary.$$
		trap 'rm -rf "$partial" "$partial.source"' EXIT
		trap 'exit 130' INT TERM
		(
			export CGO_ENABLED=0 GOWORK=off
			cd "$tools/$1"
			"build_$1" "$partial"
		) >&2
		mv "$partial" "$binary" # a rename is atomic: no other process sees half a program
		say "Built $2 $(pinned "$1"): $binary"
	fi
	echo "$binary"
}

# Reports whether the tofu on the PATH, if there is one, is 1.12 or later.
recent_tofu() {
	minor=$(tofu version 2>/dev/null | sed -n 's/^OpenTofu v1\.\([0-9]*\)\..*$/\1/p')
	[ "${minor:-0}" -ge 12 ]
}

# Reports whether the terraform on the PATH, if there is one, has the pinned version.
pinned_terraform() {
	[ "$(terraform version 2>/dev/null | sed -n 1p)" = "Terraform v$(pinned terraform)" ]
}

# Prints the path of the program that the option $1 asks for.
find_cli() {
	case $1 in
	--opentofu)
		if recent_tofu; then
			command -v tofu
		else
			built opentofu OpenTofu "No tofu 1.12 or later is on the PATH"
		fi
		;;
	--terraform)
		if pinned_terraform; then
			command -v terraform
		else
			built terraform Terraform "No terraform of this version is on the PATH"
		fi
		;;
	*)
		if [ -n "${TF_ACC_TERRAFORM_PATH:-}" ]; then
			if ! command -v "$TF_ACC_TERRAFORM_PATH"; then
				say "TF_ACC_TERRAFORM_PATH names no program: $TF_ACC_TERRAFORM_PATH"
				return 1
			fi
		elif [ "$1" = --terraform-if-built ] && [ -x "$(in_cache terraform)" ]; then
			in_cache terraform
		else
			command -v terraform || command -v tofu ||
				built opentofu OpenTofu "Neither terraform nor tofu is on the PATH"
		fi
		;;
	esac
}

option=
case ${1:-} in
--opentofu | --terraform | --terraform-if-built)
	option=$1
	shift
	;;
esac
cli=$(find_cli "$option")
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
	# OpenTofu accepts a provider that a test serves only under the address of its own registry.
	export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=hashicorp
fi
exec "$@"
