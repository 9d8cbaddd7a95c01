// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// resends are ways in which many get a new invitation, whether what they are
// promised is the same or not.
func resends(t *testing.T) map[string]func(context.Context, *People, int) error {
	t.Helper()
	ensured := func(grant func(i int) string) func(context.Context, *People, int) error {
		return func(ctx context.Context, d *People, i int) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: number(i), Grants: parse(t, grant(i))})
			return err
		}
	}
	return map[string]func(context.Context, *People, int) error{
		"same":      ensured(func(int) string { return "deployment-viewer:*" }),
		"different": ensured(func(i int) string { return fmt.Sprintf("deployment-viewer:%d", i) }),
		"resent": func(ctx context.Context, d *People, i int) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: number(i), KeepGrants: true, Anew: true})
			return err
		},
	}
}

func invitedMany(t *testing.T, n int, options ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv := newServer(t, options...)
	for i := range n {
		srv.AddInvitation(number(i), fmt.Sprintf("elasticsearch-viewer:%d", i))
	}
	return srv
}

// If a run is stopped at any point, it ends soon, and nobody is left whose invitation
// is revoked and who got no new one.
func TestStoppedBetweenTwoInvitations(t *testing.T) {
	t.Parallel()
	const many = 60
	for name, again := range resends(t) {
		for _, at := range []string{deleteInvitations, postInvitations} {
			t.Run(name+"/"+at, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := invitedMany(t, many, cloudtest.Latency(150*time.Millisecond))
					d := newOrganization(t, config(srv)).People
					look(t, d, number(0))
					ctx, stop := context.WithCancel(t.Context())
					defer stop()
					stopped := make(chan time.Time, 1)
					srv.Before(at, func() {
						time.AfterFunc(100*time.Millisecond, func() {
							stopped <- time.Now()
							stop()
						})
					})
					errs := together(many, func(i int) error { return again(ctx, d, i) })
					if took := time.Since(<-stopped); took > 2*cloud.Grace {
						t.Errorf("it took %v", took)
					}
					for i, err := range errs {
						if status := srv.Status(number(i)); status != "invited" {
							t.Errorf("person %d is %s: %v", i, status, err)
						}
						if err != nil && (!errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "revoked")) {
							t.Errorf("person %d: %v", i, err)
						}
					}
					if done := len(srv.Mails()); done == 0 || done == many && name != "same" {
						t.Errorf("%d of %d got an e-mail: nothing was stopped in the middle", done, many)
					}
				})
			})
		}
	}
}

// At any time, only a few people are between two invitations, however much else is
// written.
func TestBetweenTwoInvitations(t *testing.T) {
	t.Parallel()
	const many = 40
	for name, again := range resends(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := invitedMany(t, many, cloudtest.Latency(20*time.Millisecond))
				for i := range 100 {
					srv.AddMember(number(1000 + i))
				}
				d := newOrganization(t, config(srv)).People
				look(t, d, number(0))
				wantNoErrors(t, together(many+100, func(i int) error {
					if i < many {
						return again(t.Context(), d, i)
					}
					_, err := d.Assign(t.Context(), number(1000+i-many), mustParse(t, "billing-admin"))
					return err
				}))
				wantMails(t, srv, many)
				between, most := 0, 0
				for _, r := range srv.Writes() {
					switch r.Route {
					case deleteInvitations:
						between += strings.Count(r.Path, ",") + 1
						most = max(most, between)
					case postInvitations:
						var request cloud.InvitationRequest
						if err := json.Unmarshal(r.Body, &request); err != nil {
							t.Fatal(err)
						}
						between -= len(request.Emails)
					}
				}
				if between != 0 || most > mostAnew && name != "same" {
					t.Errorf("up to %d were between two invitations, and %d at last", most, between)
				}
			})
		})
	}
}

// If a new invitation cannot be sent, the error says that the old one is revoked, also
// if the run was stopped.
func TestStoppedAndRevoked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := invitedMany(t, 3)
		srv.AddUnknownAssignment(number(1), "connected_cluster", `[{"role_id":"x"}]`)
		srv.Fail(cloudtest.Fault{Route: postInvitations, Status: 429, Header: http.Header{"Retry-After": {"50"}}, Times: -1})
		d := newOrganization(t, config(srv)).People
		ctx, stop := context.WithCancel(t.Context())
		srv.Before(postInvitations, func() { time.AfterFunc(20*time.Millisecond, stop) })
		for i, err := range together(3, func(i int) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: number(i), Grants: parse(t, "billing-admin")})
			return err
		}) {
			var revoked *RevokedError
			if !errors.As(err, &revoked) || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the old invitation is revoked, and no new one was sent; the next apply sends it") {
				t.Errorf("person %d: %v", i, err)
			}
			if lost := `only the old one promised: {"connected_cluster":[{"role_id":"x"}]}`; strings.Contains(err.Error(), lost) != (i == 1) {
				t.Errorf("person %d: %v", i, err)
			}
		}
		wantMails(t, srv, 0)
		if got := srv.Emails(); len(got) > 0 {
			t.Errorf("there are %v", got)
		}
	})
}
