// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// replaceable are resources of which create_before_destroy may leave an old object, each
// with what it needs.
func replaceable(t *testing.T) map[string]needing {
	t.Helper()
	all := oneOfEach(t)
	all["dana@example.com"] = needing{it: block{Type: memberType, Attributes: map[string]any{"email": "dana@example.com", "roles": []any{"deployment-viewer:*"}}}}
	all["alice@example.com"] = needing{it: block{Type: roleAssignmentType, Attributes: map[string]any{"email": "alice@example.com", "role": "deployment-viewer:*"}}}
	return all
}

// leaveBehind has an object made twice, as a replacement does, and leaves the first one
// deposed.
func leaveBehind(t *testing.T, c *core, config map[string]block, address string) {
	t.Helper()
	c.mustApply(t, config)
	old := c.State[address]
	time.Sleep(time.Second) // a later run
	changes, err := c.planWith(t.Context(), config, terraformtest.Options{Replace: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.carryOut(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	c.State[terraformtest.Deposed(address, 0)] = old
}

// An object that create_before_destroy has left ends in the state, and the service is
// left alone: what has replaced it is for the same. The plan and the apply say so.
func TestDeposedObjectEndsInTheState(t *testing.T) {
	t.Parallel()
	for words, test := range replaceable(t) {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				srv.AddMember("alice@example.com")
				c := startCore(t, srv)
				it := test.it
				it.CreateFirst = true
				config := beside(test.needs, it, "it")
				leaveBehind(t, c, config, "it")
				srv.ResetLedger()
				said := c.endDeposed(t, config)
				planned := words + " is managed twice"
				if it.Type == roleAssignmentType {
					planned = words + " keeps deployment-viewer:*"
				}
				wantText(t, said, planned)
				wantText(t, said, "was removed from the state only")
				wantWrites(t, srv)
				wantEmpty(t, c, config)
			})
		})
	}
}

// An object that was imported does not remember when it was made.
func TestDeposedObjectThatWasImported(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("dana@example.com")
		c := startCore(t, srv)
		config := map[string]block{"it": {Type: memberType, Attributes: map[string]any{"email": "dana@example.com"}, CreateFirst: true}}
		c.Imports = map[string]string{"it": "dana@example.com"}
		leaveBehind(t, c, config, "it")
		wantText(t, c.endDeposed(t, config), "dana@example.com is managed twice")
		wantWrites(t, srv)
		wantEmpty(t, c, config)
	})
}

// More objects may be left than Terraform works on at a time. Then the plan is refused, and
// says that a higher -parallelism helps.
func TestManyDeposedObjects(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 100} {
		virtually(t, func(t *testing.T) {
			srv := newFake(t)
			c := startCore(t, srv)
			config := map[string]block{}
			for i := range 25 {
				email := fmt.Sprintf("p%d@example.com", i)
				srv.AddMember(email)
				config[email] = block{Type: memberType, Attributes: map[string]any{"email": email}, CreateFirst: true}
			}
			c.mustApply(t, config)
			old := maps.Clone(c.State)
			for address := range old {
				c.Forget(address)
			}
			time.Sleep(time.Minute)
			c.mustApply(t, config)
			for address, o := range old {
				c.State[terraformtest.Deposed(address, 0)] = o
			}
			c.Parallelism = parallelism
			if parallelism == 1 { // where one of them is planned before its successor
				if _, err := c.Plan(t.Context(), config, terraformtest.Options{}); err == nil || !strings.Contains(err.Error(), "plan with a higher -parallelism") {
					t.Errorf("got %v", err)
				}
				wantWrites(t, srv)
				return
			}
			c.endDeposed(t, config)
			wantWrites(t, srv)
			wantEmpty(t, c, config)
		})
	}
}

// A tainted object is planned as a creation, and its destruction is applied first. The
// person stays in the organization.
func TestTaintedMemberStays(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.AddMember("dana@example.com", "deployment-viewer:*")
	tf := newCLI(t, srv)
	tf.configure(member("dana", "dana@example.com", roles("deployment-viewer:*")) + assignment("erin", `"erin@example.com"`, "deployment-viewer:*"))
	srv.AddMember("erin@example.com")
	tf.must("apply", "-auto-approve")
	for _, address := range []string{"elasticcloud_member.dana", "elasticcloud_role_assignment.erin"} {
		tf.must("taint", address)
	}
	tf.must("apply", "-auto-approve")
	wantWrites(t, srv, postRoles, postRoles) // given once more, which changes nothing
	wantText(t, tf.must("plan"), "No changes.")
}

