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
	for _, want := range []string{"9999999999 is not one", srv.OrganizationID, "2222222222 (Second)"} {
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

// Nor does one that the key found and sees no longer go unnamed.
func TestFoundOrganizationIsGone(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, configWithoutOrganization(srv))
	if _, err := o.ID(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv.Fail(cloudtest.Fault{Route: getMembers, Status: 404, Body: `{"errors":[{"code":"organization.not_found","message":"gone"}]}`})
	if _, err := o.People.All(t.Context()); err == nil || !strings.Contains(err.Error(), "the organization "+srv.OrganizationID+" is not one") {
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
