// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// dataType is the resource that is built into Terraform.
const dataType = "terraform_data"

var dataAttributes = []*tfprotov6.SchemaAttribute{
	{Name: "id", Type: tftypes.String, Computed: true},
	{Name: "input", Type: tftypes.DynamicPseudoType, Optional: true},
	{Name: "output", Type: tftypes.DynamicPseudoType, Computed: true},
	{Name: "triggers_replace", Type: tftypes.DynamicPseudoType, Optional: true},
}

var dataSchema, _ = (&tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: dataAttributes}}).ValueType().(tftypes.Object)

// dataProvider is terraform_data. After an apply, its output is its input.
type dataProvider struct{}

func (dataProvider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (dataProvider) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState}, nil
}

func (dataProvider) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	var before, planned map[string]tftypes.Value
	prior, wanted, err := unmarshal(req.PriorState, req.ProposedNewState)
	if err != nil || wanted.IsNull() {
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState}, err
	}
	if err := wanted.As(&planned); err != nil {
		return nil, err
	}
	planned = maps.Clone(planned) // these are the fields of the proposed state
	resp := &tfprotov6.PlanResourceChangeResponse{}
	if err := prior.As(&before); err != nil {
		return nil, err
	}
	if prior.IsNull() {
		planned["id"] = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	} else if !before["triggers_replace"].Equal(planned["triggers_replace"]) {
		resp.RequiresReplace = []*tftypes.AttributePath{tftypes.NewAttributePath().WithAttributeName("triggers_replace")}
	}
	if prior.IsNull() || !before["input"].Equal(planned["input"]) {
		planned["output"] = tftypes.NewValue(planned["input"].Type(), tftypes.UnknownValue)
		if planned["input"].IsNull() {
			planned["output"] = planned["input"]
		}
	}
	resp.PlannedState, err = Dynamic(tftypes.NewValue(dataSchema, planned))
	return resp, err
}

func (dataProvider) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	_, planned, err := unmarshal(req.PriorState, req.PlannedState)
	if err != nil || planned.IsNull() {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState}, err
	}
	var fields map[string]tftypes.Value
	if err := planned.As(&fields); err != nil {
		return nil, err
	}
	fields = maps.Clone(fields) // these are the fields of the plan
	if !fields["id"].IsKnown() {
		fields["id"] = tftypes.NewValue(tftypes.String, uuid())
	}
	fields["output"] = fields["input"]
	value, err := Dynamic(tftypes.NewValue(dataSchema, fields))
	return &tfprotov6.ApplyResourceChangeResponse{NewState: value}, err
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func unmarshal(prior, next *tfprotov6.DynamicValue) (tftypes.Value, tftypes.Value, error) {
	before, err := prior.Unmarshal(dataSchema)
	if err != nil {
		return before, before, err
	}
	after, err := next.Unmarshal(dataSchema)
	return before, after, err
}
