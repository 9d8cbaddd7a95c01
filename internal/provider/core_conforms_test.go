// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// errInconsistent is what Terraform calls a bug in the provider.
var errInconsistent = errors.New("provider produced inconsistent")

// conforms tells whether a value has all that the plan said is known. Terraform
// holds the plan that is made at apply, and then the new state, against the
// plan before.
func (c *core) conforms(typeName string, planned, actual *tfprotov6.DynamicValue) error {
	before, err := planned.Unmarshal(c.types[typeName])
	if err != nil {
		return err
	}
	after, err := actual.Unmarshal(c.types[typeName])
	if err != nil {
		return err
	}
	return conforming(tftypes.NewAttributePath(), before, after)
}

func conforming(at *tftypes.AttributePath, planned, actual tftypes.Value) error {
	switch {
	case !planned.IsKnown():
		return nil
	case !actual.IsKnown(), planned.IsNull() != actual.IsNull():
		return fmt.Errorf("%s was %s and is %s", at, planned, actual)
	case planned.IsNull(), planned.Type().Is(tftypes.Set{}) && !planned.IsFullyKnown():
		return nil
	}
	var before, after map[string]tftypes.Value
	if planned.As(&before) == nil && actual.As(&after) == nil {
		if !slices.Equal(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))) {
			return fmt.Errorf("%s was %s and is %s", at, planned, actual)
		}
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if err := conforming(at.WithElementKeyString(name), before[name], after[name]); err != nil {
				return err
			}
		}
		return nil
	}
	if planned.IsFullyKnown() && !planned.Equal(actual) {
		return fmt.Errorf("%s was %s and is %s", at, planned, actual)
	}
	return nil
}
