// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

const adoptGuide = "templates/guides/adopt.md.tmpl"

// company is an organization of 50 people with everything else that can be
// adopted.
func company(t *testing.T, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv := grown(t, opts...)
	srv.Enforce(true)
	if people := len(srv.Emails()); people != 50 {
		t.Fatalf("there are %d people", people)
	}
	srv.ResetLedger()
	return srv
}

// adopted is what of the company can be adopted: all but the three people whose
// invitation has expired.
const adopted = "Plan: 57 to import, 0 to add, 0 to change, 0 to destroy."

// commandsUnder are the shell commands in a section of a page.
func commandsUnder(t *testing.T, page, heading string) []string {
	t.Helper()
	_, after, _ := strings.Cut(readPage(t, page), "\n## "+heading+"\n")
	section, _, _ := strings.Cut(after, "\n## ")
	commands := shellCommands(section)
	if len(commands) == 0 {
		t.Fatalf("%s has no commands under %q", page, heading)
	}
	return commands
}

// follow runs commands as somebody does who agrees to every plan, and returns
// what each printed.
func (c terraform) follow(commands []string) []string {
	c.t.Helper()
	bin := c.t.TempDir()
	path, err := exec.LookPath(cliPath)
	if err == nil {
		err = os.Symlink(path, filepath.Join(bin, "terraform"))
	}
	if err != nil {
		c.t.Fatal(err)
	}
	var printed []string
	for _, command := range commands {
		cmd := exec.CommandContext(c.t.Context(), "sh", "-c", command)
		cmd.Dir = c.workspace.Dir
		cmd.Env = append(c.workspace.Command(c.t.Context()).Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
			"TF_CLI_ARGS=-no-color", "TF_CLI_ARGS_apply=-auto-approve")
		out, err := cmd.CombinedOutput()
		if err != nil {
			c.t.Fatalf("%s: %v\n%s", command, err, out)
		}
		printed = append(printed, strings.Join(strings.Fields(string(out)), " "))
	}
	return printed
}

// change rewrites a file of the workspace.
func (c terraform) change(name string, change func(string) string) {
	c.t.Helper()
	content, err := os.ReadFile(filepath.Join(c.workspace.Dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	changed := change(string(content))
	if changed == string(content) {
		c.t.Fatalf("nothing changes in %s:\n%s", name, content)
	}
	c.write(name, changed)
}

// without takes a resource out of what was generated.
func without(address string) func(string) string {
	labels := `"` + strings.ReplaceAll(address, ".", `" "`) + `"`
	block := regexp.MustCompile(`(?ms)^resource ` + regexp.QuoteMeta(labels) + ` \{.*?^\}\n`)
	return func(generated string) string { return block.ReplaceAllLiteralString(generated, "") }
}

// The guide's commands adopt a whole organization with import blocks, one block
// for each thing. The service sees nobody write.
func TestAdoptImportBlocks(t *testing.T) {
	t.Parallel()
	srv := company(t)
	tf := example(t, srv, "adopt-import-blocks")
	printed := tf.follow(commandsUnder(t, adoptGuide, "With import blocks"))
	if !slices.ContainsFunc(printed, func(out string) bool { return strings.Contains(out, adopted) }) {
		t.Fatalf("no plan says %q:\n%s", adopted, strings.Join(printed, "\n"))
	}
	wantText(t, printed[len(printed)-1], "Resources: 57 imported, 0 added, 0 changed, 0 destroyed.")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)

	tf.change("generated.tf", without("elasticcloud_member.member25_example_com"))
	wantText(t, tf.must("plan"), "elasticcloud_member.member25_example_com will be destroyed", "Plan: 0 to add, 0 to change, 1 to destroy.")
	wantWrites(t, srv)
	tf.must("apply", "-auto-approve")
	if left := srv.Emails(); len(left) != 49 || slices.Contains(left, "member25@example.com") {
		t.Errorf("there are %q", left)
	}
}

var writtenImport = regexp.MustCompile(`import \{\n  to = (\S+)\n  id = (".*")\n\}\n`)

// The addresses are readable and unique.
func TestAdoptAddresses(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	names := map[string]string{
		"owner@example.com":  "elasticcloud_member.owner_example_com",
		"007@example.com":    "elasticcloud_member._007_example_com",
		"a.b@example.com":    `elasticcloud_member.a_b_example_com_[0-9a-f]{8}`,
		"a_b@example.com":    `elasticcloud_member.a_b_example_com_[0-9a-f]{8}`,
		"nested+x@sub.a.com": "elasticcloud_member.nested_x_sub_a_com",
		"Owners":             `elasticcloud_role_mapping.owners_[0-9a-f]{8}`,
		"owners":             `elasticcloud_role_mapping.owners_[0-9a-f]{8}`,
		"***":                "elasticcloud_role_mapping._",
		"${x} %{y} $${z} \"quoted\" \\ <&>, \u2028 Ü": "elasticcloud_role_mapping._x_y_z_quoted_",
	}
	for name := range names {
		if strings.Contains(name, "@") && name != "owner@example.com" {
			srv.AddMember(name, "billing-admin")
		}
	}
	for name := range names {
		if !strings.Contains(name, "@") {
			srv.AddRoleMapping(name, true, cloudtest.AnyOf(cloudtest.Group(name)), "organization-admin")
		}
	}
	tf := example(t, srv, "adopt-import-blocks")
	commands := commandsUnder(t, adoptGuide, "With import blocks")
	tf.follow(commands[:3])
	imports, err := os.ReadFile(filepath.Join(tf.workspace.Dir, "imports.tf"))
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for _, match := range writtenImport.FindAllStringSubmatch(string(imports), -1) {
		addresses = append(addresses, match[1])
	}
	for name, address := range names {
		if !slices.ContainsFunc(addresses, regexp.MustCompile("^"+address+"$").MatchString) {
			t.Errorf("%q has no address like %s: %q", name, address, addresses)
		}
	}
	if slices.Sort(addresses); len(addresses) != len(names) || len(slices.Compact(addresses)) != len(names) {
		t.Errorf("the addresses are %q", addresses)
	}
	printed := tf.follow(commands[3:])
	wantText(t, printed[0], fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(names)))
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)
}

