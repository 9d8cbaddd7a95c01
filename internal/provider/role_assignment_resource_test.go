// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

// assignment is the HCL of one role assignment; email is an HCL expression.
func assignment(name, email, role string) string {
	return fmt.Sprintf("resource \"elasticcloud_role_assignment\" %q {\n  email = %s\n  role  = %q\n}\n", name, email, role)
}

// TestAccRoleAssignment is also run against a real organization.
func TestAccRoleAssignment(t *testing.T) {
	t.Parallel()
	o := newTestOrganization(t)
	email := o.email("alice")
	hcl := member("alice", email) + assignment("viewer", "elasticcloud_member.alice.email", "deployment-viewer:*")
	o.run(t, []string{email},
		resource.TestStep{
			Config: hcl,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("elasticcloud_role_assignment.viewer", tfjsonpath.New("status"), knownvalue.StringExact("pending")),
				statecheck.ExpectKnownValue("elasticcloud_role_assignment.viewer", tfjsonpath.New("id"), knownvalue.StringExact(strings.ToLower(email)+"/deployment-viewer:*")),
			},
		},
		resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan},
		resource.TestStep{ResourceName: "elasticcloud_role_assignment.viewer", ImportState: true, ImportStateVerify: true},
	)
}

// Somebody who has not joined waits, without another e-mail, and the first plan
// after they joined shows it.
func TestRoleAssignmentWaitsForTheMember(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "Alice@example.com") + assignment("viewer", "elasticcloud_member.alice.email", "deployment-viewer:*"))
		out := tf.must("plan")
		wantText(t, out, "Warning: Alice@example.com has not joined yet", "stays pending, and apply sends no e-mail for it")
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, postInv)
		wantMails(t, srv, 1)
		wantText(t, tf.must("plan"), "No changes.")
		srv.Expire("alice@example.com")
		wantText(t, tf.must("plan"), "1 to change") // the member's invitation, not the assignment
		tf.must("apply", "-auto-approve")
		srv.Accept("alice@example.com")
		wantText(t, tf.must("plan"), `~ status = "pending" -> "assigned"`, "0 to add, 1 to change, 0 to destroy")
		srv.ResetLedger()
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, postRoles)
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")
		wantText(t, tf.must("plan"), "No changes.")
		wantMails(t, srv, 2)
	})
}

// Other grants are not its matter, and drift is exactly what went.
func TestRoleAssignmentIsAdditive(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:a", "elasticsearch-viewer:*+x")
		tf := newTerraform(t, srv)
		tf.configure(assignment("b", `"alice@example.com"`, "deployment-viewer:b") + assignment("held", `"ALICE@example.com"`, "deployment-viewer:a") +
			assignment("app", `"alice@example.com"`, "elasticsearch-viewer:*+y+x"))
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, postRoles, postRoles, postRoles) // the list may show deployment-viewer:a+ as the one that is held
		wantText(t, tf.must("plan"), "No changes.")
		tf.configure(assignment("b", `"Alice@example.com"`, "deployment-viewer:b") + assignment("held", `"ALICE@example.com"`, "deployment-viewer:a") +
			assignment("app", `"alice@example.com"`, "elasticsearch-viewer:*+x+y"))
		wantText(t, tf.must("plan"), "No changes.")

		srv.Grant("alice@example.com", "billing-admin")
		srv.Ungrant("alice@example.com", "deployment-viewer:b")
		out := tf.must("plan")
		wantText(t, out, "elasticcloud_role_assignment.b will be created", "1 to add, 0 to change, 0 to destroy")
		srv.ResetLedger()
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, postRoles)
		wantGrants(t, srv, "alice@example.com", "billing-admin", "deployment-viewer:a", "deployment-viewer:b", "elasticsearch-viewer:*+x", "elasticsearch-viewer:*+x+y")
		tf.must("destroy", "-auto-approve")
		wantGrants(t, srv, "alice@example.com", "billing-admin", "elasticsearch-viewer:*+x")
	})
}

