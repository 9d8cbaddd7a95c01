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

// holdsThroughout fails where somebody lacks a grant at any moment from now on. The
// result ends that.
func holdsThroughout(t *testing.T, srv *cloudtest.Server, email string, grants ...string) (end func()) {
	t.Helper()
	srv.Observe(func() {
		held := srv.Grants(email)
		for _, grant := range grants {
			if !slices.Contains(held, grant) {
				t.Errorf("%s lacks %s in between, and holds %v", email, grant, held)
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
					c, err := newCore(srv)
					if err != nil {
						t.Fatal(err)
					}
					if err := c.apply(t.Context(), assigned(test.before...)); err != nil {
						t.Fatal(err)
					}
					stay := slices.DeleteFunc(slices.Clone(test.after), func(grant string) bool { return !slices.Contains(test.before, grant) })
					end := holdsThroughout(t, srv, "alice@example.com", stay...)
					if err := c.apply(t.Context(), assigned(test.after...)); err != nil {
						t.Fatal(err)
					}
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

// Where the old grant cannot be taken, the new one is in the state all the same. The next
// plan says what is left, and its apply takes it, whatever the role is by then.
func TestRoleAssignmentOwes(t *testing.T) {
	t.Parallel()
	for name, then := range map[string][]string{"the same": {"deployment-viewer:b"}, "a third one": {"deployment-viewer:c"}, "back": {"deployment-viewer:a"}, "nothing": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddMember("alice@example.com")
				c, err := newCore(srv)
				if err != nil {
					t.Fatal(err)
				}
				if err := c.apply(t.Context(), assigned("deployment-viewer:a")); err != nil {
					t.Fatal(err)
				}
				srv.Fail(cloudtest.Fault{Route: "DELETE /users/{user_id}/role_assignments", Status: 403, Code: "root.unauthorized", Times: -1})
				if err := c.apply(t.Context(), assigned("deployment-viewer:b")); err == nil || !strings.Contains(err.Error(), "Could not take deployment-viewer:a from alice@example.com") {
					t.Errorf("got %v", err)
				}
				wantGrants(t, srv, "alice@example.com", "deployment-viewer:a", "deployment-viewer:b")
				srv.ClearFaults()
				p, err := c.Plan(t.Context(), assigned("deployment-viewer:b"), terraformtest.Options{})
				if err != nil || len(p.Changes) != 1 || len(p.Diagnostics) != 1 || p.Diagnostics[0].Summary != "alice@example.com still holds deployment-viewer:a" {
					t.Errorf("the plan has the changes %v and says %v, %v", p.Changes, p.Diagnostics, err)
				}
				if err := c.apply(t.Context(), assigned(then...)); err != nil {
					t.Fatal(err)
				}
				wantGrants(t, srv, "alice@example.com", then...)
				wantEmpty(t, c, assigned(then...))
			})
		})
	}
}

// Assignments for people whom other resources of the run bring in may have all of
// Terraform's places. They leave one to the others.
func TestAssignmentsLeaveAPlace(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
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
