// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// Whatever somebody gives as an ID, the answer is about the ID.
func TestImportIDs(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		organization := map[string]string{
			"":      "The import ID is the ID of the organization",
			" ":     `The import names the organization " "`,
			"x":     `The import names the organization "x"`,
			"a/b/c": `The import names the organization "a/b/c"`,
		}
		domain := map[string]string{
			"":      "The import ID is a domain",
			" ":     `The import ID must be a domain. " "`,
			"x":     `The import ID must be a domain. "x"`,
			"a/b/c": `The import ID must be a domain. "a/b/c"`,
		}
		const anAssignment = "The import ID is the e-mail address, a slash and the grant, such as alice@example.com/deployment-editor:*."
		ids := map[string]map[string]string{
			"elasticcloud_member": {
				"":      "The import ID is an e-mail address or the user ID of a member",
				" ":     "this is neither an e-mail address nor the user ID of a member",
				"x":     "this is neither an e-mail address nor the user ID of a member",
				"a/b/c": "this is neither an e-mail address nor the user ID of a member",
			},
			"elasticcloud_role_assignment": {
				"":                 anAssignment,
				" ":                anAssignment,
				"x":                anAssignment,
				"a/b/c":            anAssignment,
				"bob@example.com":  `Could not import "bob@example.com": `,
				"bob@example.com/": `Could not import "bob@example.com/": `,
			},
			"elasticcloud_role_mapping": {
				"":      "The import ID is the name of a role mapping",
				" ":     "no role mapping with this name",
				"x":     "no role mapping with this name",
				"a/b/c": "no role mapping with this name",
			},
			"elasticcloud_domain_claim":            domain,
			"elasticcloud_domain_verification":     domain,
			"elasticcloud_members":                 organization,
			"elasticcloud_members_exclusive":       organization,
			"elasticcloud_role_mappings_exclusive": organization,
			"elasticcloud_saml_idp":                organization,
			"elasticcloud_saml_service_provider":   organization,
			"elasticcloud_sso_enforcement":         organization,
		}
		c := startCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for typeName := range c.Types {
			if ids[typeName] == nil {
				t.Errorf("%s is not tried", typeName)
			}
			for id, want := range ids[typeName] {
				_, diagnostics := c.ImportOne(t.Context(), server, typeName, typeName, id)
				err := terraformtest.Failed(diagnostics)
				wantError(t, err, want)
				if text := err.Error(); strings.Contains(text, "Value Conversion") || strings.Contains(text, "report") || strings.Contains(text, "\n") {
					t.Errorf("%s, %q: %s", typeName, id, text)
				}
			}
		}
	})
}
