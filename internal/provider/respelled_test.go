// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"
)

// What is only spelled or ordered in another way than in the state is no change.
// Beside something else it is planned as configured, and has to stay so when
// apply plans again: what was not known may turn out as it was.
func TestAnotherSpellingBesideTheUnknown(t *testing.T) {
	t.Parallel()
	certificate, next := longLived(t, "a"), longLived(t, "b")
	for name, test := range map[string]struct {
		arguments        string // before the list
		known, respelled string // elements of the list
		late             string // an element that is known only after apply
		other            string // an argument that is another change, if any
	}{
		"member": {"email = \"alice@example.com\"\n roles =", `"elasticsearch-viewer:*+a+b"`, `"elasticsearch-viewer:*+b+a"`,
			"deployment-viewer:*", "allow_last_owner_removal = true"},
		"role_mapping": {"name = \"a\"\n rule = { any = [{ group = \"g\" }] }\n roles =",
			`"organization-admin", "elasticsearch-viewer:*+a+b"`, `"organization-admin", "elasticsearch-viewer:*+b+a"`, "deployment-viewer:*", ""}, // the only one that makes owners stays enabled
		"members_exclusive":       {"emails =", `"owner@example.com"`, `"Owner@example.com"`, "alice@example.com", "max_removals = 7"},
		"role_mappings_exclusive": {"names =", `"x", "y"`, `"y", "x"`, "b", "max_removals = 7"},
		"saml_idp": {"login_identifier_prefix = \"acme\"\n issuer = \"https://idp.example/entity\"\n sso_url = \"https://idp.example/sso\"\n certificates =",
			fmt.Sprintf("%q", certificate), fmt.Sprintf("%q", certificate+"\n"), next, "enabled = false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			srv.ClaimDomain("example.com")
			tf := newTerraform(t, srv)
			configure := func(run int, known, other string) {
				tf.configure(fmt.Sprintf("resource \"terraform_data\" \"late\" {\n input = %q\n triggers_replace = %d\n}\n", test.late, run) +
					fmt.Sprintf("resource \"elasticcloud_%s\" \"this\" {\n %s [%s, terraform_data.late.output]\n %s\n}\n", name, test.arguments, known, other))
			}
			const both, nothing = "1 added, 1 changed, 1 destroyed", "No changes."
			configure(1, test.known, "")
			tf.must("apply", "-auto-approve")
			configure(2, test.respelled, "")
			wantText(t, tf.must("apply", "-auto-approve"), both)
			wantText(t, tf.must("plan"), nothing)
			configure(2, test.known, "")
			wantText(t, tf.must("plan"), nothing)
			configure(3, test.known, test.other)
			wantText(t, tf.must("apply", "-auto-approve"), both)
			wantText(t, tf.must("plan"), nothing)
			// Without a refresh a plan cannot be told from that of an apply, and
			// shows the spelling, once.
			configure(3, test.respelled, test.other)
			wantText(t, tf.must("apply", "-auto-approve", "-refresh=false"), "0 added, 1 changed, 0 destroyed")
			wantText(t, tf.must("plan", "-refresh=false"), nothing)
		})
	}
}
