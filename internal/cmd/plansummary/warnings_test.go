// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

const (
	versionEvent = `{"type": "version", "terraform": "1.16.3", "ui": "1.3"}`
	endEvent     = `{"type": "change_summary", "changes": {"add": 1, "operation": "plan"}}`
)

// warningEvent is a warning of a resource; without an address, one of a block that is no
// longer in the configuration.
func warningEvent(address, summary, detail string) string {
	return fmt.Sprintf(`{"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": %q, "detail": %q, "address": %q}}`, summary, detail, address)
}

// plannedEvent is a change of a resource.
func plannedEvent(action, address string) string {
	return fmt.Sprintf(`{"type": "planned_change", "change": {"resource": {"addr": %q}, "action": %q}}`, address, action)
}

// eventsOf are the events of a plan that came to its end.
func eventsOf(lines ...string) string {
	return strings.Join(slices.Concat([]string{versionEvent}, lines, []string{endEvent}), "\n") + "\n"
}

// summaryWith is the summary of changes and events.
func summaryWith(t *testing.T, changes, events string) string {
	t.Helper()
	base := filepath.Join(t.TempDir(), "plan")
	writeFile(t, base+".json", []byte(planOf(changes)))
	writeFile(t, base+".jsonl", []byte(events))
	return summaryOf(t, "-events", base+".jsonl", base+".json")
}

const thisMember = "elasticcloud_member.this"

// planOf is a plan with changes, in a configuration that has a member and a list.
func planOf(changes string) string {
	return `{"format_version": "1.2", "resource_changes": [` + changes + `], "configuration": {"root_module": {"resources": [
		{"address": "elasticcloud_member.this", "mode": "managed", "type": "elasticcloud_member", "name": "this", "provider_config_key": "elasticcloud"},
		{"address": "elasticcloud_role_assignment.this", "mode": "managed", "type": "elasticcloud_role_assignment", "name": "this", "provider_config_key": "elasticcloud"},
		{"address": "elasticcloud_members_exclusive.this", "mode": "managed", "type": "elasticcloud_members_exclusive", "name": "this", "provider_config_key": "elasticcloud"}
	]}}}`
}

var newAlice = resource("elasticcloud_member", `["create"]`, "null", `{"email": "alice@example.com", "roles": ["billing-admin"]}`, "{}", "{}")

// The address of a warning says whose it is. The wording decides only for a block that is
// no longer in the configuration, and only if there is such a block.
func TestWhoseWarning(t *testing.T) {
	t.Parallel()
	summary, detail := warning.Adopted.With("alice@example.com"), warning.IsMember.With()+" "+warning.ApplyKeeps
	inCheck := `{"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "` + summary + `", "detail": "` + detail + `", "range": {"filename": "main.tf", "start": {"line": 3}}}}`
	gone := strings.ReplaceAll(resource("elasticcloud_member", `["delete"]`, `{"email": "bob@example.com", "roles": [], "status": "active"}`, "null", "{}", "{}"), ".this", ".gone")
	goneEvent := plannedEvent("delete", "elasticcloud_member.gone")
	for name, test := range map[string]struct {
		changes, warning string
		more             []string
		want             string
		not              string
	}{
		"of the resource":              {newAlice, warningEvent(thisMember, summary, detail), nil, "**1 person is adopted.**", "Unclear"},
		"of a resource in a module":    {newAlice, warningEvent(`module.a["b.c"].elasticcloud_member.this["x"]`, summary, detail), nil, "**1 person is adopted.**", "Unclear"},
		"of a check":                   {newAlice, inCheck, nil, "**1 person gains access.**", "Unclear"},
		"of another provider":          {newAlice, warningEvent("null_resource.elasticcloud_member", summary, detail), nil, "**1 person gains access.**", "Unclear"},
		"of a key that looks like it":  {newAlice, warningEvent(`null_resource.x["elasticcloud_member.this"]`, summary, detail), nil, "**1 person gains access.**", "Unclear"},
		"of another provider's block":  {newAlice, warningEvent(`provider["registry.terraform.io/evil/elasticcloud"]`, summary, detail), nil, "**1 person gains access.**", "Unclear"},
		"of no block":                  {newAlice, warningEvent("", summary, detail), nil, "**1 person gains access.**", "Unclear"},
		"of a block that is gone":      {newAlice + "," + gone, warningEvent("", summary, detail), []string{goneEvent}, "1 person is adopted", "Unclear"},
		"unknown, of no block":         {newAlice, warningEvent("", "A new warning", "It is new."), nil, "**1 person gains access.**", "Unclear"},
		"unknown, a block is gone":     {newAlice + "," + gone, warningEvent("", "A new warning", "It is new."), []string{goneEvent}, "**Unclear. At least 1 person gains access, 1 person loses all access.**", "Nobody"},
		"Terraform's, a block is gone": {newAlice + "," + gone, warningEvent("", "Value for undeclared variable", "The root module does not declare it."), []string{goneEvent}, "**1 person gains access, 1 person loses all access.**", "Unclear"},
		"unknown summary":              {newAlice, warningEvent(thisMember, "alice@example.com was there", detail), nil, "**Unclear. At least 1 person gains access.**", "Nobody"},
		"unknown detail":               {newAlice, warningEvent(thisMember, summary, "This person joined. Apply changes no grants."), nil, "**Unclear. At least 1 person gains access.**", "Nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := summaryWith(t, test.changes, eventsOf(slices.Concat(test.more, []string{plannedEvent("create", thisMember), test.warning})...))
			if !strings.Contains(got, test.want) || strings.Contains(got, test.not) {
				t.Errorf("no %q, or %q, in:\n%s", test.want, test.not, got)
			}
		})
	}
}

