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

// planStep is one plan of one resource.
type planStep[M any] struct {
	kind kind
	// first is false for the second half of a replacement. Terraform plans it as a creation
	// and drops its warnings, so the first half has to report everything.
	first       bool
	plan, state M // plan is zero for a removal, state for a creation
	// stays is set if apply keeps the object of the state, because another resource manages
	// it.
	stays bool
	// unseen is set if apply does not see that other resource. The plan notes it for a
	// removal, and cannot note it for an update.
	unseen bool

	applying bool
	blind    bool // the run looks nothing up
	req      resource.ModifyPlanRequest
	resp     *resource.ModifyPlanResponse
}

// plannable is what a resource keeps in its state.
type plannable interface {
	// object returns the object that the resource manages. It is false if that is still
	// unknown.
	object() (organization.Object, bool)
	// entry returns the same for the ledger, with further details.
	entry() entry
}

// planned begins each ModifyPlan: it finds what the plan does, and notes it in the ledger.
// It is false if there is nothing to plan:
//   - without a configured provider, as in terraform validate;
//   - if apply has already replaced the object, and only destroys the old one;
//   - after an error;
//   - if the run looks nothing up. Apply plans that again.
func planned[M plannable](ctx context.Context, b *baseResource, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (s planStep[M], ok bool) {
	if b.run == nil {
		return s, false
	}
	s = planStep[M]{req: req, resp: resp, first: true, applying: b.run.mayApply()}
	hasPlan, hasState := !req.Plan.Raw.IsNull(), !req.State.Raw.IsNull()
	if hasPlan {
		s.say(req.Plan.Get(ctx, &s.plan))
	}
	changes := false
	if same, ok := any(s.plan).(interface{ isAsInState() bool }); hasPlan && hasState && ok && same.isAsInState() {
		s.state = s.plan // reading and comparing a state of thousands takes long
	} else if hasState {
		s.say(req.State.Get(ctx, &s.state))
		changes = hasPlan && !req.Plan.Raw.Equal(req.State.Raw)
	}
	if resp.Diagnostics.HasError() {
		return s, false
	}
	comes, known := s.plan.object()
	var goes organization.Object
	if hasState {
		goes, _ = s.state.object()
	}
	switch {
	case !hasPlan:
		s.kind = toRemove
		if b.run.organization.Keeps(goes) {
			s.markIf(ctx, keptKey, true)
			return s, false
		}
	case !hasState:
		s.kind = toCreate
	case known && comes == goes:
		s.kind = toUpdate
	case s.plan.entry().isGrant() && s.plan.entry().person == s.state.entry().person:
		s.kind = toMove
	default:
		s.kind = toReplace
	}
	s.blind = !b.run.looksUp()
	s.lookBack(ctx, goes, comes, b.adopts || !changes)
	if !s.first {
		return s, !s.blind
	}
	made, given := madeAt(ctx, req.Private, s.diags())
	var gone *parting
	if s.kind.departs() {
		e := b.entry(s.state)
		e.made, e.given = made, given
		gone = b.run.ledger.leaves(e, s.kind)
	}
	if s.kind != toRemove && known {
		e := b.entry(s.plan)
		e.made, e.given = made, given
		e.isNew, e.changes, e.created = s.kind != toUpdate, changes, s.kind == toCreate || s.kind == toReplace
		b.run.ledger.holds(e).report(b.run, s.diags())
	}
	if gone != nil {
		s.leave(ctx, b.run, gone)
	}
	if s.blind && s.kind == toUpdate {
		s.keepSpelling(ctx)
	}
	return s, !s.blind && (s.kind != toRemove || !s.stays)
}

// leave finds out whether another resource manages the object of the state, and notes it
// for apply, which cannot see that.
func (s *planStep[M]) leave(ctx context.Context, run *run, gone *parting) {
	if s.kind != toReplace || gone.isGrant() {
		run.awaitPlanned(ctx, gone)
	}
	run.ledger.left(gone).report(run, s.diags())
	s.stays, s.unseen = gone.stays, gone.unseen
	s.markIf(ctx, keptKey, s.stays)
	if s.kind == toRemove {
		s.say(s.resp.Private.SetKey(ctx, plannedInKey, privateText(run.id)))
	}
}

// markIf notes the ID of the object of the state in the private data, or clears the note.
func (s *planStep[M]) markIf(ctx context.Context, key string, holds bool) {
	var mark []byte
	if holds {
		mark = privateText(idOf(ctx, s.req.State, s.diags()))
	}
	s.say(s.resp.Private.SetKey(ctx, key, mark))
}

// awaitPlanned waits until another resource is planned for the object, or until nothing
// more is planned. It does not wait in an apply, which plans no unchanged resources. An
// apply plans a destruction only after create_before_destroy.
func (r *run) awaitPlanned(ctx context.Context, gone *parting) {
	if r.traffic.applies() || gone.kind != toRemove && r.mayApply() {
		return
	}
	if r.traffic.await(ctx, inPlan, func() bool { return r.ledger.stillHeld(gone) }) == sure {
		r.ledger.nothingElse()
	}
}

func (b *baseResource) entry(m plannable) entry {
	e := m.entry()
	e.resource = b.typeName
	return e
}

// unseenKey marks, in the private data, a resource that was planned without a look-up. It
// is needed for a removal, which apply does not plan again.
const unseenKey = "unseen"

// keepSpelling plans texts in the spelling of the state if they mean the same, as an apply
// does once it looks things up. If nothing else differs, the plan is the state.
func (s *planStep[M]) keepSpelling(ctx context.Context) {
	var plan, state, config map[string]tftypes.Value
	if s.resp.Plan.Raw.As(&plan) != nil || s.req.State.Raw.As(&state) != nil || s.req.Config.Raw.As(&config) != nil {
		return // cannot happen: each is an object
	}
	changes := false
	for name, attribute := range s.req.Plan.Schema.GetAttributes() {
		switch {
		case meanTheSame(ctx, attribute.GetType(), plan[name], state[name]):
			plan[name] = state[name]
		case !plan[name].IsKnown() && config[name].IsNull(): // the framework made it unknown, because something differs
		case !plan[name].Equal(state[name]):
			changes = true
		}
	}
	if s.resp.Plan.Raw = tftypes.NewValue(s.resp.Plan.Raw.Type(), plan); !changes {
		s.resp.Plan.Raw = s.req.State.Raw
	}
}

// meanTheSame reports whether two texts, or two lists of one text, are known and mean the
// same.
func meanTheSame(ctx context.Context, as attr.Type, one, other tftypes.Value) bool {
	if !one.IsKnown() || one.IsNull() || !other.IsKnown() || other.IsNull() {
		return false
	}
	if list, ok := as.(basetypes.ListType); ok {
		var elements, others []tftypes.Value
		return one.As(&elements) == nil && other.As(&others) == nil && len(elements) == 1 && len(others) == 1 &&
			meanTheSame(ctx, list.ElementType(), elements[0], others[0])
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

// plannedKey marks a planned resource in its private data, with the object of the state.
// replacedKey has the ID in the state. The second half of a replacement is planned with the
// private data of the first half.
const (
	plannedKey  = "claimed"
	replacedKey = "replaced"
)

// lookBack finds out whether the resource was planned before, and notes that it is. If a
// resource is replaced by one for the same object, as with -replace, the destruction must
// keep an object that the creation adopts.
func (s *planStep[M]) lookBack(ctx context.Context, goes, comes organization.Object, adopts bool) {
	marked, diags := s.req.Private.GetKey(ctx, plannedKey)
	s.say(diags)
	s.first = s.kind != toCreate || len(marked) == 0
	if !s.first && textInPrivate(marked) == comes.String() {
		replaced, diags := s.req.Private.GetKey(ctx, replacedKey)
		s.say(diags)
		s.say(s.resp.Private.SetKey(ctx, keptKey, replaced))
	}
	if s.first {
		s.say(s.resp.Private.SetKey(ctx, plannedKey, privateText(goes.String())))
		s.say(s.resp.Private.SetKey(ctx, halfKey, nil))
	} else {
		s.say(s.resp.Private.SetKey(ctx, halfKey, privateText(comes.String())))
	}
	if s.kind == toUpdate {
		s.markIf(ctx, replacedKey, adopts)
	}
	switch {
	case !s.blind:
		s.say(s.resp.Private.SetKey(ctx, unseenKey, nil))
	case s.kind != toCreate: // in a replacement, the first half has set it
		s.say(s.resp.Private.SetKey(ctx, unseenKey, []byte("true")))
	}
}

func (s *planStep[M]) say(diags diag.Diagnostics) { s.resp.Diagnostics.Append(diags...) }

// diags returns the diagnostics of the plan.
func (s *planStep[M]) diags() *diag.Diagnostics { return &s.resp.Diagnostics }

// set writes the plan.
func (s *planStep[M]) set(ctx context.Context, plan M) { s.say(s.resp.Plan.Set(ctx, plan)) }

// setRespelled writes a plan. If same is set, a part of it only has another spelling than
// the state, and respell puts the spelling of the state there. Terraform allows the value
// of the state in place of the configured one, and then shows no diff. So the respelled
// plan is used if it leaves nothing to do.
//
// Together with other changes, the configured spelling is planned. An apply, which plans
// again, does the same: an unknown value may have turned out to be unchanged, but the
// values of the first plan must stay.
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
