// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	devRule     = `any = [{ group = "dev" }]`
	nameIsTaken = `Warning: There is a role mapping "dev" already`
	isTakenOver = `Warning: The role mapping "dev" is taken over`
	madeAgain   = `Warning: The role mapping "dev" would be removed and made again`
)

// withDevs is withOwners and a mapping that the configurations may meet.
func withDevs(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := withOwners(t)
	srv.AddRoleMapping("dev", true, cloudtest.AnyOf(cloudtest.Group("dev")), "deployment-viewer:*")
	return srv
}

// That a name is taken is said by the plan, and not only by the apply that fails.
func TestRoleMappingNameIsTaken(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withDevs(t)
		tf := newTerraform(t, srv)
		tf.configure(mapping("dev", "dev", devRule, roles("deployment-editor:*")))
		wantText(t, tf.must("plan"), nameIsTaken, `It gives deployment-viewer:* to whoever is in the group "dev". It is another one than configured here`,
			"it fails, unless the same run removes the mapping first", `import { to = elasticcloud_role_mapping.this id = "dev" }`)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "There is a mapping of this name already, and it is another one. To manage that one, import it with this block")

		const late = "resource \"terraform_data\" \"late\" {\n  input = \"*\"\n}\n"
		tf.configure(late + mapping("dev", "dev", devRule, `roles = ["deployment-viewer:${terraform_data.late.output}"]`))
		wantText(t, tf.must("plan"), nameIsTaken, "Whether it is as configured here is known only at apply, which takes it over then; otherwise apply fails")
		srv.ChangeRoleMapping("dev", func(m *cloudtest.RoleMapping) { m.Enabled = false })
		tf.configure(mapping("dev", "dev", devRule, roles("deployment-viewer:*")))
		wantText(t, tf.must("plan"), nameIsTaken, "It is disabled, and would give deployment-viewer:* to")
		wantWrites(t, srv)

		srv.ChangeRoleMapping("dev", func(m *cloudtest.RoleMapping) { m.Enabled = true })
		out = tf.must("plan")
		wantText(t, out, isTakenOver, "Apply leaves it as it is; destroying this resource later removes it.")
		wantNoText(t, out, nameIsTaken)
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		wantText(t, tf.must("plan"), "No changes.")
		wantNoText(t, tf.must("plan", "-replace=elasticcloud_role_mapping.dev"), nameIsTaken, isTakenOver)
	})
}

// A name that the same plan gives up is no error, in whichever order the two are
// planned.
func TestRoleMappingNameIsGivenUp(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		tf := newTerraform(t, srv)
		tf.configure(mapping("a", "dev", devRule, roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		const moved = "moved {\n  from = elasticcloud_role_mapping.a\n  to   = elasticcloud_role_mapping.b\n}\n"
		tf.configure(mapping("b", "dev", devRule, roles("deployment-viewer:*")))
		wantText(t, tf.must("plan"), madeAgain, "say so with a moved block", "1 to add, 0 to change, 1 to destroy")
		tf.configure(mapping("b", "dev", devRule, roles("deployment-viewer:*")) + moved)
		wantNoText(t, tf.must("plan"), "Warning")
		tf.configure(mapping("a", "dev2", devRule, roles("deployment-viewer:*")) + mapping("b", "dev", devRule, roles("deployment-editor:*")))
		wantText(t, tf.must("plan"), madeAgain, "2 to add, 0 to change, 1 to destroy")

		dev := mappingBlock("dev", "dev", "deployment-viewer:*")
		early := planWarnings(t, withOwners(t), map[string]block{"b": dev}, map[string]block{"a": dev})
		wantText(t, early, madeAgain, isTakenOver)
		srv.ResetLedger()
		tf.configure("")
		wantNoText(t, tf.must("apply", "-auto-approve"), madeAgain)
		wantWrites(t, srv, dropMap)
	})
}

// Another name is another mapping: what it changes is said once, and for both.
func TestRoleMappingRename(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		tf := newTerraform(t, srv)
		tf.configure(mapping("dev", "dev", devRule, roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		const replaced = `Warning: The role mapping "dev" is replaced by "dev2"`
		for _, test := range []struct{ hcl, want string }{
			{mapping("dev", "dev2", devRule, roles("deployment-viewer:*")), "The new one gives the same to the same people. Who signs in while neither of the two is there gets nothing by them."},
			{mapping("dev", "dev2", devRule, roles("deployment-editor:*")), `At the next sign-in whoever is in the group "dev" gets deployment-editor:*, and loses deployment-viewer:* (unless another mapping gives it). Who signs in while`},
			{mapping("dev", "dev2", `any = [{ group = "team" }]`, roles("deployment-viewer:*")), `From the next sign-in on whoever is in the group "team" gets deployment-viewer:*. Who signs in while`},
		} {
			tf.configure(test.hcl)
			out := tf.must("plan")
			wantText(t, out, replaced, test.want)
			wantNoText(t, out, "Access by the role mapping", nameIsTaken)
		}
		const late = "resource \"terraform_data\" \"late\" {\n  input = \"dev2\"\n}\n"
		tf.configure(late + mapping("dev", "dev2", devRule, `roles = ["deployment-viewer:${terraform_data.late.output}"]`))
		wantText(t, tf.must("plan"), replaced, "What the new one gives is known only after apply.")
		tf.configure(late + "resource \"elasticcloud_role_mapping\" \"dev\" {\n  name = terraform_data.late.output\n  rule = { " + devRule + " }\n  " + roles("deployment-viewer:*") + "\n}\n")
		wantText(t, tf.must("plan"), `Warning: The role mapping "dev" is replaced by one whose name is known only after apply`, "The new one gives the same")

		srv.AddRoleMapping("dev2", true, cloudtest.AnyOf(cloudtest.Group("others")), "billing-admin")
		tf.configure(mapping("dev", "dev2", devRule, roles("deployment-viewer:*")))
		wantText(t, tf.must("plan"), replaced, `Warning: There is a role mapping "dev2" already`, "It gives billing-admin to")
		srv.RemoveRoleMapping("dev2")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// Another name of the last mapping that makes owners is refused while SSO is
// enforced, as the old one goes first.
func TestRoleMappingRenameOfTheLastOwners(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		tf := newTerraform(t, srv)
		tf.configure(mapping("owners", "owners", ownersRule, roles("organization-admin")))
		tf.must("apply", "-auto-approve")
		srv.Enforce(true)
		tf.configure(mapping("owners", "admins", ownersRule, roles("organization-admin")))
		wantText(t, tf.must("plan"), `Warning: The role mapping "owners" is replaced by "admins"`, lastOwners)
	})
}
