// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"strings"
	"testing"
)

// replace_triggered_by replaces a block if a named object is updated or replaced in the
// same plan. If an attribute is named, that has to change.
func TestReplaceTriggeredBy(t *testing.T) {
	t.Parallel()
	a := func(key, note string, more ...string) string {
		return fmt.Sprintf("resource \"tiny_thing\" \"a\" {\n  name = \"a\"\n  key  = %q\n  note = %q\n  %s\n}\n", key, note, strings.Join(more, "\n  "))
	}
	b := func(trigger string, more ...string) string {
		return fmt.Sprintf("resource \"tiny_thing\" \"b\" {\n  name = \"b\"\n  %s\n  lifecycle {\n    replace_triggered_by = [%s]\n  }\n}\n", strings.Join(more, "\n  "), trigger)
	}
	const triggered = "will be replaced due to changes in replace_triggered_by -/+ resource \"tiny_thing\" \"b\""
	const two, each = "for_each = toset([\"x\", \"y\"])", "for_each = toset([\"x\"])"
	for name, test := range map[string]struct {
		before, after string
		args          []string
		want          string
		count         string
	}{
		"updated":                  {before: a("1", "") + b("tiny_thing.a"), after: a("1", "new") + b("tiny_thing.a"), want: "tiny_thing.b " + triggered, count: "1 to add, 1 to change, 1 to destroy"},
		"replaced":                 {before: a("1", "") + b("tiny_thing.a"), after: a("2", "") + b("tiny_thing.a"), want: "tiny_thing.b " + triggered, count: "2 to add, 0 to change, 2 to destroy"},
		"replaced as requested":    {before: a("1", "") + b("tiny_thing.a"), after: a("1", "") + b("tiny_thing.a"), args: []string{"-replace=tiny_thing.a"}, want: "tiny_thing.b " + triggered, count: "2 to add, 0 to change, 2 to destroy"},
		"created":                  {before: b(""), after: b("tiny_thing.a") + a("1", ""), want: "tiny_thing.a will be created", count: "1 to add, 0 to change, 0 to destroy"},
		"unchanged":                {before: a("1", "") + b("tiny_thing.a"), after: a("1", "") + b("tiny_thing.a"), want: "No changes."},
		"new itself":               {before: a("1", ""), after: a("1", "new") + b("tiny_thing.a"), want: "tiny_thing.b will be created", count: "1 to add, 1 to change, 0 to destroy"},
		"the attribute":            {before: a("1", "") + b("tiny_thing.a.note"), after: a("1", "new") + b("tiny_thing.a.note"), want: "tiny_thing.b " + triggered, count: "1 to add, 1 to change, 1 to destroy"},
		"another attribute":        {before: a("1", "") + b("tiny_thing.a.key"), after: a("1", "new") + b("tiny_thing.a.key"), want: "tiny_thing.a will be updated in-place", count: "0 to add, 1 to change, 0 to destroy"},
		"one of two":               {before: a("1", "", two) + b("tiny_thing.a[\"x\"]"), after: a("1", "new", two) + b("tiny_thing.a[\"x\"]"), want: "tiny_thing.b " + triggered, count: "1 to add, 2 to change, 1 to destroy"},
		"any of two":               {before: a("1", "${each.value}", "for_each = { x = 1, y = 2 }") + b("tiny_thing.a"), after: a("1", "${each.value}", "for_each = { x = 1, y = 3 }") + b("tiny_thing.a"), want: "tiny_thing.b " + triggered, count: "1 to add, 1 to change, 1 to destroy"},
		"the same key":             {before: a("1", "", each) + b("tiny_thing.a[each.key].note", each), after: a("1", "new", each) + b("tiny_thing.a[each.key].note", each), want: "tiny_thing.b[\"x\"] " + triggered, count: "1 to add, 1 to change, 1 to destroy"},
		"the same index":           {before: a("1", "", "count = 1") + b("tiny_thing.a[count.index]", "count = 1"), after: a("1", "new", "count = 1") + b("tiny_thing.a[count.index]", "count = 1"), want: "tiny_thing.b[0] " + triggered, count: "1 to add, 1 to change, 1 to destroy"},
		"as requested, by its key": {before: a("1", ""), after: a("2", ""), args: []string{"-replace=tiny_thing.a"}, want: "tiny_thing.a will be replaced, as requested", count: "1 to add, 0 to change, 1 to destroy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, tf := newTiny()
			w := NewWorkspace(tf)
			w.Write("main.tf", test.before)
			if out, ok := w.Run(t.Context(), "apply", "-auto-approve"); !ok {
				t.Fatal(out)
			}
			w.Write("main.tf", test.after)
			out, ok := w.Run(t.Context(), append([]string{"plan", "-out=plan"}, test.args...)...)
			if !ok || !strings.Contains(out, test.want) || test.count != "" && !strings.Contains(out, "Plan: "+test.count) {
				t.Errorf("%q and %q are not in %s", test.want, test.count, out)
			}
			if out, ok := w.Run(t.Context(), "apply", "plan"); !ok {
				t.Error(out)
			}
			if out, ok := w.Run(t.Context(), "plan"); !ok || !strings.Contains(out, "No changes.") {
				t.Error(out)
			}
		})
	}
}

// Options.Replace does the same for blocks of Go values.
func TestReplace(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	config := Config{"x.a": thing("a", "1", "")}
	mustApply(t, tf, config)
	s.calls()
	if _, err := tf.Apply(t.Context(), mustPlan(t, tf, config, Options{Replace: []string{"x.a"}})); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, s.calls(), "3: plan update a1 (made by 2)", "3: plan create a1 (made by 2, planned by 3)", "4: destroy a1 (made by 2, planned by 3)", "4: create a1 (planned by 4)")
}
