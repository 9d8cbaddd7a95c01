// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

// exampleFolders lists every folder of examples that is a separate configuration: it has a
// .tf file and is not a module of another one. Examples with actions, which not every CLI
// knows, examples with another provider, and configurations that replace each other have
// separate tests.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := fs.WalkDir(examples.Files, ".", func(file string, _ fs.DirEntry, err error) error {
		if folder := path.Dir(file); err == nil && path.Ext(file) == ".tf" && !strings.Contains(folder, "/modules/") && !strings.HasPrefix(folder, "actions/") &&
			!strings.HasPrefix(folder, "from-ec-organization/") && folder != "sso-okta" && folder != path.Dir(changingWays) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// example is a workspace with one example, its modules too, but without its
// imports.
func example(t *testing.T, srv *cloudtest.Server, folder string) terraform {
	t.Helper()
	tf := newCLI(t, srv)
	var files []string
	complete := false
	err := fs.WalkDir(examples.Files, folder, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasPrefix(entry.Name(), "import") {
			files = append(files, file)
			complete = complete || path.Ext(file) == ".tf" && strings.Contains(read(t, file), "required_providers")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimPrefix(file, folder+"/")
		if err := os.MkdirAll(filepath.Dir(filepath.Join(tf.workspace.Dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tf.workspace.Dir, name), []byte(read(t, file)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !complete {
		tf.write("header.tf", header)
	} else if err := tf.workspace.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	return tf
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := examples.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// seed brings an organization to where an example begins, and does what the
// example leaves to a DNS provider.
func seed(srv *cloudtest.Server, folder string) {
	if onlyReads(folder) {
		seedOrganization(srv)
		return
	}
	switch path.Base(folder) {
	case "elasticcloud_domain_verification", "sso":
		publishCode(srv)
	case "elasticcloud_saml_idp", "elasticcloud_saml_service_provider":
		srv.ClaimDomain("example.com")
	case "elasticcloud_role_mapping", "elasticcloud_sso_enforcement":
		srv.ClaimDomain("example.com")
		srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	case "elasticcloud_role_mappings_exclusive":
		srv.AddRoleMapping("left over", true, cloudtest.AnyOf(cloudtest.Group("elastic-founders")), "organization-admin")
	}
}

// seedOrganization brings in something of everything that can be read.
func seedOrganization(srv *cloudtest.Server) {
	srv.AddMember("alice@example.com", "deployment-editor:*", "billing-admin")
	srv.AddMember("bob@example.com", "deployment-viewer:*")
	srv.AddInvitation("carol@example.com", "deployment-viewer:ce03a623751b4fc98d48400fec58b9c0", "elasticsearch-viewer:*+reader+analyst")
	srv.AddInvitation("dave@example.com", "billing-admin")
	srv.Expire("dave@example.com")
	srv.ClaimDomain("example.org")
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	srv.AddRoleMapping("viewers", true, cloudtest.AllOf(cloudtest.Group("staff"), cloudtest.Email("*@example.org")), "deployment-viewer:*")
	srv.AddRoleMapping("owners", false, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
	srv.AddRoleMapping("founders", true, cloudtest.AnyOf(cloudtest.Group("founders"), cloudtest.Email("ceo@example.com")), "organization-admin")
	srv.Enforce(true)
}

// onlyReads tells that an example does nothing on the service, and so needs
// something there that it can show.
func onlyReads(folder string) bool {
	return folder == "access-review" || strings.HasPrefix(folder, "adopt") || strings.HasPrefix(folder, "data-sources/") || strings.HasPrefix(folder, "functions/") && folder != "functions/grants"
}

// Every example is applied, gives an empty plan, and is destroyed.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, folder := range exampleFolders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			seed(srv, folder)
			tf := example(t, srv, folder)
			srv.ResetLedger()
			tf.must("apply", "-auto-approve")
			if writes := len(srv.Writes()); (writes == 0) != onlyReads(folder) {
				t.Errorf("the example writes %d times to the service", writes)
			}
			wantText(t, tf.must("plan"), "No changes.")
			if onlyReads(folder) {
				return
			}
			for _, email := range srv.Emails() {
				if srv.Status(email) == "invited" {
					srv.Accept(email)
				}
			}
			joined := tf.must("plan")
			if strings.Contains(joined, `~ status = "pending" -> "assigned"`) {
				tf.must("apply", "-auto-approve")
				joined = tf.must("plan")
			}
			wantText(t, joined, "No changes.")
			left := []string{"owner@example.com"}
			if path.Base(folder) == "elasticcloud_members" { // whose destruction removes nobody
				left = srv.Emails()
			}
			tf.must("destroy", "-auto-approve")
			if got := srv.Emails(); !slices.Equal(got, left) {
				t.Errorf("after destroy there are %v", got)
			}
		})
	}
}

// Every way to import that a page shows brings the object in.
func TestExamplesImport(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(examples.Files, "resources/*/import*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no imports: %v", err)
	}
	identityBlock := regexp.MustCompile(`identity\s*=`)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			content := read(t, file)
			if identityBlock.MatchString(content) {
				testneeds.Identity(t)
			}
			srv := newFake(t)
			ids := strings.NewReplacer("9876543210", srv.OrganizationID,
				"1234567890", srv.AddMember("alice@example.com", "billing-admin", "deployment-editor:*"))
			content = ids.Replace(content)
			seed(srv, path.Dir(file))
			if strings.HasPrefix(path.Base(path.Dir(file)), "elasticcloud_domain_") {
				srv.ClaimDomain("example.com")
			}
			if strings.HasPrefix(path.Base(path.Dir(file)), "elasticcloud_saml_") {
				srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
			}
			srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners"), cloudtest.Email("ceo@example.com")), "organization-admin")
			if path.Base(path.Dir(file)) == "elasticcloud_sso_enforcement" {
				srv.Enforce(true)
			}
			if path.Ext(file) == ".tf" {
				tf := example(t, srv, path.Dir(file))
				tf.write("import.tf", content)
				wantText(t, tf.must("plan"), "1 to import")
				return
			}
			for line := range strings.Lines(strings.ReplaceAll(content, "'", "")) {
				if command, found := strings.CutPrefix(strings.TrimSpace(line), "terraform "); found {
					tf := example(t, srv, path.Dir(file))
					wantText(t, tf.must(strings.Fields(command)...), "Import successful!")
				}
			}
		})
	}
}

