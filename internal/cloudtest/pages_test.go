// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"testing"
)

// Every request returns the first page again, except for organizations.
func TestIgnoresNextPage(t *testing.T) {
	t.Parallel()
	s := New(t, Plain(), Pages(2), IgnoresNextPage())
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		s.AddMember(email)
	}
	first := string(expect(t, s, "GET", "/organizations/{org}/members", "", 200, "").body)
	next := decode[struct {
		NextPage string `json:"next_page"`
	}](t, []byte(first)).NextPage
	equal(t, "there is another page", next != "", true)
	again := string(expect(t, s, "GET", "/organizations/{org}/members?next_page="+url.QueryEscape(next), "", 200, "").body)
	equal(t, "the next page", again, first)
	equal(t, "held", len(s.Emails()), 3)
	s.AddOrganization("777", "Other")
	expect(t, s, "GET", "/organizations", "", 200, "") // whose next_page is asked for
	seen := string(expect(t, s, "GET", "/organizations?next_page="+url.QueryEscape(pageCursor(1)), "", 200, "").body)
	equal(t, "second organization", strings.Contains(seen, "777"), true)
}

// listShapes returns for each list whether it is omitted, null, empty or full.
func listShapes(t *testing.T, s *Server) map[string]string {
	t.Helper()
	shapes := map[string]string{}
	for name, path := range map[string]string{"members": "members", "invitations": "invitations", "domains": "domains", "mappings": "role_mappings"} {
		a := expect(t, s, "GET", "/organizations/{org}/"+path, "", 200, "")
		raw, found := decode[map[string]json.RawMessage](t, a.body)[name]
		switch {
		case !found:
			shapes[name] = "left out"
		case string(raw) == "null":
			shapes[name] = "null"
		case string(raw) == "[]":
			shapes[name] = "empty"
		default:
			shapes[name] = "full"
		}
	}
	return shapes
}

// How lists come back while there is nothing and when there is one thing of each.
func TestListsThatShowNothing(t *testing.T) {
	t.Parallel()
	all := func(shape string) map[string]string {
		return map[string]string{"members": shape, "invitations": shape, "domains": shape, "mappings": shape}
	}
	but := func(shapes map[string]string, shape string, lists ...string) map[string]string {
		for _, list := range lists {
			shapes[list] = shape
		}
		return shapes
	}
	for name, test := range map[string]struct {
		opts            []Option
		nothing, things map[string]string
	}{
		"as they are":       {nil, all("empty"), all("full")},
		"left out":          {[]Option{EmptyListsLeftOut()}, all("left out"), all("full")},
		"null":              {[]Option{EmptyListsNull()}, all("null"), all("full")},
		"no members list":   {[]Option{NoMembersList()}, but(all("empty"), "left out", "members"), but(all("full"), "left out", "members")},
		"nobody":            {[]Option{SeesNobody()}, all("empty"), but(all("full"), "empty", "members", "invitations")},
		"nobody, left out":  {[]Option{SeesNobody(), EmptyListsLeftOut()}, all("left out"), but(all("full"), "left out", "members", "invitations")},
		"nobody, with null": {[]Option{SeesNobody(), EmptyListsNull()}, all("null"), but(all("full"), "null", "members", "invitations")},
	} {
		for lag, more := range map[string][]Option{"": nil, ", and lists lag": {Lag(1)}, ", in pages": {Pages(1)}} {
			t.Run(name+lag, func(t *testing.T) {
				t.Parallel()
				check := func(s *Server, want map[string]string) {
					t.Helper()
					if got := listShapes(t, s); !maps.Equal(got, want) {
						t.Errorf("got %v, want %v", got, want)
					}
				}
				opts := append(more, test.opts...)
				check(New(t, opts...), test.nothing)
				s := New(t, opts...)
				s.AddMember("a@example.com")
				s.AddInvitation("b@example.com")
				s.ClaimDomain("example.com")
				s.AddRoleMapping("owners", true, AnyOf(Group("x")), "organization-admin")
				check(s, test.things)
				// Writes decide on what there is.
				expect(t, s, "POST", invitations, `{"emails":["a@example.com"]}`, 400, "organization.user_organization_already_belongs")
				equalList(t, "held", s.Emails(), "a@example.com", "b@example.com")
			})
		}
	}
}