// The guide's commands adopt everybody as one map in a file. The adoption only
// reads, and so may the key.
func TestAdoptForEach(t *testing.T) {
	t.Parallel()
	srv := company(t, cloudtest.ReadOnlyKey())
	tf := example(t, srv, "adopt-for-each")
	printed := tf.follow(commandsUnder(t, adoptGuide, "As one map"))
	wantText(t, printed[len(printed)-1], "Plan: 47 to import, 0 to add, 0 to change, 0 to destroy.")
	wantText(t, tf.must("plan"), "No changes.")

	if err := os.Remove(filepath.Join(tf.workspace.Dir, "find.tf")); err != nil {
		t.Fatal(err)
	}
	wantText(t, tf.must("apply", "-auto-approve"), "Resources: 0 added, 0 changed, 0 destroyed.")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)

	// From now on the file is what counts.
	tf.change("people.json", func(people string) string {
		var roles map[string][]string
		if err := json.Unmarshal([]byte(people), &roles); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(people, "\n"); lines != len(roles)+2 {
			t.Errorf("%d people stand on %d lines", len(roles), lines)
		}
		delete(roles, "member25@example.com")
		roles["new@example.com"] = []string{"billing-admin"}
		changed, err := json.Marshal(roles)
		if err != nil {
			t.Fatal(err)
		}
		return string(changed)
	})
	wantText(t, tf.must("plan"), "Plan: 1 to add, 0 to change, 1 to destroy.")
}

// The lists of the example find the whole organization, also where it is larger
// than Terraform's own limit, and what is generated from them plans empty.
func TestAdoptQueryFile(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := company(t)
		for i := range 100 {
			srv.AddMember(fmt.Sprintf("more%d@example.com", i), "billing-admin")
		}
		srv.ResetLedger()
		c := actionCore(t, srv)
		var queries []listBlock
		for _, b := range blocksOf(t, "adopt/organization.tfquery.hcl", "list") {
			q := listBlock{typeName: b.Labels[0], config: configOf(t, b, c.Schemas.ListResourceSchemas[b.Labels[0]].ValueType()), limit: 100} // Terraform's own limit
			if limit, found := b.Body.Attributes["limit"]; found {
				q.limit, _ = literal(t, limit).(int64)
			}
			queries = append(queries, q)
		}
		config, err := c.adopt(t.Context(), queries)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(adopted, fmt.Sprintf(" %d to import", len(config)-100)) {
			t.Errorf("%d are adopted", len(config))
		}
		wantWrites(t, srv)
	})
}

