// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// wantRefused checks that an error names just these grants.
func wantRefused(t *testing.T, err error, invitation bool, grants ...string) {
	t.Helper()
	var refused *RefusedGrantsError
	if !errors.As(err, &refused) || !cloud.HasCode(err, cloud.CodeUnauthorizedRoles) || refused.Invitation != invitation ||
		!slices.Equal(refused.Grants, parse(t, grants...)) || !strings.Contains(err.Error(), strings.Join(grants, ", ")) {
		t.Errorf("got %v, want that %v is refused", err, grants)
	}
}

// What the key may not touch fails alone: the rest is done, the highest roles are
// revoked first, and the error names the one.
func TestOneGrantIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		held, wanted, have, refused, sent []string
	}{
		"revoked": {
			held:    []string{"billing-admin", "deployment-viewer:a", "deployment-viewer:stopped", "organization-admin"},
			have:    []string{"deployment-viewer:stopped"},
			refused: []string{"deployment-viewer:stopped"},
			sent: []string{"take [organization-admin]", "take [billing-admin]", "take [deployment-viewer:a deployment-viewer:stopped]",
				"take [deployment-viewer:a]", "take [deployment-viewer:stopped]"},
		},
		"granted": {
			held:    []string{"organization-admin"},
			wanted:  []string{"billing-admin", "deployment-viewer:a", "deployment-viewer:stopped"},
			have:    []string{"billing-admin", "deployment-viewer:a"},
			refused: []string{"deployment-viewer:stopped"},
			sent: []string{"add [billing-admin deployment-viewer:a deployment-viewer:stopped]", "add [billing-admin]",
				"add [deployment-viewer:a deployment-viewer:stopped]", "add [deployment-viewer:a]", "add [deployment-viewer:stopped]", "take [organization-admin]"},
		},
		"both": {
			held:    []string{"deployment-viewer:stopped", "elasticsearch-viewer:a"},
			wanted:  []string{"deployment-admin:stopped", "security-viewer:*"},
			have:    []string{"deployment-viewer:stopped", "security-viewer:*"},
			refused: []string{"deployment-admin:stopped"}, // and what it was to replace stays
			sent:    []string{"add [deployment-admin:stopped security-viewer:*]", "add [deployment-admin:stopped]", "add [security-viewer:*]", "take [elasticsearch-viewer:a]"},
		},
		"all of a kind": {
			held:    []string{"observability-viewer:*", "observability-viewer:a"},
			have:    []string{"observability-viewer:*"},
			refused: []string{"observability-viewer:*"},
			sent:    []string{"take [observability-viewer:* observability-viewer:a]", "take [observability-viewer:*]", "take [observability-viewer:a]"},
		},
		"nothing stands in the way": {
			held:   []string{"billing-admin", "deployment-viewer:stopped", "organization-admin"},
			wanted: []string{"deployment-viewer:stopped"},
			have:   []string{"deployment-viewer:stopped"},
			sent:   []string{"take [organization-admin]", "take [billing-admin]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.AddMember("owner@example.com", "organization-admin")
				srv.AddMember(alice, test.held...)
				srv.StopDeployment("stopped")
				srv.Untouchable("observability", "*")
				p, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, test.wanted...)})
				if test.refused != nil {
					wantRefused(t, err, false, test.refused...)
				} else if err != nil {
					t.Error(err)
				}
				wantPerson(t, srv, p, "active", test.have)
				if got := writes(t, srv); !slices.Equal(got, test.sent) {
					t.Errorf("sent %q\nwant %q", got, test.sent)
				}
			})
		})
	}
}

// If organization-admin itself may not be revoked, the rest is revoked.
func TestOwnerIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		srv.AddMember(alice, "organization-admin", "billing-admin", "deployment-viewer:a")
		srv.Fail(cloudtest.Fault{Route: deleteRoles, Status: 403, Code: cloud.CodeUnauthorizedRoles})
		_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice})
		wantRefused(t, err, false, "organization-admin")
		wantGrants(t, srv, alice, "organization-admin")
	})
}

