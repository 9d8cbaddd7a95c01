// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// assigned are assignments for Alice, by the last part of their addresses.
func assigned(grants ...string) map[string]block {
	blocks := map[string]block{}
	for i, grant := range grants {
		blocks[roleAssignmentType+".a"+string(rune('0'+i))] = block{Type: roleAssignmentType, Attributes: map[string]any{"email": "alice@example.com", "role": grant}}
	}
	return blocks
}

// aliceHolds fails where Alice lacks a grant at any moment from now on. The result ends that.
func aliceHolds(t *testing.T, srv *cloudtest.Server, grants ...string) (end func()) {
	t.Helper()
	srv.Observe(func() {
		held := srv.Grants("alice@example.com")
		for _, grant := range grants {
			if !slices.Contains(held, grant) {
				t.Errorf("Alice lacks %s in between, and holds %v", grant, held)
			}
		}
	})
	return func() { srv.Observe(nil) }
}

// A new role of an assignment is given before the old one is taken, in place, and what
// another assignment has from now on is never taken: where a count shifts, where values
// are swapped, and where dozens do.
func TestRoleAssignmentsShift(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after, gone []string }{
		"another role": {[]string{"deployment-viewer:a"}, []string{"deployment-viewer:b"}, []string{"deployment-viewer:a"}},
		"count":        {[]string{"deployment-viewer:*", "deployment-editor:*", "deployment-admin:*"}, []string{"deployment-editor:*", "deployment-admin:*"}, []string{"deployment-viewer:*"}},
		"swap":         {[]string{"deployment-viewer:*", "deployment-editor:*"}, []string{"deployment-editor:*", "deployment-viewer:*"}, nil},
		"owner":        {[]string{"organization-admin", "deployment-editor:*"}, []string{"deployment-editor:*", "organization-admin"}, nil},
		"in front":     {[]string{"deployment-viewer:a", "deployment-viewer:b"}, []string{"deployment-viewer:c", "deployment-viewer:a", "deployment-viewer:b"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				for range 20 { // in any order
					srv := newFake(t)
					srv.AddMember("alice@example.com")
					c := startCore(t, srv)
					c.mustApply(t, assigned(test.before...))
					stay := slices.DeleteFunc(slices.Clone(test.after), func(grant string) bool { return !slices.Contains(test.before, grant) })
					end := aliceHolds(t, srv, stay...)
					c.mustApply(t, assigned(test.after...))
					end()
					for _, grant := range test.gone {
						if slices.Contains(srv.Grants("alice@example.com"), grant) {
							t.Errorf("%s is still there", grant)
						}
					}
					wantEmpty(t, c, assigned(test.after...))
				}
			})
		})
	}
}

// Where a shift fails half-way, two assignments may have the same grant in the state: one
// gives it by now, and the other was to give it up. The next apply ends that, and nobody
// loses what stays.
func TestShiftThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	const va, vb, vc = "deployment-viewer:a", "deployment-viewer:b", "deployment-viewer:c"
	for name, test := range map[string]struct{ before, after, last []string }{
		"two change":         {[]string{va, vb}, []string{vc, va}, []string{vc, va}},
		"one comes":          {[]string{va}, []string{vc, va}, []string{vc, va}},
		"and then one goes":  {[]string{va, vb}, []string{vc, va}, []string{va}},
		"and then it is not": {[]string{va}, []string{vc, va}, []string{va}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				twins := 0
				for range 20 { // in any order
					srv := newFake(t)
					srv.AddMember("alice@example.com")
					c := startCore(t, srv)
					c.mustApply(t, assigned(test.before...))
					time.Sleep(time.Minute)
					end := aliceHolds(t, srv, va)
					srv.Fail(cloudtest.Fault{Route: postRoles, Status: 403, Code: "root.unauthorized", Times: -1, Skip: 1})
					if err := c.apply(t.Context(), assigned(test.after...)); err == nil {
						t.Fatal("nothing fails")
					}
					srv.ClearFaults()
					given := map[string]int{}
					for _, o := range c.State {
						given[textIn(o, "role")]++
					}
					if given[va] == 2 {
						twins++
					}
					time.Sleep(time.Minute)
					c.mustApply(t, assigned(test.last...))
					end()
					wantGrants(t, srv, "alice@example.com", test.last...)
					wantEmpty(t, c, assigned(test.last...))
				}
				if twins == 0 {
					t.Error("no two assignments had one grant")
				}
			})
		})
	}
}

