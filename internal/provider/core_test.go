// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

type (
	block  = terraformtest.Block
	change = *terraformtest.Change
	object = terraformtest.Object
)

// core is Terraform in this process with an organization, for tests that make
// thousands of runs, or look at what the CLI does not show.
type core struct {
	*terraformtest.Terraform
	fake     *cloudtest.Server
	provider elasticcloudProvider // what Server makes
	settings map[string]any       // of the provider block, beside endpoint and key
}

// allSchemas are those of the provider, which are the same in every test.
var allSchemas = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	return newServer().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

func newCore(fake *cloudtest.Server) (*core, error) {
	schemas, err := allSchemas()
	if err != nil {
		return nil, err
	}
	c := &core{fake: fake, provider: elasticcloudProvider{version: "test", transport: fake.Transport(), commandLine: func() []string { return nil }}}
	c.Terraform = terraformtest.NewWithSchemas(schemas, c.process)
	return c, nil
}

// startCore is newCore for a test that needs it to go on.
func startCore(t *testing.T, fake *cloudtest.Server) *core {
	t.Helper()
	c, err := newCore(fake)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mustApply is apply for a test that needs the result.
func (c *core) mustApply(t *testing.T, config map[string]block) {
	t.Helper()
	if err := c.apply(t.Context(), config); err != nil {
		t.Fatal(err)
	}
}

// process is a provider process.
func (c *core) process() tfprotov6.ProviderServer {
	p := c.provider
	return serve(&p)
}

// set puts together the settings of the provider.
func (c *core) set() {
	c.Settings = map[string]any{"endpoint": c.fake.URL, "api_key": c.fake.Key}
	maps.Copy(c.Settings, c.settings)
}

// start is a provider process: configured once.
func (c *core) start(ctx context.Context) (tfprotov6.ProviderServer, error) {
	c.set()
	return c.Start(ctx)
}

// plan refreshes the state, imports, and returns what would change. Where it
// fails, the state stays as it was.
func (c *core) plan(ctx context.Context, config map[string]block) ([]change, error) {
	c.set()
	return c.planWith(ctx, config, terraformtest.Options{})
}

func (c *core) planWith(ctx context.Context, config map[string]block, o terraformtest.Options) ([]change, error) {
	p, err := c.Plan(ctx, config, o)
	if err != nil {
		return nil, err
	}
	c.State = p.State
	return slices.DeleteFunc(p.Changes, func(ch change) bool { return ch.Stays }), nil
}

// apply plans and carries the changes out. Each failure is in the error.
func (c *core) apply(ctx context.Context, config map[string]block) error {
	changes, err := c.plan(ctx, config)
	if err != nil {
		return err
	}
	return c.carryOut(ctx, changes)
}

func (c *core) carryOut(ctx context.Context, changes []change) error {
	c.set()
	_, err := c.Apply(ctx, &terraformtest.Plan{Changes: changes, State: c.State})
	return err
}

// inGroup is the rule of a role mapping for people in one of the groups.
func inGroup(groups ...string) map[string]any {
	var conditions []any
	for _, group := range groups {
		conditions = append(conditions, map[string]any{"group": group})
	}
	return map[string]any{"any": conditions}
}

// timeout limits a run that should end without it, in virtual time.
func timeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Hour)
}
