// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

// explanation is what the probe says in place of doing anything.
const explanation = `Nothing was sent. The probe works on the real organization of EC_API_KEY:

  1. GET the organization, its members, invitations, role mappings, domains and SAML IdP. It stops here where
     the key sees no owner, or where an address that you name is a member or invited already.
  2. POST an invitation without roles to your address, and again to see what the service says; DELETE it, and DELETE
     it again. With two addresses: POST both at once, and DELETE both at once.
  3. POST an invitation that expires after a second; once it has expired, POST again; DELETE it.
  4. POST and DELETE three invitations that promise viewer roles: with different lists of application roles, with two
     lists on one role, and on all deployments beside a single one.
  5. Where a SAML IdP is enabled and a role mapping makes owners: POST a role mapping that is disabled, for a group
     that nobody is in; DELETE it, and DELETE it again.
  6. GET the lists again, and compare them with those of step 1.

Each invitation sends an e-mail to your address: seven at most with one address, nine with two. Do not accept one: the
probe never removes a member. Between the steps the lists are read until they show what was done, 30 seconds at most.
The probe never changes members, domains, the IdP or SSO enforcement, and makes no API key. What it made is undone
also after an error and after Ctrl-C.

To run it:

  export EC_API_KEY=...                       a key with the role organization-admin
  export %s=%s
  make probe PROBE_EMAIL=you+probe@example.com
                                              or PROBE_EMAIL="you+1@example.com you+2@example.com" for all rules

and, where they differ from the defaults, EC_ENDPOINT and EC_ORGANIZATION_ID. PROBE_DEPLOYMENT=<ID> names a
deployment for step 4, if the service refuses an ID that does not exist.
`
