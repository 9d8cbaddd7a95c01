// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

const (
	resend = "elasticcloud_resend_invitation"
	revoke = "elasticcloud_revoke_access"
)

// act does what terraform apply -invoke does: it validates and plans the action
// in one process, and plans it again and invokes it in another.
func (c *core) act(ctx context.Context, actionType string, attributes map[string]any) (warnings, progress []string, err error) {
	planning, err := c.start(ctx)
	if err != nil {
		return nil, nil, err
	}
	if warnings, err = c.planAction(ctx, planning, actionType, attributes); err != nil {
		return warnings, nil, fmt.Errorf("in the plan: %w", err)
	}
	applying, err := c.start(ctx)
	if err != nil {
		return warnings, nil, err
	}
	if _, err := c.planAction(ctx, applying, actionType, attributes); err != nil {
		return warnings, nil, fmt.Errorf("in the plan of the apply: %w", err)
	}
	progress, err = c.invoke(ctx, applying, actionType, attributes)
	return warnings, progress, err
}

// planAction validates and plans an action, and returns its warnings.
func (c *core) planAction(ctx context.Context, server tfprotov6.ProviderServer, actionType string, attributes map[string]any) ([]string, error) {
	actions, config, err := c.actionServer(server, actionType, attributes)
	if err != nil {
		return nil, err
	}
	validated, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: actionType, Config: config})
	if err := terraformtest.Failure(validated.Diagnostics, err); err != nil {
		return nil, err
	}
	planned, err := actions.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: actionType, Config: config})
	return warningsIn(planned.Diagnostics), terraformtest.Failure(planned.Diagnostics, err)
}

// invoke invokes an action, and returns what it told of its progress.
func (c *core) invoke(ctx context.Context, server tfprotov6.ProviderServer, actionType string, attributes map[string]any) (progress []string, err error) {
	actions, config, err := c.actionServer(server, actionType, attributes)
	if err != nil {
		return nil, err
	}
	stream, err := actions.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: actionType, Config: config})
	if err != nil {
		return nil, err
	}
	err = errors.New("the action did not complete")
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			err = terraformtest.Failure(e.Diagnostics, nil)
		}
	}
	return progress, err
}

func (c *core) actionServer(server tfprotov6.ProviderServer, actionType string, attributes map[string]any) (tfprotov6.ActionServer, *tfprotov6.DynamicValue, error) {
	actions, ok := server.(tfprotov6.ActionServer)
	schema, found := c.Schemas.ActionSchemas[actionType]
	if !ok || !found {
		return nil, nil, fmt.Errorf("the provider has no action %s", actionType)
	}
	config, err := terraformtest.Dynamic(terraformtest.Value(schema.Schema.ValueType(), attributes))
	return actions, config, err
}

// warningsIn are the warnings among diagnostics.
func warningsIn(diagnostics []*tfprotov6.Diagnostic) (warnings []string) {
	for _, d := range diagnostics {
		readWarning(d)
		if d.Severity == tfprotov6.DiagnosticSeverityWarning {
			warnings = append(warnings, d.Summary+": "+d.Detail)
		}
	}
	return warnings
}

// actionCore is a core for an organization, whose ledger begins here.
func actionCore(t *testing.T, srv *cloudtest.Server) *core {
	t.Helper()
	c := startCore(t, srv)
	srv.ResetLedger()
	return c
}

// wantLines fails unless as many lines were said, each of which has the text.
func wantLines(t *testing.T, got []string, texts ...string) {
	t.Helper()
	same := slices.EqualFunc(got, texts, strings.Contains)
	if !same {
		t.Errorf("it said %q, want %q", got, texts)
	}
}

// wantError fails unless the error has all texts.
func wantError(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there is no error, want one with %q", texts)
	}
	wantText(t, err.Error(), texts...)
	cloudtest.WantHarmless(t, err, "fake-key-")
}

// An invalid address or duration is refused before any call.
func TestActionsValidate(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		for _, test := range []struct {
			actionType string
			attributes map[string]any
			want       string
		}{
			{resend, map[string]any{"email": "alice"}, "Invalid e-mail address"},
			{resend, map[string]any{"email": "alice@example.com", "invitation_expires_in": "soon"}, "Invalid invitation expiry"},
			{revoke, map[string]any{"email": "Alice <alice@example.com>"}, "Invalid e-mail address"},
		} {
			_, _, err := c.act(t.Context(), test.actionType, test.attributes)
			wantError(t, err, "in the plan: ", test.want)
		}
		if n := len(srv.Requests()); n > 0 {
			t.Errorf("the service got %d requests", n)
		}
	})
}

// An address that is known only after apply does not fail the plan.
func TestActionsPlanUnknown(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, actionType := range []string{resend, revoke} {
			warnings, err := c.planAction(t.Context(), server, actionType, map[string]any{"email": tftypes.UnknownValue})
			if err != nil || len(warnings) > 0 {
				t.Errorf("%s: %v, %v", actionType, warnings, err)
			}
		}
	})
}

// What fails at the first look says so, in the plan and when it is invoked.
func TestActionsThatCannotLook(t *testing.T) {
	t.Parallel()
	for _, actionType := range []string{resend, revoke} {
		t.Run(actionType, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddInvitation("alice@example.com")
				c := actionCore(t, srv)
				attributes := map[string]any{"email": "alice@example.com"}
				srv.Fail(cloudtest.Fault{Route: getMem, Status: 403, Times: -1})
				_, _, err := c.act(t.Context(), actionType, attributes)
				wantError(t, err, "in the plan: Could not look up alice@example.com", "needs the role organization-admin")

				srv.ClearFaults()
				server, err := c.start(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := c.planAction(t.Context(), server, actionType, attributes); err != nil {
					t.Fatal(err)
				}
				srv.Fail(cloudtest.Fault{Route: getInv, Status: 500, Times: -1})
				_, err = c.invoke(t.Context(), server, actionType, attributes)
				wantError(t, err, "Could not look up alice@example.com", "answered 500")
				wantWrites(t, srv)
			})
		})
	}
}
