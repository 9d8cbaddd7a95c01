// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const invitations = "/organizations/{org}/invitations"

type listedInvitation struct {
	Token        string
	Email        string
	CreatedAt    time.Time `json:"created_at"`
	ExpiresAt    time.Time `json:"expires_at"`
	Expired      bool
	Organization struct{ ID, Name string }
}

func (i listedInvitation) email() string {
	return strings.ToLower(i.Email)
}

func listedInvitations(t *testing.T, s *Server) []listedInvitation {
	t.Helper()
	a := expect(t, s, "GET", invitations, "", 200, "")
	return decode[struct{ Invitations []listedInvitation }](t, a.body).Invitations
}

func TestCreateInvitations(t *testing.T) {
	t.Parallel()
	s := New(t, Clock(fixedClock()))
	a := expect(t, s, "POST", invitations, `{"emails":["A@example.com","b@example.com"],"role_assignments":{
		"organization":[{"role_id":"billing-admin","organization_id":"{org}"}],
		"deployment":[{"role_id":"deployment-editor","organization_id":"{org}","all":false,"deployment_ids":["x","y"],"application_roles":[]}],
		"project":{"security":[{"role_id":"security-t1-analyst","organization_id":"{org}","all":true,"application_roles":["b","a"]}]},
		"platform":[]}}`, 201, "")
	equal(t, "invitations in the reply", len(decode[struct{ Invitations []listedInvitation }](t, a.body).Invitations), 2)
	for _, i := range listedInvitations(t, s) {
		equalList(t, "grants", s.Grants(i.Email), "billing-admin", "deployment-editor:x+", "deployment-editor:y+", "security-t1-analyst:*+a+b")
		equal(t, "organization", i.Organization.ID, s.OrganizationID)
		equal(t, "good for", i.ExpiresAt.Sub(i.CreatedAt), 72*time.Hour)
		equal(t, "expired", i.Expired, false)
		equal(t, "status", s.Status(i.Email), "invited")
	}
	equalList(t, "emails", s.Emails(), "a@example.com", "b@example.com")
	equal(t, "mails", len(s.Mails()), 2)
	equal(t, "mail", s.Mails()[0].To, "a@example.com")
	equal(t, "tokens", len(s.Tokens()), 2)
	expect(t, s, "GET", "/organizations/none/invitations", "", 404, "organization.not_found")
	expect(t, s, "POST", "/organizations/none/invitations", `{"emails":["c@example.com"]}`, 404, "organization.not_found")
}

