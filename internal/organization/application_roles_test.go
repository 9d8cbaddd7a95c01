// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The two grants that a service may show alike.
const (
	absent = "elasticsearch-viewer:*"
	empty  = "elasticsearch-viewer:*+"
)

// inEveryShowing runs a test on services that show no list of application roles and
// an empty one apart, or alike.
func inEveryShowing(t *testing.T, test func(t *testing.T, srv *cloudtest.Server)) {
	t.Helper()
	for name, opts := range map[string][]cloudtest.Option{
		"apart":           nil,
		"absent as empty": {cloudtest.AbsentAsEmpty()},
		"empty as absent": {cloudtest.EmptyAsAbsent()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(t, newServer(t, opts...)) })
		})
	}
}

func wantGrants(t *testing.T, srv *cloudtest.Server, email string, want ...string) {
	t.Helper()
	if got := srv.Grants(email); !slices.Equal(got, want) {
		t.Errorf("%s has %q, want %q", email, got, want)
	}
}

// ensureAnew calls Ensure for a person in a separate run.
func ensureAnew(t *testing.T, srv *cloudtest.Server, w Wanted) Change {
	t.Helper()
	_, change, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), w)
	if err != nil {
		t.Error(err)
	}
	return change
}

// From no list of application roles to an empty one and back, each change is sent
// once, and then nothing differs.
func TestEnsureApplicationRolesOfMember(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		srv.AddMember(alice, absent, "billing-admin")
		now := absent
		for _, next := range []string{empty, absent} {
			srv.ResetLedger()
			known, wanted := parse(t, now, "billing-admin"), parse(t, next, "billing-admin")
			ensureAnew(t, srv, Wanted{Email: alice, Grants: wanted, Known: known})
			wantGrants(t, srv, alice, "billing-admin", next)
			if got := routes(srv.Writes()); !slices.Equal(got, []string{postRoles, deleteRoles}) {
				t.Errorf("from %s to %s: sent %q", now, next, got)
			}
			srv.ResetLedger()
			ensureAnew(t, srv, Wanted{Email: alice, Grants: wanted, Known: wanted})
			if got := routes(srv.Writes()); len(got) > 0 {
				t.Errorf("%s once more: sent %q", next, got)
			}
			now = next
		}
	})
}

// The same for an invitation, which is replaced once.
func TestEnsureApplicationRolesOfInvitation(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		srv.AddInvitation(alice, absent)
		now := absent
		for n, next := range []string{empty, absent} {
			wanted := parse(t, next)
			ensureAnew(t, srv, Wanted{Email: alice, Grants: wanted, Known: parse(t, now)})
			ensureAnew(t, srv, Wanted{Email: alice, Grants: wanted, Known: wanted})
			wantGrants(t, srv, alice, next)
			wantMails(t, srv, n+1)
			now = next
		}
	})
}

// If the state has the other one of two grants that are shown alike, the second attempt
// removes the one that exists.
func TestEnsureTakesTheTwin(t *testing.T) {
	t.Parallel()
	for _, held := range []string{absent, empty} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t, cloudtest.AbsentAsEmpty())
			srv.AddMember(alice, held)
			other, _ := parse(t, held)[0].Alike()
			ensureAnew(t, srv, Wanted{Email: alice, Known: []cloud.Grant{other}})
			wantGrants(t, srv, alice)
		})
	}
}

// A grant that the service removed together with another one is given again at once,
// without waiting for lists that lag.
func TestWhatIsTakenAlongComesBackAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		option   cloudtest.Option
		from, to string
	}{
		"one set per role": {cloudtest.OneSetPerRole(), "elasticsearch-viewer:*+x", "elasticsearch-viewer:*+y"},
		"all absorbs":      {cloudtest.AllAbsorbs(), "deployment-viewer:*", "deployment-viewer:x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, test.option)
				srv.AddMember(alice, test.from)
				start := time.Now()
				ensureAnew(t, srv, Wanted{Email: alice, Grants: parse(t, test.to), Known: parse(t, test.from)})
				wantGrants(t, srv, alice, test.to)
				wantTook(t, "the change", start, 0)
			})
		})
	}
}

