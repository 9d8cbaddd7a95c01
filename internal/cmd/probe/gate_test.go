// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The gate refuses every write that is not about something that the probe made,
// whatever the rest of the program requests.
func TestGateAllows(t *testing.T) {
	t.Parallel()
	g := &gate{
		organizationID: "1", tokens: map[string]bool{"mine": true, "mine2": true}, mapping: "terraform-probe-x",
		mine: settings{emails: []string{first, second}}.owns,
	}
	for request, want := range map[string]bool{
		`POST /organizations/1/invitations {"emails":["PROBE+1@example.org","probe+2@example.org"]}`:                                       true,
		`POST /organizations/1/invitations {"emails":["probe+1@example.org","other@example.com"]}`:                                         false,
		`POST /organizations/1/invitations {"emails":[]}`:                                                                                  false,
		`POST /organizations/1/invitations nonsense`:                                                                                       false,
		`POST /organizations/2/invitations {"emails":["probe+1@example.org"]}`:                                                             false,
		`DELETE /organizations/1/invitations/mine `:                                                                                        true,
		`DELETE /organizations/1/invitations/mine,mine2 `:                                                                                  true,
		`DELETE /organizations/1/invitations/mine,other `:                                                                                  false,
		`DELETE /organizations/1/invitations/ `:                                                                                            false,
		`DELETE /organizations/1/invitations `:                                                                                             false,
		`DELETE /organizations/1/members/mine `:                                                                                            false,
		`POST /users/mine/role_assignments {}`:                                                                                             false,
		`DELETE /users/mine/role_assignments {}`:                                                                                           false,
		`PUT /organizations/1 {}`:                                                                                                          false,
		`PUT /organizations/1/idp {}`:                                                                                                      false,
		`DELETE /organizations/1/idp `:                                                                                                     false,
		`DELETE /organizations/1/domains {"domain_claim_request":"example.com"}`:                                                           false,
		`POST /organizations/1/role_mappings {"mappings":[{"name":"terraform-probe-x","enabled":false}]}`:                                  true,
		`POST /organizations/1/role_mappings {"mappings":[{"name":"terraform-probe-x","enabled":true}]}`:                                   false,
		`POST /organizations/1/role_mappings {"mappings":[{"name":"terraform-probe-x"}]}`:                                                  false,
		`POST /organizations/1/role_mappings {"mappings":[{"name":"other","enabled":false}]}`:                                              false,
		`POST /organizations/1/role_mappings {"mappings":[{"name":"terraform-probe-x","enabled":false},{"name":"other","enabled":false}]}`: false,
		`PUT /organizations/1/role_mappings {"mappings":[]}`:                                                                               false,
		`DELETE /organizations/1/role_mappings `:                                                                                           false,
		`DELETE /organizations/1/role_mappings/terraform-probe-x `:                                                                         true,
		`DELETE /organizations/1/role_mappings/terraform-probe-x,other `:                                                                   false,
		`PUT /organizations/1/role_mappings/terraform-probe-x {}`:                                                                          false,
		`POST /users/auth/keys {}`:                                                                                                         false,
	} {
		parts := strings.SplitN(request, " ", 3)
		if got := g.allows(parts[0], parts[1], []byte(parts[2])); got != want {
			t.Errorf("%s: allowed %v", request, got)
		}
	}
	if nobody := (&gate{mine: g.mine}); nobody.allows(http.MethodPost, "/organizations//invitations", []byte(`{"emails":["probe+1@example.org"]}`)) ||
		nobody.allows(http.MethodDelete, "/organizations//role_mappings/", nil) {
		t.Error("it allows a write before the organization is known")
	}
}

// The client of the probe has no way around the gate.
func TestGateStopsTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		configureSSO(srv)
		s := settings{key: srv.Key, endpoint: srv.URL, organizationID: srv.OrganizationID, emails: []string{first}, transport: srv.Transport()}
		p, err := newProbe(s, t.Output())
		if err != nil {
			t.Fatal(err)
		}
		p.gate.organizationID = s.organizationID
		_, inviteErr := p.client.CreateInvitations(t.Context(), s.organizationID, cloud.InvitationRequest{Emails: []string{other}})
		_, enforceErr := p.client.SetEnforcement(t.Context(), s.organizationID, true)
		for name, err := range map[string]error{
			"invite":      inviteErr,
			"invitations": p.client.DeleteInvitations(t.Context(), s.organizationID, srv.Tokens()...),
			"mapping":     p.client.DeleteRoleMapping(t.Context(), s.organizationID, "owners"),
			"IdP":         p.client.DeleteIdP(t.Context(), s.organizationID),
			"enforcement": enforceErr,
		} {
			if !errors.Is(err, errNotOwn) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if sent := srv.Requests(); len(sent) > 0 {
			t.Errorf("it sent %+v", sent)
		}
	})
}