func TestCreateInvitationsRefused(t *testing.T) {
	t.Parallel()
	role := func(branch string) string {
		return `{"emails":["new@example.com"],"role_assignments":{` + branch + `}}`
	}
	const bad = "role_assignments.invalid_role_assignments"
	tests := []struct {
		name, body string
		status     int
		code       string
	}{
		{"nobody", `{"emails":[]}`, 400, "organization.invitation_invalid_email"},
		{"no address", `{"emails":["new@example.com","nonsense"]}`, 400, "organization.invitation_invalid_email"},
		{"a name", `{"emails":["New <new@example.com>"]}`, 400, "organization.invitation_invalid_email"},
		{"member", `{"emails":["new@example.com","M@example.com"]}`, 400, "organization.user_organization_already_belongs"},
		{"invited", `{"emails":["new@example.com","I@EXAMPLE.com"]}`, 400, "organization.invitation_already_exists"},
		{"twice but for case", `{"emails":["new@example.com","New@example.com"]}`, 400, "organization.invitation_already_exists"},
		{"unknown field", `{"emails":["new@example.com"],"role":"x"}`, 400, "root.invalid_request"},
		{"two values", `{"emails":["new@example.com"]}{}`, 400, "root.invalid_request"},
		{"expires_in", `{"emails":["new@example.com"],"expires_in":"3"}`, 400, "organization.invitation_invalid_expires_in"},
		{"expires_in zero", `{"emails":["new@example.com"],"expires_in":"0d"}`, 400, "organization.invitation_invalid_expires_in"},
		{"expires_in too long", `{"emails":["new@example.com"],"expires_in":"999999d"}`, 400, "organization.invitation_invalid_expires_in"},
		{"expires_in unit", `{"emails":["new@example.com"],"expires_in":"3w"}`, 400, "organization.invitation_invalid_expires_in"},
		{"neither all nor IDs", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}"}]`), 400, bad},
		{"all is false", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","all":false}]`), 400, bad},
		{"no IDs", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","deployment_ids":[]}]`), 400, bad},
		{"all and IDs", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","all":true,"deployment_ids":["x"]}]`), 400, bad},
		{"all and an empty list", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","all":true,"deployment_ids":[]}]`), 400, bad},
		{"empty ID", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","deployment_ids":[""]}]`), 400, bad},
		{"star as ID", role(`"project":{"security":[{"role_id":"security-viewer","organization_id":"{org}","project_ids":["*"]}]}`), 400, bad},
		{"role of another branch", role(`"deployment":[{"role_id":"security-viewer","organization_id":"{org}","all":true}]`), 400, bad},
		{"role of another project type", role(`"project":{"security":[{"role_id":"observability-viewer","organization_id":"{org}","all":true}]}`), 400, bad},
		{"deployment role on the organization", role(`"organization":[{"role_id":"deployment-viewer","organization_id":"{org}"}]`), 400, bad},
		{"half a role", role(`"deployment":[{"role_id":"deployment-","organization_id":"{org}","all":true}]`), 400, bad},
		{"no role", role(`"organization":[{"role_id":"","organization_id":"{org}"}]`), 400, bad},
		{"other organization", role(`"organization":[{"role_id":"billing-admin","organization_id":"1"}]`), 400, bad},
		{"empty application role", role(`"organization":[{"role_id":"billing-admin","organization_id":"{org}","application_roles":[""]}]`), 400, bad},
		{"unknown field in a known branch", role(`"organization":[{"role_id":"billing-admin","organization_id":"{org}","all":true}]`), 400, bad},
		{"deployment_ids in a project", role(`"project":{"security":[{"role_id":"security-viewer","organization_id":"{org}","deployment_ids":["x"]}]}`), 400, bad},
		{"stopped deployment", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","deployment_ids":["x","stopped"]}]`), 403, "role_assignments.unauthorized_role_assignments"},
		{"all with a stopped deployment", role(`"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","all":true}]`), 403, "role_assignments.unauthorized_role_assignments"},
		{"too many", `{"emails":["new@example.com","new2@example.com"]}`, 400, "organization.invitations_pending_limit_exceeded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t, PendingLimit(2))
			s.AddMember("m@example.com")
			s.AddInvitation("i@example.com")
			s.StopDeployment("stopped")
			expect(t, s, "POST", invitations, test.body, test.status, test.code)
			equalList(t, "emails", s.Emails(), "i@example.com", "m@example.com")
			equal(t, "mails", len(s.Mails()), 0)
			// Without the mistake it is accepted.
			expect(t, s, "POST", invitations, `{"emails":["new@example.com"]}`, 201, "")
		})
	}
}

// Of several addresses, those that may be invited are invited, and the reply says what
// is wrong with the others.
func TestInvitesInPart(t *testing.T) {
	t.Parallel()
	const bad = "role_assignments.invalid_role_assignments"
	for name, test := range map[string]struct {
		emails, more string
		status       int
		code         string
		invited      []string
	}{
		"all good":     {`"a@example.com","b@example.com"`, "", 201, "", []string{"a@example.com", "b@example.com"}},
		"no address":   {`"a@example.com","nonsense","b@example.com"`, "", 400, "organization.invitation_invalid_email", []string{"a@example.com", "b@example.com"}},
		"a member":     {`"M@example.com","a@example.com"`, "", 400, "organization.user_organization_already_belongs", []string{"a@example.com"}},
		"invited":      {`"a@example.com","i@example.com"`, "", 400, "organization.invitation_already_exists", []string{"a@example.com"}},
		"twice":        {`"a@example.com","A@example.com"`, "", 400, "organization.invitation_already_exists", []string{"a@example.com"}},
		"too many":     {`"a@example.com","b@example.com","c@example.com"`, "", 400, "organization.invitations_pending_limit_exceeded", []string{"a@example.com", "b@example.com"}},
		"nobody":       {``, "", 400, "organization.invitation_invalid_email", nil},
		"none of them": {`"nonsense"`, "", 400, "organization.invitation_invalid_email", nil},
		"bad roles":    {`"a@example.com","nonsense"`, `,"role_assignments":{"organization":[{"role_id":"","organization_id":"{org}"}]}`, 400, bad, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(t, InvitesInPart(), PendingLimit(3))
			s.AddMember("m@example.com")
			s.AddInvitation("i@example.com")
			expect(t, s, "POST", invitations, `{"emails":[`+test.emails+`]`+test.more+`}`, test.status, test.code)
			want := append(slices.Clone(test.invited), "i@example.com")
			var listed, mailed []string
			for _, i := range listedInvitations(t, s) {
				listed = append(listed, i.email())
			}
			for _, mail := range s.Mails() {
				mailed = append(mailed, mail.To)
			}
			slices.Sort(listed)
			equalList(t, "listed", listed, want...)
			equalList(t, "mailed", mailed, test.invited...)
			equalList(t, "held", s.Emails(), append(want, "m@example.com")...)
		})
	}
}

func TestInvitationExpires(t *testing.T) {
	t.Parallel()
	s := New(t, Clock(fixedClock()), PendingLimit(1))
	for text, want := range map[string]time.Duration{"90s": 90 * time.Second, "5m": 5 * time.Minute, "36h": 36 * time.Hour, "7d": 7 * 24 * time.Hour} {
		expect(t, s, "POST", invitations, `{"emails":["a@example.com"],"expires_in":"`+text+`"}`, 201, "")
		listed := listedInvitations(t, s)
		equal(t, "one in the list", len(listed), 1)
		equal(t, "good for", listed[0].ExpiresAt.Sub(listed[0].CreatedAt), want)
		s.Advance(want - time.Second)
		equal(t, "status", s.Status("a@example.com"), "invited")
		expect(t, s, "POST", invitations, `{"emails":["A@example.com"]}`, 400, "organization.invitation_already_exists")
		s.Advance(time.Second)
		equal(t, "status", s.Status("a@example.com"), "expired")
		equal(t, "expired", listedInvitations(t, s)[0].Expired, true)
		// The next turn replaces it: an expired one counts for no limit either.
	}
	equal(t, "mails", len(s.Mails()), 4)
	equal(t, "tokens", len(s.Tokens()), 4)
	expect(t, s, "DELETE", invitations+"/"+s.Tokens()[3], "", 200, "")
	equal(t, "status", s.Status("a@example.com"), "none")
}

// What an expired invitation is to the list and to another one for its address.
func TestExpiredInvitations(t *testing.T) {
	t.Parallel()
	const conflict = "organization.invitation_already_exists"
	for name, test := range map[string]struct {
		opts                       []Option
		listed, conflicts, refresh bool
	}{
		"takes its place":           {nil, true, false, false},
		"hidden":                    {[]Option{HidesExpired()}, false, true, false},
		"in the way":                {[]Option{ExpiredConflicts()}, true, true, false},
		"refreshed":                 {[]Option{RefreshesExpired()}, true, false, true},
		"hidden and refreshed":      {[]Option{HidesExpired(), RefreshesExpired()}, false, false, true},
		"no matter which was first": {[]Option{RefreshesExpired(), HidesExpired()}, false, false, true},
		"in the way, yet refreshed": {[]Option{ExpiredConflicts(), RefreshesExpired()}, true, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(t, append(test.opts, Clock(fixedClock()))...)
			again := `{"emails":["A@example.com"],"role_assignments":` + rolesJSON(t, "billing-admin") + `}`
			expect(t, s, "POST", invitations, `{"emails":["a@example.com"],"role_assignments":`+rolesJSON(t, "deployment-viewer:*")+`}`, 201, "")
			s.AddInvitation("b@example.com")
			first := listedInvitations(t, s)
			equal(t, "open ones are in the list", len(first), 2)
			expect(t, s, "POST", invitations, again, 400, conflict)
			s.Advance(71 * time.Hour)
			s.Remove("b@example.com")
			s.AddInvitation("b@example.com")
			s.Advance(time.Hour)
			equal(t, "status", s.Status("a@example.com"), "expired")
			equal(t, "listed", len(listedInvitations(t, s)) == 2, test.listed)
			token := s.Tokens()[0]
			if test.conflicts {
				expect(t, s, "POST", invitations, again, 400, conflict)
				equalList(t, "promised", s.Grants("a@example.com"), "deployment-viewer:*")
				equal(t, "mails", len(s.Mails()), 1)
				expect(t, s, "DELETE", invitations+"/"+token, "", 200, "")
				equal(t, "status", s.Status("a@example.com"), "none")
			}
			expect(t, s, "POST", invitations, again, 201, "")
			equal(t, "status", s.Status("a@example.com"), "invited")
			equalList(t, "promised", s.Grants("a@example.com"), "billing-admin")
			equal(t, "mails", len(s.Mails()), 2)
			expect(t, s, "DELETE", invitations+"/"+token, "", 404, invitationNotFound)
			listed := listedInvitations(t, s)
			equal(t, "in the list", len(listed), 2)
			i := listed[slices.IndexFunc(listed, func(i listedInvitation) bool { return i.email() == "a@example.com" })]
			equal(t, "token", i.Token, s.Tokens()[3])
			equal(t, "expires", i.ExpiresAt, fixedClock()().Add(72*time.Hour+defaultExpiry))
			created := fixedClock()()
			if !test.refresh {
				created = created.Add(72 * time.Hour)
			}
			equal(t, "created", i.CreatedAt, created)
		})
	}
}

// A list that lags hides what had expired at its time.
func TestHidesExpiredWithLag(t *testing.T) {
	t.Parallel()
	s := New(t, HidesExpired(), Lag(time.Hour), Clock(fixedClock()))
	s.AddInvitation("a@example.com")
	for at, listed := range []int{1, 1, 0} {
		equal(t, "listed", len(listedInvitations(t, s)), listed)
		s.Advance([]time.Duration{72 * time.Hour, time.Hour, 0}[at])
	}
}

func TestDeleteInvitations(t *testing.T) {
	t.Parallel()
	s := New(t)
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		s.AddInvitation(email)
	}
	tokens := s.Tokens()
	equal(t, "no mail from the console", len(s.Mails()), 0)
	a := expect(t, s, "DELETE", invitations+"/"+tokens[0]+",gone", "", 404, "organization.invitation_not_found")
	if !strings.Contains(string(a.body), "gone") {
		t.Error("the message does not repeat the token")
	}
	equal(t, "all are left", len(listedInvitations(t, s)), 3)
	expect(t, s, "DELETE", "/organizations/none/invitations/"+tokens[0], "", 404, "organization.not_found")
	expect(t, s, "DELETE", invitations+"/"+tokens[0]+"%2C"+tokens[1], "", 200, "")
	equalList(t, "emails", s.Emails(), "c@example.com")
	expect(t, s, "DELETE", invitations+"/"+tokens[0], "", 404, "organization.invitation_not_found")
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddInvitation("a@example.com", "billing-admin")
	s.AddUnknownAssignment("a@example.com", "connected_cluster", `[{"role_id": "x"}]`)
	id := s.Accept("A@example.com")
	equal(t, "status", s.Status("a@example.com"), "active")
	equalList(t, "grants", s.Grants("a@example.com"), "billing-admin")
	equal(t, "unknown", s.UnknownAssignments("a@example.com")["connected_cluster"], `[{"role_id":"x"}]`)
	equal(t, "open invitations", len(listedInvitations(t, s)), 0)
	equal(t, "user ID", listedMembers(t, s)[0].UserID, id)
	expect(t, s, "DELETE", invitations+"/"+s.Tokens()[0], "", 404, "organization.invitation_not_found")
}
