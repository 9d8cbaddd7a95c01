// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// object is a resource before or after its change.
type object struct {
	values    map[string]any
	unknown   any // true where a value is known only after apply, in the shape of the values
	sensitive any // true where a value is not to be shown, in the same way
	beside    any // the same of the other side: what is sensitive there is not shown here
}

// change is what happens to one resource. A side is nil where the resource is
// not there.
type change struct {
	*tfjson.ResourceChange
	before, after *object
}

// keepsTheOld reports whether a replacement leaves the old object as it is. OpenTofu does
// so with lifecycle { destroy = false }.
func keepsTheOld(actions tfjson.Actions) bool {
	return len(actions) == 2 && slices.Contains(actions, tfjson.ActionForget) && slices.Contains(actions, tfjson.ActionCreate)
}

// isKnown reports whether the program knows what Terraform does with these actions.
func isKnown(actions tfjson.Actions) bool {
	return actions.NoOp() || actions.Create() || actions.Read() || actions.Update() || actions.Delete() || actions.Replace() || actions.Forget() || keepsTheOld(actions)
}

func newChange(rc *tfjson.ResourceChange) change {
	c := change{ResourceChange: rc}
	if values, ok := rc.Change.Before.(map[string]any); ok {
		c.before = &object{values: values, sensitive: rc.Change.BeforeSensitive}
	}
	if values, ok := rc.Change.After.(map[string]any); ok {
		c.after = &object{values: values, unknown: rc.Change.AfterUnknown, sensitive: rc.Change.AfterSensitive}
	}
	if keepsTheOld(rc.Change.Actions) {
		c.before = nil
	}
	if c.before != nil && c.after != nil {
		c.before.beside, c.after.beside = c.after.sensitive, c.before.sensitive
	}
	return c
}

// refresh brings what is destroyed up to date: its values in the plan are those
// from before the refresh.
func refresh(plan *tfjson.Plan) {
	key := func(rc *tfjson.ResourceChange) string { return rc.Address + " " + rc.DeposedKey }
	drift := map[string]*tfjson.Change{}
	for _, rc := range plan.ResourceDrift {
		drift[key(rc)] = rc.Change
	}
	for _, rc := range plan.ResourceChanges {
		if found := drift[key(rc)]; found != nil && found.After != nil && rc.Change != nil && rc.Change.Actions.Delete() {
			rc.Change.Before, rc.Change.BeforeSensitive = found.After, found.AfterSensitive
		}
	}
}

// at returns the marks of one attribute, for example of what is unknown.
func at(marks any, name string) any {
	if values, ok := marks.(map[string]any); ok {
		return values[name]
	}
	return marks == true
}

// anyMarked reports whether anything in it is marked.
func anyMarked(marks any) bool {
	switch marks := marks.(type) {
	case bool:
		return marks
	case []any:
		return slices.ContainsFunc(marks, anyMarked)
	case map[string]any:
		for _, mark := range marks {
			if anyMarked(mark) {
				return true
			}
		}
	}
	return false
}

// isSecret reports whether something in the attribute is not to be shown.
func (o *object) isSecret(name string) bool {
	return o != nil && (anyMarked(at(o.sensitive, name)) || anyMarked(at(o.beside, name)))
}

// isUnknown reports whether something in the attribute is known only after apply.
func (o *object) isUnknown(name string) bool { return o != nil && anyMarked(at(o.unknown, name)) }

// canShow reports whether all of the attribute is known and may be shown.
func (o *object) canShow(name string) bool { return !o.isSecret(name) && !o.isUnknown(name) }

// text is a value that can be shown, or else empty.
func (o *object) text(name string) string {
	if o == nil || !o.canShow(name) {
		return ""
	}
	text, _ := o.values[name].(string)
	return text
}

func (o *object) isTrue(name string) bool { return o != nil && o.values[name] == true }

// list is what can be shown of a list or set of strings.
func (o *object) list(name string) []string {
	if o == nil || o.isSecret(name) {
		return nil
	}
	return texts(o.values[name])
}

func texts(value any) []string {
	values, _ := value.([]any)
	var list []string
	for _, v := range values {
		if text, ok := v.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

// grants are the grants in a set of them, each in one spelling: the order of
// application roles has no meaning.
func grants(value any) map[string]bool {
	set := map[string]bool{}
	for _, grant := range texts(value) {
		set[oneSpelling(grant)] = true
	}
	return set
}

func oneSpelling(grant string) string {
	parts := strings.Split(grant, "+")
	slices.Sort(parts[1:])
	return strings.Join(parts, "+")
}

const ownerRole = "organization-admin"
