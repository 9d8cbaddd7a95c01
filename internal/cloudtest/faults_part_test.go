// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

type wholeCall struct{ method, path, body string }

// The certificates of furnished organizations, so that these compare.
var (
	furnishedIdP     = sync.OnceValue(testConfiguration)
	otherCertificate = sync.OnceValue(testCertificate)
)

// furnished is an organization with something of everything, and the requests that
// change it, by name. Each is good as it is.
func furnished(t *testing.T, opts ...Option) (*Server, map[string]wholeCall) {
	t.Helper()
	s := New(t, append([]Option{Plain(), InProcess(), Clock(fixedClock())}, opts...)...)
	s.AddMember("owner@example.com", "organization-admin")
	alice := s.AddMember("alice@example.com", "deployment-viewer:a", "deployment-viewer:b")
	bob := s.AddMember("bob@example.com")
	s.AddInvitation("c@example.com")
	s.AddInvitation("d@example.com")
	s.ClaimDomain("example.com")
	s.ConfigureIdP(furnishedIdP())
	configuration := furnishedIdP()
	configuration.Certificates = []string{configuration.Certificates[0], otherCertificate()}
	s.AddRoleMapping("owners", true, AnyOf(Group("owners")), "organization-admin")
	s.AddRoleMapping("x", true, AnyOf(Group("x")), "billing-admin")
	s.AddRoleMapping("y", true, AnyOf(Group("y")), "billing-admin")

	mapping := func(name, rule string, grants ...string) string {
		return fmt.Sprintf(`{"name":%q,"enabled":true,"rule":%s,"role_assignments":%s}`, name, rule, rolesJSON(t, grants...))
	}
	const one, two, both = `{"any":[{"group":"a"}]}`, `{"any":[{"group":"a"},{"group":"b"}]}`, `{"all":[{"group":"a"},{"group":"b"}]}`
	roles := rolesJSON(t, "deployment-viewer:a", "deployment-viewer:b", "billing-admin")
	return s, map[string]wholeCall{
		"members":         {"DELETE", "/organizations/{org}/members/" + alice + "," + bob, ""},
		"member":          {"DELETE", "/organizations/{org}/members/" + bob, ""},
		"tokens":          {"DELETE", invitations + "/" + strings.Join(s.Tokens(), ","), ""},
		"token":           {"DELETE", invitations + "/" + s.Tokens()[1], ""},
		"invite":          {"POST", invitations, `{"emails":["F@example.com","e@example.com"],"role_assignments":` + roles + `,"expires_in":"7d"}`},
		"invite one":      {"POST", invitations, `{"emails":["F@example.com"],"role_assignments":` + roles + `}`},
		"invite, no role": {"POST", invitations, `{"emails":["F@example.com"]}`},
		"give":            {"POST", "/users/" + bob + "/role_assignments", roles},
		"give one":        {"POST", "/users/" + bob + "/role_assignments", rolesJSON(t, "billing-admin")},
		"take":            {"DELETE", "/users/" + alice + "/role_assignments", roles},
		"add mappings":    {"POST", mappingsPath, mappingsJSON(mapping("v", two, "billing-admin"), mapping("w", one, "billing-admin"))},
		"add mapping":     {"POST", mappingsPath, mappingsJSON(mapping("v", two, "deployment-viewer:a", "billing-admin"))},
		"set mappings":    {"PUT", mappingsPath, mappingsJSON(mapping("v", one, "organization-admin"), mapping("w", one, "billing-admin"))},
		"set mapping":     {"PUT", mappingsPath + "/x", `{"mapping":` + mapping("x", both, "billing-admin") + `}`},
		"rename mapping":  {"PUT", mappingsPath + "/x", `{"mapping":` + mapping("z", one, "billing-admin") + `}`},
		"delete mappings": {"DELETE", mappingsPath + "/x,y", ""},
		"delete all":      {"DELETE", mappingsPath, ""},
		"IdP":             {"PUT", idpPath, idpBody(t, configuration)},
		"remove IdP":      {"DELETE", idpPath, ""},
		"organization":    {"PUT", "/organizations/{org}", `{"name":"New","billing_contacts":["a@example.com"],"enforce_authentication_method":"sso"}`},
		"enforce":         {"PUT", "/organizations/{org}", `{"enforce_authentication_method":"sso"}`},
		"code":            {"POST", domainsPath + "/_generate_verification_code", domainBody("other.example")},
	}
}

// seen is everything that can be seen of an organization.
func seen(t *testing.T, s *Server) string {
	t.Helper()
	var all []string
	for _, path := range []string{"", "/members", "/invitations", "/domains", "/role_mappings", "/idp"} {
		all = append(all, string(do(t, s, "GET", "/organizations/{org}"+path, "").body))
	}
	all = append(all, fmt.Sprint(s.Mails(), s.VerificationCode("other.example"), s.Emails(), s.RoleMappings(), s.Enforced()))
	return strings.Join(all, "\n")
}

