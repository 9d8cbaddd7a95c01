// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What waits for what in an apply is what terraform graph -type=apply shows for the
// same plan.
func TestOrderOfAnApply(t *testing.T) {
	t.Parallel()
	// block is terraform_data with what it is made of, which replaces it with "r=".
	block := func(name, replaces, input string, more ...string) string {
		return fmt.Sprintf("resource \"terraform_data\" %q {\n  triggers_replace = %q\n  input = %s\n  %s\n}\n", name, replaces, input, strings.Join(more, "\n  "))
	}
	const first = "lifecycle {\n    create_before_destroy = true\n  }"
	const on, two = "terraform_data.a.id", "for_each = toset([\"x\", \"y\"])"
	input := func(s string) string { return fmt.Sprintf("%q", s) }
	for name, test := range map[string]struct {
		before, after string
		want          []string
	}{
		"created": {"", block("a", "", input("1")) + block("b", "", on),
			[]string{"create b after create a"}},
		"destroyed": {block("a", "", input("1")) + block("b", "", on), "",
			[]string{"destroy a after destroy b"}},
		"an orphan that a changed block referred to": {block("a", "", input("1")) + block("b", "", on), block("b", "", input("2")),
			[]string{"update b after destroy a"}},
		"an orphan that referred to a changed block": {block("a", "", input("1")) + block("b", "", on), block("a", "", input("2")),
			[]string{"update a after destroy b"}},
		"both replaced": {block("a", "1", input("1")) + block("b", "1", on), block("a", "2", input("1")) + block("b", "2", on),
			[]string{"create a after destroy a", "create a after destroy b", "create b after create a", "create b after destroy a", "create b after destroy b", "destroy a after destroy b"}},
		"replaced, and what refers to it is updated": {block("a", "1", input("1")) + block("b", "", on), block("a", "2", input("1")) + block("b", "", on),
			[]string{"create a after destroy a", "update b after create a", "update b after destroy a"}},
		"created first, and what refers to it is updated": {block("a", "1", input("1"), first) + block("b", "", on), block("a", "2", input("1"), first) + block("b", "", on),
			[]string{"destroy a after create a", "destroy a after update b", "update b after create a"}},
		"both created first": {block("a", "1", input("1")) + block("b", "1", on, first), block("a", "2", input("1")) + block("b", "2", on, first),
			[]string{"create b after create a", "destroy a after create a", "destroy a after create b", "destroy a after destroy b", "destroy b after create a", "destroy b after create b"}},
		"an orphan that was to be created first, behind a changed block": {block("a", "", input("1")) + block("b", "", on, first), block("a", "", input("2")),
			[]string{"destroy b after update a"}},
		"an orphan that was to be created first, which a changed block referred to": {block("a", "", input("1"), first) + block("b", "", on), block("b", "", input("2")),
			[]string{"destroy a after update b"}},
		"an orphan that was created first for another": {block("a", "", input("1")) + block("b", "", on, first), block("b", "", input("2"), first),
			[]string{"destroy a after update b"}},
		"one of two goes, and what refers to them is updated": {block("a", "", input("1"), two) + block("b", "", "keys(terraform_data.a)"), block("a", "", input("1"), "for_each = toset([\"x\"])") + block("b", "", "keys(terraform_data.a)"),
			[]string{"update b after destroy a[\"y\"]"}},
		"one of two goes, and what refers to them is new": {block("a", "", input("1"), two), block("a", "", input("1"), "for_each = toset([\"x\"])") + block("b", "", "keys(terraform_data.a)"),
			[]string{"create b after destroy a[\"y\"]"}},
		"through one that stays": {block("a", "", input("1")) + block("m", "", input("1"), "depends_on = [terraform_data.a]") + block("b", "", input("1"), "depends_on = [terraform_data.m]"),
			block("a", "", input("2")) + block("m", "", input("1"), "depends_on = [terraform_data.a]") + block("b", "", input("2"), "depends_on = [terraform_data.m]"),
			[]string{"update b after update a"}},
		"no more behind another": {block("a", "", input("1")) + block("b", "", input("1"), "depends_on = [terraform_data.a]") + "\n#then\n" + block("a", "", input("1")) + block("b", "", input("2")), block("b", "", input("3")),
			nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, tf := newTiny()
			w := NewWorkspace(tf)
			for _, before := range strings.Split(test.before, "#then\n") {
				w.Write("main.tf", before)
				if out, ok := w.Run(t.Context(), "apply", "-auto-approve"); !ok {
					t.Fatal(out)
				}
			}
			w.Write("main.tf", test.after)
			if out, ok := w.Run(t.Context(), "plan"); !ok {
				t.Fatal(out)
			}
			wantOrder(t, w.Last(), test.want...)
			if out, ok := w.Run(t.Context(), "apply", "-auto-approve"); !ok {
				t.Error(out)
			}
		})
	}
}

