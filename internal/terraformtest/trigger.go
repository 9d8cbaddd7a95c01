// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// trigger is an element of replace_triggered_by.
type trigger struct {
	// addresses are the address of the named object, or those of all instances of the
	// named resource.
	addresses []string
	// attribute is the attribute that has to change. Empty means any change.
	attribute hcl.Traversal
}

// triggeredBy reads replace_triggered_by, and lists the addresses to which it refers.
func (i *instance) triggeredBy() (all []trigger, after []string, err error) {
	for _, lifecycle := range i.block.Body.Blocks {
		a, found := lifecycle.Body.Attributes["replace_triggered_by"]
		if !found {
			continue
		}
		list, isList := a.Expr.(*hclsyntax.TupleConsExpr)
		if !isList {
			return nil, nil, fmt.Errorf("%s: replace_triggered_by has to be a list", typeAndName(i.block))
		}
		for _, e := range list.Exprs {
			reference, err := i.reference(e)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", typeAndName(i.block), err)
			}
			end := min(2, len(reference))
			if len(reference) > 2 {
				if _, indexed := reference[2].(hcl.TraverseIndex); indexed {
					end = 3
				}
			}
			t := trigger{attribute: reference[end:]}
			instances := i.all[written(reference[:min(2, end)])]
			switch address := written(reference[:end]); {
			case len(reference) == 2 && len(instances) > 0:
				t.addresses = instances
			case slices.Contains(instances, address):
				t.addresses = []string{address}
			default:
				return nil, nil, fmt.Errorf("%s: replace_triggered_by names %s, which is not in the configuration", typeAndName(i.block), address)
			}
			all = append(all, t)
			after = append(after, instances...)
		}
	}
	return all, after, nil
}

// reference returns an element of replace_triggered_by. It replaces each.key and
// count.index, the only expressions that Terraform accepts in it.
func (i *instance) reference(e hclsyntax.Expression) (hcl.Traversal, error) {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return e.Traversal, nil
	case *hclsyntax.RelativeTraversalExpr:
		source, err := i.reference(e.Source)
		return slices.Concat(source, e.Traversal), err
	case *hclsyntax.IndexExpr:
		source, err := i.reference(e.Collection)
		if err != nil {
			return nil, err
		}
		key, diags := hcl.AbsTraversalForExpr(e.Key)
		if name := written(key); diags.HasErrors() || name != "each.key" && name != "count.index" {
			return nil, errors.New("an index in replace_triggered_by is a constant, each.key or count.index")
		}
		value, diags := e.Key.Value(&hcl.EvalContext{Variables: i.scope})
		if diags.HasErrors() {
			return nil, diags
		}
		return append(slices.Clone(source), hcl.TraverseIndex{Key: value}), nil
	}
	return nil, errors.New("replace_triggered_by takes references")
}

// triggered reports whether the changes that are planned so far replace a block. As in
// Terraform, updates and replacements do. If an attribute is named, they have to change
// it.
func (t *Terraform) triggered(b Block, changes []*Change) (bool, error) {
	if b.hcl == nil {
		return false, nil
	}
	for _, trigger := range b.hcl.triggers {
		for _, ch := range changes {
			if !slices.Contains(trigger.addresses, ch.Address) || ch.Stays {
				continue
			}
			before, after, err := t.beforeAndAfter(ch)
			if err != nil {
				return false, err
			}
			if before.IsNull() || after.IsNull() {
				continue
			}
			if len(trigger.attribute) == 0 || !sameAt(trigger.attribute, before, after) {
				return true, nil
			}
		}
	}
	return false, nil
}

// sameAt reports whether an attribute is equal in two values, or missing in both.
func sameAt(attribute hcl.Traversal, a, b cty.Value) bool {
	inA, noneInA := attribute.TraverseRel(a)
	inB, noneInB := attribute.TraverseRel(b)
	if noneInA.HasErrors() || noneInB.HasErrors() {
		return noneInA.HasErrors() == noneInB.HasErrors()
	}
	return inA.RawEquals(inB)
}