// A request that is answered and not done changes nothing, and can be done afterwards.
// Lists that lag show neither.
func TestFaultUndone(t *testing.T) {
	t.Parallel()
	_, requests := furnished(t)
	for name := range requests {
		for lag, opts := range map[string][]Option{"": nil, "/lag": {Lag(time.Minute)}} {
			t.Run(name+lag, func(t *testing.T) {
				t.Parallel()
				s, requests := furnished(t, opts...)
				r := requests[name]
				before := seen(t, s)
				s.Fail(Fault{Undone: true, Route: routeOf(r, s)})
				lie := do(t, s, r.method, r.path, r.body)
				if lie.status >= 300 {
					t.Errorf("%d %s", lie.status, lie.body)
				}
				equal(t, "at once", seen(t, s), before)
				s.Advance(time.Hour)
				equal(t, "later", seen(t, s), before)
				truth := do(t, s, r.method, r.path, r.body)
				equal(t, "status", truth.status, lie.status)
				equal(t, "length of the body", len(truth.body), len(lie.body))
				s.Advance(time.Minute)
				equal(t, "done at last", seen(t, s) != before, true)
			})
		}
	}
}

// routeOf is the route of a request, in the contract's spelling.
func routeOf(r wholeCall, s *Server) string {
	op, _ := s.contract.find(r.method, apiRoot+strings.ReplaceAll(r.path, "{org}", s.OrganizationID))
	return op.route
}

// A refused request is refused in either way, and a request that only reads is not
// affected.
func TestFaultUndoneAndPartOfOthers(t *testing.T) {
	t.Parallel()
	for _, fault := range []Fault{{Undone: true, Times: -1}, {Part: true, Times: -1}} {
		s, _ := furnished(t)
		before := seen(t, s)
		s.Fail(fault)
		equal(t, "what is seen", seen(t, s), before)
		expect(t, s, "POST", invitations, `{"emails":["e@example.com","nonsense"]}`, 400, "organization.invitation_invalid_email")
		expect(t, s, "POST", invitations, `{"emails":[]}`, 400, "organization.invitation_invalid_email")
		expect(t, s, "DELETE", "/organizations/{org}/members/1,2", "", 404, membershipNotFound)
		expect(t, s, "POST", "/users/1/role_assignments", rolesJSON(t, "billing-admin", "organization-admin"), 400, "role_assignments.invalid_target_user_id")
		expect(t, s, "DELETE", mappingsPath+"/x,owners", "", 400, "org.role_mapping.no_organization_admin")
		equal(t, "what is seen", seen(t, s), before)
	}
}

