// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	changingWaysGuide = "templates/guides/changing-ways.md.tmpl"
	changingWays      = "changing-ways/*.tf"
	waysPeople        = "people.tf" // is part of each way
)

// changeOfWays is a section of the guide: a configuration that is applied, the blocks
// that lead to another one, and what the plan says.
type changeOfWays struct {
	from, to, blocks string
	edit             func(people string) string // of people.tf, at the same time
	plan             string
	says             []string // warnings of the provider
	without          string   // what the plan says without the blocks
	refused          bool     // it is refused without the blocks
}

const (
	removedAndInvited = "would be removed and invited again" // Terraform may stop at any person
	noLongerManaged   = "The roles of alice@example.com are no longer managed"
	isAdopted         = "Warning: 1 person is adopted with the same grants"
)

var changesOfWays = []changeOfWays{
	{from: "member", to: "members", blocks: "member-to-members", plan: "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy",
		without: removedAndInvited, refused: true},
	{from: "members", to: "member", blocks: "members-to-member", plan: "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy",
		without: isAdopted},
	{from: "member", to: "assignments", blocks: "member-to-assignments", plan: "Plan: 5 to import, 0 to add, 4 to change, 0 to destroy",
		says: []string{noLongerManaged}, without: "Plan: 5 to add, 4 to change, 0 to destroy"},
	{from: "assignments", to: "member", blocks: "assignments-to-member", plan: "Plan: 0 to add, 4 to change, 0 to destroy",
		without: "alice@example.com keeps billing-admin"},
	{from: "members", to: "assignments", blocks: "members-to-assignments", plan: "Plan: 9 to import, 0 to add, 4 to change, 0 to destroy",
		says: []string{noLongerManaged}, without: isAdopted},
	{from: "assignments", to: "members", blocks: "assignments-to-members", plan: "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy",
		without: removedAndInvited, refused: true},
	{from: "count", to: "member", blocks: "count-to-member", plan: "Plan: 0 to add, 0 to change, 0 to destroy",
		without: removedAndInvited, refused: true},
	{from: "member", to: "member", blocks: "forget-one", plan: "Plan: 0 to add, 0 to change, 0 to destroy", edit: withoutBob,
		without: "Plan: 0 to add, 0 to change, 1 to destroy"},
}

// ofTheCLI are the warnings of Terraform and OpenTofu for a removed block.
var ofTheCLI = regexp.MustCompile("Warning: (?:Some objects will no longer be managed|Resource will be removed from the state)")

// waysGuide is the text of the guide without its line breaks.
func waysGuide(t *testing.T) string {
	t.Helper()
	return strings.Join(strings.Fields(readPage(t, changingWaysGuide)), " ")
}

// withoutBob takes a person out of people.tf.
func withoutBob(people string) string {
	lines := slices.DeleteFunc(strings.Split(people, "\n"), func(line string) bool { return strings.Contains(line, "bob@example.com") })
	return strings.Join(lines, "\n")
}

// Each change that the guide shows is one apply that writes nothing to the service: nobody
// gets an e-mail or loses a grant, and the next plan is empty. What the guide says of the
// plan without the blocks is so, too.
func TestChangingWays(t *testing.T) {
	t.Parallel()
	guide, used := waysGuide(t), []string{waysPeople}
	for _, c := range changesOfWays {
		used = append(used, c.from+".tf", c.to+".tf", c.blocks+".tf")
		t.Run(c.blocks, func(t *testing.T) {
			t.Parallel()
			c.try(t, guide)
		})
	}
	for _, file := range exampleFiles(t, changingWays) {
		if !slices.Contains(used, path.Base(file)) {
			t.Errorf("%s is in no change", file)
		}
	}
}

func (c changeOfWays) try(t *testing.T, guide string) {
	t.Helper()
	srv := newFake(t)
	srv.AddMember("alice@example.com", "billing-admin", "deployment-editor:*")
	srv.AddMember("bob@example.com", "deployment-viewer:*")
	srv.AddInvitation("carol@example.com", "deployment-viewer:*")
	folder := path.Dir(changingWays)
	tf := newCLI(t, srv)
	people := read(t, path.Join(folder, waysPeople))
	tf.write(waysPeople, people)
	tf.write("way.tf", read(t, path.Join(folder, c.from+".tf")))
	tf.must("apply", "-auto-approve")
	wantText(t, tf.must("plan"), "No changes.")
	srv.ResetLedger()
	mails := len(srv.Mails())

	tf.write("way.tf", read(t, path.Join(folder, c.to+".tf")))
	if c.edit != nil {
		tf.write(waysPeople, c.edit(people))
	}
	out, ok := tf.run("plan")
	if ok == c.refused {
		t.Errorf("without the blocks the plan succeeds: %t", ok)
	}
	wantText(t, out, c.without)
	wantText(t, guide, strings.TrimPrefix(c.without, "Warning: "))

	tf.write("blocks.tf", read(t, path.Join(folder, c.blocks+".tf")))
	out = tf.must("plan")
	wantText(t, out, append(c.says, c.plan)...)
	wantText(t, guide, append(c.says, "`"+c.plan+"`", "examples/changing-ways/"+c.blocks+".tf")...)
	if own := ofTheCLI.ReplaceAllString(out, ""); len(c.says) == 0 && strings.Contains(own, "Warning: ") {
		t.Errorf("the plan warns: %s", own)
	}
	tf.must("apply", "-auto-approve")
	tf.write("blocks.tf", "")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)
	wantMails(t, srv, mails)

	srv.Accept("carol@example.com")
	wantText(t, tf.must("plan"), "No changes.")
}

