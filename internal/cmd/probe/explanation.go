// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

// explanation is printed without the opt-in, when the probe sends nothing.
const explanation = `Nothing was sent. The probe makes these calls in the real organization of EC_API_KEY:

  1. GET the organization, its members, invitations, role mappings, domains and SAML IdP. The probe stops here if the
     key sees no owner, or if an address that you name is already a member or invited.
  2. POST an invitation without roles to your address, and POST it again. DELETE it, and DELETE it again. With two
     addresses: POST both at once, and DELETE both at once.
  3. POST an invitation that expires after a second. When it has expired, POST another one. DELETE it.
  4. POST and DELETE three invitations that promise viewer roles: with different lists of application roles, with two
     lists on one role, and on all deployments together with a single one.
  5. If a SAML IdP is enabled and a role mapping makes owners: POST a disabled role mapping, for a group without
     people. DELETE it, and DELETE it again.
  6. GET the lists again, and compare them with those of step 1.

Each invitation sends an e-mail to your address: at most 7 e-mails with one address, at most 9 with two. Do not accept
an invitation, because the probe never removes a member.

After each step the probe reads the lists until they show the change, for at most 30 seconds. It never changes members,
domains, the IdP or SSO enforcement, and creates no API key. It undoes its changes also after an error or Ctrl-C.

To run the probe:

  export EC_API_KEY=...                       a key with the role organization-admin
  export %s=%s
  make probe PROBE_EMAIL=you+probe@example.com
                                              or PROBE_EMAIL="you+1@example.com you+2@example.com" for all rules

Optional: EC_ENDPOINT and EC_ORGANIZATION_ID. PROBE_DEPLOYMENT=<ID> names a deployment for step 4, if Elastic Cloud
refuses an ID that does not exist.
`