// The highest roles are revoked first even if nothing else separates the owners.
func TestHighestRolesGoFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, "billing-admin", "deployment-viewer:a", "organization-admin")
		_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, AllowLastOwnerRemoval: true})
		if err != nil {
			t.Error(err)
		}
		want := []string{"take [organization-admin]", "take [billing-admin]", "take [deployment-viewer:a]"}
		if got := writes(t, srv); !slices.Equal(got, want) {
			t.Errorf("sent %q\nwant %q", got, want)
		}
	})
}

// A failure other than a refusal ends a change as usual: nothing is sent after it.
func TestRefusedAndFailed(t *testing.T) {
	t.Parallel()
	for refused := 1; refused <= 2; refused++ { // before the failure
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t)
			srv.AddMember(alice, "deployment-viewer:a")
			srv.StopDeployment("stopped")
			srv.Fail(cloudtest.Fault{Route: postRoles, Skip: refused, Status: 400, Code: "root.other", Times: -1})
			_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, "deployment-viewer:stopped", "security-viewer:*")})
			if !cloud.HasCode(err, "root.other") {
				t.Errorf("got %v", err)
			}
			wantGrants(t, srv, alice, "deployment-viewer:a")
			if n := len(srv.Writes()); n != refused+1 {
				t.Errorf("sent %q", writes(t, srv))
			}
		})
	}
}

// The guard watches a member who stops being an owner even if something else in the
// change is refused: the last owner stays.
func TestLastOwnerStaysWhereAGrantIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, "organization-admin", "deployment-viewer:stopped")
		srv.StopDeployment("stopped")
		_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice})
		var last *LastOwnerError
		if !errors.As(err, &last) || len(srv.Writes()) > 0 {
			t.Errorf("got %v after %q", err, writes(t, srv))
		}
		// Another run demotes the other owner at the same moment.
		srv.AddMember("b@example.com", "organization-admin")
		srv.Before(deleteRoles, func() { srv.Ungrant("b@example.com", "organization-admin") })
		_, _, err = newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice})
		if !errors.As(err, &last) || !strings.Contains(err.Error(), "this change was undone") {
			t.Errorf("got %v", err)
		}
		wantGrants(t, srv, alice, "deployment-viewer:stopped", "organization-admin")
		// The same, and it cannot be taken back: the error says so, and nothing more is
		// taken.
		srv.Grant("b@example.com", "organization-admin")
		srv.Before(deleteRoles, func() {
			srv.Ungrant("b@example.com", "organization-admin")
			srv.Fail(cloudtest.Fault{Route: postRoles, Status: 403, Code: cloud.CodeUnauthorizedRoles})
		})
		srv.ResetLedger()
		_, _, err = newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice})
		if !errors.As(err, &last) || !strings.Contains(err.Error(), "this change could not be undone") {
			t.Errorf("got %v", err)
		}
		if got := writes(t, srv); !slices.Equal(got, []string{"take [organization-admin]", "add [organization-admin]"}) {
			t.Errorf("sent %q", got)
		}
	})
}

// An invitation is refused as a whole, and says because of which grants.
func TestInvitationIsRefusedForAGrant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.StopDeployment("stopped")
		d := newOrganization(t, config(srv)).People
		for n, grants := range [][]string{{"deployment-viewer:*"}, {"billing-admin", "deployment-viewer:*"}, {"deployment-viewer:*", "security-viewer:a"}} {
			_, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, grants...)})
			wantRefused(t, err, true, slices.DeleteFunc(grants, func(g string) bool { return g == "billing-admin" })...)
			if one := strings.Contains(err.Error(), "one of"); one != (n == 2) {
				t.Errorf("got %v", err)
			}
		}
		wantMails(t, srv, 0)
		if n := len(srv.Writes()); n != 3 {
			t.Errorf("%d requests", n)
		}
	})
}

// Of many grants few requests find the few that are refused.
func TestManyGrantsAndFewAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice)
		var wanted []string
		for i := range 100 {
			wanted = append(wanted, fmt.Sprintf("deployment-viewer:%02d", i))
		}
		srv.Untouchable("deployment", "17", "18")
		_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, wanted...)})
		wantRefused(t, err, false, "deployment-viewer:17", "deployment-viewer:18")
		if n, held := srv.Count(postRoles), len(srv.Grants(alice)); n > 20 || held != 98 {
			t.Errorf("%d requests for %d grants", n, held)
		}
	})
}
