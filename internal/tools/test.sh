#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Runs the tests of the packages, or of all packages, and prints the results as JSON for gotestsum:
#
#   gotestsum --raw-command -- sh internal/tools/test.sh [PACKAGE...]
#
# If there is a C compiler, the race detector is on, with two exceptions:
#
#   - packages whose tests mostly wait for a CLI or a browser
#   - tests of the provider that repeat something many times: with the race detector they repeat it a tenth as often
#
# The exceptions are compiled in the way of a release, so that no package is compiled twice.
set -eu
cd "$(dirname "$0")/../.."

waiting='/internal/(cmd|accessreview)(/|$)'
repeated='^Test(Histories|HistoriesInOtherReadings|HistoriesOfMovingGrants|FaultMatrix|SelectFaults|MembersConverge|MembersAndAssignmentsConverge|GrantsMakeTheWholeWay|MappedGrantsAreWhatASignInGives|MovesMatrix)$'
packages=$(go list "${@:-./...}")

# The tests run Terraform some thousand times. With a higher GOGC that takes a tenth less time. The timeout is for tests
# that hang: beside six busy processes the provider's tests take twenty minutes.
run_tests() {
	env GOGC=400 go test -json -count=1 -timeout 60m -parallel 4 "$@"
}

as_released() (
	export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath"
	run_tests "$@"
)

if [ "$(go env CGO_ENABLED)" != 1 ]; then # the race detector needs it
	as_released $packages
	exit
fi
status=0
raced=$(echo "$packages" | grep -Ev "$waiting" || true)
others=$(echo "$packages" | grep -E "$waiting" || true)
[ -z "$raced" ] || run_tests -race $raced || status=1
[ -z "$others" ] || as_released $others || status=1
repeating=$(echo "$raced" | grep -E '/internal/provider$' || true)
[ -z "$repeating" ] || as_released -run "$repeated" $repeating || status=1
exit $status
