// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// wantAdded fails where the timeline did not grow by these lines alone.
func wantAdded(t *testing.T, before, after map[string]string, lines ...string) {
	t.Helper()
	added, isLonger := strings.CutPrefix(after["timeline.csv"], before["timeline.csv"])
	want := ""
	for _, line := range lines {
		if strings.ContainsAny(line, `,"`) {
			line = `"` + strings.ReplaceAll(line, `"`, `""`) + `"`
		}
		want += line + "\n"
	}
	if got := sentences(added); !isLonger || got != want {
		t.Errorf("the timeline grows by\n%s\nand not by\n%s", got, want)
	}
}

// reviewed applies the example once more, and returns the reports that review.sh
// would leave. The script itself is run by TestExampleAccessReview.
func (c terraform) reviewed() map[string]string {
	c.t.Helper()
	folder := filepath.Join(c.workspace.Dir, "reports")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		c.t.Fatal(err)
	}
	c.must("apply", "-auto-approve", "-var=generated_at=2026-01-02T03:04:05Z", "-var=before="+filepath.Join(folder, "access.json"))
	out, err := c.workspace.Command(c.t.Context(), "output", "-json").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var outputs map[string]struct{ Value string }
	if err := json.Unmarshal(out, &outputs); err != nil {
		c.t.Fatal(err)
	}
	timeline, err := os.ReadFile(filepath.Join(folder, "timeline.csv"))
	if err != nil {
		timeline = []byte("time,change\n")
	}
	files := map[string]string{"access.csv": outputs["csv"].Value, "access.md": outputs["markdown"].Value, "access.json": outputs["rows"].Value,
		"timeline.csv": string(timeline) + outputs["timeline"].Value}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			c.t.Fatal(err)
		}
	}
	return files
}

// wantCounted fails where the header counts others than the table has.
func wantCounted(t *testing.T, page string) {
	t.Helper()
	table, _, _ := strings.Cut(page, "## Role mappings")
	counted := map[string]int{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) < 4 || cells[0] == "| Person" || cells[0] == "| ---" {
			continue
		}
		counted[cells[2]]++
		roles := strings.Trim(strings.Join(cells[3:], ""), " |\n")
		if cells[2] == statusActive && roles == "" {
			counted["nothing"]++
		}
		if cells[2] == statusActive && strings.Contains(roles, "owner") {
			counted["owner"]++
		}
	}
	wantText(t, page, fmt.Sprintf(" Members: %d, owners among them: %d, members without a grant: %d, pending invitations: %d, expired invitations: %d.\n",
		counted[statusActive], counted["owner"], counted["nothing"], counted[statusInvited], counted[statusExpired]))
}

// The timeline tells who came, who went, and who has lost or got their only grant
// and was there all the time, of people with and without roles.
func TestAccessReviewOfPeopleWithoutGrants(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	srv.AddMember("a.b@example.com", "organization-admin")
	srv.AddMember("norole@example.com")
	srv.AddMember("leaves@example.com")
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
	tf := example(t, srv, "access-review")
	srv.AddInvitation("invited@example.com")
	srv.AddInvitation("sso@example.com", "deployment-viewer:*")

	first := tf.reviewed()
	wantText(t, first["access.csv"], "\nmember,norole@example.com,Norole,active,,,,,,,\n", "\ninvitation,invited@example.com,,invited,,,,,,,\n")
	for person, want := range map[string]int{"norole@example.com": 1, "a.b@example.com": 1, "sso@example.com": 1, "owners": 1} {
		if got := strings.Count(first["access.csv"], ","+person+","); got != want {
			t.Errorf("%s has %d lines in the CSV", person, got)
		}
	}
	wantText(t, first["access.md"], "\n| norole@example.com | Norole | active |  |", "\n| invited@example.com |  | invited |  |")
	wantCounted(t, first["access.md"])

	srv.Ungrant("a.b@example.com", "organization-admin")
	srv.Grant("norole@example.com", "organization-admin")
	srv.Remove("leaves@example.com")
	srv.Accept("invited@example.com")
	srv.AddMember("joins@example.com")
	srv.AddInvitation("guest@example.com")
	srv.SSOLogin("sso@example.com", "deployment-editor:*")
	srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Grants = nil })
	second := tf.reviewed()
	wantAdded(t, first, second,
		"a.b@example.com lost organization-admin, and is still there without a grant",
		"invited@example.com joined",
		"joins@example.com is new, without a grant",
		"leaves@example.com is gone, and had no grant",
		"norole@example.com gained organization-admin",
		"sso@example.com is new: gained deployment-editor:*",
		"guest@example.com (invitation) is new, without a grant",
		`role mapping "owners" lost organization-admin, and is still there without a grant`)
	wantText(t, second["access.md"], "\n| sso@example.com |  | active |  | editor on all |\n", "\n| sso@example.com |  | invited |  | viewer on all |\n", "\n| owners | enabled |  |  |\n")
	wantCounted(t, second["access.md"])

	// Nobody without a grant is left to show that the last report had them too.
	for _, person := range []string{"a.b@example.com", "invited@example.com", "joins@example.com", "guest@example.com"} {
		srv.Remove(person)
	}
	srv.RemoveRoleMapping("owners")
	third := tf.reviewed()
	wantAdded(t, second, third,
		"a.b@example.com is gone, and had no grant", "invited@example.com is gone, and had no grant", "joins@example.com is gone, and had no grant",
		"guest@example.com (invitation) is gone, and had no grant", `role mapping "owners" is gone, and had no grant`)
	srv.AddMember("joins@example.com")
	srv.Remove("norole@example.com")
	fourth := tf.reviewed()
	wantAdded(t, third, fourth, "joins@example.com is new, without a grant", "norole@example.com is gone: lost organization-admin")
	wantCounted(t, fourth["access.md"])
}

