// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Plan and apply work on as many resources at a time as -parallelism says, and on
// ten without it.
func TestParallelism(t *testing.T) {
	t.Parallel()
	for given, want := range map[int]int{0: 10, 1: 1, 3: 3} {
		t.Run(fmt.Sprint(given), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, tf := newTiny()
				s.takes = time.Second
				tf.Parallelism = given
				config := Config{}
				for i := range 12 {
					config[fmt.Sprintf("tiny_thing.t%d", i)] = thing(fmt.Sprintf("t%d", i), "", "")
				}
				p := mustPlan(t, tf, config, Options{})
				if s.most != want {
					t.Errorf("the plan made %d calls at a time, and not %d", s.most, want)
				}
				s.most = 0
				if _, err := tf.Apply(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if s.most != want {
					t.Errorf("the apply made %d calls at a time, and not %d", s.most, want)
				}
			})
		})
	}
}

// The argument of the CLI does the same, for its command alone.
func TestParallelismArgument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, tf := newTiny()
		s.takes = time.Second
		w := NewWorkspace(tf)
		w.Write("main.tf", "resource \"tiny_thing\" \"t\" {\n  count = 12\n  name  = count.index\n}\n")
		for _, run := range []struct {
			args []string
			want int
		}{
			{[]string{"plan", "-parallelism=2", "-out=plan"}, 2},
			{[]string{"apply", "-parallelism=3", "plan"}, 3},
			{[]string{"plan"}, 10},
			{[]string{"destroy", "-auto-approve", "-parallelism=4"}, 4},
		} {
			s.most = 0
			if out, ok := w.Run(t.Context(), run.args...); !ok {
				t.Fatal(out)
			}
			if s.most != run.want {
				t.Errorf("%v made %d calls at a time, and not %d", run.args, s.most, run.want)
			}
		}
		for _, not := range []string{"0", "-1", "many", ""} {
			if out, ok := w.Run(t.Context(), "plan", "-parallelism="+not); ok || !strings.Contains(out, "-parallelism") {
				t.Errorf("-parallelism=%s gives %q", not, out)
			}
		}
	})
}

