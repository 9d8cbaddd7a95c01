// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// fuzzOrganization is the organization of a service without a network. It makes
// one try, so that no failure costs time.
func fuzzOrganization(t testing.TB, service roundTripFunc) *Organization {
	t.Helper()
	return newOrganization(t, setup{id: testOrganization, patience: time.Nanosecond, Config: cloud.Config{
		Endpoint: "https://service.example", APIKey: hostileKey, RetryWait: time.Nanosecond, Transport: service,
	}})
}

// answering gives a reply to every request for a route that ends in last, and
// an empty list to all others.
func answering(last string, status int, body []byte) roundTripFunc {
	return func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"members":[],"invitations":[],"mappings":[]}`))}
		if strings.HasSuffix(r.URL.Path, last) {
			resp.StatusCode = status
			resp.Body = io.NopCloser(bytes.NewReader(body))
		}
		return resp, nil
	}
}

// FuzzMembersReply: any list of members is refused, or gives members who can be
// looked up.
func FuzzMembersReply(f *testing.F) {
	f.Add(200, []byte(`{"members":[`+ownerEntry+`]}`))
	f.Add(200, []byte(`{"members":null}`))
	f.Add(502, []byte(`<html>`))
	for _, people := range strangePeople {
		f.Add(200, []byte(`{"members":[`+people.members+`]}`))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		o := fuzzOrganization(t, answering("/members", status, body))
		members, err := o.client.ListMembers(t.Context(), testOrganization)
		cloudtest.WantHarmless(t, err, hostileKey)
		if err != nil {
			return
		}
		if status >= 300 || !json.Valid(body) || members == nil && !bytes.Contains(body, []byte("[")) {
			t.Fatalf("%d with %q is taken for members", status, body)
		}
		d := o.People
		everybody, err := d.All(t.Context())
		if err != nil || len(everybody) > len(members) || len(members) > 0 && len(everybody) == 0 {
			t.Fatalf("%d members are %d people, %v", len(members), len(everybody), err)
		}
		for _, m := range members {
			if p, err := d.Find(t.Context(), m.Email); m.Email != "" && (err != nil || p.Member == nil) {
				t.Fatalf("%q is not there, %v", m.Email, err)
			}
		}
		lookAtAll(t, d, everybody)
	})
}

// FuzzInvitationsReply: any list of invitations is refused, or gives people who
// can be looked up. Its tokens are in no error.
func FuzzInvitationsReply(f *testing.F) {
	f.Add(200, []byte(`{"invitations":[{"token":"t","email":"a@example.com","expires_at":"2030-01-01T00:00:00Z","expired":true}]}`))
	f.Add(200, []byte(`{"invitations":null}`))
	f.Add(404, []byte(`{"errors":[{"code":"organization.not_found","message":"no"}]}`))
	for _, people := range strangePeople {
		f.Add(200, []byte(`{"invitations":[`+people.invitations+`]}`))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		o := fuzzOrganization(t, answering("/invitations", status, body))
		invitations, err := o.client.ListInvitations(t.Context(), testOrganization)
		cloudtest.WantHarmless(t, err, hostileKey)
		if err != nil {
			return
		}
		if status >= 300 || !json.Valid(body) {
			t.Fatalf("%d with %q is taken for invitations", status, body)
		}
		d := o.People
		everybody, err := d.All(t.Context())
		if err != nil || len(everybody) > len(invitations) || len(invitations) > 0 && len(everybody) == 0 {
			t.Fatalf("%d invitations are %d people, %v", len(invitations), len(everybody), err)
		}
		lookAtAll(t, d, everybody)
	})
}

// FuzzRoleMappingsReply: any list of role mappings is refused, or gives mappings
// that can be found by their names and be written.
func FuzzRoleMappingsReply(f *testing.F) {
	f.Add(200, []byte(`{"mappings":[{"name":"owners","enabled":true,"rule":{"any":[{"group":"o"}]},"role_assignments":{"organization":[{"role_id":"organization-admin"}]}}]}`))
	f.Add(200, []byte(`{"mappings":[null,{"name":"a,b","rule":null},{"name":"a,b"}]}`))
	f.Add(200, []byte(`{"mappings":{}}`))
	f.Add(403, []byte(``))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		o := fuzzOrganization(t, answering("/role_mappings", status, body))
		mappings, err := o.RoleMappings.List(t.Context())
		cloudtest.WantHarmless(t, err, hostileKey)
		if err == nil && (status >= 300 || !json.Valid(body)) {
			t.Fatalf("%d with %q is taken for mappings", status, body)
		}
		for _, m := range mappings {
			if _, found, err := o.RoleMappings.Find(t.Context(), m.Name); err != nil || !found {
				t.Fatalf("%q is not found, %v", m.Name, err)
			}
			if _, err := json.Marshal(m); err != nil {
				t.Fatal(err)
			}
		}
	})
}