// The guide's three commands adopt the whole organization, where the CLI knows
// terraform query.
func TestAdoptQuery(t *testing.T) {
	t.Parallel()
	testneeds.Query(t)
	srv := company(t)
	tf := example(t, srv, "adopt")
	printed := tf.follow(commandsUnder(t, adoptGuide, "With terraform query"))
	if len(printed) != 3 {
		t.Errorf("there are %d commands", len(printed))
	}
	wantText(t, printed[len(printed)-1], adopted)
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)
}

// What is generated for each resource plans empty, whatever the object is like.
func TestAdoptEachType(t *testing.T) {
	t.Parallel()
	for name, imports := range map[string][][2]string{ // addresses and import IDs
		"people": {
			{"elasticcloud_member.active", "Member03@Example.com"},
			{"elasticcloud_member.without_roles", "member00@example.com"},
			{"elasticcloud_member.on_what_is_unknown", "member01@example.com"},
			{"elasticcloud_member.invited", "invited1@example.org"},
			{"elasticcloud_member.invited_to_nothing", "nothing@example.org"},
			{"elasticcloud_member.by_sso", "invited6@example.org"},
		},
		"assignments": {
			{"elasticcloud_role_assignment.all", "member03@example.com/deployment-editor:*"},
			{"elasticcloud_role_assignment.one", "member03@example.com/deployment-viewer:shared"},
			{"elasticcloud_role_assignment.application_roles", "member03@example.com/elasticsearch-viewer:*+y+x"},
			{"elasticcloud_role_assignment.organization", "owner@example.com/organization-admin"},
			{"elasticcloud_role_assignment.pending", "invited1@example.org/security-t1-analyst:s1"},
		},
		"settings": {
			{"elasticcloud_domain_claim.sub", "Sub.example.com"},
			{"elasticcloud_domain_verification.sub", "sub.example.com"},
			{"elasticcloud_saml_idp.this", ""},
			{"elasticcloud_sso_enforcement.this", ""},
			{"elasticcloud_role_mapping.any", "owners"},
			{"elasticcloud_role_mapping.all", "both"},
			{"elasticcloud_role_mapping.disabled", "off"},
			{"elasticcloud_role_mapping.comma", "a, with a comma"},
			{"elasticcloud_role_mapping.unicode", "Ünïcode *"},
		},
		"everybody":      {{"elasticcloud_members.all", ""}, {"elasticcloud_role_mappings_exclusive.all", ""}},
		"nobody else":    {{"elasticcloud_members_exclusive.all", ""}},
		"a disabled IdP": {{"elasticcloud_saml_idp.disabled", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := company(t)
			srv.ChangeIdP(func(i *cloudtest.IdP) {
				i.Certificates = append(i.Certificates, cloudtest.NewTestIdP().Certificate(), cloudtest.NewTestIdP().Certificate())
			})
			switch name {
			case "a disabled IdP":
				srv.Enforce(false)
				srv.ChangeIdP(func(i *cloudtest.IdP) { i.Enabled = false })
			case "everybody":
				for _, email := range srv.Emails() {
					if srv.Status(email) == "expired" { // see TestAdoptMembersExpired
						srv.Remove(email)
					}
				}
			}
			srv.ResetLedger()
			var hcl strings.Builder
			for _, i := range imports {
				id := i[1]
				if id == "" {
					id = srv.OrganizationID
				}
				fmt.Fprintf(&hcl, "import {\n  to = %s\n  id = %q\n}\n", i[0], id)
			}
			tf := newCLI(t, srv)
			tf.configure(hcl.String())
			plan := tf.must("plan", "-generate-config-out=generated.tf")
			wantText(t, plan, fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(imports)))
			tf.must("apply", "-auto-approve")
			wantText(t, tf.must("plan"), "No changes.")
			wantWrites(t, srv)
		})
	}
}

// elasticcloud_members knows nobody with an expired invitation, so the plan that
// adopts the organization says that these invitations go, and nothing else.
func TestAdoptMembersExpired(t *testing.T) {
	t.Parallel()
	srv := company(t)
	tf := newCLI(t, srv)
	tf.configure(fmt.Sprintf("import {\n  to = elasticcloud_members.all\n  id = %q\n}\n", srv.OrganizationID))
	wantText(t, tf.must("plan", "-generate-config-out=generated.tf"), "Plan: 1 to import, 0 to add, 1 to change, 0 to destroy.",
		"Warning: 3 unlisted people are removed from the organization", "- invited0@example.org (invitation expired): billing-admin")
	wantWrites(t, srv)
	tf.must("apply", "-auto-approve")
	wantWrites(t, srv, dropInv)
	wantMails(t, srv, 0)
	wantText(t, tf.must("plan"), "No changes.")
}