// owing has an assignment that gave deployment-viewer:a to Alice and gives deployment-viewer:b,
// and could not take the former.
func owing(t *testing.T) (*cloudtest.Server, *core) {
	t.Helper()
	srv := newFake(t)
	srv.AddMember("alice@example.com")
	c := startCore(t, srv)
	c.mustApply(t, assigned("deployment-viewer:a"))
	srv.Fail(cloudtest.Fault{Route: dropRoles, Status: 403, Code: "root.unauthorized", Times: -1})
	if err := c.apply(t.Context(), assigned("deployment-viewer:b")); err == nil || !strings.Contains(err.Error(), "Could not revoke deployment-viewer:a of alice@example.com") {
		t.Errorf("got %v", err)
	}
	wantGrants(t, srv, "alice@example.com", "deployment-viewer:a", "deployment-viewer:b")
	srv.ClearFaults()
	return srv, c
}

// Where the old grant cannot be taken, the new one is in the state all the same. The next
// plan says what is left, and its apply takes it, whatever the role is by then.
func TestRoleAssignmentOwes(t *testing.T) {
	t.Parallel()
	for name, then := range map[string][]string{"the same": {"deployment-viewer:b"}, "a third one": {"deployment-viewer:c"}, "back": {"deployment-viewer:a"}, "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv, c := owing(t)
				p, err := c.Plan(t.Context(), assigned("deployment-viewer:b"), terraformtest.Options{})
				if err != nil || len(p.Changes) != 1 || len(p.Diagnostics) != 1 || p.Diagnostics[0].Summary != "alice@example.com still holds deployment-viewer:a" {
					t.Errorf("the plan has the changes %v and says %v, %v", p.Changes, p.Diagnostics, err)
				}
				c.mustApply(t, assigned(then...))
				wantGrants(t, srv, "alice@example.com", then...)
				wantEmpty(t, c, assigned(then...))
			})
		})
	}
}

// A grant that an update could not revoke is revoked by a removal and by -replace too,
// whatever else changes.
func TestRoleAssignmentOwesForLong(t *testing.T) {
	t.Parallel()
	const vb, vc = "deployment-viewer:b", "deployment-viewer:c"
	for name, steps := range map[string][][]string{
		"the grant moves and comes back": {{vc, vb}, {vc}, {vb}, nil},
		"another one takes its place":    {{vc, vb}, {vb}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				for range 20 { // in any order
					srv, c := owing(t)
					for _, step := range steps {
						time.Sleep(time.Minute)
						c.mustApply(t, assigned(step...))
					}
					wantGrants(t, srv, "alice@example.com")
				}
			})
		})
	}
	t.Run("replaced", func(t *testing.T) {
		t.Parallel()
		virtually(t, func(t *testing.T) {
			srv, c := owing(t)
			end := aliceHolds(t, srv, vb)
			changes, err := c.planWith(t.Context(), assigned(vb), terraformtest.Options{Replace: []string{roleAssignmentType + ".a0"}})
			if err == nil {
				err = c.carryOut(t.Context(), changes)
			}
			if end(); err != nil {
				t.Fatal(err)
			}
			wantGrants(t, srv, "alice@example.com", vb)
			wantEmpty(t, c, assigned(vb))
		})
	})
	t.Run("taken by hand, and given again", func(t *testing.T) {
		t.Parallel()
		virtually(t, func(t *testing.T) {
			srv, c := owing(t)
			srv.Ungrant("alice@example.com", "deployment-viewer:a")
			c.mustApply(t, assigned(vb))
			srv.Ungrant("alice@example.com", vb) // so that an apply has something to do
			c.mustApply(t, assigned(vb))
			srv.Grant("alice@example.com", "deployment-viewer:a")
			wantEmpty(t, c, assigned(vb))
		})
	})
}

