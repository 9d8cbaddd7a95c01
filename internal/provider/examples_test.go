// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// exampleFolders lists every folder of examples that has a .tf file in it.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := fs.WalkDir(examples.Files, ".", func(file string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(file) == ".tf" && !slices.Contains(folders, path.Dir(file)) {
			folders = append(folders, path.Dir(file))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// example is a workspace with the files of one example, but the imports.
func example(t *testing.T, srv *cloudtest.Server, folder string) terraform {
	t.Helper()
	tf := newTerraform(t, srv)
	files, err := fs.Glob(examples.Files, folder+"/*.tf")
	if err != nil {
		t.Fatal(err)
	}
	var hcl strings.Builder
	for _, file := range files {
		if !strings.HasPrefix(path.Base(file), "import") {
			hcl.WriteString(read(t, file))
		}
	}
	if strings.Contains(hcl.String(), "required_providers") {
		tf.write("main.tf", hcl.String())
		return tf
	}
	tf.configure(hcl.String())
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

// Every example is applied, gives an empty plan, and is destroyed.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, folder := range exampleFolders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			tf := example(t, srv, folder)
			tf.must("apply", "-auto-approve")
			if len(srv.Mails()) == 0 {
				t.Error("the example does nothing on the service")
			}
			wantText(t, tf.must("plan"), "No changes.")
			for _, email := range srv.Emails() {
				if srv.Status(email) == "invited" {
					srv.Accept(email)
				}
			}
			wantText(t, tf.must("plan"), "No changes.")
			tf.must("destroy", "-auto-approve")
			if got := srv.Emails(); !slices.Equal(got, []string{"owner@example.com"}) {
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
			if identityBlock.MatchString(content) && !knowsIdentity(t) {
				t.Skip("this CLI is older than resource identity (Terraform 1.12)")
			}
			srv := newFake(t)
			userID := srv.AddMember("alice@example.com", "billing-admin")
			if path.Ext(file) == ".tf" {
				tf := example(t, srv, path.Dir(file))
				tf.write("import.tf", content)
				wantText(t, tf.must("plan"), "1 to import")
				return
			}
			for line := range strings.Lines(strings.ReplaceAll(content, "1234567890", userID)) {
				if command, found := strings.CutPrefix(strings.TrimSpace(line), "terraform "); found {
					tf := example(t, srv, path.Dir(file))
					wantText(t, tf.must(strings.Fields(command)...), "Import successful!")
				}
			}
		})
	}
}

var oldTerraform = regexp.MustCompile(`^Terraform v1\.([0-9]|1[01])\.`)

// knowsIdentity tells that the CLI has resource identity.
func knowsIdentity(t *testing.T) bool {
	t.Helper()
	out := newTerraform(t, newFake(t)).must("version")
	return isOpenTofu || !oldTerraform.MatchString(out)
}