// One at a time, plan and apply take every order that nothing forbids. Nothing
// orders what has left the configuration.
func TestEveryOrder(t *testing.T) {
	t.Parallel()
	orders := map[string]bool{}
	for range 200 {
		s, tf := newTiny()
		tf.Parallelism = 1
		mustApply(t, tf, Config{"a": thing("a", "", ""), "b": thing("b", "", ""), "gone": thing("gone", "", "")})
		s.calls()
		b := thing("b", "", "new")
		b.After = "a"
		p := mustPlan(t, tf, Config{"a": thing("a", "", "new"), "b": b}, Options{})
		orders["plan "+things(s.calls(), "read ")] = true
		if _, err := tf.Apply(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		calls := s.calls()
		orders["apply "+things(slices.DeleteFunc(calls, func(call string) bool { return strings.Contains(call, "plan ") }), "update ", "destroy ")] = true
	}
	for _, want := range []string{"gone a b", "a gone b", "a b gone"} {
		for _, command := range []string{"plan ", "apply "} {
			if !orders[command+want] {
				t.Errorf("there is no %s in the order %s", command, want)
			}
			delete(orders, command+want)
		}
	}
	if len(orders) > 0 {
		t.Errorf("these orders cannot be: %v", orders)
	}
}

// things are the names in calls of some kinds, in order.
func things(calls []string, kinds ...string) string {
	var names []string
	for _, call := range calls {
		_, said, _ := strings.Cut(call, ": ")
		said, _, _ = strings.Cut(said, " (")
		for _, kind := range kinds {
			if name, is := strings.CutPrefix(said, kind); is {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, " ")
}

// OneByOne is one order: configured resources by address, and then removed ones.
func TestOneByOne(t *testing.T) {
	t.Parallel()
	for range 20 {
		s, tf := newTiny()
		mustApply(t, tf, Config{"0": thing("gone", "", ""), "a": thing("a", "", ""), "b": thing("b", "", ""), "c": thing("c", "", "")})
		s.calls()
		a := thing("a", "", "")
		a.After = "b"
		mustPlan(t, tf, Config{"a": a, "b": thing("b", "", ""), "c": thing("c", "", "")}, Options{OneByOne: true})
		if got := things(s.calls(), "read "); got != "b c a gone" {
			t.Fatalf("the order is %s", got)
		}
	}
}

// Blocks that wait for each other are an error, as in Terraform.
func TestCycle(t *testing.T) {
	t.Parallel()
	_, tf := newTiny()
	a, b := thing("a", "", ""), thing("b", "", "")
	a.After, b.After = "b", "a"
	if _, err := tf.Plan(t.Context(), Config{"a": a, "b": b}, Options{}); err == nil || !strings.Contains(err.Error(), "Cycle: a, b") {
		t.Errorf("the error is %v", err)
	}
}

// What waits for something that failed is skipped, and the others go on.
func TestBehindAFailure(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	b, c := thing("b", "", ""), thing("c", "", "")
	b.After, c.After = "a", "b"
	s.fails["create a"] = true
	if _, err := tf.Apply(t.Context(), mustPlan(t, tf, Config{"a": thing("a", "", ""), "b": b, "c": c, "d": thing("d", "", "")}, Options{})); err == nil || !strings.Contains(err.Error(), "a: could not create a") {
		t.Errorf("the error is %v", err)
	}
	wantState(t, tf, "d")
}

// An instance that leaves a resource which stays is planned like the others: behind
// what its block refers to, and before what refers to the resource.
func TestPlanOfAnInstanceThatLeaves(t *testing.T) {
	t.Parallel()
	hcl := func(keys string) string {
		return "resource \"tiny_thing\" \"c\" {\n  name = \"c\"\n}\n" +
			"resource \"tiny_thing\" \"a\" {\n  for_each = toset([" + keys + "])\n  name = each.key\n  note = tiny_thing.c.name\n}\n" +
			"resource \"tiny_thing\" \"b\" {\n  name = \"b\"\n  note = length(keys(tiny_thing.a))\n}\n"
	}
	orders := map[string]bool{}
	for range 50 {
		s, tf := newTiny()
		w := NewWorkspace(tf)
		for _, keys := range []string{`"x", "y"`, `"x"`} {
			s.calls()
			w.Write("main.tf", hcl(keys))
			if out, ok := w.Run(t.Context(), "apply", "-auto-approve", "-parallelism=1"); !ok {
				t.Fatal(out)
			}
		}
		orders[things(s.calls(), "read ")] = true
	}
	if len(orders) != 2 || !orders["c x y b"] || !orders["c y x b"] {
		t.Errorf("the orders are %v", orders)
	}
}

// A deposed object is planned at any time: what refers to the resource does not wait.
func TestPlanOfDeposed(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	tf.Parallelism = 1
	b := thing("b", "", "")
	b.After = "x.a"
	mustApply(t, tf, Config{"x.a": first("1"), "x.b": b})
	s.fails["destroy a1"] = true
	if _, err := tf.Apply(t.Context(), mustPlan(t, tf, Config{"x.a": first("2"), "x.b": b}, Options{})); err == nil {
		t.Error("the apply succeeds")
	}
	orders := map[string]bool{}
	for range 100 {
		s.calls()
		mustPlan(t, tf, Config{"x.a": first("2"), "x.b": b}, Options{})
		orders[things(s.calls(), "read ")] = true
	}
	if len(orders) != 3 || !orders["a1 a2 b"] || !orders["a2 a1 b"] || !orders["a2 b a1"] {
		t.Errorf("the orders are %v", orders)
	}
}

// Terraform up to 1.11 planned what has left the configuration before it read it.
func TestRemovedUnread(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		s, tf := newTiny()
		mustApply(t, tf, Config{"x.a": thing("a", "", "")})
		s.gone["a"] = gone
		s.calls()
		tf.RemovedUnread = true
		p := mustPlan(t, tf, Config{}, Options{})
		if _, err := tf.Apply(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		want := []string{"3: plan destroy a (made by 2)", "3: read a", "4: destroy a (made by 2, planned by 3)"}
		if gone {
			want = want[:2]
		}
		if got := s.calls(); !slices.Equal(got, want) {
			t.Errorf("the calls are %q, and should be %q", got, want)
		}
		wantState(t, tf)
	}
}

// Before it plans to destroy everything, Terraform makes the plan of the
// configuration, which may refuse; with -refresh=false it does not.
func TestPlanBeforeADestroy(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	w := NewWorkspace(tf)
	hcl := func(note string) string {
		return "resource \"tiny_thing\" \"a\" {\n  name = \"a\"\n  note = \"" + note + "\"\n}\n"
	}
	w.Write("main.tf", hcl("1"))
	if out, ok := w.Run(t.Context(), "apply", "-auto-approve"); !ok {
		t.Fatal(out)
	}
	w.Write("main.tf", hcl("2"))
	s.fails["plan update a"] = true
	if out, ok := w.Run(t.Context(), "destroy", "-auto-approve"); ok || !strings.Contains(out, "could not plan update a") {
		t.Error(out)
	}
	s.calls()
	clear(s.fails)
	if out, ok := w.Run(t.Context(), "plan", "-destroy"); !ok || !strings.Contains(out, "Plan: 0 to add, 0 to change, 1 to destroy.") {
		t.Error(out)
	}
	if got, want := s.calls(), []string{"4: read a", "4: plan update a (made by 2)", "5: plan destroy a (made by 2)"}; !slices.Equal(got, want) {
		t.Errorf("the calls are %q, and should be %q", got, want)
	}
	s.fails["plan update a"] = true
	if out, ok := w.Run(t.Context(), "destroy", "-auto-approve", "-refresh=false"); !ok {
		t.Error(out)
	}
	wantState(t, tf)
}