// What an older review kept does not have everybody. Nobody is called new who may
// have been there.
func TestAccessReviewAfterAnOlderOne(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	srv.AddMember("leaves@example.com", "billing-admin")
	srv.AddMember("loses@example.com", "billing-admin")
	srv.AddMember("gains@example.com")
	srv.AddMember("norole@example.com")
	tf := example(t, srv, "access-review")
	first := tf.reviewed()
	var rows, older []jsonObject
	if err := json.Unmarshal([]byte(first["access.json"]), &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row["grant"] != nil {
			older = append(older, row)
		}
	}
	if len(older) != 3 || len(rows) <= len(older) {
		t.Fatalf("of the rows %v, the older ones are %v", rows, older)
	}
	text, err := json.Marshal(older)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tf.workspace.Dir, "reports", "access.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}

	srv.Remove("leaves@example.com")
	srv.Ungrant("loses@example.com", "billing-admin")
	srv.Grant("gains@example.com", "billing-admin")
	second := tf.reviewed()
	wantAdded(t, first, second,
		"gains@example.com has access now: gained billing-admin", "leaves@example.com is gone: lost billing-admin",
		"loses@example.com lost billing-admin, and is still there without a grant", "norole@example.com is there, without a grant")
	third := tf.reviewed()
	wantAdded(t, second, third)
}

// If Terraform finds no provider, the script prints what to do. If the provider is already
// installed, or set with dev_overrides, the script works.
func TestAccessReviewWithoutRegistry(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	r := newRunner(t, srv, "access-review")
	nowhere := fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", t.TempDir())
	review := func(sources string) (string, int) {
		t.Helper()
		config := filepath.Join(t.TempDir(), "cli.tfrc")
		if err := os.WriteFile(config, []byte("provider_installation {\n  "+sources+"\n}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return r.script(map[string]string{"EC_API_KEY": srv.Key, "TF_CLI_CONFIG_FILE": config}, "sh", "review.sh", "reports")
	}
	if printed, code := review(nowhere); code != 0 {
		t.Errorf("with the provider that was installed before, the script ends with %d: %s", code, printed)
	}
	for _, name := range []string{".terraform", ".terraform.lock.hcl"} {
		if err := os.RemoveAll(filepath.Join(r.workspace.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	printed, code := review(nowhere)
	if code != 1 {
		t.Errorf("without a provider the script ends with %d", code)
	}
	wantText(t, printed, "was not found in any", "review.sh: terraform init and terraform apply failed (a provider that is in no registry needs a filesystem_mirror)")
	built, err := filepath.Glob(filepath.Join(builtProvider.dir, "*", filepath.FromSlash(cli.Source), "*", "*"))
	if err != nil || len(built) == 0 {
		t.Fatalf("the provider is in %q, %v", built, err)
	}
	if printed, code := review(fmt.Sprintf("dev_overrides {\n    %q = %q\n  }\n  %s", cli.Source, built[0], nowhere)); code != 0 {
		t.Errorf("with dev_overrides the script ends with %d: %s", code, printed)
	}
}
