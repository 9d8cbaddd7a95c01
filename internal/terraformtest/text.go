// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// text is what the CLI prints. Its words are joined by single spaces, so that a test
// can look for a text wherever the CLI breaks its lines.
type text struct{ words []string }

func (t *text) add(format string, args ...any) {
	t.words = append(t.words, fmt.Sprintf(format, args...))
}

func (t *text) String() string { return strings.Join(strings.Fields(strings.Join(t.words, " ")), " ") }

// diagnostics adds errors and warnings, with their positions in a configuration.
func (t *text) diagnostics(all []Diagnostic, config Config) {
	for _, d := range all {
		kind := "Warning"
		if d.isError() {
			kind = "Error"
		}
		d.Address, _ = cutDeposed(d.Address)
		t.add("%s: %s with %s, %s %s", kind, d.Summary, d.Address, position(d, config), d.Detail)
	}
}

// position returns the line of a diagnostic. It is empty for an object that is not
// configured.
func position(d Diagnostic, config Config) string {
	b := config[d.Address]
	if b.hcl == nil {
		return ""
	}
	line := b.hcl.block.DefRange().Start.Line
	if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
		if name, isName := d.Attribute.Steps()[0].(tftypes.AttributeName); isName {
			if a, found := b.hcl.block.Body.Attributes[string(name)]; found {
				line = a.SrcRange.Start.Line
			}
		}
	}
	return fmt.Sprintf("on main.tf line %d, in resource %q %q: %d: %s", line, b.Type, nameIn(d.Address), line, b.hcl.lines[line-1])
}

// plan adds the changes of a plan, and the addresses from which objects were moved.
func (t *text) plan(tf *Terraform, p *Plan, moved map[string]string) error {
	var imports, adds, changes, destroys int
	for _, ch := range p.Changes {
		before, after, err := tf.beforeAndAfter(ch)
		if err != nil {
			return err
		}
		var headline, mark string
		switch {
		case ch.Replaces:
			adds, destroys = adds+1, destroys+1
			headline, mark = "must be replaced", "-/+"
			if ch.forced != "" {
				headline = "will be replaced" + ch.forced
			}
			if ch.createFirst {
				mark = "+/-"
			}
		case before.IsNull():
			adds++
			headline, mark = "will be created", "+"
		case after.IsNull():
			destroys++
			headline, mark = "will be destroyed", "-"
		case ch.Stays:
			headline = "will be imported"
		default:
			changes++
			headline, mark = "will be updated in-place", "~"
		}
		if ch.Imports {
			imports++
		}
		t.add("# %s %s", ch.Address, headline)
		instance, key := cutDeposed(ch.Address)
		if key != "" {
			t.add("# (left over from a partially-failed replacement of this instance)")
		} else if reason := p.config.whyGone(ch.Address); after.IsNull() && reason != "" {
			t.add("# (because %s)", reason)
		}
		if from, wasElsewhere := moved[instance]; wasElsewhere {
			t.add("# (moved from %s)", from)
		}
		t.add("%s resource %q %q {", mark, ch.Type, nameIn(ch.Address))
		if ch.Stays {
			t.words = append(t.words, strings.TrimSuffix(strings.TrimPrefix(literal(after), "{"), "}"))
		} else {
			because := ch.because
			if ch.Type == dataType { // the CLI does not print it for an attribute that may have any type
				because = nil
			}
			t.object(before, after, because)
		}
		t.add("}")
		if key == "" {
			delete(moved, instance)
		}
	}
	for to, from := range moved {
		t.add("# %s has moved to %s", from, to)
	}
	switch {
	case len(p.Changes) == 0 && len(moved) == 0:
		t.add("No changes. Your infrastructure matches the configuration.")
	case imports > 0:
		t.add("Plan: %d to import, %d to add, %d to change, %d to destroy.", imports, adds, changes, destroys)
	default:
		t.add("Plan: %d to add, %d to change, %d to destroy.", adds, changes, destroys)
	}
	return nil
}

