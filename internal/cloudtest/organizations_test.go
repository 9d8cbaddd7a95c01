// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
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

// Every list may come in pages, which are the whole list together.
func TestPages(t *testing.T) {
	t.Parallel()
	s := New(t, Pages(2))
	for i := range 5 {
		s.AddMember(fmt.Sprintf("m%d@example.com", i))
		s.AddInvitation(fmt.Sprintf("i%d@example.com", i))
		s.ClaimDomain(fmt.Sprintf("d%d.example.com", i))
		s.AddRoleMapping(fmt.Sprint("r", i), true, AnyOf(Group("x")))
	}
	for list, name := range map[string]string{"members": "members", "invitations": "invitations", "domains": "domains", "role_mappings": "mappings"} {
		seen, cursor := map[string]bool{}, ""
		for _, size := range []int{2, 2, 1} {
			page := decode[map[string]json.RawMessage](t, expect(t, s, "GET", "/organizations/{org}/"+list+cursor, "", 200, "").body)
			items := decode[[]json.RawMessage](t, page[name])
			equal(t, "size of a page of "+list, len(items), size)
			for _, item := range items {
				seen[string(item)] = true
			}
			equal(t, "another page of "+list, page["next_page"] != nil, size == 2)
			if size == 2 {
				cursor = "?next_page=" + url.QueryEscape(decode[string](t, page["next_page"]))
			}
		}
		equal(t, list, len(seen), 5)
	}
}

func TestGetOrganization(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddOrganization("111", "Second")
	equal(t, "body", string(expect(t, s, "GET", "/organizations/111", "", 200, "").body), `{"enforce_authentication_method":null,"id":"111","name":"Second"}`)
	expect(t, s, "GET", "/organizations/{org}", "", 200, "")
	expect(t, s, "GET", "/organizations/112", "", 404, "organization.not_found")
}
