// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// first is the thing a, which is created before it is destroyed.
func first(key string) Block {
	b := thing("a", key, "")
	b.CreateFirst = true
	return b
}

// An object whose destruction failed after its replacement was created stays in the
// state, deposed. The next plan reads it and plans its destruction. The apply plans
// that again, with the private data of the state and not that of the plan.
func TestDeposed(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	mustApply(t, tf, Config{"x.a": first("1")})
	s.fails["destroy a1"] = true
	if _, err := tf.Apply(t.Context(), mustPlan(t, tf, Config{"x.a": first("2")}, Options{})); err == nil || !strings.Contains(err.Error(), "x.a (deposed object 00000000): could not destroy a1") {
		t.Errorf("the error is %v", err)
	}
	wantState(t, tf, "x.a", Deposed("x.a", 0))
	s.calls()
	delete(s.fails, "destroy a1")
	p := mustPlan(t, tf, Config{"x.a": first("2")}, Options{})
	if len(p.Changes) != 1 || p.Changes[0].Address != Deposed("x.a", 0) || !p.Changes[0].Config.IsNull() {
		t.Errorf("the plan has %d changes", len(p.Changes))
	}
	wantCalls(t, s.calls(), "5: read a1", "5: plan destroy a1 (made by 2, planned by 4)")
	applied, err := tf.Apply(t.Context(), p)
	if err != nil || applied.Destroyed != 1 {
		t.Errorf("%d are destroyed, %v", applied.Destroyed, err)
	}
	if got, want := s.calls(), []string{"6: plan destroy a1 (made by 2, planned by 4)", "6: destroy a1 (made by 2, planned by 6)"}; !slices.Equal(got, want) {
		t.Errorf("the apply calls %q, and should call %q", got, want)
	}
	wantState(t, tf, "x.a")
}

// For an object that is no longer configured, apply does not plan again, so it gets the
// private data of the plan.
func TestPlannedPrivateData(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	mustApply(t, tf, Config{"x.a": thing("a", "1", "")})
	s.calls()
	mustApply(t, tf, Config{})
	if got, want := s.calls(), []string{"3: read a1", "3: plan destroy a1 (made by 2)", "4: destroy a1 (made by 2, planned by 3)"}; !slices.Equal(got, want) {
		t.Errorf("the calls are %q, and should be %q", got, want)
	}
}

// If something that refers to the replacement fails, the old object is not destroyed.
func TestDeposedAsWhatRefersToItFailed(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	config := func(key, note string) Config {
		b := thing("b", "", note)
		b.After = "x.a"
		return Config{"x.a": first(key), "x.b": b}
	}
	mustApply(t, tf, config("1", ""))
	s.fails["update b"] = true
	s.calls()
	if _, err := tf.Apply(t.Context(), mustPlan(t, tf, config("2", "new"), Options{})); err == nil {
		t.Error("the apply succeeds")
	}
	if got := changes(s.calls()); !slices.Equal(got, []string{"create a2", "update b"}) {
		t.Errorf("the calls are %q", got)
	}
	wantState(t, tf, "x.a", Deposed("x.a", 0), "x.b")

	// Its end waits for what refers to it once more.
	delete(s.fails, "update b")
	mustApply(t, tf, config("2", "new"))
	if got := changes(s.calls()); !slices.Equal(got, []string{"update b", "destroy a1"}) {
		t.Errorf("the calls are %q", got)
	}
	wantState(t, tf, "x.a", "x.b")
}

// One address may have several. Each is destroyed, in any order, after the change
// of the object itself.
func TestSeveralDeposed(t *testing.T) {
	t.Parallel()
	orders := map[string]bool{}
	for range 150 {
		s, tf := newTiny()
		tf.Parallelism = 1
		mustApply(t, tf, Config{"x.a": first("1")})
		s.fails["destroy a1"], s.fails["destroy a2"] = true, true
		for _, key := range []string{"2", "3"} {
			if _, err := tf.Apply(t.Context(), mustPlan(t, tf, Config{"x.a": first(key)}, Options{})); err == nil {
				t.Error("the apply succeeds")
			}
		}
		wantState(t, tf, "x.a", Deposed("x.a", 0), Deposed("x.a", 1))
		clear(s.fails)
		s.calls()
		mustApply(t, tf, Config{"x.a": first("4")})
		got := changes(s.calls())
		if len(got) != 4 || got[0] != "create a4" {
			t.Errorf("the calls are %q", got)
		}
		orders[strings.Join(got[1:], ", ")] = true
		wantState(t, tf, "x.a")
	}
	if len(orders) != 6 {
		t.Errorf("these are not all orders: %v", orders)
	}
}

// If the replacement of an object cannot be created, the old object stays in its place.
// If the replacement cannot even be planned in the apply, the old object stays deposed,
// and its place stays empty.
func TestReplacementThatFails(t *testing.T) {
	t.Parallel()
	for fails, want := range map[string][]string{
		"create a2": {"x.a"},
		// The first plan of the creation is that of the command plan.
		"plan create a2": {Deposed("x.a", 0)},
	} {
		s, tf := newTiny()
		mustApply(t, tf, Config{"x.a": first("1")})
		p := mustPlan(t, tf, Config{"x.a": first("2")}, Options{})
		s.fails[fails] = true
		if _, err := tf.Apply(t.Context(), p); err == nil {
			t.Error("the apply succeeds")
		}
		wantState(t, tf, want...)
		clear(s.fails)
		s.calls()
		mustApply(t, tf, Config{"x.a": first("2")})
		if got := changes(s.calls()); !slices.Equal(got, []string{"create a2", "destroy a1"}) {
			t.Errorf("the calls are %q", got)
		}
		wantState(t, tf, "x.a")
	}
}

