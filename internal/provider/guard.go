// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// The guard wraps each call of a resource, data source and action, so that none of them
// can forget it. It refuses a state of another organization, adds the warnings that concern
// the whole run, and reports an error of the whole run only once.

// plainResource is a resource without the guard. An optional interface of the framework
// must be listed here, or the guard must ask for it as MoveState does. Otherwise the guard
// hides it.
type plainResource interface {
	resource.ResourceWithConfigure
	resource.ResourceWithModifyPlan
	resource.ResourceWithImportState
	resource.ResourceWithIdentity

	shared() *baseResource
}

// plainDataSource is a data source without the guard.
type plainDataSource interface {
	datasource.DataSourceWithConfigure

	shared() *baseResource
}

// plainAction is an action without the guard.
type plainAction interface {
	action.ActionWithConfigure
	action.ActionWithModifyPlan

	shared() *baseResource
}

func guardResources(constructors ...func() plainResource) []func() resource.Resource {
	return guarded(constructors, func(r plainResource) resource.Resource { return guardedResource{r} })
}

func guardDataSources(constructors ...func() plainDataSource) []func() datasource.DataSource {
	return guarded(constructors, func(d plainDataSource) datasource.DataSource { return guardedDataSource{d} })
}

func guardActions(constructors ...func() plainAction) []func() action.Action {
	return guarded(constructors, func(a plainAction) action.Action { return guardedAction{a} })
}

func guarded[T, G any](constructors []func() T, guard func(T) G) []func() G {
	all := make([]func() G, len(constructors))
	for i, construct := range constructors {
		all[i] = func() G { return guard(construct()) }
	}
	return all
}

type guardedResource struct {
	plainResource
}

// Read implements resource.Resource.
func (g guardedResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	run := g.shared().run
	run.refreshed.Store(true)
	before := organizationOfState(ctx, req.State, req.Identity, req.Private, &resp.Diagnostics)
	if g.admits(ctx, before, &resp.Diagnostics) {
		g.plainResource.Read(ctx, req, resp)
		keepIdentity(ctx, req.Identity, resp.Identity, &resp.Diagnostics)
		if before == "" { // a state of an earlier version
			g.remember(ctx, resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
		}
	}
	run.check(ctx, &resp.Diagnostics)
	if run.told.settle(&resp.Diagnostics, refreshOrPlan) {
		resp.State.Raw, resp.Identity.Raw = req.State.Raw, req.Identity.Raw
		if resp.Identity.Raw.IsNull() {
			// The framework requires an identity from a refresh without an error. Nobody keeps
			// this one, because another resource has ended the run with an error.
			resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, organizationIDPath, before)...)
		}
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (g guardedResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	run := g.shared().run
	if run == nil { // as in terraform validate
		return
	}
	if g.admits(ctx, organizationOfState(ctx, req.State, req.Identity, req.Private, &resp.Diagnostics), &resp.Diagnostics) {
		g.plainResource.ModifyPlan(ctx, req, resp)
		g.keepTainted(ctx, req, resp)
	}
	run.check(ctx, &resp.Diagnostics)
	kind := refreshOrPlan
	if run.mayApply() { // Terraform would compare this plan with the earlier one
		kind = writing
	}
	if run.told.settle(&resp.Diagnostics, kind) {
		resp.Plan.Raw = req.Plan.Raw
	}
}

// keepTainted keeps the object of a tainted resource. Terraform plans its replacement as a
// creation, and the destruction gets the same private data. The creation then adopts the
// object.
func (g guardedResource) keepTainted(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !g.shared().adopts || !req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || resp.Diagnostics.HasError() {
		return
	}
	half, diags := resp.Private.GetKey(ctx, halfKey) // the plan of the destruction has decided
	resp.Diagnostics.Append(diags...)
	if id := idOf(ctx, resp.Plan, &resp.Diagnostics); len(half) == 0 && id != "" {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, keptKey, privateText(id))...)
	}
}

// Create implements resource.Resource.
func (g guardedResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	g.plainResource.Create(ctx, req, resp)
	g.remember(ctx, resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		rememberRun(ctx, madeKey, g.shared().run.began, resp.Private, &resp.Diagnostics)
		g.shared().run.successors.add(g.shared().typeName, idOf(ctx, resp.State, &resp.Diagnostics))
	}
	g.shared().run.told.settle(&resp.Diagnostics, writing)
}

