// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getMappings   = "GET /organizations/{organization_id}/role_mappings"
	postMappings  = "POST /organizations/{organization_id}/role_mappings"
	putMapping    = "PUT /organizations/{organization_id}/role_mappings/{role_name}"
	deleteMapping = "DELETE /organizations/{organization_id}/role_mappings/{role_name}"
)

func mappingOf(t *testing.T, srv *cloudtest.Server, name string, grants ...string) cloud.RoleMapping {
	t.Helper()
	var parsed []cloud.Grant
	for _, text := range grants {
		g, err := cloud.ParseGrant(text)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, g)
	}
	return cloud.RoleMapping{
		Name:            name,
		Enabled:         true,
		Rule:            cloud.RoleMappingRule{Any: []cloud.RoleMappingCondition{{Group: name}, {Email: "*@example.com"}}},
		RoleAssignments: cloud.NewRoleAssignments(srv.OrganizationID, parsed),
	}
}

func addOwners(srv *cloudtest.Server) {
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
}

func wantMappings(t *testing.T, srv *cloudtest.Server, o *Organization, want ...string) {
	t.Helper()
	listed, err := o.RoleMappings.List(t.Context())
	if err != nil {
		t.Error(err)
	}
	var view, service []string
	for _, m := range listed {
		view = append(view, m.Name)
	}
	for _, m := range srv.RoleMappings() {
		service = append(service, m.Name)
	}
	if !slices.Equal(view, want) || !slices.Equal(service, want) {
		t.Errorf("the view has %q, the service %q, want %q", view, service, want)
	}
}

func TestRoleMappings(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	configureIdP(srv)
	o := newOrganization(t, config(srv))
	for _, m := range []cloud.RoleMapping{
		mappingOf(t, srv, "owners", "organization-admin"),
		mappingOf(t, srv, `staff/a b%2F<&>;é`, "deployment-viewer:a", "deployment-viewer:b", "elasticsearch-viewer:*+x+y"),
		mappingOf(t, srv, "...", "billing-admin"),
	} {
		if err := o.RoleMappings.Add(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		m.Enabled = m.Name == "owners"
		m.Rule = cloud.RoleMappingRule{All: []cloud.RoleMappingCondition{{Group: "a*"}}}
		if err := o.RoleMappings.Update(t.Context(), m.Name, m); err != nil {
			t.Fatal(err)
		}
		stored := srv.RoleMappings()[slices.IndexFunc(srv.RoleMappings(), func(s cloudtest.RoleMapping) bool { return s.Name == m.Name })]
		var grants []string
		for _, g := range m.RoleAssignments.Grants(srv.OrganizationID) {
			grants = append(grants, g.String())
		}
		want := fmt.Sprint(cloudtest.RoleMapping{Name: m.Name, Enabled: m.Enabled, Rule: cloudtest.AllOf(cloudtest.Group("a*")), Grants: grants})
		if got := fmt.Sprint(stored); got != want {
			t.Errorf("stored %s, want %s", got, want)
		}
		got, found, err := o.RoleMappings.Find(t.Context(), m.Name)
		if err != nil || !found || got.Enabled != m.Enabled || !slices.Equal(got.Rule.All, m.Rule.All) || got.Rule.Any != nil {
			t.Errorf("read back %+v, %v, %v", got, found, err)
		}
	}
	if n := srv.Count(getMappings); n != 1+6 { // one confirms each of them
		t.Errorf("%d lists", n)
	}
	if err := o.RoleMappings.view.refresh(t.Context()); err != nil {
		t.Error(err)
	}
	if listed, err := o.RoleMappings.List(t.Context()); err != nil || len(listed) != 3 || !listed[1].GivesOrganizationAdmin(srv.OrganizationID) || listed[2].GivesOrganizationAdmin(srv.OrganizationID) {
		t.Errorf("%+v, %v", listed, err)
	}
	for _, name := range []string{"...", `staff/a b%2F<&>;é`, "owners", "owners"} {
		if err := o.RoleMappings.Delete(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	wantMappings(t, srv, o)
}

func TestRoleMappingRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		o := newOrganization(t, config(srv))
		bad := mappingOf(t, srv, "bad", "billing-admin")
		bad.Rule.Any[1].Email = "no pattern"
		start := time.Now()
		if err := o.RoleMappings.Add(t.Context(), bad); !cloud.HasCode(err, cloud.CodeRoleMappingEmailSyntax) {
			t.Errorf("got %v", err)
		}
		wantTook(t, "a refusal that no other mapping ends", start, 0)
		addOwners(srv)
		if err := o.RoleMappings.Update(t.Context(), "none", mappingOf(t, srv, "none")); !cloud.HasCode(err, cloud.CodeRoleMappingNotFound) {
			t.Errorf("got %v", err)
		}
		if err := o.client.DeleteRoleMapping(t.Context(), srv.OrganizationID, "owners,none"); err == nil || srv.Count(deleteMapping) > 0 {
			t.Errorf("a comma was sent: %v", err)
		}
		srv.Fail(cloudtest.Fault{Route: getMappings, Body: `{"status":"ok"}`})
		if err := o.RoleMappings.view.refresh(t.Context()); err == nil {
			t.Error("a list from nowhere")
		}
	})
}

func TestRoleMappingFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"not done":      {Status: 503},
		"done, 503":     {Status: 503, After: true},
		"done, dropped": {Drop: true, After: true},
		"too many":      {Status: 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, cloudtest.Lag(5*time.Second))
				o := newOrganization(t, config(srv))
				addOwners(srv)
				for _, route := range []string{postMappings, putMapping, deleteMapping} {
					f := fault
					f.Route = route
					srv.Fail(f)
				}
				m := mappingOf(t, srv, "staff", "billing-admin")
				if err := o.RoleMappings.Add(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				if err := o.RoleMappings.Update(t.Context(), m.Name, m); err != nil {
					t.Fatal(err)
				}
				wantMappings(t, srv, o, "owners", "staff")
				if err := o.RoleMappings.Delete(t.Context(), "staff"); err != nil {
					t.Fatal(err)
				}
				wantMappings(t, srv, o, "owners")
			})
		})
	}
}

// A name with a comma is never in the path of a DELETE, because that would delete other
// mappings.
func TestDeleteRoleMappingWithComma(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"no fault":          {Route: "none", Status: 500},
		"lost rename":       {Route: putMapping, Status: 503, After: true},
		"lost delete":       {Route: deleteMapping, Drop: true, After: true},
		"failing at rename": {Route: putMapping, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				o := newOrganization(t, config(srv))
				for _, name := range []string{"a", "b", "a,b", "a;b (to be deleted)"} {
					srv.AddRoleMapping(name, true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
				}
				srv.Fail(fault)
				if err := o.RoleMappings.Delete(t.Context(), "a,b"); err != nil {
					t.Fatal(err)
				}
				wantMappings(t, srv, o, "a", "a;b (to be deleted)", "b")
				for _, r := range srv.Writes() {
					if r.Method == "DELETE" && (strings.Contains(r.Path, ",") || strings.Contains(r.Path, "%2C")) {
						t.Errorf("sent %s", r.Path)
					}
				}
			})
		})
	}
}

// A mapping that cannot be deleted gets its name back, or the error says what it is
// called.
func TestDeleteRoleMappingWithCommaFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		o := newOrganization(t, config(srv))
		srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("x")), "elasticsearch-viewer:*+", "organization-admin")
		srv.Fail(cloudtest.Fault{Route: deleteMapping, Status: 403, Code: "root.unauthorized", Times: -1})
		if err := o.RoleMappings.Delete(t.Context(), "a,b"); !cloud.HasStatus(err, 403) {
			t.Errorf("got %v", err)
		}
		wantMappings(t, srv, o, "a,b")
		for _, r := range srv.Writes() { // an empty list that is left out would give more
			if r.Route == putMapping && !strings.Contains(string(r.Body), `"application_roles":[]`) {
				t.Errorf("it is renamed with %s", r.Body)
			}
		}
		srv.Before(deleteMapping, func() { srv.Fail(cloudtest.Fault{Route: putMapping, Status: 403, Message: "no more"}) })
		err := o.RoleMappings.Delete(t.Context(), "a,b")
		if err == nil || !strings.Contains(err.Error(), `renamed the role mapping to "a;b (to be deleted)"`) || !strings.Contains(err.Error(), "no more") {
			t.Errorf("got %v", err)
		}
		if err := o.RoleMappings.Delete(t.Context(), "c,d"); err != nil {
			t.Errorf("one that is not there: %v", err)
		}
	})
}

