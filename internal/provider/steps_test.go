// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// playSteps is testSteps where Terraform is played, for a test of playing. Of a
// step it knows what these tests have: no imports, and one provider.
func playSteps(t *testing.T, srv *cloudtest.Server, steps ...resource.TestStep) {
	t.Helper()
	if *throughCLI {
		testSteps(t, srv, steps...)
		return
	}
	tf := newTerraform(t, srv)
	for i, s := range steps {
		if s.ImportState || s.Taint != nil || s.ExpectNonEmptyPlan || s.SkipFunc != nil || len(s.ConfigPlanChecks.PostApplyPreRefresh)+len(s.ConfigPlanChecks.PostApplyPostRefresh) > 0 ||
			s.PlanOnly && s.ExpectError == nil {
			t.Fatalf("step %d has something that is not played", i+1)
		}
		if s.PreConfig != nil {
			s.PreConfig()
		}
		if s.RefreshState {
			wantText(t, tf.must("plan"), "No changes.")
			continue
		}
		tf.configure(s.Config)
		out, ok := tf.playStep(s)
		if s.ExpectError != nil {
			_, said, _ := strings.Cut(out, "Error: ")
			if ok || !s.ExpectError.MatchString(said) {
				t.Fatalf("step %d: there is no error that matches %s: %s", i+1, s.ExpectError, out)
			}
			continue
		}
		if !ok {
			t.Fatalf("step %d: %s", i+1, out)
		}
		if s.Destroy || s.PlanOnly {
			continue
		}
		tf.checkState(s.ConfigStateChecks)
		for _, args := range [][]string{{"plan", "-refresh=false"}, {"plan"}} {
			if out := tf.must(args...); len(tf.played.Last().Changes) > 0 {
				t.Fatalf("step %d: afterwards the plan is not empty: %s", i+1, out)
			}
		}
		if s.Check != nil {
			if err := s.Check(nil); err != nil {
				t.Fatalf("step %d: %v", i+1, err)
			}
		}
	}
	tf.must("destroy", "-auto-approve", "-refresh=false") // as resource.Test does
}

// playRun is runSteps where Terraform is played.
func playRun(t *testing.T, srv *cloudtest.Server, steps ...resource.TestStep) {
	t.Helper()
	playSteps(t, srv, steps...)
	wantOwnerAlone(t, srv)
}

// wantImported imports the objects of a configuration into a separate state, with the ID of
// each address. That state must become the same as this one.
func (c terraform) wantImported(srv *cloudtest.Server, hcl string, ids map[string]string) {
	c.t.Helper()
	other := newTerraform(c.t, srv)
	other.configure(hcl)
	for address, id := range ids {
		other.must("import", address, id)
	}
	if got, want := other.must("show"), c.must("show"); got != want {
		c.t.Errorf("imported is\n%s\nand not\n%s", got, want)
	}
}

// refusesImports imports IDs that cannot be, each with what is said of it.
func refusesImports(t *testing.T, srv *cloudtest.Server, hcl, address string, said map[string]string) {
	t.Helper()
	tf := newTerraform(t, srv)
	tf.configure(hcl)
	for id, want := range said {
		out, ok := tf.run("import", address, id)
		if ok {
			t.Errorf("the import of %q succeeds", id)
		}
		wantText(t, out, want)
	}
}

// playStep plans and applies a step.
func (c terraform) playStep(s resource.TestStep) (string, bool) {
	c.t.Helper()
	args := []string{"plan", "-out=plan"}
	if s.Destroy {
		args = append(args, "-destroy")
	}
	out, ok := c.run(args...)
	if !ok || s.PlanOnly {
		return out, ok
	}
	c.checkPlan(c.played.Last(), s.ConfigPlanChecks.PreApply)
	return c.run("apply", "plan")
}

func (c terraform) checkPlan(p *terraformtest.Plan, checks []plancheck.PlanCheck) {
	c.t.Helper()
	if len(checks) == 0 {
		return
	}
	plan, err := c.played.PlanJSON(p)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, check := range checks {
		var resp plancheck.CheckPlanResponse
		check.CheckPlan(c.t.Context(), plancheck.CheckPlanRequest{Plan: plan}, &resp)
		if resp.Error != nil {
			c.t.Errorf("the plan: %v", resp.Error)
		}
	}
}

func (c terraform) checkState(checks []statecheck.StateCheck) {
	c.t.Helper()
	if len(checks) == 0 {
		return
	}
	state, err := c.played.StateJSON()
	if err != nil {
		c.t.Fatal(err)
	}
	for _, check := range checks {
		var resp statecheck.CheckStateResponse
		check.CheckState(c.t.Context(), statecheck.CheckStateRequest{State: state}, &resp)
		if resp.Error != nil {
			c.t.Errorf("the state: %v", resp.Error)
		}
	}
}
