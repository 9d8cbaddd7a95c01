#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# What action.yml runs. Everything from a plan stays in files: the outputs are a
# file name that the workflow chose, and words of this script.
set -euf

kinds="owner sso idp refused unclear"
file=${SUMMARY_OUTPUT:-$RUNNER_TEMP/plan-summary.md}

fail() {
	echo "plan-summary: $1" >&2
	exit 1
}

# has LIST WORD: the list has commas or spaces between its words.
has() {
	case " $(echo "$1" | tr ',\n' '  ') " in
	*" $2 "*) ;;
	*) return 1 ;;
	esac
}

case $file in
*'
'*) fail "Invalid output: a file name has no line break." ;;
esac
IFS=', '
for kind in $SUMMARY_FAIL_ON; do
	has "$kinds" "$kind" || fail "Invalid fail-on: write some of owner, sso, idp, refused, unclear, with commas between them."
done
unset IFS

set -- -fail-on owner,sso,idp,refused,unclear -events "$SUMMARY_EVENTS"
if [ -n "$SUMMARY_TEXT" ]; then
	set -- "$@" -text "$SUMMARY_TEXT"
fi
if [ "$SUMMARY_DRIFT" = true ]; then
	set -- "$@" -drift
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
sh "$(dirname "$0")/plansummary.sh" "$@" -- "$SUMMARY_PLAN" > "$work/summary" 2> "$work/told" || status=$?

# The runner takes some lines of a log as commands. It must not take one from a plan.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
cat "$work/told"
echo "::$token::"

found=
case $status in
0) ;;
3)
	told=$(sed -n 's/^plansummary: the plan has: //p' "$work/told")
	for kind in $kinds; do
		if has "$told" "$kind"; then
			found=$found${found:+,}$kind
		fi
	done
	if [ -z "$found" ]; then
		fail "plansummary did not say what it found."
	fi
	;;
*) fail "There is no summary." ;;
esac
cat "$work/summary" > "$file"
printf 'file=%s\nfound=%s\n' "$file" "$found" >> "$GITHUB_OUTPUT"

for kind in $kinds; do
	if has "$found" "$kind" && has "$SUMMARY_FAIL_ON" "$kind"; then
		fail "The plan has: $found. The step fails on: $kind."
	fi
done