// With a service that refuses requests that change nothing, a request that is sent to
// be sure is not an error, and delays nothing else.
func TestNeedlessGrantsRefused(t *testing.T) {
	t.Parallel()
	for _, held := range []string{absent, empty} {
		for _, wanted := range []string{absent, empty} {
			t.Run(held+" to "+wanted, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t, cloudtest.StrictGrants())
					srv.AddMember(alice, held)
					srv.AddMember("b@example.com", held)
					ensureAnew(t, srv, Wanted{Email: alice, Grants: parse(t, wanted, "billing-admin")})
					wantGrants(t, srv, alice, "billing-admin", wanted)
					if _, err := newOrganization(t, config(srv)).People.Assign(t.Context(), "b@example.com", parse(t, wanted)[0]); err != nil {
						t.Error(err)
					}
					if !slices.Contains(srv.Grants("b@example.com"), wanted) {
						t.Errorf("b@example.com has %q, want %s", srv.Grants("b@example.com"), wanted)
					}
				})
			})
		}
	}
}

// If nothing is known, the grant that is shown counts. If the other one is wanted, it
// is sent, and exists afterwards.
func TestEnsureApplicationRolesNotKnown(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		for _, held := range []string{absent, empty} {
			for _, wanted := range []string{absent, empty} {
				srv.AddInvitation(alice, held)
				srv.AddMember("b@example.com", held)
				mails := len(srv.Mails())
				for _, email := range []string{alice, "b@example.com"} {
					shown := look(t, newOrganization(t, config(srv)).People, email).Grants(srv.OrganizationID)
					change := ensureAnew(t, srv, Wanted{Email: email, Grants: parse(t, wanted)})
					// What a member is shown to hold may be more than the console alone.
					asWanted := slices.Equal(shown, parse(t, wanted)) && (wanted != empty || email == alice)
					if asWanted != change.isNothing() {
						t.Errorf("%s is shown with %v, and changes to %s by %+v", email, shown, wanted, change)
					} else if !asWanted {
						wantGrants(t, srv, email, wanted)
					}
					ensureAnew(t, srv, Wanted{Email: email, Grants: parse(t, wanted), Known: parse(t, wanted)})
				}
				if n := len(srv.Mails()) - mails; n > 1 {
					t.Errorf("from %s to %s: %d e-mails", held, wanted, n)
				}
				srv.Remove(alice)
				srv.Remove("b@example.com")
			}
		}
	})
}

// If an invitation is replaced for another reason, the new one promises what the old
// one promised, and not what a reply shows of it.
func TestInvitedAnewWithTheSameApplicationRoles(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		for email, held := range map[string]string{"a@example.com": absent, "e@example.com": empty} {
			srv.AddInvitation(email, held)
			ensureAnew(t, srv, Wanted{Email: email, Grants: parse(t, held, "billing-admin"), Known: parse(t, held)})
			wantGrants(t, srv, email, "billing-admin", held)
			ensureAnew(t, srv, Wanted{Email: email, KeepGrants: true, Anew: true, Known: parse(t, held, "billing-admin")})
			wantGrants(t, srv, email, "billing-admin", held)
		}
		wantMails(t, srv, 4)
	})
}

// An invitation whose answer is lost is found in any form that a reply may show: nobody
// gets a second e-mail.
func TestLostInvitationWithApplicationRoles(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		for email, next := range map[string]string{"a@example.com": absent, "e@example.com": empty} {
			now := map[string]string{absent: empty, empty: absent}[next]
			srv.AddInvitation(email, now)
			srv.Fail(cloudtest.Fault{Route: postInvitations, Drop: true, After: true})
			ensureAnew(t, srv, Wanted{Email: email, Grants: parse(t, next), Known: parse(t, now)})
			wantGrants(t, srv, email, next)
		}
		wantMails(t, srv, 2)
	})
}

// A grant that replaces its twin is given, independent of the order of the two
// resources.
func TestAssignApplicationRoles(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		for _, change := range [][2]string{{absent, empty}, {empty, absent}} {
			for _, createFirst := range []bool{true, false} {
				srv.AddMember(alice, change[0])
				d := newOrganization(t, config(srv)).People
				before, after := mustParse(t, change[0]), mustParse(t, change[1])
				steps := []func() error{
					func() error { return d.Unassign(t.Context(), alice, before) },
					func() error { _, err := d.Assign(t.Context(), alice, after); return err },
				}
				if createFirst {
					slices.Reverse(steps)
				}
				for _, step := range steps {
					if err := step(); err != nil {
						t.Error(err)
					}
				}
				wantGrants(t, srv, alice, change[1])
				srv.Remove(alice)
			}
		}
	})
}