// endDeposed plans and applies, and returns what was said.
func (c *core) endDeposed(t *testing.T, config map[string]block) string {
	t.Helper()
	c.set()
	p, err := c.Plan(t.Context(), config, terraformtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, d := range append(p.Diagnostics, a.Diagnostics...) {
		said.WriteString(d.Summary + "\n")
	}
	for address := range c.State {
		if strings.Contains(address, "deposed") {
			t.Errorf("%s is still in the state", address)
		}
	}
	return said.String()
}

// If the plan creates another resource of the same type, an apply could not distinguish the
// old object from one that this run replaces. So the plan fails.
func TestDeposedObjectBesideSomethingNew(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		dana := block{Type: memberType, Attributes: map[string]any{"email": "dana@example.com"}, CreateFirst: true}
		erin := block{Type: memberType, Attributes: map[string]any{"email": "erin@example.com"}}
		config := map[string]block{"it": dana}
		leaveBehind(t, c, config, "it")
		srv.ResetLedger()
		for range 10 { // in any order
			if err := c.apply(t.Context(), map[string]block{"it": dana, "new": erin}); err == nil || !strings.Contains(err.Error(), "Could not plan the end of a second elasticcloud_member") {
				t.Errorf("got %v", err)
			}
		}
		wantWrites(t, srv)
		c.endDeposed(t, config)
		if err := c.apply(t.Context(), map[string]block{"it": dana, "new": erin}); err != nil {
			t.Error(err)
		}
	})
}

// The successor of a deposed object may be somebody else. An apply cannot tell, and so it
// leaves the person, and says how to end the access.
func TestDeposedObjectOfSomebodyElse(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		members := func(email string) map[string]block {
			return map[string]block{"it": {Type: memberType, Attributes: map[string]any{"email": email}, CreateFirst: true}}
		}
		c.mustApply(t, members("dana@example.com"))
		srv.Fail(cloudtest.Fault{Route: dropInv, Status: 403, Code: "root.unauthorized", Times: -1})
		if err := c.apply(t.Context(), members("erin@example.com")); err == nil {
			t.Fatal("the old invitation is revoked")
		}
		srv.ClearFaults()
		srv.ResetLedger()
		said := c.endDeposed(t, members("erin@example.com"))
		if !strings.Contains(said, `The elasticcloud_member "dana@example.com" was removed from the state only`) {
			t.Errorf("said: %s", said)
		}
		wantWrites(t, srv)
		wantEmpty(t, c, members("erin@example.com"))
	})
}

// With the CLI, an object is left behind where something that depends on its replacement
// fails. Plan, apply and destroy go on from there.
func TestDeposedObjectThroughTerraform(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("dana@example.com")
		tf := newTerraform(t, srv)
		config := func(version, more string) string {
			return "resource \"terraform_data\" \"version\" {\n  input = \"" + version + "\"\n}\n" +
				"resource \"elasticcloud_member\" \"dana\" {\n  email = \"dana@example.com\"\n  lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.version]\n  }\n}\n" + more
		}
		tf.configure(config("1", ""))
		tf.must("apply", "-auto-approve")
		time.Sleep(time.Second) // virtual time does not pass otherwise
		tf.configure(config("2", "resource \"elasticcloud_role_assignment\" \"nobody\" {\n  email      = \"nobody@example.com\"\n  role       = \"billing-admin\"\n  depends_on = [elasticcloud_member.dana]\n}\n"))
		if out, ok := tf.run("apply", "-auto-approve"); ok {
			t.Errorf("apply succeeded: %s", out)
		}
		tf.configure(config("2", ""))
		wantText(t, tf.must("plan"), "elasticcloud_member.dana (deposed object ")
		wantText(t, tf.must("plan"), "Warning: dana@example.com is managed twice")
		wantText(t, tf.must("apply", "-auto-approve"), `Warning: The elasticcloud_member "dana@example.com" was removed from the state only`)
		wantText(t, tf.must("plan"), "No changes.")
		wantWrites(t, srv)
		if status := srv.Status("dana@example.com"); status != "active" {
			t.Errorf("dana is %s", status)
		}
	})
}