// Update implements resource.Resource.
func (g guardedResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	before := organizationOfState(ctx, req.State, req.Identity, req.Private, &resp.Diagnostics)
	if !g.admits(ctx, before, &resp.Diagnostics) {
		resp.Identity.Raw = req.Identity.Raw // in place of the planned one
	} else {
		g.plainResource.Update(ctx, req, resp)
		if !g.shared().moves {
			keepIdentity(ctx, req.Identity, resp.Identity, &resp.Diagnostics)
		}
		if before == "" {
			g.remember(ctx, resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
		}
	}
	g.shared().run.told.settle(&resp.Diagnostics, writing)
}

// Delete implements resource.Resource. An apply does not plan a destruction again, and may
// have another API key than the plan.
func (g guardedResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	successor, diags := req.Private.GetKey(ctx, halfKey)
	resp.Diagnostics.Append(diags...)
	g.shared().run.ledger.expect(textInPrivate(successor))
	if g.admits(ctx, organizationOfState(ctx, req.State, req.Identity, req.Private, &resp.Diagnostics), &resp.Diagnostics) &&
		!isMarked(ctx, keptKey, req.State, req.Private, &resp.Diagnostics) && !g.isLeftOver(ctx, req, &resp.Diagnostics) {
		g.plainResource.Delete(ctx, req, resp)
	}
	g.shared().run.told.settle(&resp.Diagnostics, writing)
}

// isLeftOver reports whether an earlier apply replaced the object with
// create_before_destroy, and could not destroy it. Another resource may manage the same
// object by now, which an apply does not see if it does not change. So the object is
// removed from the state only, with a warning.
//
// Only an object that create_before_destroy has replaced is planned in the run that
// destroys it. This run has replaced it if it created another object of its type. Another
// role of an assignment is an update, unless the plan found that another resource grants
// the old one. So the successor of an assignment is for another person.
func (g guardedResource) isLeftOver(ctx context.Context, req resource.DeleteRequest, diags *diag.Diagnostics) bool {
	b := g.shared()
	plannedIn, more := req.Private.GetKey(ctx, plannedInKey)
	diags.Append(more...)
	if b.inert || textInPrivate(plannedIn) != b.run.id {
		return false
	}
	id := idOf(ctx, req.State, diags)
	isSuccessor := func(string) bool { return true }
	if b.moves {
		var email emailValue
		diags.Append(req.State.GetAttribute(ctx, emailPath, &email)...)
		isSuccessor = func(other string) bool {
			return other == id || !strings.HasPrefix(other, cloud.Fold(email.ValueString())+"/")
		}
	}
	if b.run.successors.take(b.typeName, isSuccessor) {
		return false
	}
	diags.AddWarning(warning.LeftOver.With(b.typeName, id), warning.LeftOverDetail)
	return true
}

// ImportState implements resource.ResourceWithImportState.
func (g guardedResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	g.plainResource.ImportState(ctx, req, resp)
	g.shared().run.told.settle(&resp.Diagnostics, writing)
}

// MoveState implements resource.ResourceWithMoveState, also for resources that accept no
// state of another type: the framework's error for them addresses authors of providers.
// The provider is not configured when a state is moved, so there is no run. The Read that
// follows checks the organization of the state.
func (g guardedResource) MoveState(ctx context.Context) []resource.StateMover {
	var movers []resource.StateMover
	if m, ok := g.plainResource.(resource.ResourceWithMoveState); ok {
		movers = m.MoveState(ctx)
	}
	return append(movers, resource.StateMover{StateMover: g.refuseMove})
}

// refuseMove refuses a state that no other mover accepted.
func (g guardedResource) refuseMove(_ context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	target := g.shared().typeName
	resp.Diagnostics.AddError(fmt.Sprintf("Could not move %s to %s", req.SourceTypeName, target),
		fmt.Sprintf("A moved block changes %s of the provider %s to %s, which is not possible. ", req.SourceTypeName, req.SourceProviderAddress, target)+
			"Only ec_organization of Elastic's provider (elastic/ec) can be moved to another type, and only to elasticcloud_members. Nothing was changed. "+
			warning.RemovedBlock.With(req.SourceTypeName)+" Then import the "+target+".")
}

// admits reports whether a state belongs to the organization of the run, and adds an error
// if it does not.
func (g guardedResource) admits(ctx context.Context, organizationID string, diags *diag.Diagnostics) bool {
	if diags.HasError() {
		return false
	}
	if organizationID == "" || !g.shared().run.looksUp() {
		return true
	}
	err := g.shared().run.organization.Expect(ctx, organizationID)
	if err == nil {
		return true
	}
	summary := "Could not find the organization"
	if other := (*organization.OtherOrganizationError)(nil); errors.As(err, &other) {
		summary = "Could not use the state of this resource"
	}
	addError(diags, summary, err)
	return false
}

// remember notes the organization of a state that was just read or written.
func (g guardedResource) remember(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity, private privateData, diags *diag.Diagnostics) {
	if diags.HasError() || state.Raw.IsNull() || isOnlyOne(identity) || !g.shared().run.looksUp() {
		return
	}
	if id := g.shared().organizationID(ctx, diags); id != "" {
		diags.Append(private.SetKey(ctx, organizationKey, privateText(id))...)
	}
}

type guardedDataSource struct {
	plainDataSource
}

// Read implements datasource.DataSource.
func (g guardedDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	g.plainDataSource.Read(ctx, req, resp)
	g.shared().run.check(ctx, &resp.Diagnostics)
	g.shared().run.told.settle(&resp.Diagnostics, reading)
}

type guardedAction struct {
	plainAction
}

// ModifyPlan implements action.ActionWithModifyPlan.
func (g guardedAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	run := g.shared().run
	if run == nil || !run.looksUp() { // the apply plans it again
		return
	}
	g.plainAction.ModifyPlan(ctx, req, resp)
	run.check(ctx, &resp.Diagnostics)
	run.told.settle(&resp.Diagnostics, writing)
}

// Invoke implements action.Action.
func (g guardedAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	g.plainAction.Invoke(ctx, req, resp)
	g.shared().run.check(ctx, &resp.Diagnostics)
	g.shared().run.told.settle(&resp.Diagnostics, writing)
}
