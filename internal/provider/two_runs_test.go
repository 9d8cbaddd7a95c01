// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// rounds is how often two runs meet in each test, with other latencies each time.
const rounds = 12

// pair is two configurations of one organization, each with a separate state.
type pair struct {
	t    *testing.T
	srv  *cloudtest.Server
	rng  *rand.Rand
	a, b *core
}

// twoRuns repeats a test in many rounds, each on a new organization.
func twoRuns(t *testing.T, round func(p *pair)) {
	t.Helper()
	for seed := range int64(rounds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				p := &pair{t: t, srv: newFake(t, cloudtest.Seed(seed)), rng: rand.New(rand.NewPCG(uint64(seed), 0))}
				p.a, p.b = p.run("a"), p.run("b")
				round(p)
			})
		})
	}
}

// run is a run that the user agent tells from the other one.
func (p *pair) run(name string) *core {
	p.t.Helper()
	c, err := newCore(p.srv)
	if err != nil {
		p.t.Fatal(err)
	}
	c.provider.version = name
	return c
}

// atOnce applies both at the same time, and returns what failed.
func (p *pair) atOnce(a, b map[string]block) (errA, errB error) {
	p.srv.ClearFaults()
	hesitate(p.srv, p.rng)
	ctx, cancel := timeout()
	defer cancel()
	var group sync.WaitGroup
	group.Go(func() { errA = p.a.apply(ctx, a) })
	group.Go(func() { errB = p.b.apply(ctx, b) })
	group.Wait()
	p.srv.ClearFaults()
	return errA, errB
}

// hesitate lets each answer take its own time.
func hesitate(srv *cloudtest.Server, rng *rand.Rand) {
	for range 200 {
		srv.Fail(cloudtest.Fault{Hang: time.Duration(rng.IntN(12)) * time.Millisecond})
	}
}

// works is atOnce for what must not fail.
func (p *pair) works(a, b map[string]block) {
	p.t.Helper()
	if errA, errB := p.atOnce(a, b); errA != nil || errB != nil {
		p.t.Fatalf("the one run: %v\nthe other: %v", errA, errB)
	}
}

// says is atOnce for what may fail, if the error says so.
func (p *pair) says(a, b map[string]block, why string) {
	p.t.Helper()
	errA, errB := p.atOnce(a, b)
	for _, err := range []error{errA, errB} {
		if err != nil && !strings.Contains(err.Error(), why) {
			p.t.Errorf("it does not say %q: %v", why, err)
		}
	}
}

// finish applies one after the other, and checks that both plans are empty then.
func (p *pair) finish(a, b map[string]block) {
	p.t.Helper()
	for _, c := range []struct {
		*core
		config map[string]block
	}{{p.a, a}, {p.b, b}} {
		if err := c.apply(p.t.Context(), c.config); err != nil {
			p.t.Fatal(err)
		}
	}
	wantEmpty(p.t, p.a, a)
	wantEmpty(p.t, p.b, b)
}

// anyMember is somebody whose roles are left alone.
func anyMember(email string) block {
	return block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email}}
}

func exclusiveList(emails ...string) map[string]block {
	return map[string]block{"exclusive": {Type: "elasticcloud_members_exclusive", Attributes: map[string]any{"emails": emails}}}
}

func domainsOf(domains ...string) map[string]block {
	blocks := map[string]block{}
	for _, domain := range domains {
		blocks[domain] = block{Type: "elasticcloud_domain_claim", Attributes: map[string]any{"domain": domain}}
		blocks["verified "+domain] = block{Type: "elasticcloud_domain_verification", Attributes: map[string]any{"domain": domain}, After: domain}
	}
	return blocks
}

// publishAlways publishes what codes there are whenever the service looks.
func publishAlways(srv *cloudtest.Server, domains ...string) {
	srv.Before(verifyDomain, func() {
		for _, domain := range domains {
			if code := srv.VerificationCode(domain); code != "" {
				srv.PublishTXT(cloud.ChallengeRecordName(domain), code)
			}
		}
		publishAlways(srv, domains...)
	})
}

