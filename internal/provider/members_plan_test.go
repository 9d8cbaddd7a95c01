// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
)

// What the state does not show goes too, and the plan names it.
func TestMembersPlanNamesWhatIsHidden(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:a"))
		tf.must("apply", "-auto-approve")
		srv.Grant("bob@example.com", "billing-admin")
		srv.AddMember("carol@example.com", "deployment-viewer:c")
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:b", "carol@example.com: deployment-viewer:d"))
		out := tf.must("plan", "-refresh=false")
		wantText(t, out, "Warning: 2 people lose grants that the diff does not show", "- bob@example.com: billing-admin - carol@example.com: deployment-viewer:c")
		out = tf.must("plan")
		if strings.Contains(out, "Warning") {
			t.Errorf("the plan warns of what it shows: %s", out)
		}
	})
}

// Grants that are not known yet may take others away, organization-admin too.
func TestMembersPlanNamesWhatMayGo(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "organization-admin", "deployment-viewer:a", "billing-admin")
		tf := newTerraform(t, srv)
		lateRoles := func(value string) string {
			return late("grant", value) + "resource \"elasticcloud_members\" \"all\" {\n  members = {\n    \"owner@example.com\" = [\"organization-admin\"]\n" +
				"    \"bob@example.com\" = [\"billing-admin\", terraform_data.grant.output]\n  }\n}\n"
		}
		const mayLose = "Warning: bob@example.com may lose organization-admin"
		tf.configure(lateRoles("organization-admin"))
		wantText(t, tf.must("plan"), "Warning: Changes to 1 person are known only after apply",
			"Apply revokes these grants unless members turns out to contain them: - bob@example.com: deployment-viewer:a, organization-admin", mayLose)
		tf.must("apply", "-auto-approve")
		tf.configure(lateRoles("deployment-viewer:a"))
		out := tf.must("plan")
		wantText(t, out, `- "organization-admin",`, mayLose)
		if strings.Contains(out, "unless members turns out") {
			t.Errorf("the plan warns of what it shows: %s", out)
		}
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:a", "billing-admin")
	})
}

// Owners who are demoted and owners who are removed by one plan are no comfort
// to each other.
func TestMembersPlanOwnersGoTogether(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("inv2@example.com", "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "inv2@example.com: billing-admin"))
		tf.must("apply", "-auto-approve")
		srv.Grant("inv2@example.com", "organization-admin")
		srv.AddMember("stranger@example.com", "organization-admin")
		out := tf.must("plan")
		wantText(t, out, "Warning: 2 owners lose organization-admin",
			"inv2@example.com is no longer an owner of the organization. stranger@example.com is removed from the organization. Other owners before this plan: owner@example.com.")
		if strings.Count(out, "Other owners before this plan") != 1 {
			t.Errorf("it is not said once: %s", out)
		}
	})
}