// A deposed object is destroyed after the change of everything to which its replacement
// refers, and before the destruction of that. terraform graph shows the same order.
func TestOrderOfDeposed(t *testing.T) {
	t.Parallel()
	hcl := func(note, key, behind string) string {
		return fmt.Sprintf("resource \"tiny_thing\" \"a\" {\n  name = \"a\"\n  note = %q\n}\n", note) +
			fmt.Sprintf("resource \"tiny_thing\" \"b\" {\n  name = \"b\"\n  key  = %q\n  depends_on = [%s]\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n", key, behind)
	}
	const c = "resource \"tiny_thing\" \"c\" {\n  name = \"c\"\n  depends_on = [tiny_thing.b]\n}\n"
	s, tf := newTiny()
	w := NewWorkspace(tf)
	w.Write("main.tf", hcl("1", "1", "tiny_thing.a")+c)
	if out, ok := w.Run(t.Context(), "apply", "-auto-approve"); !ok {
		t.Fatal(out)
	}
	s.fails["destroy b1"] = true
	w.Write("main.tf", hcl("1", "2", "tiny_thing.a")+c)
	if out, ok := w.Run(t.Context(), "apply", "-auto-approve"); ok {
		t.Fatal(out)
	}
	const deposed = "destroy b (deposed object 00000000)"
	for _, test := range []struct {
		hcl, args string
		want      []string
	}{
		{hcl("2", "2", "tiny_thing.a"), "plan", []string{deposed + " after destroy c", deposed + " after update a", "update a after destroy c"}},
		{hcl("2", "2", ""), "plan", []string{deposed + " after destroy c", "update a after destroy c"}},
		{hcl("2", "2", "tiny_thing.a"), "plan -destroy", []string{"destroy a after destroy b", "destroy a after " + deposed, "destroy a after destroy c",
			deposed + " after destroy c", "destroy b after destroy c"}},
	} {
		w.Write("main.tf", test.hcl)
		if out, ok := w.Run(t.Context(), strings.Fields(test.args)...); !ok {
			t.Fatal(out)
		}
		wantOrder(t, w.Last(), test.want...)
	}
}

// wantOrder fails the test unless this is what waits for what in the apply of a plan,
// directly or not.
func wantOrder(t *testing.T, p *Plan, want ...string) {
	t.Helper()
	all := steps(p)
	said := map[*node]string{}
	for _, s := range all {
		what := "update "
		switch {
		case s.destroys:
			what = "destroy "
		case s.Prior.Value.IsNull() || s.Replaces:
			what = "create "
		}
		_, name, _ := strings.Cut(s.Address, ".")
		said[&s.node] = what + name
	}
	var got []string
	for _, s := range all {
		seen := map[*node]bool{}
		for next := slices.Clone(s.waitsFor); len(next) > 0; next = next[1:] {
			if !seen[next[0]] {
				seen[next[0]] = true
				next = append(next, next[0].waitsFor...)
				got = append(got, said[&s.node]+" after "+said[next[0]])
			}
		}
	}
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("the order is\n%s\nand should be\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
