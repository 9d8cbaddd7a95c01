// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The numbers above the table agree with its rows and with the Markdown, also for
// members who still have an invitation, and for people without grants.
func TestTotals(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t, cloudtest.Plain(), cloudtest.ReadOnlyKey())
	srv.AddMember("owner@example.com", "organization-admin")
	srv.AddMember("norole@example.com")
	srv.AddMember("other@example.com")
	srv.AddUnknownAssignment("other@example.com", "connected_cluster", `[{"role_id":"cluster-admin"}]`)
	srv.AddInvitation("open@example.com", "billing-admin")
	srv.AddInvitation("late@example.com", "billing-admin")
	srv.Expire("late@example.com")
	srv.AddInvitation("promised-nothing@example.com")
	for _, email := range []string{"sso1@example.com", "sso2@example.com"} {
		srv.AddInvitation(email, "organization-admin")
		srv.SSOLogin(email, "deployment-editor:*")
	}
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
	srv.AddRoleMapping("nothing", false, cloudtest.AnyOf(cloudtest.Group("nobody")))
	file := pageOf(t, srv)
	page := open(t, file)

	totals := page.totals()
	want := map[string]string{"members": "5", "owners": "1", "pending invitations": "4", "expired invitations": "1", "members without a grant": "1", "role mappings": "2"}
	if !maps.Equal(totals, want) {
		t.Errorf("the totals are %v", totals)
	}
	for status, label := range map[string]string{"active": "members", "invited": "pending invitations", "expired": "expired invitations"} {
		page.set("status", status)
		if got := strconv.Itoa(len(page.shown("people"))); got != totals[label] {
			t.Errorf("%s people are %s, and the total is %s", got, status, totals[label])
		}
	}
	page.do(chromedp.Click("#clear"))
	if got := strconv.Itoa(len(page.shown("mappings"))); got != totals["role mappings"] {
		t.Errorf("%s role mappings are shown", got)
	}
	for table, rows := range map[string]map[string]string{
		"people":   {"norole@example.com": "| no grant | |", "promised-nothing@example.com": "| no grant | |"},
		"mappings": {"nothing": "nothing | disabled | |"},
	} {
		for id, want := range rows {
			if got := strings.Join(strings.Fields(page.row(table, id)), " "); !strings.HasSuffix(got, want) {
				t.Errorf("%s: %s", id, got)
			}
		}
	}
	page.wantQuiet(file)

	markdown, err := os.ReadFile(filepath.Join(filepath.Dir(file), "access.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Members: 5, owners among them: 1, members without a grant: 1, pending invitations: 4, expired invitations: 1.\n"; !strings.Contains(string(markdown), want) {
		t.Errorf("the Markdown is %s", markdown)
	}
	for status, label := range map[string]string{"active": "members", "invited": "pending invitations", "expired": "expired invitations"} {
		if got := strconv.Itoa(strings.Count(string(markdown), " | "+status+" | ")); got != totals[label] {
			t.Errorf("the Markdown has %s rows with %s", got, status)
		}
	}
}