// A grant that a grant on all resources absorbs does not cause an endless diff.
func TestRoleAssignmentIsAbsorbed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.AllAbsorbs())
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(assignment("b", `"alice@example.com"`, "deployment-viewer:b"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A grant that is revoked together with the grant on all resources is granted again, because
// another assignment, which does not change, has it.
func TestRoleAssignmentOutlivesTheAbsorbing(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		for name, opts := range map[string][]cloudtest.Option{"absorbs": {cloudtest.AllAbsorbs()}, "keeps both": nil} {
			srv := newFake(t, opts...)
			srv.AddMember("alice@example.com")
			tf := newTerraform(t, srv)
			stays := assignment("b", `"alice@example.com"`, "deployment-viewer:b")
			tf.configure(stays + assignment("all", `"alice@example.com"`, "deployment-viewer:*"))
			tf.must("apply", "-auto-approve")
			tf.configure(stays + assignment("all", `"alice@example.com"`, "deployment-editor:*"))
			want := map[string]string{"absorbs": "must be replaced", "keeps both": "0 to add, 1 to change, 0 to destroy"}[name]
			wantText(t, tf.must("plan"), want)
			tf.must("apply", "-auto-approve")
			wantGrants(t, srv, "alice@example.com", "deployment-editor:*", "deployment-viewer:b")
			wantText(t, tf.must("plan"), "No changes.")
			tf.configure(stays + assignment("all", `"alice@example.com"`, "deployment-viewer:*"))
			tf.must("apply", "-auto-approve")
			tf.configure(stays)
			wantText(t, tf.must("plan"), "0 to add, 0 to change, 1 to destroy")
			srv.ResetLedger()
			tf.must("apply", "-auto-approve")
			wantGrants(t, srv, "alice@example.com", "deployment-viewer:b")
			if writes := len(srv.Writes()); opts == nil && writes != 1 {
				t.Errorf("%s: %d writes", name, writes)
			}
			wantText(t, tf.must("plan"), "No changes.")
		}
	})
}

func TestRoleAssignmentReplaces(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddMember("bob@example.com")
		const name = "elasticcloud_role_assignment.a"
		tf := newTerraform(t, srv)
		tf.configure(assignment("a", `"alice@example.com"`, "deployment-viewer:a"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		hcl := assignment("a", `"bob@example.com"`, "deployment-viewer:b")
		tf.configure(hcl)
		wantText(t, tf.must("plan"), name+" must be replaced")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		tf.wantImported(srv, hcl, map[string]string{name: "bob@example.com/deployment-viewer:b"})
		refusesImports(t, srv, hcl, name, map[string]string{
			"bob@example.com/deployment-viewer:*": "does not hold deployment-viewer:*",
			"bob@example.com":                     "The import ID is the e-mail address, a slash and the grant",
			"bob@example.com/deployment-viewer":   "needs a scope",
		})
		tf.must("destroy", "-auto-approve")
		wantGrants(t, srv, "alice@example.com")
		wantGrants(t, srv, "bob@example.com")
	})
}

func TestRoleAssignmentIdentity(t *testing.T) {
	t.Parallel()
	testneeds.Identity(t)
	srv := newFake(t)
	srv.AddMember("alice@example.com")
	const name = "elasticcloud_role_assignment.a"
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, assignment("a", `"Alice@example.com"`, "elasticsearch-viewer:*+y+x")), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(name, map[string]knownvalue.Check{
					"organization_id": knownvalue.StringExact(srv.OrganizationID),
					"email":           knownvalue.StringExact("alice@example.com"),
					"role":            knownvalue.StringExact("elasticsearch-viewer:*+x+y"),
				})}},
			{ResourceName: name, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
		},
	})
}

// Nobody knows the person: the plan warns, and apply fails and writes nothing.
func TestRoleAssignmentForSomebodyUnknown(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {

		srv := newFake(t)
		playRun(t, srv, resource.TestStep{
			Config: assignment("a", `"nobody@example.com"`, "deployment-viewer:*"),
			ExpectError: spaced("neither a member of the organization nor invited to it Invite this person first, with an elasticcloud_member to which this resource refers. " +
				"Or wait for the person's first sign-in through SSO."),
		})
		wantWrites(t, srv)
		tf := newTerraform(t, srv)
		tf.configure(assignment("a", `"nobody@example.com"`, "deployment-viewer:*"))
		wantText(t, tf.must("plan"), "Warning: nobody@example.com is neither a member nor invited", "Apply fails unless it also invites this person.")

	})
}

