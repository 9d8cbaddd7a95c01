#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Shows that no test depends on how busy the machine is. It starts BUSY (6) processes that only compute. Meanwhile it runs
# `make test` RUNS (3) times, and then the tests that wait for something WAITS (20) times. It ends at the first failure.
set -eu
cd "$(dirname "$0")/../.."

# The provider's tests in which something is slow, lags, hangs, is stopped or happens at the same time.
waiting='Interrupted|Stopped|Meanwhile|Waits|Waiting|DuringApply|LooksAnew|OwnersSwap|Relieved|RenamedWithoutMoved|LastOwnerCreate|ServesUntil|NoticesWhat'

processes=
trap 'kill $processes' EXIT
trap 'exit 1' INT TERM
i=0
while [ $i -lt "${BUSY:-6}" ]; do
	(while :; do :; done) &
	processes="$processes $!"
	i=$((i + 1))
done

run() {
	start=$(date +%s)
	"$@"
	echo "=== green in $(($(date +%s) - start)) s: $*"
}

i=0
while [ $i -lt "${RUNS:-3}" ]; do
	run make test
	i=$((i + 1))
done
run sh internal/tools/cli.sh go test -count="${WAITS:-20}" -timeout 120m ./internal/pace ./internal/cloud ./internal/cloudtest \
	./internal/organization ./internal/cmd/probe
run sh internal/tools/cli.sh go test -count="${WAITS:-20}" -timeout 120m -run "$waiting" ./internal/provider ./internal/cmd/demo \
	./internal/cmd/fakecloud