// If the run is stopped in between, the mapping gets its name back, too, and a service
// that does not answer does not delay the end.
func TestDeleteRoleMappingWithCommaIsStopped(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]time.Duration{
		"answers": cloud.Grace,                                // of the deletion
		"hangs":   cloud.Grace + cloud.Grace/10 + cloud.Grace, // and of the way back, which begins while the run is stopped
	} {
		hangs := name == "hangs"
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				o := newOrganization(t, config(srv))
				srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
				ctx, cancel := context.WithCancel(t.Context())
				var stopped time.Time
				srv.Before(deleteMapping, func() {
					if hangs {
						srv.Fail(cloudtest.Fault{Route: putMapping, Hang: time.Minute, Times: -1})
					}
					stopped = time.Now()
					cancel()
				})
				srv.Fail(cloudtest.Fault{Route: deleteMapping, Hang: time.Minute, Times: -1})
				if err := o.RoleMappings.Delete(ctx, "a,b"); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				wantTook(t, "the end", stopped, want)
				srv.ClearFaults()
				if !hangs {
					wantMappings(t, srv, o, "a,b")
				}
			})
		})
	}
}

// The mappings of one run can be created and deleted in any order.
func TestRoleMappingsInAnyOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, fmt.Sprint("m", i), "billing-admin")); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(patience - time.Second)
		wantCount(t, srv, postMappings, 10)
		if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, "owners", "organization-admin")); err != nil {
			t.Error(err)
		}
		group.Wait()
		if n := len(srv.RoleMappings()); n != 11 {
			t.Errorf("%d mappings", n)
		}
		if n := srv.Count(postMappings); n > 21 {
			t.Errorf("%d requests", n)
		}
		group.Go(func() {
			if err := o.RoleMappings.Delete(t.Context(), "owners"); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(patience - time.Second)
		wantCount(t, srv, deleteMapping, 1)
		for i := range 10 {
			group.Go(func() {
				if err := o.RoleMappings.Delete(t.Context(), fmt.Sprint("m", i)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		wantMappings(t, srv, o)
	})
}

func TestRoleMappingWaitsInVain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		configureIdP(srv)
		c := config(srv)
		start := time.Now()
		o := newOrganization(t, c)
		m := mappingOf(t, srv, "staff", "billing-admin")
		if err := o.RoleMappings.Add(t.Context(), m); err == nil || !strings.Contains(err.Error(), "has to give organization-admin") {
			t.Errorf("got %v", err)
		}
		wantTook(t, "waiting for a mapping", start, patience)
		ctx, cancel := context.WithCancel(t.Context())
		srv.Before(postMappings, cancel)
		start = time.Now()
		if err := newOrganization(t, c).RoleMappings.Add(ctx, m); err == nil {
			t.Error("it was added")
		}
		wantTook(t, "waiting for nothing in a run that is stopped", start, 0)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin")
		start = time.Now()
		if err := newOrganization(t, c).RoleMappings.Delete(t.Context(), "owners"); err == nil {
			t.Error("it was deleted")
		}
		wantTook(t, "waiting for the other mappings to go", start, patience)
	})
}

func TestSharedListOutlivesACancelledCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		o := newOrganization(t, config(srv))
		addOwners(srv)
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		srv.Before(getMappings, func() {
			group.Go(func() {
				if _, err := o.RoleMappings.List(t.Context()); err != nil {
					t.Errorf("the other caller: %v", err)
				}
			})
			wantWaiting(t, &o.RoleMappings.view.reads, 2)
			cancel()
		})
		if _, err := o.RoleMappings.List(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		group.Wait()
		wantMappings(t, srv, o, "owners")
		if n := srv.Count(getMappings); n != 1 {
			t.Errorf("%d lists", n)
		}
	})
}