// The service takes one change of the domains at a time, and refuses that of the
// other run.
func TestTwoRunsClaimDomains(t *testing.T) {
	t.Parallel()
	twoRuns(t, func(p *pair) {
		domains := []string{"a1.example.com", "a2.example.com", "a3.example.com", "b1.example.com", "b2.example.com", "b3.example.com"}
		publishAlways(p.srv, domains...)
		a, b := domainsOf(domains[:3]...), domainsOf(domains[3:]...)
		p.works(a, b)
		wantDomains(p.t, p.srv, domains...)
		wantEmpty(p.t, p.a, a)
		wantEmpty(p.t, p.b, b)
		if n := p.srv.Count(askCode); n != len(domains) {
			p.t.Errorf("%d codes were asked for", n)
		}
		p.says(nil, nil, "The domains of the organization are being changed elsewhere at the same time. Apply again.")
		p.finish(nil, nil)
		wantDomains(p.t, p.srv)
	})
}

// The service wants a mapping that makes owners beside any other. It may be that
// of the other run, at both ends.
func TestTwoRunsMapRoles(t *testing.T) {
	t.Parallel()
	twoRuns(t, func(p *pair) {
		p.srv.ClaimDomain("example.com")
		p.srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
		a := map[string]block{"owners": mappingBlock("owners", "owners", "organization-admin"), "a": mappingBlock("a", "a", "deployment-viewer:*")}
		b := map[string]block{"b": mappingBlock("b", "b", "deployment-viewer:*"), "c": mappingBlock("c", "c", "billing-admin")}
		p.works(a, b)
		wantEmpty(p.t, p.a, a)
		wantEmpty(p.t, p.b, b)
		if n := len(p.srv.RoleMappings()); n != 4 {
			p.t.Errorf("there are %d mappings", n)
		}
		p.works(nil, nil)
		if left := p.srv.RoleMappings(); len(left) > 0 {
			p.t.Errorf("left are %v", left)
		}
	})
}

// A mapping that the other run creates stays, because the plan did not show its removal. A
// mapping that both lists remove is removed once, without an error.
func TestTwoRunsListAndMap(t *testing.T) {
	t.Parallel()
	only := func(names ...string) map[string]block {
		return map[string]block{"only": {Type: "elasticcloud_role_mappings_exclusive", Attributes: map[string]any{"names": names}}}
	}
	twoRuns(t, func(p *pair) {
		addMapping(p.srv, "owners", "organization-admin")
		addMapping(p.srv, "old")
		if err := p.a.apply(p.t.Context(), only("owners", "old")); err != nil {
			p.t.Fatal(err)
		}
		changes, err := p.a.plan(p.t.Context(), only("owners"))
		if err != nil {
			p.t.Fatal(err)
		}
		var group sync.WaitGroup
		group.Go(func() { err = p.a.carryOut(p.t.Context(), changes) })
		errB := p.b.apply(p.t.Context(), map[string]block{"new": mappingBlock("new", "new", "deployment-viewer:*")})
		group.Wait()
		if err != nil || errB != nil {
			p.t.Fatalf("the one run: %v\nthe other: %v", err, errB)
		}
		wantMappings(p.t, p.srv, "new", "owners")
		p.b.State = map[string]object{}
		p.works(only("owners"), only("owners"))
		wantMappings(p.t, p.srv, "owners")
		p.finish(only("owners"), only("owners"))
	})
}

