// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"slices"
	"strings"
	"testing"
)

// CreateFirst is create_before_destroy, which holds for what the block refers to as
// well, even if nothing else is planned for the block.
func TestCreateFirst(t *testing.T) {
	t.Parallel()
	first := thing("b", "", "")
	first.CreateFirst, first.After = true, "a"
	for name, test := range map[string]struct {
		before, after Config
		want          []string
	}{
		"without":     {Config{"a": thing("a", "1", "")}, Config{"a": thing("a", "2", "")}, []string{"destroy a1", "create a2"}},
		"of the same": {Config{"a": thing("a", "1", "")}, Config{"a": {Type: "tiny_thing", Attributes: thing("a", "2", "").Attributes, CreateFirst: true}}, []string{"create a2", "destroy a1"}},
		"of another":  {Config{"a": thing("a", "1", ""), "b": first}, Config{"a": thing("a", "2", ""), "b": first}, []string{"create a2", "destroy a1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, tf := newTiny()
			mustApply(t, tf, test.before)
			s.calls()
			mustApply(t, tf, test.after)
			if got := changes(s.calls()); !slices.Equal(got, test.want) {
				t.Errorf("the order is %q, and should be %q", got, test.want)
			}
		})
	}
}

// changes are the calls that change something, without process and private data.
func changes(calls []string) []string {
	var all []string
	for _, call := range calls {
		_, said, _ := strings.Cut(call, ": ")
		said, _, _ = strings.Cut(said, " (")
		if !strings.HasPrefix(said, "plan ") && !strings.HasPrefix(said, "read ") {
			all = append(all, said)
		}
	}
	return all
}

// A block may depend on several others. Its creation waits for theirs.
func TestDependsOn(t *testing.T) {
	t.Parallel()
	for range 20 {
		s, tf := newTiny()
		d := thing("d", "", "")
		d.After, d.DependsOn = "a", []string{"b", "c"}
		mustApply(t, tf, Config{"a": thing("a", "", ""), "b": thing("b", "", ""), "c": thing("c", "", ""), "d": d})
		if got := changes(s.calls()); got[3] != "create d" {
			t.Errorf("the order is %q", got)
		}
		mustApply(t, tf, Config{})
		if got := changes(s.calls()); got[0] != "destroy d" {
			t.Errorf("the order of the end is %q", got)
		}
	}
}

// Forget is removed { lifecycle { destroy = false } }: nobody asks the provider.
func TestForget(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	mustApply(t, tf, Config{"a": thing("a", "", ""), "b": thing("b", "", "")})
	s.calls()
	tf.Forget("a")
	if p := mustPlan(t, tf, Config{"b": thing("b", "", "")}, Options{}); len(p.Changes) > 0 {
		t.Errorf("there is a change of %s", p.Changes[0].Address)
	}
	if got := things(s.calls(), "read "); got != "b" {
		t.Errorf("the plan reads %s", got)
	}
	wantState(t, tf, "b")
}
