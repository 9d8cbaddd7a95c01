// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// A person whose access is not a grant is shown with it, and has access.
func TestOtherAccess(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t, cloudtest.Plain(), cloudtest.ReadOnlyKey())
	srv.AddMember("alice@example.com", "organization-admin")
	srv.AddMember("bob@example.com")
	srv.AddUnknownAssignment("bob@example.com", "connected_cluster", `[{"role_id":"cluster-admin","ids":["<b>c1</b>"]}]`)
	srv.AddMember("carol@example.com")
	srv.AddMember("dave@example.com", "deployment-viewer:*", "deployment-editor:"+deployment1)
	srv.AddUnknownAssignment("dave@example.com", "project.newtype", `["anything"]`)
	srv.AddInvitation("erin@example.com")
	srv.AddUnknownAssignment("erin@example.com", "connected_cluster", `[{"role_id":"cluster-viewer"}]`)
	file := pageOf(t, srv)
	page := open(t, file)

	if got := page.text("#people thead th:nth-child(4)"); got != "Other access" {
		t.Errorf("the column beside the organization is %q", got)
	}
	for id, want := range map[string]string{
		"alice@example.com": "| owner | | owner | owner",
		"bob@example.com":   `| | cluster-adminconnected_cluster, not a grant{"ids":["\u003cb\u003ec1\u003c/b\u003e"],"role_id":"cluster-admin"} | |`,
		"carol@example.com": "| no grant | | |",
		"dave@example.com":  `| | newtypenot a grant["anything"] | viewer | editor`,
		"erin@example.com":  `| | cluster-viewerconnected_cluster, not a grant{"role_id":"cluster-viewer"} | |`,
	} {
		if got := strings.Join(strings.Fields(page.row("people", id)), " "); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", id, got)
		}
	}
	if got := page.text("#totals div:nth-child(5)"); strings.Join(strings.Fields(got), " ") != "members without a grant 1" {
		t.Errorf("the total is %q", got)
	}
	if got := page.text("#legend"); !strings.Contains(got, "not a grant") {
		t.Errorf("the legend says %q", got)
	}

	// On screen the JSON is in a tooltip, and on paper below the role.
	const badge = `[...document.querySelectorAll("#people .badge")].find((b) => b.textContent.startsWith("cluster-admin"))`
	if got := get(page, chromedp.Evaluate[string](badge+`.title`)); got != `{"ids":["\u003cb\u003ec1\u003c/b\u003e"],"role_id":"cluster-admin"}` {
		t.Errorf("the tooltip is %s", got)
	}
	if got := get(page, chromedp.Evaluate[string](badge+`.innerText`)); strings.Contains(got, "role_id") {
		t.Errorf("on screen the role is %s", got)
	}
	for _, scheme := range []string{"light", "dark"} {
		page.media("screen", scheme)
		texts := get(page, chromedp.Evaluate[[]string](contrasts))
		if n, err := strconv.Atoi(texts[0]); err != nil || n < 30 || len(texts) > 1 {
			t.Errorf("of the texts in %s, too weak are: %q", scheme, texts)
		}
	}
	page.media("print", "light")
	if got := get(page, chromedp.Evaluate[string](badge+`.innerText`)); !strings.Contains(got, `"role_id":"cluster-admin"`) {
		t.Errorf("on paper the role is %s", got)
	}
	if got := get(page, chromedp.Evaluate[bool](`[...document.querySelectorAll("#people .badge")].every((b) => b.scrollWidth <= b.clientWidth && b.getBoundingClientRect().right <= b.closest("td").getBoundingClientRect().right)`)); !got {
		t.Error("on paper a text is cut off")
	}
	page.media("screen", "light")

	option := func(id, label string) string {
		return get(page, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll("#%s option")].find((o) => o.textContent === %q)?.value ?? "there is none"`, id, label)))
	}
	for _, filter := range []struct{ field, label, want string }{
		{"role", "cluster-admin", "bob"},
		{"role", "not a grant", "bob dave erin"},
		{"role", "no grant", "carol"},
		{"resource", "other access", "bob dave erin"},
		{"resource", "deployment (all)", "alice dave"},
	} {
		page.set(filter.field, option(filter.field, filter.label))
		if got := strings.ReplaceAll(strings.Join(page.shown("people"), " "), "@example.com", ""); got != filter.want {
			t.Errorf("%s %q shows %q", filter.field, filter.label, got)
		}
		page.do(chromedp.Click("#clear"))
	}
	page.wantQuiet(file)
}

// An assignment of which only a part is a grant does not count as access to all of its
// kind, for a member as for a mapping.
func TestOtherAccessIsNoGrantOnAll(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t, cloudtest.Plain())
	roles := fmt.Sprintf(`{"deployment": [{"role_id": "deployment-editor", "organization_id": %q, "deployment_ids": [%q], "until": "noon"}]}`, srv.OrganizationID, deployment1)
	srv.Fail(cloudtest.Fault{Route: "GET /organizations/{organization_id}/members", Times: -1, Body: fmt.Sprintf(
		`{"members": [{"user_id": "1", "email": "alice@example.com", "organization_id": %q, "member_since": "2026-05-01T12:00:00Z", "role_assignments": %s}]}`, srv.OrganizationID, roles)})
	srv.Fail(cloudtest.Fault{Route: "GET /organizations/{organization_id}/role_mappings", Times: -1, Body: fmt.Sprintf(
		`{"mappings": [{"name": "owners", "enabled": true, "rule": {"any": [{"group": "owners"}]}, "role_assignments": %s}]}`, roles)})
	file := pageOf(t, srv)
	page := open(t, file)
	const want = ` |  | deployment-editordeployment, not a grant{"deployment_ids":["` + deployment1 + `"],"organization_id":`
	if got := page.row("people", "alice@example.com"); !strings.Contains(got, want) || !strings.HasSuffix(got, `"} |  | editor`) {
		t.Errorf("alice has %s", got)
	}
	if got := page.row("mappings", "owners"); !strings.Contains(got, "| deployment-editor:"+deployment1+" deployment-editordeployment, not a grant{") {
		t.Errorf("the mapping gives %s", got)
	}
	page.set("role", "other")
	if people, mappings := len(page.shown("people")), len(page.shown("mappings")); people != 1 || mappings != 1 {
		t.Errorf("%d people and %d mappings have access that is not a grant", people, mappings)
	}
	page.wantQuiet(file)
}
