// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// noOwnerKey is where a plan notes, in the private data, the address of a removed person
// who was not an owner at that time. It is an address, because a replacement passes the
// data of the old object to the new one.
const noOwnerKey = "no_owner_goes"

// planRemoval warns if an owner is removed, or a member whom the state shows as invited.
func (r *memberResource) planRemoval(ctx context.Context, state memberModel, how warning.Phrase, resp *resource.ModifyPlanResponse) {
	email, diags := state.Email.ValueString(), &resp.Diagnostics
	person, organizationID, _ := r.lookUp(ctx, email, diags)
	if diags.HasError() {
		return
	}
	if person.Member != nil && !state.isActive() { // the plan did not refresh
		diags.AddAttributeWarning(emailPath, warning.HasJoined.With(email), warning.HasJoinedDetail.With(person.Grants(organizationID)))
	}
	r.run.planRemovals([]string{email}, map[string]organization.Person{email: person}, organizationID, diags)
	noOwner := privateText(cloud.Fold(email))
	if isOwner(person, organizationID) {
		noOwner = nil
		r.run.loseOwner(ctx, email, how, state.AllowLastOwnerRemoval.ValueBool(), diags)
	}
	diags.Append(resp.Private.SetKey(ctx, noOwnerKey, noOwner)...)
}

// Delete removes the person, invited or joined: a person who accepts the invitation after
// the plan must not stay. It removes an owner only if the plan has announced it.
func (r *memberResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state memberModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	mark, diags := req.Private.GetKey(ctx, noOwnerKey)
	resp.Diagnostics.Append(diags...)
	unseen, diags := req.Private.GetKey(ctx, unseenKey)
	resp.Diagnostics.Append(diags...)
	organizationID := r.organizationID(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	email, people := state.Email.ValueString(), r.run.organization.People
	kept := func() bool { return r.run.organization.Keeps(organization.PersonObject(email)) }
	summary := "Could not remove " + email + " from the organization"
	person, err := people.Find(ctx, email)
	if err != nil {
		addError(&resp.Diagnostics, summary, err)
		return
	}
	if !person.Exists() && people.Partial() {
		addError(&resp.Diagnostics, summary, errPartialView)
		return
	}
	if isOwner(person, organizationID) && len(unseen) > 0 && !kept() {
		resp.Diagnostics.AddError(summary,
			email+" is an owner of the organization. The plan could not look up this person, because some settings of the provider were known only after apply. So it did not announce that an owner is removed, and nothing was changed. Plan again: the new plan announces it.")
		return
	}
	if isOwner(person, organizationID) && bytes.Equal(mark, privateText(cloud.Fold(email))) && !kept() {
		resp.Diagnostics.AddError(summary,
			email+" has become an owner of the organization since the plan was made. So the plan did not announce that an owner is removed, and nothing was changed. Plan again: the new plan announces it.")
		return
	}
	if err := people.Dismiss(ctx, email, state.AllowLastOwnerRemoval.ValueBool()); err != nil {
		addError(&resp.Diagnostics, summary, err)
		return
	}
	if person.Member != nil && !state.isActive() && !kept() {
		resp.Diagnostics.AddWarning(warning.HadJoined.With(email), warning.HadJoinedDetail.With(person.Grants(organizationID)))
	}
}
