// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// kind is what a plan does with a resource.
type kind int

const (
	toCreate  kind = iota
	toUpdate       // or leaves it as it is
	toReplace      // its attributes name another object than the state does
	toRemove
)

// planStep is one plan of one resource.
type planStep[M any] struct {
	kind kind
	// first is false for the second half of a replacement. Terraform plans that
	// as a creation and drops its warnings: the first half has told everything.
	first       bool
	plan, state M // plan is zero where it removes, state where it creates

	applying bool
	blind    bool // nothing can be looked up
	req      resource.ModifyPlanRequest
	resp     *resource.ModifyPlanResponse
}

// plannable is what a resource keeps in its state.
type plannable interface {
	// object returns what the resource is for. It is false where the
	// configuration does not know that yet.
	object() (organization.Object, bool)
	// entry returns the same for the ledger, with what else counts there.
	entry() entry
}

// planned begins each ModifyPlan: it says what the plan does, and tells the
// ledger. It is false where there is nothing to plan: where the provider is not
// configured, as in terraform validate, where apply has replaced the object
// already and only the old one goes, after an error, and where nothing can be looked
// up. Apply plans the latter again.
func planned[M plannable](ctx context.Context, b *baseResource, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (s planStep[M], ok bool) {
	if b.run == nil {
		return s, false
	}
	s = planStep[M]{req: req, resp: resp, first: true, applying: b.run.mayApply()}
	hasPlan, hasState := !req.Plan.Raw.IsNull(), !req.State.Raw.IsNull()
	if hasPlan {
		s.say(req.Plan.Get(ctx, &s.plan))
	}
	if same, ok := any(s.plan).(interface{ isAsInState() bool }); hasPlan && hasState && ok && same.isAsInState() {
		s.state = s.plan // to read one of thousands takes long
	} else if hasState {
		s.say(req.State.Get(ctx, &s.state))
	}
	if resp.Diagnostics.HasError() {
		return s, false
	}
	comes, known := s.plan.object()
	goes, _ := s.state.object()
	switch {
	case !hasPlan:
		s.kind = toRemove
		if b.run.organization.Keeps(goes) {
			return s, false
		}
	case !hasState:
		s.kind = toCreate
	case known && comes == goes:
		s.kind = toUpdate
	default:
		s.kind = toReplace
	}
	s.blind = !b.run.looksUp()
	s.lookBack(ctx)
	if !s.first {
		return s, !s.blind
	}
	if s.kind == toRemove || s.kind == toReplace {
		b.run.ledger.goes(b.entry(s.state)).report(s.applying, s.diags())
	}
	if s.kind != toRemove && known {
		e := b.entry(s.plan)
		e.isNew = s.kind != toUpdate
		found := b.run.ledger.holds(e)
		if s.kind == toUpdate && len(found) > 0 && !req.Plan.Raw.Equal(req.State.Raw) { // to compare thousands takes long
			found.ofAChange()
		}
		found.report(s.applying, s.diags())
	}
	if s.blind && s.kind == toUpdate {
		s.keepSpelling(ctx)
	}
	return s, !s.blind
}

func (b *baseResource) entry(m plannable) entry {
	e := m.entry()
	e.resource = b.typeName
	return e
}

// unseenKey marks, in the private data, what was planned without looking anything up.
// It counts for a removal, which apply does not plan again.
const unseenKey = "unseen"

// keepSpelling plans texts that mean the same as in the state as they stand there, as
// an apply does once it looks things up. Where nothing else differs, the state stays.
func (s *planStep[M]) keepSpelling(ctx context.Context) {
	var plan, state, config map[string]tftypes.Value
	if s.resp.Plan.Raw.As(&plan) != nil || s.req.State.Raw.As(&state) != nil || s.req.Config.Raw.As(&config) != nil {
		return // each is an object
	}
	changes := false
	for name, attribute := range s.req.Plan.Schema.GetAttributes() {
		switch {
		case meanTheSame(ctx, attribute.GetType(), plan[name], state[name]):
			plan[name] = state[name]
		case !plan[name].IsKnown() && config[name].IsNull(): // the framework does not know it, as something differs
		case !plan[name].Equal(state[name]):
			changes = true
		}
	}
	if s.resp.Plan.Raw = tftypes.NewValue(s.resp.Plan.Raw.Type(), plan); !changes {
		s.resp.Plan.Raw = s.req.State.Raw
	}
}

// meanTheSame reports whether two texts are known and mean the same.
func meanTheSame(ctx context.Context, as attr.Type, one, other tftypes.Value) bool {
	if !one.IsKnown() || one.IsNull() || !other.IsKnown() || other.IsNull() {
		return false
	}
	a, err := as.ValueFromTerraform(ctx, one)
	b, otherErr := as.ValueFromTerraform(ctx, other)
	text, ok := a.(basetypes.StringValuableWithSemanticEquals)
	otherText, otherOK := b.(basetypes.StringValuable)
	if err != nil || otherErr != nil || !ok || !otherOK {
		return false
	}
	same, diags := text.StringSemanticEquals(ctx, otherText)
	return same && !diags.HasError()
}

// plannedKey marks a planned resource in its private data. The second half of a
// replacement is planned with the private data of the first.
const plannedKey = "claimed"

// lookBack finds out whether this was planned before, and notes that it is.
func (s *planStep[M]) lookBack(ctx context.Context) {
	marked, diags := s.req.Private.GetKey(ctx, plannedKey)
	s.say(diags)
	s.first = s.kind != toCreate || len(marked) == 0
	s.say(s.resp.Private.SetKey(ctx, plannedKey, []byte("true")))
	switch {
	case !s.blind:
		s.say(s.resp.Private.SetKey(ctx, unseenKey, nil))
	case s.kind != toCreate: // a replacement leaves it to its second half
		s.say(s.resp.Private.SetKey(ctx, unseenKey, []byte("true")))
	}
}

func (s *planStep[M]) say(diags diag.Diagnostics) { s.resp.Diagnostics.Append(diags...) }

// diags is where the plan says what it does.
func (s *planStep[M]) diags() *diag.Diagnostics { return &s.resp.Diagnostics }

// set writes the plan.
func (s *planStep[M]) set(ctx context.Context, plan M) { s.say(s.resp.Plan.Set(ctx, plan)) }

// setRespelled writes a plan in which, where same is set, some means the same as in
// the state; respell puts that as it stands in the state. Terraform allows the value
// of the state in place of the configured one, and then shows nothing: so that is
// planned where it leaves nothing to do.
//
// Beside something else to do it is planned as configured, and so does an apply,
// which plans again: what was not known may have turned out as it was, and what
// the first plan showed has to stay so.
func (s *planStep[M]) setRespelled(ctx context.Context, plan M, same bool, respell func(*M)) {
	if same && s.kind == toUpdate && !s.applying {
		respelled := plan
		respell(&respelled)
		s.set(ctx, respelled)
		if s.resp.Plan.Raw.Equal(s.req.State.Raw) {
			return
		}
	}
	s.set(ctx, plan)
}
