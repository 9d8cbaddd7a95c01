// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

type listedMember struct {
	UserID         string `json:"user_id"`
	OrganizationID string `json:"organization_id"`
	Name           *string
	Email          string
	MemberSince    time.Time `json:"member_since"`
}

func listedMembers(t *testing.T, s *Server) []listedMember {
	t.Helper()
	a := expect(t, s, "GET", "/organizations/{org}/members", "", 200, "")
	return decode[struct{ Members []listedMember }](t, a.body).Members
}

func countMembers(t *testing.T, s *Server) int {
	t.Helper()
	return len(listedMembers(t, s))
}

func TestListMembers(t *testing.T) {
	t.Parallel()
	s := New(t, Plain(), Clock(fixedClock()))
	id := s.AddMember("Alice@Example.com", "organization-admin", "deployment-editor:b", "deployment-editor:a",
		"elasticsearch-viewer:*+reader+analyst")
	s.AddMember("bob@example.com")
	a := expect(t, s, "GET", "/organizations/{org}/members", "", 200, "")
	want := strings.NewReplacer("{org}", s.OrganizationID, "{alice}", id, "{bob}", listedMembers(t, s)[1].UserID).Replace(`{"members":[` +
		`{"organization_id":"{org}","user_id":"{alice}","name":"Alice","email":"alice@example.com","member_since":"2026-03-01T12:00:00Z","role_assignments":{` +
		`"deployment":[{"role_id":"deployment-editor","organization_id":"{org}","deployment_ids":["a","b"]}],` +
		`"organization":[{"role_id":"organization-admin","organization_id":"{org}"}],` +
		`"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","organization_id":"{org}","all":true,"application_roles":["analyst","reader"]}]}}},` +
		`{"organization_id":"{org}","user_id":"{bob}","name":"Bob","email":"bob@example.com","member_since":"2026-03-01T12:00:00Z"}]}`)
	equal(t, "body", string(a.body), want)
	expect(t, s, "GET", "/organizations/none/members", "", 404, "organization.not_found")
}

func TestDeleteMembers(t *testing.T) {
	t.Parallel()
	s := New(t)
	a, b, c := s.AddMember("a@example.com"), s.AddMember("b@example.com"), s.AddMember("c@example.com")
	expect(t, s, "DELETE", "/organizations/none/members/"+a, "", 404, "organization.not_found")
	expect(t, s, "DELETE", "/organizations/{org}/members/"+a+",123", "", 404, "organization.membership_not_found")
	expect(t, s, "DELETE", "/organizations/{org}/members/"+a+",", "", 404, "organization.membership_not_found")
	equal(t, "members", countMembers(t, s), 3)
	expect(t, s, "DELETE", "/organizations/{org}/members/"+a+","+b, "", 200, "")
	equalList(t, "emails", s.Emails(), "c@example.com")
	expect(t, s, "DELETE", "/organizations/{org}/members/"+a, "", 404, "organization.membership_not_found")
	expect(t, s, "DELETE", "/organizations/{org}/members/"+c, "", 200, "")
	equal(t, "status", s.Status("C@example.com"), "none")
}

func TestMemberOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	s := New(t)
	id := s.AddMember("a@example.com")
	s.AddOrganization("777", "Other")
	expect(t, s, "DELETE", "/organizations/777/members/"+id, "", 404, "organization.membership_not_found")
	expect(t, s, "GET", "/organizations/777/members", "", 200, "")
	equal(t, "status", s.Status("a@example.com"), "active")
}