// Both resources have the address, and neither refers to the other: the assignment waits for
// the invitation in progress.
func TestRoleAssignmentWithoutReference(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Latency(20e6))
		playRun(t, srv, resource.TestStep{Config: assignment("a", `"alice@example.com"`, "deployment-viewer:*") + member("z", "alice@example.com")})
		wantMails(t, srv, 1)
	})
}

// Two ways to give roles to one person are refused, whichever is planned first.
func TestRoleAssignmentBesideRoles(t *testing.T) {
	t.Parallel()
	late := `resource "terraform_data" "late" { input = "Alice@example.com" }` + "\n"
	for name, hcl := range map[string]string{
		"member first":     member("alice", "alice@example.com", roles("deployment-viewer:a")) + assignment("b", "elasticcloud_member.alice.email", "deployment-viewer:b"),
		"assignment first": assignment("b", `"Alice@example.com"`, "deployment-viewer:b") + member("alice", "alice@example.com", roles("deployment-viewer:a"), "depends_on = [elasticcloud_role_assignment.b]"),
		"no roles":         member("alice", "alice@example.com", "roles = []") + assignment("b", `"alice@example.com"`, "deployment-viewer:b"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddMember("alice@example.com")
				refuses(t, srv, hcl, "granted roles in two ways")
				refuses(t, srv, hcl, "Either remove roles from the elasticcloud_member, or list all grants in roles and remove the assignments.")
				wantWrites(t, srv)
			})
		})
	}
	t.Run("known late", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com")
			hcl := late + member("alice", "alice@example.com", roles("deployment-viewer:a")) +
				"resource \"elasticcloud_role_assignment\" \"b\" {\n  email = terraform_data.late.output\n  role = \"deployment-viewer:b\"\n  depends_on = [elasticcloud_member.alice]\n}\n"
			playSteps(t, srv, resource.TestStep{Config: hcl, ExpectError: spaced("granted roles in two ways")})
			if n := len(srv.Writes()); n > 2 { // the member's grant, and its removal at the end
				t.Errorf("%d writes", n)
			}
		})
	})
	t.Run("roles may turn out null", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com")
			tf := newTerraform(t, srv)
			tf.configure(late + member("alice", "alice@example.com", `roles = terraform_data.late.output == "Alice@example.com" ? null : ["billing-admin"]`) +
				"resource \"elasticcloud_role_assignment\" \"b\" {\n  email = elasticcloud_member.alice.email\n  role = \"deployment-viewer:b\"\n}\n")
			wantText(t, tf.must("plan"), "Warning: alice@example.com may be granted roles in two ways")
			tf.must("apply", "-auto-approve")
			wantText(t, tf.must("plan"), "No changes.")
			wantGrants(t, srv, "alice@example.com", "deployment-viewer:b")
		})
	})
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		virtually(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com")
			srv.AddInvitation("bob@example.com")
			c, err := newCore(srv)
			if err != nil {
				t.Fatal(err)
			}
			assigned := func(email string) block {
				return block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": email, "role": "billing-admin"}}
			}
			for _, before := range []func(){func() {}, func() { srv.Accept("bob@example.com") }} { // created, then updated
				before()
				c.mustApply(t, map[string]block{"b": assigned("bob@example.com")})
			}
			_, err = c.plan(t.Context(), map[string]block{
				"alice": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com", "roles": []string{"deployment-viewer:a"}}},
				"b":     assigned("alice@example.com"),
			})
			if err == nil || !strings.Contains(err.Error(), "granted roles in two ways") {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("roles left out", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com")
			playRun(t, srv, resource.TestStep{Config: member("alice", "alice@example.com") + assignment("b", "elasticcloud_member.alice.email", "deployment-viewer:b")})
		})
	})
}

func TestRoleAssignmentTwice(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		tf := newTerraform(t, srv)
		tf.configure(assignment("a", `"alice@example.com"`, "elasticsearch-viewer:*+x+y") + assignment("b", `"Alice@example.com"`, "elasticsearch-viewer:*+y+x"))
		wantText(t, tf.must("plan"), "is granted elasticsearch-viewer:*+x+y twice")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("apply", "-auto-approve", "-replace=elasticcloud_role_assignment.a"), "Apply complete!")
	})
}