// With create_before_destroy the old object is planned anew in an apply, which does not see
// another resource that gives the same and does not change. The grant stays.
func TestAssignmentIsReplacedBesideAnother(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		const va, vb = "deployment-viewer:a", "deployment-viewer:b"
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		c := startCore(t, srv)
		config := func(grants ...string) map[string]block {
			all := assigned(grants...)
			for address, b := range all {
				b.CreateFirst = true
				all[address] = b
			}
			return all
		}
		c.mustApply(t, config(va))
		time.Sleep(time.Minute)
		c.mustApply(t, config(va, va))
		time.Sleep(time.Minute)
		end := aliceHolds(t, srv, va)
		c.mustApply(t, config(vb, va))
		end()
		wantGrants(t, srv, "alice@example.com", va, vb)
		wantEmpty(t, c, config(vb, va))
	})
}

// A shift that was interrupted is finished beside something new, too.
func TestInterruptedShiftBesideSomethingNew(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		const va, vb, vc = "deployment-viewer:a", "deployment-viewer:b", "deployment-viewer:c"
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddMember("bob@example.com")
		c := startCore(t, srv)
		c.mustApply(t, assigned(va, vb, vc))
		time.Sleep(time.Minute)
		changes, err := c.plan(t.Context(), assigned(vb, vc))
		if err != nil {
			t.Fatal(err)
		}
		changes = slices.DeleteFunc(changes, func(ch change) bool { return ch.Address != roleAssignmentType+".a1" })
		if err := c.carryOut(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		config := assigned(vb, vc)
		config[roleAssignmentType+".bob"] = block{Type: roleAssignmentType, Attributes: map[string]any{"email": "bob@example.com", "role": va}}
		end := aliceHolds(t, srv, vc)
		c.mustApply(t, config)
		end()
		wantGrants(t, srv, "alice@example.com", vb, vc)
		wantEmpty(t, c, config)
	})
}

// Assignments for people whom other resources of the run bring in may have all of
// Terraform's places. They leave one to the others.
func TestAssignmentsLeaveAPlace(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		config := map[string]block{}
		for i := range 100 {
			email := string(rune('a'+i%10)) + "@example.com"
			config[fmt.Sprint("elasticcloud_role_assignment.", i)] = block{Type: roleAssignmentType, Attributes: map[string]any{"email": email, "role": fmt.Sprint("deployment-viewer:", i)}}
			config["elasticcloud_member."+email] = block{Type: memberType, Attributes: map[string]any{"email": email}}
		}
		for range 20 {
			start := time.Now()
			err := c.apply(t.Context(), config)
			if took := time.Since(start); took > 15*time.Second {
				t.Errorf("an apply took %s: %v", took, err)
			}
			if err == nil {
				break
			}
		}
		wantEmpty(t, c, config)
	})
}

