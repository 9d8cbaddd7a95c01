// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// planText is what a plan with these warnings prints.
func planText(warnings ...string) string {
	return "x.y: Refreshing state... [id=z]\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n\n" + strings.Join(warnings, "\n\n") +
		"\n\n" + strings.Repeat("─", 77) + "\n\nSaved the plan to: plan.out\n\nTo perform exactly these actions, run the following command to apply:\n"
}

const (
	located = "Warning: a@example.com is odd\n\n  with elasticcloud_member.a,\n  on main.tf line 5, in resource \"elasticcloud_member\" \"a\":\n   5:   email = \"a@example.com\"\n\nFirst line,\nand a second.\n\nA paragraph."
	plain   = "Warning: Something else\n\nIt is so."
	several = "Warning: Many are odd\n\n  with elasticcloud_member.b,\n  on main.tf line 9:\n\nThis is b.\n\n(and 2 more similar warnings elsewhere)"
	two     = "Warning: Two are odd\n\nThis is c.\n\n(and one more similar warning elsewhere)"
)

// Warnings are found in whatever way they are printed, without where they come
// from, and without what differs from run to run.
func TestWarningsOf(t *testing.T) {
	t.Parallel()
	const want = "Many are odd (3 times)\n\nSomething else\n  It is so.\n\nTwo are odd (2 times)\n\n" +
		"a@example.com is odd\n  First line,\n  and a second.\n\n  A paragraph."
	box := func(text string) string {
		return "\x1b[33m╷\x1b[0m\x1b[0m\n\x1b[33m│\x1b[0m \x1b[0m" + strings.ReplaceAll(text, "\n", "\n\x1b[33m│\x1b[0m \x1b[0m") + "\n\x1b[33m╵\x1b[0m\x1b[0m"
	}
	for name, text := range map[string]string{
		"plain":          planText(located, plain, several, two),
		"another order":  planText(two, plain, strings.NewReplacer("This is b.", "This is d.", "line 9", "line 1").Replace(several), located),
		"twice":          planText(located, two, located, plain, several),
		"no trailer":     strings.Join([]string{located, two, plain, several}, "\n\n"),
		"line ends":      strings.ReplaceAll(planText(located, plain, several, two), "\n", "\r\n"),
		"boxes":          planText(box(located), box(plain), box(several), box(two)),
		"boxes and text": box(located) + "\nThis belongs to none.\n" + box(plain) + "\n" + box(several) + "\n" + box(two),
		"and an error":   planText(located, plain, several, two+"\n\nError: it failed\n\nDetail."),
		"a lock":         planText(located, several, two, plain+"\nReleasing state lock. This may take a few moments..."),
	} {
		if got := strings.Join(inLines(warningsOf(text)), "\n"); got != want {
			t.Errorf("%s: got:\n%s", name, got)
		}
	}
	if got := warningsOf("No changes. Your infrastructure matches the configuration.\n"); len(got) > 0 {
		t.Errorf("there is none, and it finds %v", got)
	}
	// A rule that is no end, since somebody chose it as a name.
	got := inLines(warningsOf(planText("Warning: x\n\nBefore.\n────\nAfter.")))
	if want := []string{"x", "  Before.", "  ────", "  After."}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Which of the last owners is told to be the last does not matter.
func TestSteady(t *testing.T) {
	t.Parallel()
	loses := func(who, other string) string {
		return fmt.Sprintf("Warning: %[1]s loses organization-admin\n\n%[1]s is no longer an owner of the organization. Other owners before this\nplan: %s. Other resources of the plan may change that.", who, other)
	}
	isLast := func(who string) string {
		return fmt.Sprintf("Warning: %[1]s is the last owner\n\n%[1]s is removed from the\norganization. All other owners lose organization-admin in this plan too. Apply refuses this.", who)
	}
	one := inLines(steady(warningsOf(planText(loses("a@x.org", "b@x.org"), isLast("b@x.org")))))
	other := inLines(steady(warningsOf(planText(loses("b@x.org", "a@x.org"), isLast("a@x.org")))))
	want := []string{"The last owners of the organization lose organization-admin", "  Apply refuses this unless the same apply grants organization-admin to another active member.",
		"", "a@x.org loses organization-admin", "", "b@x.org loses organization-admin"}
	if !slices.Equal(one, want) || !slices.Equal(other, want) {
		t.Errorf("got %q and %q", one, other)
	}
	together := inLines(steady(warningsOf(planText("Warning: The last owners of the organization lose organization-admin\n\na@x.org is removed from the organization, because email changes.\nb@x.org is no longer an owner of the organization. No other member holds it."))))
	if !slices.Equal(together, want) {
		t.Errorf("together: %q", together)
	}
	allowed := inLines(steady(warningsOf(planText(loses("a@x.org", "b@x.org"), "Warning: The organization is left without an owner\n\nb@x.org is removed from the organization. No other member holds it."))))
	if want := []string{"The organization is left without an owner", "", "a@x.org loses organization-admin", "", "b@x.org loses organization-admin"}; !slices.Equal(allowed, want) {
		t.Errorf("allowed: %q", allowed)
	}
	if got := inLines(steady(warningsOf(planText(loses("a@x.org", "b@x.org"))))); len(got) != 3 {
		t.Errorf("who stays is known, and is left out: %q", got)
	}
}

// summaryWithText is the summary of changes and of what the plan printed.
func summaryWithText(t *testing.T, changes, text string, flags ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan")
	writeFile(t, file+".json", []byte(`{"format_version": "1.2", "resource_changes": [`+changes+`]}`))
	writeFile(t, file+".txt", []byte(text))
	return summaryOf(t, append(flags, "-text", file+".txt", file+".json")...)
}

// The text of a plan says who of the invited is there already, unless it leaves
// the warnings out: then that stays open.
func TestHedge(t *testing.T) {
	t.Parallel()
	const hedge = "**Some of the invited may be there already**"
	comes := resource("elasticcloud_member", `["create"]`, "null", `{"email": "alice@example.com", "roles": []}`, "{}", "{}")
	nameless := resource("elasticcloud_member", `["create"]`, "null", `{"email": "alice@example.com", "roles": []}`, `{"email": true}`, "{}")
	compact := planText("Warnings:\n\n- alice@example.com is adopted\n  on main.tf line 3\n\nTo see the full warning notes, run Terraform without -compact-warnings.")
	adopted := "Warning: " + warning.AdoptedUnchanged.With(1) + "\n\nApply changes no grants.\n" + warning.StatusLine.With("alice@example.com", warning.Member, warning.SameGrants)
	if got := summaryWithText(t, comes, planText(adopted)); strings.Contains(got, "is invited") || !strings.Contains(got, "is taken over") {
		t.Errorf("who is adopted is there already:\n%s", got)
	}
	for name, test := range map[string]struct {
		changes, text string
		want          bool
	}{
		"no text":          {comes, " \n", true},
		"text":             {comes, planText(plain), false},
		"compact warnings": {comes, compact, true},
		"unknown person":   {nameless, planText(plain), true},
		"nobody comes":     {"", "", false},
		"one is adopted":   {comes, planText(adopted), false},
		"many are adopted": {comes, planText(adopted + "\n\n(and 4 more similar warnings elsewhere)"), true},
	} {
		if got := summaryWithText(t, test.changes, test.text); strings.Contains(got, hedge) != test.want {
			t.Errorf("%s: got:\n%s", name, got)
		}
	}
}

// A plan that did not know the API key does not say all that apply does.
func TestNothingIsLookedUp(t *testing.T) {
	t.Parallel()
	comes := resource("elasticcloud_member", `["create"]`, "null", `{"email": "alice@example.com", "roles": []}`, "{}", "{}")
	for name, test := range map[string]struct {
		changes, text string
		want          bool
	}{
		"a creation":      {comes, planText("Warning: " + warning.NothingLookedUp.With() + "\n\n" + warning.NothingLookedUpDetail.With("api_key")), true},
		"nothing changes": {"", planText("Warning: " + warning.NothingLookedUp.With() + "\n\n" + warning.NothingLookedUpDetail.With("api_key")), true},
		"another warning": {comes, planText(plain), false},
	} {
		got := summaryWithText(t, test.changes, test.text)
		for _, text := range []string{"**The plan looks nothing up in Elastic Cloud**", "the plan's data does not name everybody whom it concerns"} {
			if strings.Contains(strings.ToLower(got), strings.ToLower(text)) != test.want {
				t.Errorf("%s: got:\n%s", name, got)
			}
		}
	}
}

// Whoever chose a text in a warning cannot make it more than text, and what is
// marked as sensitive is not shown.
func TestWarningsAreText(t *testing.T) {
	t.Parallel()
	changes := resource("elasticcloud_member", `["create"]`, "null", `{"email": "Grace@example.com", "roles": ["billing-admin"]}`, `{"email": true, "roles": [true]}`, "{}")
	text := planText("Warning: grace@example.com is adopted\n\nApply revokes billing-admin.", "Warning: ``` <b>@everybody</b>\u202e\n\n````\n# Heading\n"+strings.Repeat("x", 2*mostPrinted))
	got := summaryWithText(t, changes, text, "-warnings-only")
	want := "`````\n(sensitive) is adopted\n  Apply revokes (sensitive).\n\n``` <b>@everybody</b>\\u202e\n  ````\n  # Heading\n  " + strings.Repeat("x", mostPrinted-2) + "…\n`````\n"
	if !strings.HasSuffix(got, "### What the plan warns of\n\n"+want) {
		t.Errorf("got:\n%s", got)
	}
	if whole := summaryWithText(t, changes, text); !strings.HasPrefix(whole, got) || !strings.Contains(whole, "<details><summary>The whole plan</summary>") {
		t.Errorf("with the whole text:\n%s", whole)
	}
	marks := marked(map[string]any{"a": []any{"one", "two"}, "b": map[string]any{"key": "three"}, "c": "four"}, map[string]any{"a": []any{false, true}, "b": true})
	if slices.Sort(marks); !slices.Equal(marks, []string{"key", "three", "two"}) {
		t.Errorf("marked are %q", marks)
	}
}

// Many warnings leave room for the rest.
func TestManyWarnings(t *testing.T) {
	t.Parallel()
	var warnings []string
	for i := range 2000 {
		warnings = append(warnings, fmt.Sprintf("Warning: person-%04d@example.com is odd\n\nIt is so, and this is why.", i))
	}
	got := write(bigPlan(40, 3), planText(warnings...), false, 20000)
	for _, want := range []string{"**20 people gain access, 20 people lose all access.**", "person-00000", "person-0000@example.com is odd", "```\n\n- … and "} {
		if !strings.Contains(got, want) || len(got) > 20000 {
			t.Errorf("%d bytes, no %q in:\n%s", len(got), want, got[:1000])
		}
	}
}

// A plan that is printed in another order is the same: what depends on it would
// look like another drift.
func TestSameInAnyOrder(t *testing.T) {
	t.Parallel()
	for name := range warned {
		file := filepath.Join("testdata", name)
		text, err := os.ReadFile(file + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		before, after, _ := strings.Cut(string(text), "\nWarning: ")
		printed, trailer, _ := strings.Cut(after, "\n─")
		blocks := strings.Split(printed, "\nWarning: ")
		slices.Reverse(blocks)
		turned := filepath.Join(t.TempDir(), "plan.txt")
		writeFile(t, turned, []byte("more.refreshed: Refreshing state...\n"+before+"\nWarning: "+strings.Join(blocks, "\n\nWarning: ")+"\n\n─"+trailer))
		if got, want := summaryOf(t, "-warnings-only", "-text", turned, file+".json"), warnedOf(t, file); got != want || len(blocks) < 2 {
			t.Errorf("%s: %d warnings, got:\n%s\nwant:\n%s", name, len(blocks), got, want)
		}
	}
}