func TestRoleAssignmentNearlyKnown(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(assignment("a", `"alice@example.com"`, "deployment-edtor:*"))
		wantText(t, tf.must("validate"), "Did you mean deployment-editor?")
		tf.configure(assignment("a", `"alice@example.com"`, "deployment-editor"))
		out, ok := tf.run("validate")
		if ok {
			t.Error("a grant without a scope is valid")
		}
		wantText(t, out, "Error: Invalid grant", "deployment-editor needs a scope")
	})
}

// A member who leaves between plan and apply is an error that says so, and no
// plan that Terraform finds inconsistent: for a new assignment, and for one that
// waited.
func TestRoleAssignmentOfSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	for name, waited := range map[string]bool{"new": false, "waited": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				c, err := newCore(srv)
				if err != nil {
					t.Fatal(err)
				}
				srv.AddInvitation("bob@example.com")
				config := it(block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": "bob@example.com", "role": "billing-admin"}})
				if waited {
					c.mustApply(t, config)
				}
				srv.Accept("bob@example.com")
				changes, err := c.plan(t.Context(), config)
				if err != nil || len(changes) != 1 {
					t.Fatalf("planned are %v, %v", addresses(changes), err)
				}
				srv.Remove("bob@example.com")
				srv.ResetLedger()
				if err := c.carryOut(t.Context(), changes); err == nil || strings.Contains(err.Error(), terraformtest.ErrInconsistent.Error()) || !strings.Contains(err.Error(), "neither a member") {
					t.Errorf("got %v", err)
				}
				wantWrites(t, srv)
			})
		})
	}
}

// A replacement by an assignment that waits says so: Terraform drops the warnings
// of the creation.
func TestRoleAssignmentReplacedWaits(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddInvitation("bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(assignment("x", `"alice@example.com"`, "billing-admin"))
		tf.must("apply", "-auto-approve")
		tf.configure(assignment("x", `"bob@example.com"`, "billing-admin"))
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 1 to destroy", "Warning: bob@example.com has not joined yet")
		tf.configure(assignment("x", `"carol@example.com"`, "billing-admin"))
		wantText(t, tf.must("plan"), "Warning: carol@example.com is neither a member nor invited")
	})
}

// The import ID is the id of the state, also where the address or an application
// role has a slash.
func TestRoleAssignmentImportWithSlashes(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		for email, role := range map[string]string{"a/b@example.com": "deployment-viewer:*", "carol@example.com": "deployment-viewer:*+x/y@z"} {
			srv := newFake(t)
			srv.AddMember(email, role)
			c, err := newCore(srv)
			if err != nil {
				t.Fatal(err)
			}
			config := it(block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": email, "role": role}})
			c.Imports = map[string]string{"it": email + "/" + role}
			if changes, err := c.plan(t.Context(), config); err != nil || len(changes) > 0 {
				t.Errorf("%s: planned are %v, %v", email, addresses(changes), err)
			}
		}
	})
}

// A grant that the person holds already is adopted: the plan says so, and the apply changes
// nothing.
func TestRoleAssignmentPlanNamesWhatIsHeld(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:*")
		srv.AddMember("carol@example.com", "deployment-viewer:*")
		srv.AddInvitation("dora@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		const adopted = "Warning: 1 grant is adopted"
		tf.configure(assignment("x", `"Bob@example.com"`, "deployment-viewer:*"))
		wantText(t, tf.must("plan"), adopted, "The person already holds this grant, so apply changes nothing in Elastic Cloud. Destroying this resource later revokes the grant. - Bob@example.com: deployment-viewer:*")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:*")
		wantText(t, tf.must("plan"), "No changes.")

		tf.configure(assignment("x", `"carol@example.com"`, "deployment-viewer:*")) // the creation's own warnings are dropped
		wantText(t, tf.must("plan"), adopted, "- carol@example.com: deployment-viewer:*")
		for _, hcl := range []string{
			assignment("x", `"bob@example.com"`, "deployment-editor:*"),
			assignment("x", `"dora@example.com"`, "deployment-viewer:*"),
			assignment("x", `"bob@example.com"`, "deployment-viewer:*") + assignment("y", `"bob@example.com"`, "deployment-viewer:a"),
		} {
			tf.configure(hcl)
			wantNoText(t, tf.must("plan"), adopted)
		}
	})
}
