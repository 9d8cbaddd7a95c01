// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	devRule     = `any = [{ group = "dev" }]`
	nameIsTaken = `Warning: The role mapping "dev" already exists`
	isTakenOver = `Warning: The role mapping "dev" is adopted`
	madeAgain   = `Warning: The role mapping "dev" is removed and created again`
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
		wantText(t, tf.must("plan"), nameIsTaken, `It grants deployment-viewer:* to people in the group "dev". It differs from this configuration.`,
			"Apply fails unless the same run deletes it first.", `import { to = elasticcloud_role_mapping.this id = "dev" }`)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "A mapping with this name already exists, and it differs from this configuration. Nothing was changed. To manage the existing role mapping, import it.")

		const late = "resource \"terraform_data\" \"late\" {\n  input = \"*\"\n}\n"
		tf.configure(late + mapping("dev", "dev", devRule, `roles = ["deployment-viewer:${terraform_data.late.output}"]`))
		wantText(t, tf.must("plan"), nameIsTaken, "Apply adopts it if it is equal to this configuration, which is known only then. Otherwise apply fails")
		srv.ChangeRoleMapping("dev", func(m *cloudtest.RoleMapping) { m.Enabled = false })
		tf.configure(mapping("dev", "dev", devRule, roles("deployment-viewer:*")))
		wantText(t, tf.must("plan"), nameIsTaken, "It is disabled, and would grant deployment-viewer:* to")
		wantWrites(t, srv)

		srv.ChangeRoleMapping("dev", func(m *cloudtest.RoleMapping) { m.Enabled = true })
		out = tf.must("plan")
		wantText(t, out, isTakenOver, "Apply does not change it. Destroying this resource later deletes it.")
		wantNoText(t, out, nameIsTaken)
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		wantText(t, tf.must("plan"), "No changes.")
		wantNoText(t, tf.must("plan", "-replace=elasticcloud_role_mapping.dev"), nameIsTaken, isTakenOver)
	})
}

// A name that another resource of the same plan gives up is not an error, in any order.
func TestRoleMappingNameIsGivenUp(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		tf := newTerraform(t, srv)
		tf.configure(mapping("a", "dev", devRule, roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		const moved = "moved {\n  from = elasticcloud_role_mapping.a\n  to   = elasticcloud_role_mapping.b\n}\n"
		tf.configure(mapping("b", "dev", devRule, roles("deployment-viewer:*")))
		wantText(t, tf.must("plan"), madeAgain, "add a moved block", "1 to add, 0 to change, 1 to destroy")
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
			{mapping("dev", "dev2", devRule, roles("deployment-viewer:*")), "The new mapping grants the same to the same people. Between the two steps, neither mapping grants anything at a sign-in."},
			{mapping("dev", "dev2", devRule, roles("deployment-editor:*")), `At the next sign-in, people in the group "dev" get deployment-editor:*. At the next sign-in, people in the group "dev" lose deployment-viewer:*, unless a role mapping still grants it. Between the two steps`},
			{mapping("dev", "dev2", `any = [{ group = "team" }]`, roles("deployment-viewer:*")), `At the next sign-in, people in the group "team" get deployment-viewer:*. At the next sign-in, people in the group "dev" lose deployment-viewer:*, unless a role mapping still grants it. Between the two steps`},
		} {
			tf.configure(test.hcl)
			out := tf.must("plan")
			wantText(t, out, replaced, test.want)
			wantNoText(t, out, "Access by the role mapping", nameIsTaken)
		}
		const late = "resource \"terraform_data\" \"late\" {\n  input = \"dev2\"\n}\n"
		tf.configure(late + mapping("dev", "dev2", devRule, `roles = ["deployment-viewer:${terraform_data.late.output}"]`))
		wantText(t, tf.must("plan"), replaced, "The settings of the new mapping are known only after apply.")
		tf.configure(late + "resource \"elasticcloud_role_mapping\" \"dev\" {\n  name = terraform_data.late.output\n  rule = { " + devRule + " }\n  " + roles("deployment-viewer:*") + "\n}\n")
		wantText(t, tf.must("plan"), `Warning: The role mapping "dev" gets another name`, "The new name is known only after apply.", "The new mapping grants the same")

		srv.AddRoleMapping("dev2", true, cloudtest.AnyOf(cloudtest.Group("others")), "billing-admin")
		tf.configure(mapping("dev", "dev2", devRule, roles("deployment-viewer:*")))
		wantText(t, tf.must("plan"), replaced, `Warning: The role mapping "dev2" already exists`, "It grants billing-admin to")
		srv.RemoveRoleMapping("dev2")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// While SSO is enforced, the last mapping that makes owners gets another name only with
// create_before_destroy: the plan and the error of apply say so.
func TestRoleMappingRenameOfTheLastOwners(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		const remedy = "If only the name changes, set lifecycle { create_before_destroy = true } in the elasticcloud_role_mapping. Terraform then creates the new mapping first."
		srv, _ := withSSO(t)
		tf := newTerraform(t, srv)
		tf.configure(enforcedOwners("owners"))
		tf.must("apply", "-auto-approve")
		tf.configure(enforcedOwners("admins"))
		out := tf.must("plan")
		wantText(t, out, `Warning: The role mapping "owners" is replaced by "admins"`, lastOwners, "Apply refuses to delete it before another mapping grants organization-admin. "+remedy)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("the mapping is deleted first")
		}
		wantText(t, out, `Error: Could not delete the role mapping "owners"`, remedy)
		wantMappings(t, srv, "owners")
		wantRenamedFirst(t, srv, tf)
	})
}

// The CLI decides in what order it does the two.
func TestRoleMappingRenameCreatesFirstCLI(t *testing.T) {
	t.Parallel()
	srv, _ := withSSO(t)
	tf := newCLI(t, srv)
	tf.configure(enforcedOwners("owners"))
	tf.must("apply", "-auto-approve")
	wantRenamedFirst(t, srv, tf)
}

func enforcedOwners(name string, lines ...string) string {
	return mapping("owners", name, ownersRule, append(lines, roles("organization-admin"))...) + afterMapping
}

func wantRenamedFirst(t *testing.T, srv *cloudtest.Server, tf terraform) {
	t.Helper()
	tf.configure(enforcedOwners("admins", "lifecycle { create_before_destroy = true }"))
	wantText(t, tf.must("apply", "-auto-approve"), "1 added, 0 changed, 1 destroyed")
	wantMappings(t, srv, "admins")
	if !srv.Enforced() {
		t.Error("SSO is not enforced any more")
	}
	wantText(t, tf.must("plan"), "No changes.")
}
