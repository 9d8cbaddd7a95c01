// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// Both runs invite the same person: one e-mail is sent, unless they disagree on the roles.
func TestTwoRunsInviteOnePerson(t *testing.T) {
	t.Parallel()
	twoRuns(t, func(p *pair) {
		same := map[string]block{"alice": memberBlock(aliceEmail, "deployment-viewer:a")}
		p.works(same, same)
		wantMails(p.t, p.srv, 1)
		wantEmpty(p.t, p.a, same)
		wantEmpty(p.t, p.b, same)
		p.works(nil, nil)
		if p.srv.Status(aliceEmail) != "none" {
			p.t.Errorf("Alice is %s", p.srv.Status(aliceEmail))
		}
	})
	twoRuns(t, func(p *pair) {
		a := map[string]block{"alice": memberBlock(aliceEmail, "deployment-viewer:a")}
		b := map[string]block{"alice": memberBlock(aliceEmail, "deployment-viewer:b")}
		p.works(a, b)
		if n := len(p.srv.Mails()); n > 2 {
			p.t.Errorf("%d e-mails", n)
		}
		if held := strings.Join(p.srv.Grants(aliceEmail), " "); held != "deployment-viewer:a" && held != "deployment-viewer:b" {
			p.t.Errorf("Alice is promised %q", held)
		}
	})
}

// A person whom the other run invites stays, because the plan did not show the removal. Only
// the creation of a list removes the person, if it sees them.
func TestTwoRunsListAndInvite(t *testing.T) {
	t.Parallel()
	lists := map[string]func(emails ...string) map[string]block{
		"members_exclusive": exclusiveList,
		"members": func(emails ...string) map[string]block {
			people := map[string][]string{}
			for _, email := range emails {
				people[email] = nil
			}
			people["owner@example.com"] = []string{"organization-admin"}
			return membersBlock(people)
		},
	}
	for name, list := range lists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoRuns(t, func(p *pair) {
				p.srv.AddMember("dave@example.com")
				b := map[string]block{"carol": memberBlock("carol@example.com", "billing-admin")}
				if err := p.a.apply(p.t.Context(), list("owner@example.com", "dave@example.com")); err != nil {
					p.t.Fatal(err)
				}
				changes, err := p.a.plan(p.t.Context(), list("owner@example.com"))
				if err != nil {
					p.t.Fatal(err)
				}
				var group sync.WaitGroup
				group.Go(func() { err = p.a.carryOut(p.t.Context(), changes) })
				errB := p.b.apply(p.t.Context(), b)
				group.Wait()
				if err != nil || errB != nil {
					p.t.Fatalf("the one run: %v\nthe other: %v", err, errB)
				}
				wantEmails(p.t, p.srv, "carol@example.com", "owner@example.com")

				// The other run has said no more than its own: it is here, or in its next plan.
				p.a.State = map[string]object{}
				b["erin"] = anyMember("erin@example.com")
				p.works(list("owner@example.com"), b)
				left, err := p.b.plan(p.t.Context(), b)
				if err != nil || len(p.srv.Emails())+len(left) != 3 {
					p.t.Errorf("in the organization are %v, and the other run plans %v (%v)", p.srv.Emails(), addresses(left), err)
				}
			})
		})
	}
}

// Two runs set the whole organization at once. Where they agree, all is done
// once; where not, whom both list stays, and each sees the rest in its plan.
func TestTwoRunsListEverybody(t *testing.T) {
	t.Parallel()
	lists := func(emails ...string) map[string]block {
		people := map[string][]string{"owner@example.com": {"organization-admin"}}
		for _, email := range emails {
			people[email+"@example.com"] = []string{"deployment-viewer:" + email}
		}
		return membersBlock(people)
	}
	twoRuns(t, func(p *pair) {
		p.srv.AddMember("stranger@example.com")
		p.srv.AddMember("c@example.com", "billing-admin")
		both := lists("a", "b", "c")
		p.works(both, both)
		wantMails(p.t, p.srv, 2)
		wantEmails(p.t, p.srv, "a@example.com", "b@example.com", "c@example.com", "owner@example.com")
		wantEmpty(p.t, p.a, both)
		wantEmpty(p.t, p.b, both)
	})
	twoRuns(t, func(p *pair) {
		a, b := lists("a", "c", "d"), lists("b", "c", "d")
		p.srv.AddMember("d@example.com", "deployment-viewer:d")
		p.works(a, b)
		for _, email := range []string{"c@example.com", "d@example.com", "owner@example.com"} {
			if p.srv.Status(email) == "none" {
				p.t.Errorf("%s is not in the organization, which both runs list", email)
			}
		}
		for _, run := range []struct {
			*core
			config map[string]block
		}{{p.a, a}, {p.b, b}} {
			if err := run.apply(p.t.Context(), run.config); err != nil {
				p.t.Fatal(err)
			}
			wantEmpty(p.t, run.core, run.config)
		}
		var mails []string
		for _, mail := range p.srv.Mails() {
			mails = append(mails, mail.To)
		}
		if n := len(slices.DeleteFunc(mails, func(to string) bool { return to != "c@example.com" })); n != 1 {
			p.t.Errorf("%d e-mails to somebody whom both list", n)
		}
	})
}

// Two runs remove one owner each. In any order, an owner stays, and the refused run reports
// why.
func TestTwoRunsRemoveTheOwners(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(email string) map[string]block{
		"removed": func(string) map[string]block { return nil },
		"demoted": func(email string) map[string]block {
			return map[string]block{"owner": memberBlock(email, "billing-admin")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twoRuns(t, func(p *pair) {
				const one, other = "owner@example.com", "other@example.com"
				p.srv.AddMember(other, "organization-admin")
				p.works(map[string]block{"owner": memberBlock(one, "organization-admin")}, map[string]block{"owner": memberBlock(other, "organization-admin")})
				p.says(end(one), end(other), "is the last active member who holds organization-admin")
				if len(owners(p.srv)) == 0 {
					p.t.Error("no owner is left")
				}
			})
		})
	}
}
