// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"slices"
	"strings"
	"testing"
)

// listDeletion is one of the calls that delete a list of things.
type listDeletion struct {
	name     string
	notFound string                           // the code of the route's own 404
	make     func(*Server) (entries []string) // makes three things
	path     string
	left     func(t *testing.T, s *Server) []string // what a list shows of the three, sorted
}

var listDeletions = []listDeletion{
	{"members", "organization.membership_not_found", func(s *Server) []string {
		return []string{s.AddMember("a@example.com"), s.AddMember("b@example.com"), s.AddMember("c@example.com")}
	}, "/organizations/{org}/members/", func(t *testing.T, s *Server) (left []string) {
		t.Helper()
		for _, m := range listedMembers(t, s) {
			left = append(left, strings.ToLower(m.Email))
		}
		slices.Sort(left)
		equalList(t, "held", s.Emails(), left...)
		return left
	}},
	{"invitations", "organization.invitation_not_found", func(s *Server) []string {
		for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
			s.AddInvitation(email)
		}
		return s.Tokens()
	}, invitations + "/", func(t *testing.T, s *Server) (left []string) {
		t.Helper()
		for _, i := range listedInvitations(t, s) {
			left = append(left, i.email())
		}
		slices.Sort(left)
		equalList(t, "held", s.Emails(), left...)
		return left
	}},
	{"role mappings", "org.role_mapping_rule.role_mapping_not_found", func(s *Server) []string {
		s.AddRoleMapping("owners", true, AnyOf(Group("owners")), "organization-admin")
		names := []string{"a@example.com", "b@example.com", "c@example.com"}
		for _, name := range names {
			s.AddRoleMapping(name, true, AnyOf(Group("x")), "billing-admin")
		}
		return names
	}, mappingsPath + "/", func(t *testing.T, s *Server) (left []string) {
		t.Helper()
		for _, m := range listedMappings(t, s) {
			if m != "owners" {
				left = append(left, m)
			}
		}
		equalList(t, "held", mappingNames(s), append(slices.Clone(left), "owners")...)
		return left
	}},
}

// listedMappings are the names of the role mappings, sorted.
func listedMappings(t *testing.T, s *Server) (names []string) {
	t.Helper()
	a := expect(t, s, "GET", mappingsPath, "", 200, "")
	for _, m := range decode[struct{ Mappings []struct{ Name string } }](t, a.body).Mappings {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// What becomes of a DELETE that names several things, by option. One that names a
// single thing always does it.
func TestDeletingLists(t *testing.T) {
	t.Parallel()
	const a, b, c = "a@example.com", "b@example.com", "c@example.com"
	for name, test := range map[string]struct {
		opts       []Option
		status     int
		code       string // "404" is the route's own
		two, three []string
	}{
		"all":                {nil, 200, "", []string{c}, nil},
		"only the first":     {[]Option{DeletesFirst()}, 200, "", []string{b, c}, []string{b, c}},
		"refused as bad":     {[]Option{RefusesLists(400)}, 400, "root.invalid_request", []string{a, b, c}, []string{a, b, c}},
		"refused as missing": {[]Option{RefusesLists(404)}, 404, "404", []string{a, b, c}, []string{a, b, c}},
		"in part":            {[]Option{DeletesInPart()}, 400, "root.invalid_request", []string{b, c}, []string{b, c}},
	} {
		for _, deletion := range listDeletions {
			t.Run(name+"/"+deletion.name, func(t *testing.T) {
				t.Parallel()
				code := test.code
				if code == "404" {
					code = deletion.notFound
				}
				for n, left := range map[int][]string{1: {b, c}, 2: test.two, 3: test.three} {
					status, code := test.status, code
					if n == 1 {
						status, code = 200, ""
					}
					s := New(t, test.opts...)
					entries := deletion.make(s)
					expect(t, s, "DELETE", deletion.path+strings.Join(entries[:n], ","), "", status, code)
					equalList(t, "left", deletion.left(t, s), left...)
				}
			})
		}
	}
}

// Half of an odd number is rounded down, and an entry that does not exist is refused as
// usual.
func TestDeletesInPartOfFive(t *testing.T) {
	t.Parallel()
	s := New(t, DeletesInPart())
	var ids []string
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"} {
		ids = append(ids, s.AddMember(email))
	}
	expect(t, s, "DELETE", "/organizations/{org}/members/"+strings.Join(ids, ","), "", 400, "root.invalid_request")
	equalList(t, "left", s.Emails(), "c@example.com", "d@example.com", "e@example.com")
	expect(t, s, "DELETE", "/organizations/{org}/members/"+ids[0]+","+ids[2], "", 404, "organization.membership_not_found")
	equalList(t, "left", s.Emails(), "c@example.com", "d@example.com", "e@example.com")
}

// Present members are denied this many times each, or always.
func TestDeniesMembers(t *testing.T) {
	t.Parallel()
	const denied = "organization.membership_not_found"
	s := New(t, DeniesMembers(2))
	a, b := s.AddMember("a@example.com"), s.AddMember("b@example.com")
	path := "/organizations/{org}/members/"
	for range 2 {
		expect(t, s, "DELETE", path+a, "", 404, denied)
		equal(t, "members", countMembers(t, s), 2)
	}
	// The denied member prevents the removal of the other one.
	expect(t, s, "DELETE", path+a+","+b, "", 404, denied)
	expect(t, s, "DELETE", path+b, "", 404, denied)
	equalList(t, "emails", s.Emails(), "a@example.com", "b@example.com")
	expect(t, s, "DELETE", path+a, "", 200, "")
	expect(t, s, "DELETE", path+b, "", 200, "")
	equalList(t, "emails", s.Emails())

	s = New(t, DeniesMembers(-1))
	a = s.AddMember("a@example.com")
	for range 10 {
		expect(t, s, "DELETE", path+a, "", 404, denied)
	}
	equal(t, "members", countMembers(t, s), 1)
	equal(t, "status", s.Status("a@example.com"), "active")
}
