// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var reviewTime = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,`)

// reports reads every file below the folder of the reports.
func (r runner) reports() map[string]string {
	r.t.Helper()
	files := map[string]string{}
	folder := os.DirFS(filepath.Join(r.workspace.Dir, "reports"))
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && name == "." {
			return err
		}
		content := []byte("folder")
		if !entry.IsDir() {
			content, err = fs.ReadFile(folder, name)
		}
		files[name] = string(content)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return files
}

// review runs the script, and returns what it printed and the reports.
func (r runner) review(key string, wantCode int) (printed string, files map[string]string) {
	r.t.Helper()
	printed, code := r.script(map[string]string{"EC_API_KEY": key}, "sh", "review.sh", "reports")
	if code != wantCode {
		r.t.Fatalf("review.sh ends with %d: %s", code, printed)
	}
	return printed, r.reports()
}

// sentences are the changes in a timeline, without their times.
func sentences(timeline string) string { return reviewTime.ReplaceAllString(timeline, "") }

func TestExampleAccessReview(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	seedOrganization(srv)
	r := newRunner(t, srv, "access-review")

	_, first := r.review(srv.Key, 0)
	if len(first) != 5 || sentences(first["timeline.csv"]) != "time,change\nfirst review (grants: 10)\n" {
		t.Errorf("the first review leaves %d files, and the timeline %q", len(first), first["timeline.csv"])
	}
	wantText(t, first["access.csv"], "principal_type,principal,name,status,grant,role,scope,resource_id,application_roles,source,assignment\nmember,alice@example.com,Alice,active,billing-admin,billing-admin,organization,,,assigned,\n",
		"invitation,dave@example.com,,expired,billing-admin,", `role_mapping,viewers,,enabled,deployment-viewer:*,deployment-viewer,deployment,,,"all of: `)
	wantText(t, first["access.md"], "# Access to organization "+srv.OrganizationID+"\n", "\nGenerated: 20", "Z. Members: 4, owners among them: 1, members without a grant: 0, pending invitations: 0, expired invitations: 1.\n",
		"\n| Person | Name | Status | Organization | Deployment | Elasticsearch |\n| --- | --- | --- | --- | --- | --- |\n| alice@example.com | Alice | active | billing-admin | editor on all |  |\n",
		`| carol@example.com | Carol | active |  | viewer on ce03a623751b4fc98d48400fec58b9c0 | viewer+analyst+reader on all |`,
		"\n| owners | disabled | any of: group \"elastic-owners\" | organization-admin |\n")

	printed, second := r.review(srv.Key, 0)
	if printed != "" || second["timeline.csv"] != first["timeline.csv"] || second["access.json"] != first["access.json"] {
		t.Errorf("nothing changed, and the review says %q, and the timeline %q", printed, second["timeline.csv"])
	}

	srv.Remove("bob@example.com")
	srv.Grant("alice@example.com", "organization-admin")
	srv.AddMember("=1+1|`x`@example.com", "deployment-viewer:*")
	srv.AddRoleMapping("</script><img src=x onerror=alert(1)>\u2028| [x](javascript:1)\n# `b`", true, cloudtest.AnyOf(cloudtest.Group("g")), "billing-admin")
	srv.AddUnknownAssignment("alice@example.com", "connected_clusters", `[{"role_id":"cluster-admin"}]`)
	srv.AddMember("erin@example.com")
	srv.AddUnknownAssignment("erin@example.com", "a|b", `["[x](javascript:1)"]`)
	printed, third := r.review(srv.Key, 0)
	wantText(t, printed, "Some access cannot be written as a grant", `alice@example.com: connected_clusters {"role_id":"cluster-admin"}`, "erin@example.com: a|b")
	added, isLonger := strings.CutPrefix(third["timeline.csv"], second["timeline.csv"])
	want := "'=1+1|`x`@example.com is new: gained deployment-viewer:*\n" +
		`"alice@example.com gained organization-admin, connected_clusters {""role_id"":""cluster-admin""} (not a grant)"` + "\n" +
		"bob@example.com is gone: lost deployment-viewer:*\n" +
		`"erin@example.com is new: gained a|b [""[x](javascript:1)""] (not a grant)"` + "\n" +
		`"role mapping ""</script><img src=x onerror=alert(1)>\u2028| [x](javascript:1)\n# ` + "`b`" + `"" is new: gained billing-admin"` + "\n"
	if got := sentences(added); !isLonger || got != want {
		t.Errorf("the third review adds %s", got)
	}
	if strings.Count(third["access.html"], "</script>") != 2 || strings.ContainsAny(third["access.html"], "\u2028") || strings.Contains(third["access.html"], "<img") {
		t.Error("a name is markup in the page")
	}
	wantText(t, third["access.csv"], "\nmember,'=1+1|`x`@example.com,",
		"\nmember,alice@example.com,Alice,active,,cluster-admin,connected_clusters,,,assigned,\"{\"\"role_id\"\":\"\"cluster-admin\"\"}\"\n")
	wantText(t, third["access.md"], "\n| =1+1\\|\\`x\\`@example.com | =1+1\\|\\`x\\` | active |  |  | viewer on all |  |\n",
		"\n| Person | Name | Status | Organization | Other Access | Deployment | Elasticsearch |\n",
		"\n| alice@example.com | Alice | active | billing-admin, owner | cluster-admin on connected\\_clusters \\(not a grant: {\"role\\_id\":\"cluster-admin\"}\\) | editor on all |  |\n",
		"\n| erin@example.com | Erin | active |  | a\\|b \\(not a grant: \\[\"\\[x\\]\\(javascript:1\\)\"\\]\\) |  |  |\n",
		"\n| \\</script\\>\\<img src=x onerror=alert\\(1\\)\\> \\| \\[x\\]\\(javascript:1\\) \\# \\`b\\` | enabled |")

	srv.Fail(cloudtest.Fault{Route: getMap, Times: -1, Body: `{"mappings":[{"name":"owners","enabled":true,"rule":{"any":[{"group":"g"}]},"role_assignments":{
		"connected_cluster":[{"role_id":"cluster-admin"}],"organization":[{"role_id":"billing-admin","organization_id":"` + srv.OrganizationID + `"}]}}]}`})
	_, third = r.review(srv.Key, 0)
	wantText(t, third["access.md"], "\n| owners | enabled | any of: group \"g\" | billing-admin, cluster-admin on connected\\_cluster \\(not a grant: {\"role\\_id\":\"cluster-admin\"}\\) |\n")
	wantText(t, third["timeline.csv"], `role mapping ""owners"" gained billing-admin, connected_cluster {""role_id"":""cluster-admin""} (not a grant) and lost organization-admin`)

	printed, fourth := r.review("wrong-key", 1)
	wantText(t, printed, "review.sh: terraform apply failed; the reports are those of the last run that succeeded")
	if !maps.Equal(third, fourth) {
		t.Error("a review that failed changed the reports")
	}
	if writes := srv.Writes(); len(writes) > 0 {
		t.Errorf("a review wrote to the service: %v", writes)
	}
}

