// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"go.uber.org/goleak"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

const (
	optInVariable = "ELASTICCLOUD_TEST_REAL_ORGANIZATION"
	emailVariable = "ELASTICCLOUD_TEST_EMAIL"
)

// The CLI that the tests run, and whether it is OpenTofu.
var (
	cliPath    string
	isOpenTofu bool
)

func TestMain(m *testing.M) {
	code, err := setUp(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func setUp(m *testing.M) (int, error) {
	var err error
	if cliPath, err = cli.Find(); err != nil {
		return 1, err
	}
	if isOpenTofu, err = cli.IsOpenTofu(context.Background(), cliPath); err != nil {
		return 1, err
	}
	unset := []string{"TF_CLI_CONFIG_FILE", "TF_LOG", "TF_APPEND_USER_AGENT"}
	if !isReal() {
		unset = append(unset, "EC_API_KEY", "EC_ENDPOINT", "EC_HOST", "EC_ORGANIZATION_ID", "EC_TIMEOUT")
	}
	for _, name := range unset {
		if err := os.Unsetenv(name); err != nil {
			return 1, err
		}
	}
	if err := QuietFramework(); err != nil {
		return 1, err
	}
	checks := "50"
	if raced {
		checks = "5"
	}
	if err := flag.Set("rapid.checks", checks); err != nil { // unless the command line says otherwise
		return 1, err
	}
	set := map[string]string{"TF_ACC_TERRAFORM_PATH": cliPath, "TF_ACC_PROVIDER_NAMESPACE": "elasticcloud-access", "CHECKPOINT_DISABLE": "1"}
	if isOpenTofu {
		set["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
	}
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			return 1, err
		}
	}
	if builtProvider.dir, err = os.MkdirTemp("", "elasticcloud-provider-"); err != nil {
		return 1, err
	}
	readWarnings()
	code := m.Run()
	if code == 0 {
		// The test library's plugin server leaves pipes open, and readers of them,
		// that end when the pipes are collected.
		runtime.GC()
		err = errors.Join(goleak.Find(), unreadWarnings())
	}
	return code, errors.Join(err, os.RemoveAll(builtProvider.dir), os.RemoveAll(initialised.dir))
}

// isReal tells that the TestAcc tests shall run against a real organization.
func isReal() bool { return os.Getenv(optInVariable) == "yes" }

// testOrganization is what a TestAcc test runs against.
type testOrganization struct {
	fake *cloudtest.Server // nil for a real organization
	id   string            // makes addresses of this run its own
}

func newTestOrganization(t *testing.T) testOrganization {
	t.Helper()
	if !isReal() {
		return testOrganization{fake: newFake(t)}
	}
	if !strings.Contains(os.Getenv(emailVariable), "%s") || os.Getenv("EC_API_KEY") == "" {
		t.Fatalf("%s needs EC_API_KEY and %s, such as me+%%s@example.com", optInVariable, emailVariable)
	}
	return testOrganization{id: fmt.Sprintf("-%x", time.Now().UnixNano())}
}

// email is an address for a person of the test.
func (o testOrganization) email(name string) string {
	if o.fake != nil {
		return name + "@example.com"
	}
	return fmt.Sprintf(os.Getenv(emailVariable), name+o.id)
}

// run applies the steps and checks that afterwards everybody whom the test
// brought in is gone.
func (o testOrganization) run(t *testing.T, emails []string, steps ...resource.TestStep) {
	t.Helper()
	if o.fake != nil {
		runSteps(t, o.fake, steps...)
		return
	}
	for i := range steps {
		if steps[i].Config != "" {
			steps[i].Config = header + "provider \"elasticcloud\" {}\n" + steps[i].Config
		}
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps:                    steps,
	})
	client, err := cloud.New(cloud.Config{Endpoint: cmp.Or(os.Getenv("EC_ENDPOINT"), cloud.DefaultEndpoint), APIKey: os.Getenv("EC_API_KEY"),
		UserAgent: "terraform-provider-elasticcloud/test", RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	people := organization.New(client, organization.Config{ID: os.Getenv("EC_ORGANIZATION_ID")}).People
	for _, email := range emails {
		if p, err := people.Find(t.Context(), email); err != nil || p.Exists() {
			t.Errorf("%s is still there (%v)", email, err)
		}
	}
}

// newFake makes an organization with one owner, who is not the test's matter. It
// has no socket until a CLI is to reach it.
func newFake(t *testing.T, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv := cloudtest.New(t, append([]cloudtest.Option{cloudtest.InProcess()}, opts...)...)
	srv.AddMember("owner@example.com", "organization-admin")
	return srv
}

// providerBlock is the HCL of a provider block with a setting.
func providerBlock(setting string) string {
	return "provider \"elasticcloud\" {\n  " + setting + "\n}\n"
}

const header = `
terraform {
  required_providers {
    elasticcloud = { source = "elasticcloud-access/elasticcloud" }
  }
}
`

// config adds the provider block for a fake organization.
func config(srv *cloudtest.Server, hcl string) string {
	srv.Serve()
	return header + fmt.Sprintf("provider \"elasticcloud\" {\n  endpoint = %q\n  api_key  = %q\n}\n", srv.URL, srv.Key) + hcl
}

// factories returns a new provider for each server, which repeats a call without a wait.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"elasticcloud": func() (tfprotov6.ProviderServer, error) { return newServer(), nil },
	}
}

func newServer() tfprotov6.ProviderServer {
	return serve(&elasticcloudProvider{version: "test", retryWait: time.Millisecond, patience: 1500 * time.Millisecond, gather: time.Millisecond, verifyWait: time.Millisecond,
		// The CLI is a child of the tests here. None of them leaves an apply nothing but
		// another spelling.
		commandLine: func() []string { return []string{"terraform", "plan"} }})
}

// testSteps applies the steps to a fake organization. Each Config is without the
// provider block.
func testSteps(t *testing.T, srv *cloudtest.Server, steps ...resource.TestStep) {
	t.Helper()
	for i := range steps {
		if steps[i].Config != "" {
			steps[i].Config = config(srv, steps[i].Config)
		}
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

// runSteps is testSteps where afterwards whom the test did not bring in is still
// there, and nobody else.
func runSteps(t *testing.T, srv *cloudtest.Server, steps ...resource.TestStep) {
	t.Helper()
	testSteps(t, srv, steps...)
	wantOwnerAlone(t, srv)
}

func wantOwnerAlone(t *testing.T, srv *cloudtest.Server) {
	t.Helper()
	if got := srv.Emails(); len(got) != 1 || got[0] != "owner@example.com" {
		t.Errorf("after destroy the organization has %v, not its owner alone", got)
	}
}