// Only the first part of an answered request is done. A request that names one thing is
// done as usual.
func TestFaultPart(t *testing.T) {
	t.Parallel()
	everybody := []string{"alice@example.com", "bob@example.com", "c@example.com", "d@example.com", "owner@example.com"}
	without := func(email string) []string {
		return slices.DeleteFunc(slices.Clone(everybody), func(e string) bool { return e == email })
	}
	with := func(email string) []string {
		return slices.Sorted(slices.Values(append(slices.Clone(everybody), email)))
	}
	checks := map[string]func(t *testing.T, s *Server){
		"members": func(t *testing.T, s *Server) { equalList(t, "people", s.Emails(), without("alice@example.com")...) },
		"tokens":  func(t *testing.T, s *Server) { equalList(t, "people", s.Emails(), without("c@example.com")...) },
		"invite": func(t *testing.T, s *Server) {
			equalList(t, "people", s.Emails(), with("f@example.com")...)
			equalList(t, "promised", s.Grants("f@example.com"), "billing-admin", "deployment-viewer:a", "deployment-viewer:b")
			equal(t, "mails", len(s.Mails()), 1)
			equal(t, "mail", s.Mails()[0].To, "f@example.com")
		},
		"invite one": func(t *testing.T, s *Server) {
			equalList(t, "people", s.Emails(), with("f@example.com")...)
			equalList(t, "promised", s.Grants("f@example.com"), "deployment-viewer:a")
			equal(t, "mails", len(s.Mails()), 1)
		},
		"give": func(t *testing.T, s *Server) {
			equalList(t, "held", s.Grants("bob@example.com"), "deployment-viewer:a")
		},
		"take": func(t *testing.T, s *Server) {
			equalList(t, "held", s.Grants("alice@example.com"), "deployment-viewer:b")
		},
		"add mappings": func(t *testing.T, s *Server) {
			equalList(t, "mappings", mappingNames(s), "owners", "v", "x", "y")
			equal(t, "rule of the first", fmt.Sprint(mappingOf(s, "v").Rule), fmt.Sprint(AnyOf(Group("a"), Group("b"))))
		},
		"add mapping": func(t *testing.T, s *Server) {
			equalList(t, "gives", mappingOf(s, "v").Grants, "deployment-viewer:a")
			equal(t, "rule", fmt.Sprint(mappingOf(s, "v").Rule), fmt.Sprint(AnyOf(Group("a"), Group("b"))))
		},
		"set mappings": func(t *testing.T, s *Server) { equalList(t, "mappings", mappingNames(s), "v") },
		"set mapping": func(t *testing.T, s *Server) {
			equalList(t, "gives", mappingOf(s, "x").Grants, "billing-admin")
			equal(t, "rule", fmt.Sprint(mappingOf(s, "x").Rule), fmt.Sprint(AllOf(Group("a"))))
		},
		"delete mappings": func(t *testing.T, s *Server) { equalList(t, "mappings", mappingNames(s), "owners", "y") },
		"IdP":             func(t *testing.T, s *Server) { equal(t, "certificates", len(s.IdP().Certificates), 1) },
		"organization": func(t *testing.T, s *Server) {
			shown := string(expect(t, s, "GET", "/organizations/{org}", "", 200, "").body)
			equal(t, "contacts", strings.Contains(shown, `"billing_contacts":["a@example.com"]`), true)
			equal(t, "enforced", s.Enforced(), false)
			equal(t, "renamed", strings.Contains(shown, `"New"`), false)
		},
	}
	_, requests := furnished(t)
	for name := range requests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, requests := furnished(t)
			r := requests[name]
			truth := do(t, whole, r.method, r.path, r.body)
			s, requests := furnished(t)
			r = requests[name]
			s.Fail(Fault{Part: true})
			lie := do(t, s, r.method, r.path, r.body)
			equal(t, "status", lie.status, truth.status)
			equal(t, "length of the body", len(lie.body), len(truth.body))
			check := checks[name]
			same := slices.Equal(numberIdentifiers(seen(t, s)), numberIdentifiers(seen(t, whole)))
			equal(t, "all is done", same, check == nil)
			if check != nil {
				check(t, s)
			}
		})
	}
}

func mappingOf(s *Server, name string) RoleMapping {
	mappings := s.RoleMappings()
	return mappings[slices.IndexFunc(mappings, func(m RoleMapping) bool { return m.Name == name })]
}

// The tokens in a reply are those of the list, even of a list that lags.
func TestFaultPartKeepsTokens(t *testing.T) {
	t.Parallel()
	s, requests := furnished(t, Lag(time.Minute))
	listedInvitations(t, s)
	r := requests["invite"]
	s.Fail(Fault{Part: true})
	told := decode[struct{ Invitations []listedInvitation }](t, do(t, s, r.method, r.path, r.body).body).Invitations
	equal(t, "invitations in the reply", len(told), 2)
	equal(t, "in the list at once", len(listedInvitations(t, s)), 2)
	s.Advance(time.Minute)
	listed := listedInvitations(t, s)
	equal(t, "in the list later", len(listed), 3)
	equal(t, "token", listed[2].Token, told[0].Token)
	equal(t, "tokens there were", len(s.Tokens()), 4)
	expect(t, s, "DELETE", invitations+"/"+told[1].Token, "", 404, invitationNotFound)
	expect(t, s, "DELETE", invitations+"/"+told[0].Token, "", 200, "")
	equal(t, "status", s.Status("f@example.com"), "none")
}

// With After, the part is done, and then another reply is sent, or none.
func TestFaultPartAndAfter(t *testing.T) {
	t.Parallel()
	s, requests := furnished(t)
	r := requests["members"]
	s.Fail(Fault{Undone: true, After: true, Status: 503})
	expect(t, s, r.method, r.path, "", 503, "root.injected_fault")
	equal(t, "alice", s.Status("alice@example.com"), "active")
	s.Fail(Fault{Part: true, After: true, Status: 503})
	expect(t, s, r.method, r.path, "", 503, "root.injected_fault")
	equal(t, "alice", s.Status("alice@example.com"), "none")
	equal(t, "bob", s.Status("bob@example.com"), "active")
}

// What the service refuses to do alone is not done.
func TestFaultPartRefusedAlone(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ConfigureIdP(testConfiguration())
	s.Fail(Fault{Part: true})
	expect(t, s, "POST", mappingsPath, mappingsJSON(mappingJSON("x", "billing-admin"), mappingJSON("owners", "organization-admin")), 201, "")
	equalList(t, "mappings", mappingNames(s))
}