// A grant that no assignment manages is revoked once roles is the complete list, and the
// plan says so: the diff does not show it.
func TestChangingWaysRevokesWhatIsNotListed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "billing-admin", "deployment-editor:*")
		srv.AddInvitation("carol@example.com")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com") + member("carol", "carol@example.com"))
		tf.must("apply", "-auto-approve")
		tf.configure(member("alice", "alice@example.com", roles("billing-admin")) + member("carol", "carol@example.com", roles("billing-admin")))
		const loses, invited = "alice@example.com loses grants that the diff does not show", "carol@example.com gets a new invitation by e-mail"
		wantText(t, tf.must("plan"), "Warning: "+loses, "Apply revokes deployment-editor:*.", "Warning: "+invited)
		wantText(t, waysGuide(t), loses, invited)
	})
}

// The guide says what another address does in each resource.
func TestChangingWaysOfAnAddress(t *testing.T) {
	t.Parallel()
	const before, after = "alice@example.com", "alice.adams@example.com"
	createFirst := "lifecycle {\n    create_before_destroy = true\n  }"
	grant := roles("billing-admin")
	for name, test := range map[string]struct {
		config func(email string) string
		says   string
		first  string // route of the first write
	}{
		"member": {func(email string) string { return member("alice", email, grant) }, before + " is removed, and another address is invited", dropMem},
		"create_before_destroy": {func(email string) string { return member("alice", email, grant, createFirst) }, before + " is removed, and another address is invited",
			postInv},
		"members": {func(email string) string { return people(ownerListed, email+": billing-admin") }, "1 unlisted person is removed from the organization", ""},
		"for_each": {func(email string) string {
			return "resource \"elasticcloud_member\" \"this\" {\n  for_each = toset([\"" + email + "\"])\n  email = each.key\n  " + grant + "\n}\n"
		}, "Plan: 1 to add, 0 to change, 1 to destroy", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddMember(before, "billing-admin")
				tf := newTerraform(t, srv)
				tf.configure(test.config(before))
				tf.must("apply", "-auto-approve")
				srv.ResetLedger()
				tf.configure(test.config(after))
				wantText(t, tf.must("plan"), test.says)
				wantText(t, waysGuide(t), test.says)
				tf.must("apply", "-auto-approve")
				wantEmails(t, srv, after, "owner@example.com")
				wantMails(t, srv, 1)
				if writes := srv.Writes(); test.first != "" && writes[0].Route != test.first {
					t.Errorf("the first write is %s, not %s", writes[0].Route, test.first)
				}
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
	t.Run("assignment", func(t *testing.T) {
		t.Parallel()
		playing(t, func(t *testing.T) {
			srv := newFake(t)
			srv.AddMember(before, "billing-admin")
			tf := newTerraform(t, srv)
			tf.configure(assignment("a", `"`+before+`"`, "billing-admin"))
			tf.must("apply", "-auto-approve")
			tf.configure(assignment("a", `"`+after+`"`, "billing-admin"))
			const neither = after + " is neither a member nor invited"
			wantText(t, tf.must("plan"), neither)
			wantText(t, waysGuide(t), neither)
			if _, ok := tf.run("apply", "-auto-approve"); ok {
				t.Error("a grant is given to nobody")
			}
			wantGrants(t, srv, before)
		})
	})
}

// The plan refuses what the guide says that it refuses.
func TestChangingWaysRefuses(t *testing.T) {
	t.Parallel()
	const email = "alice@example.com"
	withRoles, editor := member("alice", email, roles("billing-admin")), assignment("a", `"`+email+`"`, "deployment-editor:*")
	billing := assignment("b", `"`+email+`"`, "billing-admin") + assignment("c", `"`+email+`"`, "billing-admin")
	for summary, test := range map[string]struct{ before, after string }{
		email + " would be removed and invited again":                         {withRoles, member("renamed", email, roles("billing-admin"))},
		email + " would be removed although an assignment grants a role":      {withRoles, editor},
		email + " is granted roles in two ways":                               {withRoles, withRoles + editor},
		"elasticcloud_members and elasticcloud_member manage the same people": {withRoles, withRoles + people(ownerListed, email+": billing-admin")},
		"Two resources grant billing-admin to " + email:                       {billing, strings.Replace(billing, "billing-admin", "deployment-viewer:*", 1)},
		"Could not move elasticcloud_member to elasticcloud_members": {withRoles,
			people(ownerListed, email+": billing-admin") + "moved {\n  from = elasticcloud_member.alice\n  to   = elasticcloud_members.all\n}\n"},
	} {
		t.Run(summary, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			srv.AddMember(email, "billing-admin")
			tf := newCLI(t, srv)
			tf.configure(test.before)
			tf.must("apply", "-auto-approve")
			srv.ResetLedger()
			tf.configure(test.after)
			out, ok := tf.run("apply", "-auto-approve")
			if ok {
				t.Errorf("it is applied: %s", out)
			}
			wantText(t, out, "Error: "+summary)
			wantText(t, waysGuide(t), "| `"+summary+"` |")
			wantWrites(t, srv)
		})
	}
}
