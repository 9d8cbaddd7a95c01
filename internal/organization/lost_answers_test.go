// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The answer to a revocation is lost for good. The list shows that it was carried out,
// and the new invitation keeps what the old one promised beside grants.
func TestEnsureWhereTheRevocationIsNotConfirmed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"no JSON":      {Body: "<html></html>", ContentType: "text/html", After: true},
		"dropped":      {Drop: true, After: true, Times: -1},
		"server error": {Status: 500, After: true, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.AddInvitation(alice, heldGrants...)
				srv.AddUnknownAssignment(alice, "connected_cluster", `[{"role_id":"x"}]`)
				fault.Route = deleteInvitations
				srv.Fail(fault)
				d := newOrganization(t, config(srv)).People
				p, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
				if err != nil {
					t.Fatal(err)
				}
				wantPerson(t, srv, p, "invited", otherGrants)
				wantMails(t, srv, 1)
				if got := srv.UnknownAssignments(alice)["connected_cluster"]; got != `[{"role_id":"x"}]` {
					t.Errorf("what the o does not know became %q", got)
				}
			})
		})
	}
}

// If no new invitation replaces the revoked one, the error says what another run would
// not give.
func TestEnsureSaysWhatIsLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keep bool
		want string
	}{
		"roles are managed": {false, `without the access that only the old one promised: {"connected_cluster":[{"role_id":"x"}]}`},
		"roles are left":    {true, `"deployment_ids":["a"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.AddInvitation(alice, "deployment-viewer:a")
				srv.AddUnknownAssignment(alice, "connected_cluster", `[{"role_id":"x"}]`)
				srv.Expire(alice)
				srv.Fail(cloudtest.Fault{Route: postInvitations, Status: 403, Times: -1})
				d := newOrganization(t, config(srv)).People
				_, _, err := d.Ensure(t.Context(), Wanted{Email: alice, KeepGrants: test.keep})
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("the error does not say %s: %v", test.want, err)
				}
			})
		})
	}
}

// If the service does not say whether it revoked the invitation, the error has what
// another run would not give in that case. It has it even if the lists still show the
// invitation, because the revocation may take effect after they were read.
func TestEnsureWhereNobodyKnowsOfTheRevocation(t *testing.T) {
	t.Parallel()
	const unknown = `{"connected_cluster":[{"role_id":"x"}]}`
	for name, test := range map[string]struct {
		fault cloudtest.Fault
		blind bool // no list can be read afterwards
		late  bool // the service revokes it after the run
	}{
		"revoked, no list":     {cloudtest.Fault{Drop: true, After: true}, true, false},
		"not revoked, no list": {cloudtest.Fault{Drop: true}, true, false},
		"revoked late":         {cloudtest.Fault{Status: 504}, false, true},
		"not revoked":          {cloudtest.Fault{Status: 504}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cloudtest.New(t)
			srv.AddInvitation(alice, heldGrants...)
			srv.AddUnknownAssignment(alice, "connected_cluster", `[{"role_id":"x"}]`)
			fault := test.fault
			fault.Route, fault.Times = deleteInvitations, -1
			srv.Fail(fault)
			if test.blind {
				srv.Fail(cloudtest.Fault{Route: getInvitations, Status: 500, Skip: 1, Times: -1})
			}
			wanted := Wanted{Email: alice, Grants: parse(t, otherGrants...)}
			_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), wanted)
			if want := notKnownRevoked + "; if it is revoked, the next apply sends a new one, but without the access that only the old one promised: " + unknown; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
			wantMails(t, srv, 0)
			srv.ClearFaults()
			if test.late {
				if err := newOrganization(t, config(srv)).People.EndAccess(t.Context(), alice, false); err != nil {
					t.Fatal(err)
				}
			}
			revoked := srv.Status(alice) == "none"
			p, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), wanted)
			if err != nil {
				t.Fatal(err)
			}
			wantPerson(t, srv, p, "invited", otherGrants)
			if _, kept := srv.UnknownAssignments(alice)["connected_cluster"]; kept == revoked {
				t.Errorf("revoked: %t, and what the o does not know is still there: %t", revoked, kept)
			}
		})
	}
}

// If nothing can be lost, the error is that of the call.
func TestEnsureWhereNothingIsLostWithTheRevocation(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddInvitation(alice, heldGrants...)
	srv.Fail(cloudtest.Fault{Route: deleteInvitations, Status: 504, Times: -1})
	_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
	if err == nil || strings.Contains(err.Error(), "revoked") {
		t.Errorf("got %v", err)
	}
}

// A deletion that could rename a mapping and no more is finished by the next
// run, or taken back.
func TestRoleMappingRenamedByADeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const left = "a;b (to be deleted)"
		newServer := func() (*cloudtest.Server, *RoleMappings) {
			srv := newServer(t)
			srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
			srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin")
			srv.Fail(cloudtest.Fault{Route: deleteMapping, Status: 401, Times: -1, Spread: true})
			if err := newOrganization(t, config(srv)).RoleMappings.Delete(t.Context(), "a,b"); err == nil {
				t.Error("the deletion succeeded")
			}
			srv.ClearFaults()
			mappings := newOrganization(t, config(srv)).RoleMappings
			m, found, err := mappings.Find(t.Context(), "a,b")
			if err != nil || !found || m.Name != left {
				t.Errorf("what is left is not found: %v, %v", m, err)
			}
			return srv, mappings
		}
		srv, mappings := newServer()
		if err := mappings.Delete(t.Context(), "a,b"); err != nil || len(srv.RoleMappings()) != 1 {
			t.Errorf("after another deletion there are %v: %v", srv.RoleMappings(), err)
		}
		srv, mappings = newServer()
		err := mappings.Update(t.Context(), left, mappingOf(t, srv, "a,b", "billing-admin"))
		if m, found, _ := mappings.Find(t.Context(), "a,b"); err != nil || !found || m.Name != "a,b" || srv.RoleMappings()[0].Name != "a,b" {
			t.Errorf("after the way back there are %v: %v", srv.RoleMappings(), err)
		}
	})
}

// A rename whose answer is lost for good is finished, or was none.
func TestDeleteRoleMappingWhereTheRenameIsNotConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, done := range []bool{true, false} {
			srv := newServer(t)
			srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
			srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin")
			srv.Fail(cloudtest.Fault{Route: putMapping, Status: 500, Times: -1, After: done})
			err := newOrganization(t, config(srv)).RoleMappings.Delete(t.Context(), "a,b")
			if done == (err != nil) || len(srv.RoleMappings()) != map[bool]int{true: 1, false: 2}[done] {
				t.Errorf("done: %t, got %v and %v", done, srv.RoleMappings(), err)
			}
			if !done && srv.RoleMappings()[0].Name != "a,b" {
				t.Errorf("it is called %q", srv.RoleMappings()[0].Name)
			}
		}
	})
}