// What both runs give one person adds up, and each takes away only its own.
func TestTwoRunsGrantToOnePerson(t *testing.T) {
	t.Parallel()
	twoRuns(t, func(p *pair) {
		if p.rng.IntN(2) == 0 {
			p.srv.AddInvitation(aliceEmail)
		} else {
			p.srv.AddMember(aliceEmail)
		}
		a := map[string]block{"alice": anyMember(aliceEmail), "1": assignmentBlock("deployment-viewer:1"), "2": assignmentBlock("elasticsearch-viewer:*+x")}
		b := map[string]block{"3": assignmentBlock("deployment-viewer:3"), "4": assignmentBlock("billing-admin")}
		p.works(a, b)
		if p.srv.Status(aliceEmail) == "invited" {
			p.srv.Accept(aliceEmail)
			p.works(a, b)
		}
		wantGrants(p.t, p.srv, aliceEmail, "billing-admin", "deployment-viewer:1", "deployment-viewer:3", "elasticsearch-viewer:*+x")
		wantEmpty(p.t, p.a, a)
		wantEmpty(p.t, p.b, b)
		delete(a, "1")
		b["5"] = assignmentBlock("deployment-viewer:5")
		delete(b, "3")
		p.works(a, b)
		wantGrants(p.t, p.srv, aliceEmail, "billing-admin", "deployment-viewer:5", "elasticsearch-viewer:*+x")
		wantEmpty(p.t, p.a, a)
		wantEmpty(p.t, p.b, b)
		wantMails(p.t, p.srv, 0)
	})
}

// A run that sets all roles of somebody and one that gives them one more undo
// each other. Neither fails, and the plan of the other one shows it.
func TestTwoRunsDisagreeOnRoles(t *testing.T) {
	t.Parallel()
	twoRuns(t, func(p *pair) {
		p.srv.AddMember(aliceEmail, "deployment-viewer:old")
		a := map[string]block{"alice": memberBlock(aliceEmail, "deployment-viewer:a")}
		b := map[string]block{"b": assignmentBlock("deployment-viewer:b")}
		p.works(a, b)
		held := p.srv.Grants(aliceEmail)
		both := slices.Contains(held, "deployment-viewer:b")
		if !slices.Contains(held, "deployment-viewer:a") || slices.Contains(held, "deployment-viewer:old") {
			p.t.Errorf("Alice holds %v", held)
		}
		changesA, errA := p.a.plan(p.t.Context(), a)
		changesB, errB := p.b.plan(p.t.Context(), b)
		if errA != nil || errB != nil || (len(changesA) > 0) != both || (len(changesB) > 0) == both {
			p.t.Errorf("Alice holds %v, and the plans are %v (%v) and %v (%v)", held, addresses(changesA), errA, addresses(changesB), errB)
		}
	})
}

// Each run is the real CLI with a separate state. The tests above have many more orders of
// two runs.
func TestTwoRunsOfTheCLI(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.AddMember("alice@example.com")
	publishAlways(srv, "a.example.com", "b.example.com")
	runs := map[string]terraform{}
	for _, name := range []string{"a", "b"} {
		runs[name] = newCLI(t, srv)
		runs[name].configure(claimOf(name+".example.com") + "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = elasticcloud_domain_claim.d.domain\n}\n" +
			member("other", "other-"+name+"@example.com", roles("billing-admin")) + member("both", "both@example.com", roles("billing-admin")) +
			assignment("alice", `"alice@example.com"`, "deployment-viewer:"+name))
	}
	for _, args := range [][]string{{"apply", "-auto-approve"}, {"plan"}, {"destroy", "-auto-approve"}} {
		hesitate(srv, rand.New(rand.NewPCG(1, 1)))
		var group sync.WaitGroup
		for name, run := range runs {
			group.Go(func() {
				out, ok := run.run(args...)
				if !ok || args[0] == "plan" && !strings.Contains(out, "No changes.") {
					t.Errorf("%s of %s: %s", args[0], name, out)
				}
			})
		}
		group.Wait()
		srv.ClearFaults()
	}
	wantMails(t, srv, 3)
	wantDomains(t, srv)
	wantEmails(t, srv, "alice@example.com", "owner@example.com")
	wantGrants(t, srv, "alice@example.com")
}