// Each scheduled run pushes a commit with the reports.
func TestExampleAccessReviewOnGitHub(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	r := newRunner(t, srv, "access-review")
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...)
		cmd.Dir = r.workspace.Dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	srv.AddUnknownAssignment("owner@example.com", "connected_cluster", `[{"role_id":"cluster-admin"}]`)
	remote := t.TempDir()
	git("init", "--quiet", "--bare", remote)
	git("init", "--quiet", "--initial-branch=main")
	git("add", "main.tf", "markdown.tf", "review.sh")
	git("commit", "--quiet", "--message", "Begin")
	git("remote", "add", "origin", remote)
	git("push", "--quiet", "--set-upstream", "origin", "main")
	run := func() bool {
		out, succeeded := r.workflow("access-review/github-workflow.yml", map[string]string{"secrets.EC_API_KEY": srv.Key})
		t.Log(out)
		return succeeded
	}
	if !run() {
		t.Fatal("the first run failed")
	}
	srv.AddMember("alice@example.com", "billing-admin")
	if !run() {
		t.Fatal("the second run failed")
	}
	srv.Fail(cloudtest.Fault{Route: getMem, Status: 403, Times: -1})
	if run() {
		t.Error("a review that failed is no failure")
	}
	if got := strings.Count(git("log", "--oneline", "origin/main"), "Access review"); got != 2 {
		t.Errorf("there are %d reviews in the history", got)
	}
	if got := sentences(git("show", "origin/main:reports/timeline.csv")); got != "time,change\n\"first review (grants: 1, other access: 1)\"\nalice@example.com is new: gained billing-admin\n" {
		t.Errorf("the timeline is %s", got)
	}
}
