// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// These functions read what Terraform passes for a function's argument of any type.

func hasUnknown(value attr.Value) bool {
	if value == nil || value.IsUnknown() {
		return true
	}
	if elements, ok := elementsOf(value); ok {
		for _, e := range elements {
			if hasUnknown(e) {
				return true
			}
		}
	}
	if fields, ok := fieldsOf(value); ok {
		for _, e := range fields {
			if hasUnknown(e) {
				return true
			}
		}
	}
	return false
}

// elementsOf returns the elements of a tuple, list or set: Terraform may pass any of these
// for a list.
func elementsOf(value attr.Value) ([]attr.Value, bool) {
	switch v := value.(type) {
	case basetypes.TupleValue:
		return v.Elements(), true
	case basetypes.ListValue:
		return v.Elements(), true
	case basetypes.SetValue:
		return v.Elements(), true
	}
	return nil, false
}

// fieldsOf returns the fields of an object or map: Terraform may pass either for an object.
func fieldsOf(value attr.Value) (map[string]attr.Value, bool) {
	switch v := value.(type) {
	case basetypes.ObjectValue:
		return v.Attributes(), true
	case basetypes.MapValue:
		return v.Elements(), true
	}
	return nil, false
}

func text(value attr.Value) (string, bool) {
	s, ok := value.(basetypes.StringValue)
	return s.ValueString(), ok
}

func texts(value attr.Value) ([]string, bool) {
	elements, ok := elementsOf(value)
	if !ok {
		return nil, false
	}
	list := make([]string, len(elements))
	for i, e := range elements {
		if list[i], ok = text(e); !ok {
			return nil, false
		}
	}
	return list, true
}