// If roles move from an assignment to a person, the person's resource grants them, even
// if the list was read before the assignment was destroyed.
func TestApplicationRolesMoveFromAnAssignment(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		for _, before := range []string{absent, empty} {
			for _, after := range []string{absent, empty} {
				srv.AddMember(alice, before)
				d := newOrganization(t, config(srv)).People
				if err := d.Unassign(t.Context(), alice, mustParse(t, before)); err != nil {
					t.Error(err)
				}
				if _, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, after)}); err != nil {
					t.Error(err)
				}
				wantGrants(t, srv, alice, after)
				srv.Remove(alice)
			}
		}
	})
}

// What a run has changed it knows: the same once more sends nothing.
func TestApplicationRolesChangeOnceInARun(t *testing.T) {
	t.Parallel()
	inEveryShowing(t, func(t *testing.T, srv *cloudtest.Server) {
		for _, change := range [][2]string{{absent, empty}, {empty, absent}} {
			srv.AddMember(alice, change[0])
			d := newOrganization(t, config(srv)).People
			wanted := parse(t, change[1])
			for n, known := range [][]cloud.Grant{parse(t, change[0]), wanted} {
				srv.ResetLedger()
				if _, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: wanted, Known: known}); err != nil {
					t.Error(err)
				}
				if sent := len(srv.Writes()); n == 1 && sent > 0 {
					t.Errorf("from %s to %s, once more: sent %q", change[0], change[1], writes(t, srv))
				}
			}
			wantGrants(t, srv, alice, change[1])
			srv.Remove(alice)
		}
	})
}

// If a reply has both, the run knows that the other one stays.
func TestOneOfBothApplicationRolesGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for gone, stays := range map[string]string{absent: empty, empty: absent} {
			srv := newServer(t)
			srv.AddMember(alice, absent, empty)
			d := newOrganization(t, config(srv)).People
			for _, known := range [][]string{{absent, empty}, {stays}} {
				if _, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, stays), Known: parse(t, known...)}); err != nil {
					t.Error(err)
				}
			}
			if got := writes(t, srv); !slices.Equal(got, []string{"take [" + gone + "]"}) {
				t.Errorf("sent %q", got)
			}
			wantGrants(t, srv, alice, stays)
		}
	})
}

// A grant that is already held on a resource that this key may not touch is not an
// error.
func TestAssignWhatIsHeldAndMayNotBeTouched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, "deployment-viewer:stopped")
		srv.StopDeployment("stopped")
		d := newOrganization(t, config(srv)).People
		if joined, err := d.Assign(t.Context(), alice, mustParse(t, "deployment-viewer:stopped")); err != nil || !joined {
			t.Errorf("joined: %t, %v", joined, err)
		}
		if _, err := d.Assign(t.Context(), alice, mustParse(t, "deployment-viewer:stopped+")); !cloud.HasCode(err, cloud.CodeUnauthorizedRoles) {
			t.Errorf("another one: %v", err)
		}
	})
}

// Of two grants that a reply may show alike, and that it shows both, one is revoked and
// the other stays, even if another run gave it.
func TestUnassignLeavesTheTwin(t *testing.T) {
	t.Parallel()
	for _, grants := range [][]string{{"deployment-viewer:x", "deployment-viewer:x+"}, {"deployment-viewer:x+", "deployment-viewer:x"}} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t)
			srv.AddMember(alice, grants...)
			start := time.Now()
			if err := newOrganization(t, config(srv)).People.Unassign(t.Context(), alice, mustParse(t, grants[0])); err != nil {
				t.Error(err)
			}
			wantTook(t, "it", start, 0)
			wantGrants(t, srv, alice, grants[1])
		})
	}
}

// A grant that somebody else has revoked since the run began is noticed, and not
// granted again.
func TestAssignmentsBesideWhatIsRevokedElsewhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(ctx context.Context, d *People) error
		want   []string
	}{
		"given": {func(ctx context.Context, d *People) error {
			_, err := d.Assign(ctx, alice, mustParse(t, "deployment-viewer:x+c"))
			return err
		}, []string{"deployment-viewer:x+a", "deployment-viewer:x+c"}},
		"taken": {func(ctx context.Context, d *People) error {
			return d.Unassign(ctx, alice, mustParse(t, "deployment-viewer:x+a"))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.AddMember(alice, "deployment-viewer:x+a", "deployment-viewer:x+b")
				d := newOrganization(t, config(srv)).People
				_ = look(t, d, alice)
				time.Sleep(10 * time.Minute)
				srv.Ungrant(alice, "deployment-viewer:x+b")
				start := time.Now()
				if err := test.change(t.Context(), d); err != nil {
					t.Error(err)
				}
				wantTook(t, "it", start, 0)
				wantGrants(t, srv, alice, test.want...)
			})
		})
	}
}