// The stories behind some examples, beyond apply and destroy.

func TestExampleAccessByTeam(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	tf := example(t, srv, "access-by-team")
	tf.must("apply", "-auto-approve")
	wantGrants(t, srv, "bob@example.com", "deployment-admin:*", "elasticsearch-admin:*", "deployment-viewer:*", "security-soc-manager:c866244b611442d585e23a0cc8c9434c")
	wantGrants(t, srv, "dave@example.com", "billing-admin")
	wantMails(t, srv, 4)
}

// Removing a team revokes its own grants, and no others.
func TestExampleModulePerTeam(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.AddMember("bob@example.com", "billing-admin")
	tf := example(t, srv, "module-per-team")
	tf.must("apply", "-auto-approve")
	wantGrants(t, srv, "bob@example.com", "billing-admin", "deployment-admin:*", "security-soc-manager:*", "elasticsearch-viewer:*+analyst")
	tf.must("destroy", "-auto-approve", "-target=module.soc")
	wantGrants(t, srv, "bob@example.com", "billing-admin", "deployment-admin:*")
}

func TestExampleOffboarding(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.AddInvitation("mallory@example.com", "deployment-admin:*")
	tf := example(t, srv, "offboarding")
	wantText(t, tf.must("apply", "-auto-approve"), "- mallory@example.com (invited): deployment-admin:*")
	srv.Accept("bob@example.com")
	left := `-var=people={"alice@example.com"=["deployment-editor:*"]}`
	wantText(t, tf.must("plan", left), "2 to destroy", `- "bob@example.com",`)
	tf.must("apply", "-auto-approve", left)
	if got := strings.Join(srv.Emails(), " "); got != "alice@example.com owner@example.com" {
		t.Errorf("after apply there are %s", got)
	}
	wantText(t, tf.must("plan", left), "No changes.")
}