// A new assignment may adopt a grant. Then nobody gains it.
func TestHeldGrant(t *testing.T) {
	t.Parallel()
	changes := resource("elasticcloud_role_assignment", `["create"]`, "null", `{"email": "alice@example.com", "role": "billing-admin"}`, "{}", `{"status": true, "id": true}`)
	planned := plannedEvent("create", "elasticcloud_role_assignment.this")
	held := warningEvent("elasticcloud_role_assignment.this", warning.HeldAlready.With(1), warning.HeldAlreadyDetail+"\n"+warning.Line.With("alice@example.com", "billing-admin"))
	for events, want := range map[string]string{
		eventsOf(planned):       "**1 grant changes.**\n\n### People\n\n- `alice@example.com` gains `billing-admin`.\n",
		eventsOf(planned, held): "**Nobody gains or loses access.**\n\n### Warnings\n",
	} {
		if got := summaryWith(t, changes, events); !strings.HasPrefix(got, want) {
			t.Errorf("got:\n%s\nwant first:\n%s", got, want)
		}
	}
}

// A resource of another provider with our types says nothing of Elastic Cloud.
func TestOtherProvider(t *testing.T) {
	t.Parallel()
	owner := `{"email": "alice@example.com", "roles": ["organization-admin"], "status": "active"}`
	fake := strings.Replace(strings.ReplaceAll(resource("elasticcloud_member", `["no-op"]`, owner, owner, "{}", "{}"), ".this", ".fake"),
		`"mode"`, `"provider_name": "registry.terraform.io/evil/elasticcloud", "mode"`, 1)
	genuine := resource("elasticcloud_member", `["create"]`, "null", owner, "{}", "{}")
	got := summaryWith(t, fake+","+genuine, eventsOf(plannedEvent("create", thisMember)))
	for _, want := range []string{"**Unclear. At least owners change, 1 person gains access.**", "`registry.terraform.io/evil/elasticcloud`", "**`alice@example.com` becomes an owner**"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

// The events and the plan have to be of one run: otherwise somebody reviews what is not
// applied.
func TestEvents(t *testing.T) {
	t.Parallel()
	create := plannedEvent("create", thisMember)
	for name, test := range map[string]struct {
		events string
		code   int
		want   string
	}{
		"of this plan":                 {eventsOf(create), endWritten, "**1 person gains access.**"},
		"of another plan":              {eventsOf(plannedEvent("delete", thisMember)), endFailed, "are not of the same plan: only one of them has: create elasticcloud_member.this, delete elasticcloud_member.this"},
		"of fewer changes":             {eventsOf(), endFailed, "are not of the same plan"},
		"other providers do not count": {eventsOf(create, plannedEvent("create", "null_resource.x")), endWritten, "**1 person gains access.**"},
		"cut off":                      {versionEvent + "\n" + create + "\n", endWritten, "The events end before the plan does."},
		"failed":                       {eventsOf(create, `{"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "x"}}`), endWritten, "The plan failed."},
		"no events":                    {"\n", endFailed, "there is no event"},
		"text":                         {versionEvent + "\nWarning: x\n", endFailed, "line 2 is not an event"},
		"the plan itself":              {`{"format_version": "1.2"}`, endFailed, "line 1: the first event, and no other, is the version"},
		"half a line":                  {eventsOf(create)[:20], endFailed, "line 1 is not an event"},
		"targeting":                    {eventsOf(create, warningEvent("", targeting, "You are creating a plan with the -target option.")), endWritten, "The plan is incomplete"},
		"a check that says targeting":  {eventsOf(create, `{"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "Check block assertion failed", "detail": "Resource targeting is in effect", "range": {"filename": "main.tf"}}}`), endWritten, "**1 person gains access.**"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := filepath.Join(t.TempDir(), "plan")
			writeFile(t, base+".json", []byte(planOf(newAlice)))
			writeFile(t, base+".jsonl", []byte(test.events))
			var out bytes.Buffer
			if code := run([]string{"-events", base + ".jsonl", base + ".json"}, strings.NewReader(""), &out, &out); code != test.code || !strings.Contains(out.String(), test.want) {
				t.Errorf("it ended with %d, and no %q in:\n%s", code, test.want, out.String())
			}
		})
	}
}

// Two plans can have the same changes. The time tells them apart.
func TestEventsOfAnotherTime(t *testing.T) {
	t.Parallel()
	at := func(event, time string) string { return strings.Replace(event, "{", `{"@timestamp": "`+time+`", `, 1) }
	base := filepath.Join(t.TempDir(), "plan")
	writeFile(t, base+".jsonl", []byte(at(versionEvent, "2026-11-29T10:00:00.9Z")+"\n"+at(plannedEvent("create", thisMember), "2026-11-29T10:00:04Z")+"\n"+at(endEvent, "2026-11-29T10:00:05.1Z")+"\n"))
	for time, want := range map[string]int{
		"2026-11-29T10:00:00Z": endWritten, "2026-11-29T10:00:05Z": endWritten, "2026-11-29T11:00:05+01:00": endWritten,
		"2026-11-29T09:59:59Z": endFailed, "2026-11-29T10:00:06Z": endFailed,
	} {
		writeFile(t, base+".json", []byte(strings.Replace(planOf(newAlice), "{", `{"timestamp": "`+time+`", `, 1)))
		var out bytes.Buffer
		if code := run([]string{"-events", base + ".jsonl", base + ".json"}, nil, &out, &out); code != want {
			t.Errorf("%s: it ended with %d: %s", time, code, out.String())
		}
	}
	if _, err := readEvents([]byte(eventsOf() + eventsOf())); err == nil {
		t.Error("the events of two runs are taken for one")
	}
}

// Without events, and without all that they can say, the summary is unclear.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ plan, want string }{
		"no events":        {planOf(newAlice), "The events of the plan are missing (-events)"},
		"not complete":     {strings.Replace(planOf(newAlice), `{`, `{"complete": false, `, 1), "The plan is incomplete"},
		"deferred":         {strings.Replace(planOf(newAlice), `{`, `{"complete": false, "deferred_changes": [{"reason": "provider_config_unknown", "resource_change": {"address": "elasticcloud_member.later", "mode": "managed", "type": "elasticcloud_member"}}], `, 1), "The plan leaves changes to a later run: `elasticcloud_member.later`."},
		"an error":         {strings.Replace(planOf(newAlice), `{`, `{"errored": true, `, 1), "The plan ended with an error."},
		"a later provider": {planOf(strings.ReplaceAll(newAlice, "elasticcloud_member", "elasticcloud_robot")), "`elasticcloud_robot.this` is of a type that this program does not know."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan.json")
			writeFile(t, file, []byte(test.plan))
			if got := summaryOf(t, file); !strings.HasPrefix(got, "**Unclear") || !strings.Contains(got, test.want) {
				t.Errorf("no %q in:\n%s", test.want, got)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	writeFile(t, file, []byte(planOf("")))
	if got := summaryOf(t, file); !strings.HasPrefix(got, "**Nobody gains or loses access.**") {
		t.Errorf("nothing changes, and no event is needed to say so:\n%s", got)
	}
	writeFile(t, file, []byte(`{"format_version": "1.2", "resource_drift": [`+resource("elasticcloud_members", `["update"]`, `{"members": {}, "pending": []}`, `{"members": {"alice@example.com": []}, "pending": []}`, "{}", "{}")+`]}`))
	if got := summaryOf(t, file); !strings.HasPrefix(got, "**Nobody gains or loses access.**") || !strings.Contains(got, "`alice@example.com` was added") {
		t.Errorf("apply invites nobody whom somebody added by hand:\n%s", got)
	}
}

// Which of the last owners is told to be the last does not matter.
func TestSteady(t *testing.T) {
	t.Parallel()
	loses := func(who, other string) ownWarning {
		return wordedWarning(warning.LosesOwner.With(who), warning.OwnerDemoted.With(who)+" "+warning.OtherOwners.With(other))
	}
	isLast := func(who string) ownWarning {
		return wordedWarning(warning.LastOwner.With(who), warning.OwnerRemoved.With(who)+" "+warning.OthersLoseToo+" "+warning.OwnerlessRefused)
	}
	show := func(list ...ownWarning) []string { return inLines(steady(list), secrets{}) }
	one := show(loses("a@x.org", "b@x.org"), isLast("b@x.org"))
	other := show(loses("b@x.org", "a@x.org"), isLast("a@x.org"))
	want := []string{"The last owners of the organization lose organization-admin", "  Apply refuses this unless the same apply grants organization-admin to another active member.",
		"", "a@x.org loses organization-admin", "", "b@x.org loses organization-admin"}
	if !slices.Equal(one, want) || !slices.Equal(other, want) {
		t.Errorf("got %q and %q", one, other)
	}
	together := show(wordedWarning(warning.LastOwners.With(), warning.OwnerReplaced.With("a@x.org")+"\n"+warning.OwnerDemoted.With("b@x.org")+" "+warning.NoOtherOwner+" "+warning.OwnerlessRefused))
	if !slices.Equal(together, want) {
		t.Errorf("together: %q", together)
	}
	allowed := show(loses("a@x.org", "b@x.org"), wordedWarning(warning.Ownerless.With(), warning.OwnerRemoved.With("b@x.org")+" "+warning.NoOtherOwner+" "+warning.OwnerlessAllowed))
	if want := []string{"The organization is left without an owner", "", "a@x.org loses organization-admin", "", "b@x.org loses organization-admin"}; !slices.Equal(allowed, want) {
		t.Errorf("allowed: %q", allowed)
	}
	if got := show(loses("a@x.org", "b@x.org")); len(got) != 2 {
		t.Errorf("the other owner is known, and is left out: %q", got)
	}
}

// wordedWarning is a warning as it is read.
func wordedWarning(summary, detail string) ownWarning {
	w := ownWarning{diagnostic: diagnostic{Summary: summary, Detail: detail}}
	w.text, w.read = warning.Read(summary, detail)
	return w
}

// A plan that did not know the API key does not say everything that apply does.
func TestNothingIsLookedUp(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		warning.NothingLookedUp.With(): warning.NothingLookedUpDetail.With("api_key"), warning.PartialView.With(): warning.PartialViewDetail,
	} {
		got := summaryWith(t, newAlice, eventsOf(plannedEvent("create", thisMember), warningEvent(`provider["registry.terraform.io/elasticcloud-access/elasticcloud"]`, name, text)))
		if !strings.HasPrefix(got, "**Unclear. At least 1 person gains access.**") {
			t.Errorf("%s: got:\n%s", name, got)
		}
	}
}

// A text in a warning cannot become more than text.
func TestWarningsAreText(t *testing.T) {
	t.Parallel()
	hostile := "``` <b>@everybody</b>\u202e"
	detail := "````\n# Heading\n" + strings.Repeat("x", 2*mostPrinted)
	got := summaryWith(t, newAlice, eventsOf(plannedEvent("create", thisMember), warningEvent(thisMember, hostile, detail), warningEvent("null_resource.x", hostile, detail)))
	want := "### Warnings\n\n`````\n``` <b>@everybody</b>\\u202e\n  ````\n  # Heading\n  " + strings.Repeat("x", mostPrinted-2) + "…\n`````\n\n" +
		"### Warnings that are not of this provider\n\n- ```` ``` <b>@everybody</b>\\u202e ````, at `null_resource.x`.\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got:\n%s\nwant at the end:\n%s", got, want)
	}
}

