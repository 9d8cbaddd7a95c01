// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func configWithoutOrganization(srv *cloudtest.Server) setup {
	c := config(srv)
	c.id = ""
	return c
}

func TestOrganizationIsFoundByTheKey(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, configWithoutOrganization(srv))
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			if id, err := o.ID(t.Context()); err != nil || id != srv.OrganizationID {
				t.Errorf("got %q, %v", id, err)
			}
		})
	}
	callers.Wait()
	if n := srv.Count(getOrganizations); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestConfiguredOrganizationIsNotLookedUp(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddOrganization("2222222222", "Second")
	o := newOrganization(t, config(srv))
	if id, err := o.ID(t.Context()); err != nil || id != srv.OrganizationID {
		t.Errorf("got %q, %v", id, err)
	}
	if _, err := o.People.All(t.Context()); err != nil {
		t.Error(err)
	}
	if n := srv.Count(getOrganizations); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// Expect makes only the request that finds the organization, and none if the ID is
// configured. If another organization is expected, every later call fails.
func TestAnotherOrganizationIsExpected(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	for _, test := range []struct {
		setup setup
		asked int
	}{{config(srv), 0}, {configWithoutOrganization(srv), 1}} {
		srv.ResetLedger()
		o := newOrganization(t, test.setup)
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if err := o.Expect(t.Context(), srv.OrganizationID); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		var other *OtherOrganizationError
		if err := o.Expect(t.Context(), "1"); !errors.As(err, &other) || other.State != "1" || other.Configured != srv.OrganizationID {
			t.Errorf("got %v", err)
		}
		if _, err := o.People.All(t.Context()); !errors.As(err, &other) {
			t.Errorf("got %v", err)
		}
		if err := o.Expect(t.Context(), srv.OrganizationID); !errors.As(err, &other) {
			t.Errorf("got %v", err)
		}
		if n := len(srv.Requests()); n != test.asked {
			t.Errorf("%d requests, want %d", n, test.asked)
		}
	}
}

// The fake has pages of one.
func TestSeveralOrganizations(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddOrganization("2222222222", "Second")
	srv.AddOrganization("3333333333", "Third")
	o := newOrganization(t, configWithoutOrganization(srv))
	_, err := o.People.Find(t.Context(), "a@example.com")
	if err == nil {
		t.Fatal("one of three was picked")
	}
	for _, want := range []string{srv.OrganizationID, "2222222222 (Second)", "3333333333 (Third)", "EC_ORGANIZATION_ID"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing in: %v", want, err)
		}
	}
	if slices.Contains(routes(srv.Requests()), getMembers) {
		t.Error("members were listed of some organization")
	}
}

func TestNoOrganization(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.Fail(cloudtest.Fault{Route: getOrganizations, Body: `{"organizations":[]}`})
	o := newOrganization(t, configWithoutOrganization(srv))
	if _, err := o.ID(t.Context()); err == nil || !strings.Contains(err.Error(), "sees no organization") {
		t.Errorf("got %v", err)
	}
	if id, err := o.ID(t.Context()); err != nil || id != srv.OrganizationID {
		t.Errorf("the failure was remembered: %q, %v", id, err)
	}
}

// A wrong organization must never look like an empty one.
func TestUnknownOrganization(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddOrganization("2222222222", "Second")
	c := config(srv)
	c.id = "9999999999"
	_, err := newOrganization(t, c).People.Find(t.Context(), "a@example.com")
	if !cloud.HasCode(err, cloud.CodeOrganizationNotFound) || !errors.Is(err, cloud.ErrNotFound) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"does not see the organization 9999999999", srv.OrganizationID, "2222222222 (Second)"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing in: %v", want, err)
		}
	}
	if writes := srv.Writes(); len(writes) > 0 {
		t.Errorf("sent: %v", routes(writes))
	}
}

func TestUnknownOrganizationOfAKeyThatSeesNothing(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.Fail(cloudtest.Fault{Route: getOrganizations, Status: 403, Times: -1})
	c := config(srv)
	c.id = "9999999999"
	if _, err := newOrganization(t, c).People.Find(t.Context(), "a@example.com"); !cloud.HasCode(err, cloud.CodeOrganizationNotFound) {
		t.Errorf("got %v", err)
	}
}

// The same for an organization that the key found and no longer sees.
func TestFoundOrganizationIsGone(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, configWithoutOrganization(srv))
	if _, err := o.ID(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv.Fail(cloudtest.Fault{Route: getMembers, Status: 404, Body: `{"errors":[{"code":"organization.not_found","message":"gone"}]}`})
	if _, err := o.People.All(t.Context()); err == nil || !strings.Contains(err.Error(), "does not see the organization "+srv.OrganizationID) {
		t.Errorf("got %v", err)
	}
}

// An enforcement that is not shown is unknown, unless the service has shown one
// before in this run.
func TestEnforcementThatIsNotShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t, cloudtest.OmitNoEnforcement())
		want := func(o *Organization, enforcement cloud.Enforcement) {
			t.Helper()
			if organization, err := o.Get(t.Context()); err != nil || organization.Enforcement != enforcement {
				t.Errorf("got %+v, %v; want %d", organization, err, enforcement)
			}
		}
		want(o, cloud.EnforcementUnknown)
		srv.Enforce(true)
		want(o, cloud.EnforcementOn)
		srv.Enforce(false)
		want(o, cloud.EnforcementOff)
		want(newOrganization(t, config(srv)), cloud.EnforcementUnknown)
	})
}
