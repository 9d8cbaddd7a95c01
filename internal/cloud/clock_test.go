// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// What has expired is told by expires_at and the service's clock, however wrong
// this machine's is, and whether or not the service says so.
func TestExpiredByTheServicesClock(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"right": 0, "slow": 1000 * time.Hour, "fast": -1000 * time.Hour} {
		for says, opts := range map[string][]cloudtest.Option{"says so": nil, "never says so": {cloudtest.NeverExpired()}} {
			t.Run(name+"/"+says, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t, append(opts, cloudtest.Clock(func() time.Time { return time.Now().Add(ahead) }))...)
					client := newClient(t, config(srv))
					sent, err := client.CreateInvitations(t.Context(), srv.OrganizationID, InvitationRequest{Emails: []string{"a@example.com"}})
					if err != nil || sent[0].Expired {
						t.Errorf("just sent: %+v, %v", sent, err)
					}
					for after, want := range []bool{false, false, false, true} { // days
						invitations, err := client.ListInvitations(t.Context(), srv.OrganizationID)
						if err != nil || invitations[0].Expired != want {
							t.Errorf("after %d days: %+v, %v", after, invitations, err)
						}
						srv.Advance(24 * time.Hour)
					}
				})
			})
		}
	}
}

// An invitation that the service calls expired is expired, independent of its clock.
// Without expires_at and a clock, nothing is expired.
func TestExpiredAsTheServiceSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
			return answer(200, http.Header{"Date": {"noon"}}, `{"invitations":[{"email":"a@example.com","expired":true,"expires_at":"2100-01-01T00:00:00Z"},
				{"email":"b@example.com"},{"email":"c@example.com","expires_at":"1999-01-01T00:00:00Z"}]}`), nil
		})
		invitations, err := client.ListInvitations(t.Context(), testOrganization)
		if err != nil || !invitations[0].Expired || invitations[1].Expired || !invitations[2].Expired {
			t.Errorf("got %+v, %v", invitations, err)
		}
		if now := client.Now(); !now.Equal(time.Now()) {
			t.Errorf("it is %v", now)
		}
	})
}
