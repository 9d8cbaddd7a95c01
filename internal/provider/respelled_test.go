// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Another spelling or order than in the state causes no diff, with or without a refresh.
// Together with another change, it is planned as configured. The plan of the apply must be
// the same, even if an unknown value turns out to be unchanged and nothing else changes.
func TestAnotherSpellingBesideTheUnknown(t *testing.T) {
	t.Parallel()
	certificate, next := longLived(t, "a"), longLived(t, "b")
	list := func(elements ...string) string { return "[" + strings.Join(elements, ", ") + "]" }
	for name, test := range map[string]struct {
		arguments        string // before the list
		known, respelled string // elements of the list
		late             string // an element that is known only after apply
		other            string // an argument that is another change
		value            func(...string) string
	}{
		"member": {"email = \"alice@example.com\"\n roles =", `"elasticsearch-viewer:*+a+b"`, `"elasticsearch-viewer:*+b+a"`,
			"deployment-viewer:*", "allow_last_owner_removal = true", list},
		"members": {"members =", `"elasticsearch-viewer:*+a+b"`, `"elasticsearch-viewer:*+b+a"`,
			"deployment-viewer:*", "max_removals = 7", func(grants ...string) string {
				return `{ "owner@example.com" = ["organization-admin"], "alice@example.com" = [` + strings.Join(grants, ", ") + `] }`
			}},
		"role_mapping": {"name = \"a\"\n rule = { any = [{ group = \"g\" }] }\n roles =",
			`"organization-admin", "elasticsearch-viewer:*+a+b"`, `"organization-admin", "elasticsearch-viewer:*+b+a"`, "deployment-viewer:*", "enabled = false", list},
		"members_exclusive":       {"emails =", `"owner@example.com"`, `"Owner@example.com"`, "alice@example.com", "max_removals = 7", list},
		"role_mappings_exclusive": {"names =", `"x", "y"`, `"y", "x"`, "b", "max_removals = 7", list},
		"saml_idp": {"login_identifier_prefix = \"acme\"\n issuer = \"https://idp.example/entity\"\n sso_url = \"https://idp.example/sso\"\n certificates =",
			fmt.Sprintf("%q", certificate), fmt.Sprintf("%q", certificate+"\n"), next, "enabled = false", list},
	} {
		for _, other := range []string{"", test.other} {
			t.Run(name+" "+other, func(t *testing.T) {
				t.Parallel()
				playing(t, func(t *testing.T) {
					srv := newFake(t)
					srv.ClaimDomain("example.com")
					if name == "role_mapping" { // or it could not be disabled
						srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
					}
					tf := newTerraform(t, srv)
					configure := func(run int, known, other string) {
						tf.configure(fmt.Sprintf("resource \"terraform_data\" \"late\" {\n input = %q\n triggers_replace = %d\n}\n", test.late, run) +
							fmt.Sprintf("resource \"elasticcloud_%s\" \"this\" {\n %s %s\n %s\n}\n", name, test.arguments, test.value(known, "terraform_data.late.output"), other))
					}
					plansNothing := func() {
						t.Helper()
						for _, refresh := range []string{"true", "false"} {
							wantText(t, tf.must("plan", "-refresh="+refresh), "No changes.")
						}
					}
					configure(1, test.known, "")
					tf.must("apply", "-auto-approve")
					configure(1, test.respelled, "")
					plansNothing()
					configure(2, test.respelled, other)
					wantText(t, tf.must("apply", "-auto-approve"), "1 added, 1 changed, 1 destroyed")
					for _, known := range []string{test.respelled, test.known} {
						configure(2, known, other)
						plansNothing()
					}
				})
			})
		}
	}
}