// whyGone says why an address is not in a configuration. It is empty if the address is
// in it.
func (c Config) whyGone(address string) string {
	if _, configured := c[address]; configured {
		return ""
	}
	name, key, indexed := strings.Cut(address, "[")
	for other := range c {
		if otherName, otherKey, _ := strings.Cut(other, "["); indexed && otherName == name && otherKey != "" {
			if strings.HasPrefix(key, `"`) {
				return "key [" + key + " is not in for_each map"
			}
			return "index [" + key + " is out of range for count"
		}
	}
	return name + " is not in configuration"
}

// object adds the attributes that differ, and the number of those that do not. It
// always adds the attributes that identify the object.
func (t *text) object(before, after cty.Value, because []*tftypes.AttributePath) {
	hidden := 0
	for _, name := range attributeNames(before, after) {
		old, next := attribute(before, name), attribute(after, name)
		switch {
		case old.IsNull() && next.IsNull():
		case old.RawEquals(next) && !after.IsNull() && !before.IsNull():
			if name == "id" || name == "name" {
				t.add("%s = %s", name, literal(next))
			} else {
				hidden++
			}
		default:
			t.difference(name, old, next)
			if slices.ContainsFunc(because, func(p *tftypes.AttributePath) bool {
				return p.Equal(tftypes.NewAttributePath().WithAttributeName(name))
			}) {
				t.add("# forces replacement")
			}
		}
	}
	t.hidden(hidden, "attribute")
}

func (t *text) hidden(n int, what string) {
	switch n {
	case 0:
	case 1:
		t.add("# (1 unchanged %s hidden)", what)
	default:
		t.add("# (%d unchanged %ss hidden)", n, what)
	}
}