// Waiting for what gives adds at most two seconds to a plan and fifteen to an apply, also
// where two hundred assignments go.
func TestManyRemovalsWaitNoLonger(t *testing.T) {
	t.Parallel()
	took := map[int][2]time.Duration{} // by the number of removals
	for _, n := range []int{200, 1} {
		virtually(t, func(t *testing.T) {
			srv := newFake(t)
			c := startCore(t, srv)
			config := map[string]block{}
			for i := range n {
				email := fmt.Sprintf("p%d@example.com", i)
				srv.AddMember(email, "deployment-viewer:*")
				config[fmt.Sprint("elasticcloud_role_assignment.", i)] = block{Type: roleAssignmentType, Attributes: map[string]any{"email": email, "role": "deployment-viewer:*"}}
			}
			c.mustApply(t, config)
			start := time.Now()
			changes, err := c.plan(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			planned := time.Now()
			if err := c.carryOut(t.Context(), changes); err != nil {
				t.Fatal(err)
			}
			took[n] = [2]time.Duration{planned.Sub(start), time.Since(planned)}
		})
	}
	if took[200][0] > 2*time.Second || took[200][1] > 15*time.Second || took[1][0] > time.Second || took[1][1] > time.Second {
		t.Errorf("plan and apply take %v", took)
	}
}

// Where nothing tells a plan from an apply yet, as before the first refresh or with
// -refresh=false, a plan refuses all the same what an apply would not see.
func TestMovesBeforeARefresh(t *testing.T) {
	t.Parallel()
	viewer := block{Type: roleAssignmentType, Attributes: map[string]any{"email": "alice@example.com", "role": "deployment-viewer:a"}}
	alice := block{Type: memberType, Attributes: map[string]any{"email": "alice@example.com", "roles": []any{"deployment-viewer:a"}}}
	for name, test := range map[string]struct {
		before []map[string]block
		after  map[string]block
		unread bool
		with   terraformtest.Options
	}{
		"removed before it is read": {[]map[string]block{{"m": alice}}, map[string]block{"b": viewer}, true, terraformtest.Options{}},
		"-refresh=false":            {[]map[string]block{{"a": viewer}, {"a": viewer, "b": viewer}}, map[string]block{"b": viewer}, false, terraformtest.Options{NoRefresh: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				for range 20 { // in any order
					srv := newFake(t)
					srv.AddMember("alice@example.com")
					c := startCore(t, srv)
					c.RemovedUnread = test.unread
					for _, config := range test.before {
						c.mustApply(t, config)
						time.Sleep(time.Second)
					}
					c.set()
					if p, err := c.Plan(t.Context(), test.after, test.with); err == nil { // refused, or nothing is lost
						if _, err := c.Apply(t.Context(), p); err != nil {
							t.Error(err)
						}
					}
					wantGrants(t, srv, "alice@example.com", "deployment-viewer:a")
				}
			})
		})
	}
}

// A resource whose person is known only after apply may grant what another one revokes.
func TestGrantMovesToSomebodyKnownLater(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddMember("carol@example.com")
		tf := newTerraform(t, srv)
		late, carol := func(value string) string {
			return "resource \"terraform_data\" \"late\" {\n  input = \"" + value + "\"\n}\n"
		}, assignment("carol", `"carol@example.com"`, "deployment-viewer:a")
		tf.configure(carol + assignment("old", `"alice@example.com"`, "deployment-viewer:a") + late("one"))
		tf.must("apply", "-auto-approve")
		tf.configure(carol + assignment("new", `terraform_data.late.output`, "deployment-viewer:a") + late("alice@example.com"))
		end := aliceHolds(t, srv, "deployment-viewer:a")
		tf.must("apply", "-auto-approve")
		end()
	})
}

// A grant that an update could not take may be somebody else's by the time of the next.
func TestOwedGrantOfAnother(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv, c := owing(t)
		both := assigned("deployment-viewer:b", "deployment-viewer:a")
		c.Imports = map[string]string{roleAssignmentType + ".a1": "alice@example.com/deployment-viewer:a"}
		if err := c.apply(t.Context(), both); err != nil {
			t.Error(err)
		}
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:a", "deployment-viewer:b")
		wantEmpty(t, c, both)
		// An update does not see the other one, and a replacement knows of it by the plan.
		end := aliceHolds(t, srv, "deployment-viewer:a")
		c.mustApply(t, assigned("deployment-viewer:c", "deployment-viewer:a"))
		end()
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:a", "deployment-viewer:c")
	})
}

// Where more grants move than Terraform changes at a time, the plan says what may happen.
func TestManyGrantsMove(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{10: false, 40: true} {
		virtually(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember("alice@example.com")
			c := startCore(t, srv)
			blocks := func(first int) map[string]block {
				all := map[string]block{}
				for i := range n {
					all[fmt.Sprint("a", i)] = block{Type: roleAssignmentType, Attributes: map[string]any{"email": "alice@example.com", "role": fmt.Sprint("deployment-viewer:", first+i)}}
				}
				return all
			}
			c.mustApply(t, blocks(0))
			p, err := c.Plan(t.Context(), blocks(1), terraformtest.Options{})
			if err != nil {
				t.Fatal(err)
			}
			warned := slices.ContainsFunc(p.Diagnostics, func(d terraformtest.Diagnostic) bool { return d.Summary == "Many assignments change at once" })
			if warned != want {
				t.Errorf("%d grants move, and the warnings are %v", n, p.Diagnostics)
			}
		})
	}
}