// What the plan marks as sensitive is in no warning that is shown: neither of the
// resource that has it, nor of another one, nor of one that is no longer there, nor in a
// text that this program cannot read.
func TestSensitiveWarnings(t *testing.T) {
	t.Parallel()
	const secret = "grace@example.com"
	changes := resource("elasticcloud_member", `["create"]`, "null", `{"email": "`+secret+`", "roles": ["billing-admin"]}`, `{"email": true}`, "{}") + "," +
		strings.ReplaceAll(resource("elasticcloud_member", `["delete"]`, `{"email": "heidi@example.com", "roles": [], "status": "active"}`, "null", `{"email": true}`, "{}"), ".this", ".gone") + "," +
		resource("elasticcloud_members_exclusive", `["update"]`, `{"emails": ["bob@example.com"]}`, `{"emails": []}`, "{}", "{}")
	planned := []string{plannedEvent("create", thisMember), plannedEvent("delete", "elasticcloud_member.gone"), plannedEvent("update", "elasticcloud_members_exclusive.this")}
	const list = "elasticcloud_members_exclusive.this"
	removed := func(who string) string {
		return warningEvent(list, warning.Removed.With(1), warning.RemovedDetail+"\n"+warning.StatusLine.With(who, warning.Member, "billing-admin"))
	}
	for name, event := range map[string]string{
		"of the resource":        warningEvent(thisMember, warning.Adopted.With("GRACE@example.com"), warning.IsMember.With()+" "+warning.ApplyKeeps),
		"of another resource":    removed("Grace@Example.com"),
		"in a list":              warningEvent(list, warning.RunRemoves.With(1), warning.RunRemovesDetail.With(2, "alice@example.com, grace@example.com", 1)),
		"of a block gone":        warningEvent("", warning.LosesOwner.With("heidi@example.com"), warning.OwnerRemoved.With("heidi@example.com")+" "+warning.OtherOwners.With("bob@example.com")),
		"unreadable":             warningEvent(list, "About "+secret, "It is "+secret),
		"of another provider":    warningEvent("null_resource.x", "About "+secret, "It is "+secret),
		"unreadable and wrapped": warningEvent(list, "About grace@\nexample.com", "It is so."),
	} {
		got := summaryWith(t, changes, eventsOf(append(planned, event)...))
		if lower := strings.ToLower(got); strings.Contains(lower, "grace") || strings.Contains(lower, "heidi") || !strings.Contains(got, hiddenText) {
			t.Errorf("%s: got:\n%s", name, got)
		}
	}
	if got := summaryWith(t, changes, eventsOf(append(planned, removed("bob@example.com"))...)); !strings.Contains(got, "- bob@example.com (member): billing-admin") {
		t.Errorf("bob is not sensitive:\n%s", got)
	}
	marks := marked(map[string]any{"a": []any{"one", "two"}, "b": map[string]any{"key": "three"}, "c": "four"}, map[string]any{"a": []any{false, true}, "b": true})
	if slices.Sort(marks); !slices.Equal(marks, []string{"key", "three", "two"}) {
		t.Errorf("marked are %q", marks)
	}
}