func attributeNames(before, after cty.Value) []string {
	var names []string
	for _, v := range []cty.Value{before, after} {
		if v.IsNull() || !v.IsKnown() {
			continue
		}
		for name := range v.AsValueMap() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func attribute(of cty.Value, name string) cty.Value {
	if of.IsNull() || !of.IsKnown() {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	if v, found := of.AsValueMap()[name]; found {
		return v
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// difference adds one attribute, or one element of a map.
func (t *text) difference(name string, before, after cty.Value) {
	t.add("%s %s =", mark(before, after), name)
	t.change(before, after)
	if after.IsNull() {
		t.add("-> null")
	}
}

func mark(before, after cty.Value) string {
	switch {
	case before.IsNull():
		return "+"
	case after.IsNull():
		return "-"
	case before.RawEquals(after):
		return ""
	}
	return "~"
}

// change adds how a value changes.
func (t *text) change(before, after cty.Value) {
	if !after.IsKnown() {
		if !before.IsNull() {
			t.change(before, cty.NullVal(before.Type()))
			t.add("->")
		}
		t.add("(known after apply)")
		return
	}
	as := after.Type()
	if after.IsNull() {
		as = before.Type()
	}
	switch {
	case !before.IsNull() && !after.IsNull() && before.CanIterateElements() != after.CanIterateElements():
		t.add("%s -> %s", literal(before), literal(after))
	case as.IsMapType(), as.IsObjectType():
		t.fields(before, after, as.IsMapType())
	case as.IsSetType():
		t.set(before, after)
	case as.IsListType(), as.IsTupleType():
		t.list(before, after)
	case before.IsNull():
		t.add("%s", literal(after))
	case after.IsNull():
		t.add("%s", literal(before))
	default:
		t.add("%s -> %s", literal(before), literal(after))
	}
}

func empty(v cty.Value) bool {
	return v.IsNull() || v.IsKnown() && v.CanIterateElements() && len(v.AsValueSlice()) == 0
}

func (t *text) fields(before, after cty.Value, isMap bool) {
	if empty(before) && empty(after) {
		t.add("{}")
		return
	}
	t.add("{")
	if isMap {
		hidden := 0
		for _, key := range attributeNames(before, after) {
			old, next := attribute(before, key), attribute(after, key)
			if old.RawEquals(next) {
				hidden++
				continue
			}
			t.difference(fmt.Sprintf("%q", key), old, next)
		}
		t.hidden(hidden, "element")
	} else {
		t.object(before, after, nil)
	}
	t.add("}")
}

func elements(v cty.Value) []cty.Value {
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	return v.AsValueSlice()
}

func has(list []cty.Value, v cty.Value) bool {
	return slices.ContainsFunc(list, func(other cty.Value) bool { return other.RawEquals(v) })
}

func (t *text) set(before, after cty.Value) {
	old, next := elements(before), elements(after)
	if len(old) == 0 && len(next) == 0 {
		t.add("[]")
		return
	}
	t.add("[")
	hidden := 0
	for _, v := range old {
		if has(next, v) {
			hidden++
		} else {
			t.element(v, cty.NullVal(v.Type()))
		}
	}
	for _, v := range next {
		if !has(old, v) {
			t.element(cty.NullVal(v.Type()), v)
		}
	}
	t.hidden(hidden, "element")
	t.add("]")
}

func (t *text) element(before, after cty.Value) {
	t.add("%s", mark(before, after))
	t.change(before, after)
	t.words[len(t.words)-1] += ","
}

// list adds each different element, with one neighbour on each side.
func (t *text) list(before, after cty.Value) {
	old, next := elements(before), elements(after)
	if len(old) == 0 && len(next) == 0 {
		t.add("[]")
		return
	}
	t.add("[")
	common := longestCommon(old, next)
	var unchanged []cty.Value
	showNext := false
	changed := func(before, after cty.Value) {
		if n := len(unchanged); n > 0 {
			t.hidden(n-1, "element")
			t.add("%s,", literal(unchanged[n-1]))
			unchanged = nil
		}
		t.element(before, after)
		showNext = true
	}
	for _, v := range append(common, cty.NilVal) {
		for len(old) > 0 && (v == cty.NilVal || !old[0].RawEquals(v)) {
			changed(old[0], cty.NullVal(old[0].Type()))
			old = old[1:]
		}
		for len(next) > 0 && (v == cty.NilVal || !next[0].RawEquals(v)) {
			changed(cty.NullVal(next[0].Type()), next[0])
			next = next[1:]
		}
		if v == cty.NilVal {
			break
		}
		old, next = old[1:], next[1:]
		if showNext {
			t.add("%s,", literal(v))
			showNext = false
			continue
		}
		unchanged = append(unchanged, v)
	}
	t.hidden(len(unchanged), "element")
	t.add("]")
}

// longestCommon returns the longest list that is a part of both, in order.
func longestCommon(a, b []cty.Value) []cty.Value {
	lengths := make([][]int, len(a)+1)
	for i := range lengths {
		lengths[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].RawEquals(b[j]) {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	var common []cty.Value
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i].RawEquals(b[j]):
			common = append(common, a[i])
			i, j = i+1, j+1
		case lengths[i+1][j] >= lengths[i][j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

// literal returns a value without marks, as terraform show prints it.
func literal(v cty.Value) string {
	switch {
	case !v.IsKnown():
		return "(known after apply)"
	case v.IsNull():
		return "null"
	case v.Type() == cty.String && strings.Contains(v.AsString(), "\n"):
		return "<<-EOT " + v.AsString() + " EOT"
	case v.Type() == cty.String:
		return fmt.Sprintf("%q", v.AsString())
	case v.Type() == cty.Bool:
		return fmt.Sprint(v.True())
	case v.Type() == cty.Number:
		return v.AsBigFloat().String()
	case v.Type().IsMapType() || v.Type().IsObjectType():
		var words []string
		for _, name := range attributeNames(v, v) {
			key := name
			if v.Type().IsMapType() {
				key = fmt.Sprintf("%q", name)
			}
			if value := attribute(v, name); !value.IsNull() {
				words = append(words, key+" = "+literal(value))
			}
		}
		return "{ " + strings.Join(words, " ") + " }"
	}
	var words []string
	for _, element := range elements(v) {
		words = append(words, literal(element)+",")
	}
	if len(words) == 0 {
		return "[]"
	}
	return "[ " + strings.Join(words, " ") + " ]"
}
