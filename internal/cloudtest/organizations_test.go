// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"net/url"
	"testing"
)

func TestListOrganizationsPages(t *testing.T) {
	t.Parallel()
	s := New(t)
	type page struct {
		Organizations []struct{ ID, Name string }
		NextPage      *string `json:"next_page"`
	}
	only := decode[page](t, do(t, s, "GET", "/organizations", "").body)
	if only.NextPage != nil || len(only.Organizations) != 1 || only.Organizations[0].ID != s.OrganizationID {
		t.Errorf("one organization: %+v", only)
	}
	s.AddOrganization("111", "Second")
	s.AddOrganization("222", "Third")
	var ids []string
	path := "/organizations"
	for range 3 {
		p := decode[page](t, expect(t, s, "GET", path, "", 200, "").body)
		equal(t, "size of a page", len(p.Organizations), 1)
		ids = append(ids, p.Organizations[0].ID)
		if p.NextPage == nil {
			break
		}
		if *p.NextPage == url.QueryEscape(*p.NextPage) {
			t.Errorf("cursor %q needs no escaping", *p.NextPage)
		}
		path = "/organizations?next_page=" + url.QueryEscape(*p.NextPage)
	}
	equalList(t, "IDs", ids, s.OrganizationID, "111", "222")
}

func TestGetOrganization(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddOrganization("111", "Second")
	equal(t, "body", string(expect(t, s, "GET", "/organizations/111", "", 200, "").body), `{"enforce_authentication_method":null,"id":"111","name":"Second"}`)
	expect(t, s, "GET", "/organizations/{org}", "", 200, "")
	expect(t, s, "GET", "/organizations/112", "", 404, "organization.not_found")
}