// Many warnings leave room for the rest.
func TestManyWarnings(t *testing.T) {
	t.Parallel()
	in := input{Plan: bigPlan(40, 3), events: &events{complete: true, refreshed: true}}
	for i := range 2000 {
		in.events.warnings = append(in.events.warnings, diagnostic{Summary: warning.Adopted.With(fmt.Sprintf("person-%04d@example.com", i)), Address: thisMember, Detail: warning.IsMember.With() + " " + warning.ApplyKeeps})
	}
	got, _ := write(in, false, 20000)
	for _, want := range []string{"**20 people gain access, 20 people lose all access.**", "person-00000", "person-0000@example.com is adopted", "```\n\n- … and "} {
		if !strings.Contains(got, want) || len(got) > 20000 {
			t.Errorf("%d bytes, no %q in:\n%s", len(got), want, got[:1000])
		}
	}
}

// A plan whose events are in another order has the same summary: a text that depends on
// the order would look like another drift.
func TestSameInAnyOrder(t *testing.T) {
	t.Parallel()
	recordings, err := filepath.Glob("testdata/*/*.jsonl")
	if err != nil || len(recordings) == 0 {
		t.Fatalf("recordings %v, error %v", recordings, err)
	}
	for _, recording := range recordings {
		content, err := os.ReadFile(recording)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		slices.Reverse(lines[1:])
		turned := filepath.Join(t.TempDir(), "events.jsonl")
		writeFile(t, turned, []byte(strings.Join(lines, "\n")))
		plan := strings.TrimSuffix(recording, "l")
		if got, want := summaryOf(t, "-events", turned, plan), summaryOf(t, "-events", recording, plan); got != want {
			t.Errorf("%s: got:\n%s\nwant:\n%s", recording, got, want)
		}
	}
}
