// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package accessreview looks at the page of examples/access-review in a browser.
package accessreview

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

const (
	deployment1 = "ce03a623751b4fc98d48400fec58b9c0"
	deployment2 = "0f9c64a1d9b14e7a8c6d3b5270e1fa42"
	security1   = "c866244b611442d585e23a0cc8c9434c"
)

// The grants that people hold in turn, the last of them nothing.
var held = [][]string{
	{"deployment-editor:*"},
	{"deployment-viewer:*", "elasticsearch-viewer:*+reader+analyst"},
	{"deployment-admin:" + deployment1, "deployment-viewer:" + deployment2},
	{"security-t1-analyst:" + security1},
	{"elasticsearch-developer:*"},
	{"billing-admin"},
	{"deployment-viewer:*", "deployment-editor:" + deployment2, "security-viewer:*"},
	{"deployment-admin:*", "elasticsearch-admin:*", "security-admin:*"},
	{"observability-editor:*"},
	{},
}

// smallOrganization is one that a screenshot shows.
func smallOrganization(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := cloudtest.New(t, cloudtest.Plain(), cloudtest.ReadOnlyKey())
	names := strings.Fields("alice amir bela bob carla chen dana david elena emeka fatima felix grace hana hugo ines ivan jana jonas kofi laura liam " +
		"maria mateo mina nora oscar priya quentin rosa sami sofia tara tomas uma")
	for i, name := range names {
		grants := held[i%len(held)]
		if i%17 == 0 {
			grants = []string{"organization-admin"}
		}
		srv.AddMember(name+"@example.com", grants...)
	}
	for i, name := range []string{"victor", "wanda", "xenia", "yusuf", "zoe"} {
		srv.AddInvitation(name+"@example.com", held[i]...)
	}
	srv.Expire("xenia@example.com")
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners"), cloudtest.Email("ceo@example.com")), "organization-admin")
	srv.AddRoleMapping("platform", true, cloudtest.AnyOf(cloudtest.Group("platform-*")), "deployment-admin:*", "elasticsearch-admin:*")
	srv.AddRoleMapping("security operations", true, cloudtest.AllOf(cloudtest.Group("soc"), cloudtest.Email("*@example.com")), "security-t2-analyst:"+security1, "deployment-viewer:*")
	srv.AddRoleMapping("contractors", false, cloudtest.AnyOf(cloudtest.Group("contractors")), "deployment-viewer:"+deployment2)
	srv.Enforce(true)
	return srv
}

// largeOrganization has people numbered from 0, and an owner.
func largeOrganization(t *testing.T, people int) *cloudtest.Server {
	t.Helper()
	srv := cloudtest.New(t, cloudtest.Plain(), cloudtest.Unchecked())
	srv.AddMember("owner@example.com", "organization-admin")
	for i := range people - 1 {
		srv.AddMember(fmt.Sprintf("person%04d@example.com", i), held[i%len(held)]...)
	}
	return srv
}

// pageOf applies the example and returns the file with its page. Beside it is
// access.md.
func pageOf(t *testing.T, srv *cloudtest.Server) string {
	t.Helper()
	return pageAt(t, srv.URL, srv.Key)
}

func pageAt(t *testing.T, endpoint, key string) string {
	t.Helper()
	testneeds.Browser(t) // without a browser there is nobody to look at the page
	path, err := cli.Find()
	if err != nil {
		t.Fatal(err)
	}
	if err := buildProvider(); err != nil {
		t.Fatal(err)
	}
	w, err := cli.NewWorkspace(path, t.TempDir(), providerDir, cli.PlainPlugins, "EC_ENDPOINT="+endpoint, "EC_API_KEY="+key)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(examples.Files, "access-review")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(w.Dir, files); err != nil {
		t.Fatal(err)
	}
	if err := w.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := w.Command(t.Context(), "apply", "-auto-approve", "-no-color", "-var=generated_at=2026-11-23T05:00:00Z").CombinedOutput(); err != nil {
		t.Fatalf("apply: %v\n%.8000s", err, out)
	}
	for output, name := range map[string]string{"html": "access.html", "markdown": "access.md"} {
		text, err := w.Command(t.Context(), "output", "-raw", output).Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(w.Dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(w.Dir, "access.html")
}