// A deposed object that is gone already leaves the state without a plan, whether its
// block is still configured or not.
func TestDeposedLeaves(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]func(context.Context, *tiny, *Terraform) error{
		"gone": func(ctx context.Context, s *tiny, tf *Terraform) error {
			s.gone["a1"] = true
			p, err := tf.Plan(ctx, Config{"x.a": first("2")}, Options{})
			if err == nil {
				_, err = tf.Apply(ctx, p)
			}
			return err
		},
		"forgotten": func(_ context.Context, _ *tiny, tf *Terraform) error {
			tf.Forget("x.a")
			return nil
		},
		"with the block": func(ctx context.Context, _ *tiny, tf *Terraform) error {
			p, err := tf.Plan(ctx, Config{}, Options{})
			if err == nil {
				_, err = tf.Apply(ctx, p)
			}
			return err
		},
		"destroyed": func(ctx context.Context, _ *tiny, tf *Terraform) error {
			p, err := tf.Plan(ctx, Config{"x.a": first("2")}, Options{Destroy: true})
			if err == nil {
				_, err = tf.Apply(ctx, p)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, tf := newTiny()
			mustApply(t, tf, Config{"x.a": first("1")})
			s.fails["destroy a1"] = true
			if _, err := tf.Apply(t.Context(), mustPlan(t, tf, Config{"x.a": first("2")}, Options{})); err == nil {
				t.Error("the apply succeeds")
			}
			clear(s.fails)
			s.calls()
			if err := leaves(t.Context(), s, tf); err != nil {
				t.Fatal(err)
			}
			made := changes(s.calls())
			switch name {
			case "gone":
				wantState(t, tf, "x.a")
				if len(made) > 0 {
					t.Errorf("the calls are %q", made)
				}
			case "forgotten":
				wantState(t, tf)
			default:
				wantState(t, tf)
				slices.Sort(made)
				if !slices.Equal(made, []string{"destroy a1", "destroy a2"}) {
					t.Errorf("the calls are %q", made)
				}
			}
		})
	}
}

// The CLI's text names the deposed object as Terraform does, and so does a moved block
// take it along.
func TestDeposedText(t *testing.T) {
	t.Parallel()
	s, tf := newTiny()
	w := NewWorkspace(tf)
	hcl := func(name, key string) string {
		return "resource \"tiny_thing\" \"" + name + "\" {\n  name = \"a\"\n  key  = \"" + key + "\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n"
	}
	run := func(want bool, args ...string) string {
		t.Helper()
		out, ok := w.Run(t.Context(), args...)
		if ok != want {
			t.Fatalf("%v: %s", args, out)
		}
		return out
	}
	w.Write("main.tf", hcl("x", "1"))
	run(true, "apply", "-auto-approve")
	w.Write("main.tf", hcl("x", "2"))
	s.fails["destroy a1"] = true
	if out := run(false, "apply", "-auto-approve"); !strings.Contains(out, "Error: could not destroy a1 with tiny_thing.x, on main.tf line 1") {
		t.Error(out)
	}
	out := run(true, "plan")
	for _, want := range []string{
		`# tiny_thing.x (deposed object 00000000) will be destroyed # (left over from a partially-failed replacement of this instance) - resource "tiny_thing" "x" {`,
		"Plan: 0 to add, 0 to change, 1 to destroy.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %s", want, out)
		}
	}
	if plan, err := tf.PlanJSON(w.Last()); err != nil || plan.ResourceChanges[0].Address != "tiny_thing.x" || plan.ResourceChanges[0].DeposedKey != "00000000" {
		t.Errorf("the JSON is wrong: %v", err)
	}
	if state, err := tf.StateJSON(); err != nil || state.Values.RootModule.Resources[1].Address != "tiny_thing.x" || state.Values.RootModule.Resources[1].DeposedKey != "00000000" {
		t.Errorf("the JSON of the state is wrong: %v", err)
	}
	if out := run(true, "show"); !strings.Contains(out, "# tiny_thing.x: (deposed object 00000000)") {
		t.Error(out)
	}
	w.Write("main.tf", hcl("y", "2")+"moved {\n  from = tiny_thing.x\n  to   = tiny_thing.y\n}\n")
	out = run(true, "plan")
	if want := "# tiny_thing.y (deposed object 00000000) will be destroyed # (left over from a partially-failed replacement of this instance) # (moved from tiny_thing.x)"; !strings.Contains(out, want) {
		t.Errorf("%q is not in %s", want, out)
	}
	w.Write("main.tf", "removed {\n  from = tiny_thing.x\n  lifecycle {\n    destroy = false\n  }\n}\n")
	run(true, "apply", "-auto-approve")
	wantState(t, tf)
}