// A list that lags behind does not undo what this run wrote.
func TestOwnWritesAreCarriedForward(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t, cloudtest.Lag(lagWindow-time.Second))
		var group sync.WaitGroup
		write := func(write func() error) {
			group.Go(func() {
				if err := write(); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(100 * time.Millisecond) // until it is sent
		}
		for _, m := range []cloud.RoleMapping{mappingOf(t, srv, "a", "organization-admin"), mappingOf(t, srv, "b"), mappingOf(t, srv, "c")} {
			write(func() error { return o.RoleMappings.Add(t.Context(), m) })
		}
		write(func() error { return o.RoleMappings.Update(t.Context(), "c", mappingOf(t, srv, "d")) })
		if err := o.RoleMappings.view.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantMappings(t, srv, o, "a", "b", "c")
		group.Wait()
	})
}

// Changes are made one at a time, because the service accepts one, and repeated if
// somebody else is making a change.
func TestRoleMappingsChangeOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t, cloudtest.Latency(100*time.Millisecond))
		addOwners(srv)
		srv.ClaimDomain("example.com")
		for _, f := range []cloudtest.Fault{{Route: postMappings}, {Route: putMapping}, {Route: deleteMapping}} {
			f.Skip, f.Status, f.Code, f.Times = 1, 409, cloud.CodeDomainsChanging, 2
			srv.Fail(f)
		}
		for step := range 3 {
			wantNoErrors(t, together(10, func(i int) error {
				m := mappingOf(t, srv, fmt.Sprint("m", i), "billing-admin")
				switch step {
				case 0:
					return o.RoleMappings.Add(t.Context(), m)
				case 1:
					m.Enabled = false
					return o.RoleMappings.Update(t.Context(), m.Name, m)
				}
				if i == 0 { // a domain is changed at the same time
					if err := o.Domains.Verify(t.Context(), "example.com"); err != nil {
						return err
					}
				}
				return o.RoleMappings.Delete(t.Context(), m.Name)
			}))
		}
		wantMappings(t, srv, o, "owners")
		conflicts := 0
		for _, r := range srv.Writes() {
			if r.Status == 409 {
				conflicts++
			}
		}
		if conflicts != 6 { // which are the faults
			t.Errorf("%d changes met another", conflicts)
		}
	})
}

// A change that meets others for ever ends with what the service says, and nothing
// was sent after it.
func TestRoleMappingsAlwaysMeetAChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		srv.Fail(cloudtest.Fault{Route: postMappings, Status: 409, Code: cloud.CodeDomainsChanging, Times: -1})
		if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, "staff", "billing-admin")); !cloud.HasCode(err, cloud.CodeDomainsChanging) {
			t.Errorf("got %v", err)
		}
		wantCount(t, srv, postMappings, 1+o.client.MaxRetries())
		wantMappings(t, srv, o, "owners")
	})
}

// A mapping that does not exist counts as deleted, whether the service refuses the
// deletion or omits it. A mapping with a comma whose rename was not done is reported as
// still existing.
func TestDeleteRoleMappingThatIsNotThere(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cloudtest.Option{"left out": nil, "refused": {cloudtest.RefuseUnknownMappings()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, opts...)
				addOwners(srv)
				srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin")
				o := newOrganization(t, config(srv))
				if err := o.client.DeleteRoleMapping(t.Context(), srv.OrganizationID, "none"); !cloud.HasCode(err, cloud.CodeRoleMappingNotFound) || !cloud.Gone(err) {
					t.Errorf("got %v", err)
				}
				if err := o.RoleMappings.Delete(t.Context(), "none"); err != nil {
					t.Error(err)
				}
				srv.Fail(cloudtest.Fault{Route: putMapping, Status: 500, Times: -1})
				if err := o.RoleMappings.Delete(t.Context(), "a,b"); err == nil {
					t.Error("it was deleted")
				}
				wantMappings(t, srv, o, "a,b", "owners")
			})
		})
	}
}

// Without an IdP no role mapping is taken: that is said at once, as no other
// mapping changes it.
func TestFirstRoleMappingTakesAnIdP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		start := time.Now()
		for _, role := range []string{"organization-admin", "billing-admin"} {
			err := newOrganization(t, config(srv)).RoleMappings.Add(t.Context(), mappingOf(t, srv, "m", role))
			var lacking *NoAdminMappingError
			if !cloud.HasCode(err, cloud.CodeIdPNotConfigured) || errors.As(err, &lacking) {
				t.Errorf("got %v", err)
			}
		}
		wantTook(t, "a refusal that no other mapping ends", start, 0)
	})
}
