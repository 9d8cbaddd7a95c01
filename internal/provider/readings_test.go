// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// historiesOfReading is how many histories are played of each reading, and no more
// than -rapid.checks.
var historiesOfReading = flag.Int("histories-of-reading", 2, "how many random histories are played for each way to read the service")

// serviceReading is a way to read what is only assumed of the service.
type serviceReading struct {
	opts []cloudtest.Option
	// settles is how long after a change by hand the service shows it.
	settles time.Duration
	// hidesExpired is that invitations that have expired are not listed.
	hidesExpired bool
	// absentAsEmpty is that no list of application roles is shown as an empty one.
	absentAsEmpty bool
	// fails matches the error where the provider cannot be right: it has to say so.
	fails string
}

func (r serviceReading) excuses(err error) bool {
	return err != nil && r.fails != "" && regexp.MustCompile(r.fails).MatchString(err.Error())
}

const noList, notShown = "it has no list of", "Elastic Cloud accepted the change, but does not show it"

// failsWhere has the readings under which the provider cannot always be right, and what
// its error says then.
var failsWhere = map[string]string{
	"one set per role":                notShown + "|The run was stopped", // where two sets are configured, of which one takes the other along
	"denies members":                  notShown,
	"only the first page":             "has more than one page",
	"empty lists left out":            noList, // of invitations
	"empty lists null":                noList,
	"no list of members":              noList,
	"sees nobody":                     notShown + "|neither a member of the organization nor invited|user_organization_already_belongs|no owner is visible|no active member with organization-admin|invitation_already_exists",
	"sees nobody, null":               noList,
	"expired are hidden and conflict": "invitation_already_exists",
	"key may not enforce":             "sign in through single sign-on",
}

// wrongWhere has the readings under which an apply can still end with success and be
// wrong, and how. Their histories fail, and are played with -wrong-readings alone.
var wrongWhere = map[string]string{
	"enforcement left out":    "nothing shows that somebody else has ended the enforcement",
	"no enforcement left out": "nothing shows that somebody else has ended the enforcement",
}

var playWrongReadings = flag.Bool("wrong-readings", false, "play histories also where an apply is known to be wrong")

// TestHistoriesInOtherReadings plays histories on services that keep an assumed rule
// in another way. What TestHistories wants of each apply is wanted there, too.
func TestHistoriesInOtherReadings(t *testing.T) {
	t.Parallel()
	settles := map[string]time.Duration{
		"never expired":                2 * time.Second, // the service's clock has seconds
		"never expired, yet conflicts": 2 * time.Second,
		"lags a second":                2 * time.Second,
		"lags thirty seconds":          31 * time.Second,
	}
	certificates := []string{longLived(t, "first"), longLived(t, "second")}
	for _, r := range cloudtest.Readings() {
		for _, v := range r.Variants {
			t.Run(v.Name, func(t *testing.T) {
				t.Parallel()
				if why := wrongWhere[v.Name]; why != "" && !*playWrongReadings {
					t.Skip("known to be wrong: " + why)
				}
				played, failed, most := 0, false, *historiesOfReading
				if raced {
					most = 1
				}
				rapidly(t, func(t *rapid.T) {
					if played >= most && !failed { // one that failed is played again, as it was and simpler
						return
					}
					failed = true // unless it completes
					runHistory(t, certificates, rapid.SliceOfN(historyStep(), 1, 8).Draw(t, "steps"), serviceReading{
						opts: v.Options, settles: settles[v.Name], fails: failsWhere[v.Name], hidesExpired: strings.HasPrefix(v.Name, "expired are hidden"),
						absentAsEmpty: v.Name == "absent as empty",
					})
					played, failed = played+1, false
				})
				if failsWhere[v.Name] == "" {
					t.Logf("right in %d histories: %s", played, r.Text)
				} else {
					t.Logf("right in %d histories, or an error (%s): %s", played, failsWhere[v.Name], r.Text)
				}
			})
		}
	}
}

// The page has each reading, and what is said of it here.
func TestReadingsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/guides/faults.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range cloudtest.Readings() {
		says := "is right"
		for _, v := range r.Variants {
			if failsWhere[v.Name] != "" && says == "is right" {
				says = "is right, or an error says why not"
			}
			if why := wrongWhere[v.Name]; why != "" {
				says = "can be wrong: " + why
			}
		}
		if row := "| " + r.Text + " | " + says + " |"; !strings.Contains(string(page), row) {
			t.Errorf("the page has no row %s", row)
		}
	}
}

// An expired invitation that no resource sets the roles of is sent again as the service
// shows it. The model of the histories has to have that.
func TestHistoryOfAnExpiredInvitationWithoutRoles(t *testing.T) {
	t.Parallel()
	const email = "alice@example.com"
	played := false
	play := func(t *rapid.T) {
		if played {
			return // nothing in it is random
		}
		played = true
		runHistory(t, nil, []step{
			{kindOfStep: kindOfStep{run: func(h *history, _ step) {
				h.srv.AddInvitation(email, "billing-admin", "deployment-viewer:a", "elasticsearch-viewer:*+x")
				h.srv.Expire(email)
			}}},
			{kindOfStep: kindOfStep{run: func(h *history, _ step) {
				h.change(map[string]block{"elasticcloud_member.alice": {Type: memberType, Attributes: map[string]any{"email": email}}})
				h.healthy("apply")
				if got, want := h.srv.Grants(email), []string{"billing-admin", "deployment-viewer:a+", "elasticsearch-viewer:*+x"}; !slices.Equal(got, want) {
					h.t.Fatalf("%s is invited to %q, not to %q", email, got, want)
				}
			}}},
		}, serviceReading{opts: []cloudtest.Option{cloudtest.AbsentAsEmpty()}, absentAsEmpty: true})
	}
	virtually(t, func(t *testing.T) { rapid.Check(struct{ rapid.TB }{t}, play) })
}
