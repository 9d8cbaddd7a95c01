// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// PlanJSON returns a plan as terraform show -json prints it. It has only the parts that
// checks of plans read.
func (t *Terraform) PlanJSON(p *Plan) (*tfjson.Plan, error) {
	plan := &tfjson.Plan{}
	for _, ch := range p.Changes {
		before, after, err := t.beforeAndAfter(ch)
		if err != nil {
			return nil, err
		}
		change := &tfjson.Change{Actions: actions(ch, before, after)}
		if change.Before, err = plain(before); err != nil {
			return nil, err
		}
		if change.After, err = plain(after); err != nil {
			return nil, err
		}
		change.AfterUnknown = unknown(after)
		instance, key := cutDeposed(ch.Address)
		plan.ResourceChanges = append(plan.ResourceChanges, &tfjson.ResourceChange{
			Address: instance, Mode: tfjson.ManagedResourceMode, Type: ch.Type, Name: nameIn(ch.Address), DeposedKey: key, Change: change,
		})
	}
	return plan, nil
}

func actions(ch *Change, before, after cty.Value) tfjson.Actions {
	switch {
	case ch.Stays:
		return tfjson.Actions{tfjson.ActionNoop}
	case ch.Replaces:
		return tfjson.Actions{tfjson.ActionDelete, tfjson.ActionCreate}
	case before.IsNull():
		return tfjson.Actions{tfjson.ActionCreate}
	case after.IsNull():
		return tfjson.Actions{tfjson.ActionDelete}
	}
	return tfjson.Actions{tfjson.ActionUpdate}
}

// StateJSON returns the state as terraform show -json prints it. It has only the parts
// that checks of states read.
func (t *Terraform) StateJSON() (*tfjson.State, error) {
	module := &tfjson.StateModule{}
	for _, address := range slices.Sorted(maps.Keys(t.State)) {
		held := t.State[address]
		value, err := toCty(held.Value, t.typeOf(held.Type))
		if err != nil {
			return nil, err
		}
		attributes, err := plain(value)
		if err != nil {
			return nil, err
		}
		values, _ := attributes.(map[string]any)
		instance, key := cutDeposed(address)
		module.Resources = append(module.Resources, &tfjson.StateResource{
			Address: instance, Mode: tfjson.ManagedResourceMode, Type: held.Type, Name: nameIn(address), DeposedKey: key, AttributeValues: values,
		})
	}
	return &tfjson.State{Values: &tfjson.StateValues{RootModule: module}}, nil
}

// plain returns a value as encoding/json reads it, without unknown parts.
func plain(v cty.Value) (any, error) {
	known, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return cty.NullVal(v.Type()), nil
		}
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	text, err := ctyjson.Marshal(known, known.Type())
	if err != nil {
		return nil, err
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// unknown returns true for each attribute that is unknown.
func unknown(v cty.Value) map[string]any {
	all := map[string]any{}
	if !v.IsNull() && v.IsKnown() {
		for name, attribute := range v.AsValueMap() {
			if !attribute.IsKnown() {
				all[name] = true
			}
		}
	}
	return all
}