func TestSSOLogin(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddInvitation("a@example.com", "billing-admin")
	id := s.SSOLogin("A@example.com")
	equal(t, "status", s.Status("a@example.com"), "active")
	equal(t, "open invitations", len(listedInvitations(t, s)), 1)
	equalList(t, "grants", s.Grants("a@example.com"))
	if m := listedMembers(t, s)[0]; m.Name != nil {
		t.Errorf("name %q", *m.Name)
	}
	equal(t, "user ID", s.SSOLogin("a@example.com", "deployment-viewer:*"), id)
	s.Grant("a@example.com", "billing-admin")
	equal(t, "user ID", s.SSOLogin("a@example.com"), id)
	equalList(t, "no groups, no change", s.Grants("a@example.com"), "billing-admin", "deployment-viewer:*")
	s.SSOLogin("a@example.com", "security-t1-analyst:x")
	equalList(t, "replaced", s.Grants("a@example.com"), "security-t1-analyst:x")
	equal(t, "accepted", s.Accept("a@example.com"), id)
	equalList(t, "both", s.Grants("a@example.com"), "billing-admin", "security-t1-analyst:x")
	equal(t, "open invitations", len(listedInvitations(t, s)), 0)
}

func TestGrantByHandAndRemove(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddMember("a@example.com", "deployment-editor:x")
	s.Grant("A@EXAMPLE.COM", "deployment-editor:y", "deployment-editor:x")
	s.Ungrant("a@example.com", "deployment-editor:x", "billing-admin")
	equalList(t, "grants", s.Grants("a@example.com"), "deployment-editor:y")
	s.SSOLogin("b@example.com")
	s.AddInvitation("c@example.com")
	s.Remove("b@example.com")
	s.Remove("c@example.com")
	equalList(t, "emails", s.Emails(), "a@example.com")
}

func TestVerbMisuse(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*Server){
		"m@example.com is a member already":                   func(s *Server) { s.AddMember("M@example.com") },
		"is a member of the organization":                     func(s *Server) { s.AddInvitation("m@example.com") },
		"is invited already":                                  func(s *Server) { s.AddInvitation("i@example.com") },
		"nobody@example.com has no invitation":                func(s *Server) { s.Accept("nobody@example.com") },
		"has expired":                                         func(s *Server) { s.Expire("i@example.com"); s.Accept("i@example.com") },
		"m@example.com has no invitation":                     func(s *Server) { s.Expire("m@example.com") },
		"i@example.com is not a member":                       func(s *Server) { s.Grant("i@example.com", "billing-admin") },
		"nobody@example.com is not a member":                  func(s *Server) { s.Ungrant("nobody@example.com") },
		"nobody@example.com is neither a member nor invited":  func(s *Server) { s.Remove("nobody@example.com") },
		"not an e-mail address":                               func(s *Server) { s.AddMember("") },
		`"deployment-editor" has no scope`:                    func(s *Server) { s.Grant("m@example.com", "deployment-editor") },
		"a role on the organization has no scope":             func(s *Server) { s.AddMember("x@example.com", "billing-admin:*") },
		`"deployment-editor:" has an empty part`:              func(s *Server) { s.SSOLogin("x@example.com", "deployment-editor:") },
		"branch x: unexpected end":                            func(s *Server) { s.AddUnknownAssignment("m@example.com", "x", "{") },
		"project.security is known":                           func(s *Server) { s.AddUnknownAssignment("m@example.com", "project.security", "[]") },
		"neither a member nor invited":                        func(s *Server) { s.AddUnknownAssignment("n@example.com", "platform", "[]") },
		"the invitation of i@example.com has expired already": func(s *Server) { s.Expire("i@example.com"); s.Expire("i@example.com") },
		`grant "deployment-editor:*+a++b" has an empty part`:  func(s *Server) { s.AddInvitation("x@example.com", "deployment-editor:*+a++b") },
	}
	for want, misuse := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			s := Start()
			defer s.Close()
			s.AddMember("m@example.com")
			s.AddInvitation("i@example.com")
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
					t.Errorf("panic %q, want %q", got, want)
				}
				equal(t, "still answers", do(t, s, http.MethodGet, "/organizations", "").status, 200)
			}()
			misuse(s)
		})
	}
}
