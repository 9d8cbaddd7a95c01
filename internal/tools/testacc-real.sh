#!/bin/sh
# Copyright (c) The terraform-provider-elasticcloud authors
# SPDX-License-Identifier: MPL-2.0

# Runs the acceptance tests against a real organization, after an explicit opt-in.
set -eu
cd "$(dirname "$0")/../.."

refuse() {
	cat >&2 <<MESSAGE
$1

make testacc-real works on the real organization of an API key: it invites addresses made from
ELASTICCLOUD_TEST_EMAIL (they get real e-mails), changes the roles of these people, and removes them again.
Use an organization that you need for nothing else. Set:

  EC_API_KEY                                a key of that organization with the role organization-admin
  ELASTICCLOUD_TEST_EMAIL                   where invitations go, with %s for what tells them apart: me+%s@example.com
  ELASTICCLOUD_TEST_REAL_ORGANIZATION=yes   that this is meant

and, where they differ from the defaults, EC_ENDPOINT and EC_ORGANIZATION_ID.
MESSAGE
	exit 2
}

[ -n "${EC_API_KEY:-}" ] || refuse "Refused: EC_API_KEY is not set."
[ "${ELASTICCLOUD_TEST_REAL_ORGANIZATION:-}" = yes ] ||
	refuse "Refused: ELASTICCLOUD_TEST_REAL_ORGANIZATION is not yes."
case ${ELASTICCLOUD_TEST_EMAIL:-} in
*%s*@?*) ;;
*) refuse "Refused: ELASTICCLOUD_TEST_EMAIL is not set to an address with %s before the @." ;;
esac

exec sh internal/tools/cli.sh go test -run '^TestAcc' -count=1 -timeout 60m -v ./internal/provider
