// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// The matrix of moves: a resource that grants a role or manages an object is destroyed, and
// another resource for the same is created, stays or replaces it. This is tried in every
// shape, at several parallelisms and in many orders. moving.watch has what must hold.

// movedPeople are those of the matrix: members from the start, who hold nothing.
var movedPeople = []string{"alice@example.com", "bob@example.com", "carol@example.com"}

const movedGrant = "deployment-viewer:*"

// keeper is a kind of resource that gives a grant or keeps an object. Its blocks are for
// one of several subjects.
type keeper struct {
	name     string
	subjects int
	block    func(subject int) block
	gives    bool // the subject holds the grant by it
	keeps    bool // the subject is there by it
	// destroys is set if its destruction removes the subject.
	destroys bool
	// everybody is set if it keeps all people, not only the one with the grant.
	everybody bool
	setting   bool // it is not about people
	prepare   func(*cloudtest.Server)
	isLost    func(srv *cloudtest.Server, subject int) bool // of a setting that has to be there at every moment
}

const (
	everybodyType = "elasticcloud_members"
	exclusiveType = "elasticcloud_members_exclusive"
)

func keepers(t *testing.T) []keeper {
	t.Helper()
	everybody := func(subject int) block {
		members := map[string][]string{"owner@example.com": {"organization-admin"}}
		for i, email := range movedPeople {
			members[email] = []string{}
			if i == subject {
				members[email] = []string{movedGrant}
			}
		}
		return block{Type: everybodyType, Attributes: map[string]any{"members": members, "max_removals": 5}}
	}
	of := func(typeName string, more map[string]any) func(int) block {
		return func(subject int) block {
			attributes := maps.Clone(more)
			attributes["email"] = movedPeople[subject]
			return block{Type: typeName, Attributes: attributes}
		}
	}
	listed := append([]string{"owner@example.com"}, movedPeople...)
	same := func(b block) func(int) block { return func(int) block { return b } }
	return []keeper{
		{name: "`elasticcloud_role_assignment`", subjects: 3, block: of(roleAssignmentType, map[string]any{"role": movedGrant}), gives: true},
		{name: "`elasticcloud_member` with `roles`", subjects: 3, block: of(memberType, map[string]any{"roles": []any{movedGrant}}), gives: true, keeps: true, destroys: true},
		{name: "`elasticcloud_member`", subjects: 3, block: of(memberType, map[string]any{}), keeps: true, destroys: true},
		{name: "`elasticcloud_members`", subjects: 1, block: everybody, gives: true, keeps: true, everybody: true},
		{name: "`elasticcloud_members_exclusive`", subjects: 1, block: same(block{Type: exclusiveType, Attributes: map[string]any{"emails": listed, "max_removals": 5}})},
		{name: "`elasticcloud_domain_claim`", subjects: 3, setting: true, destroys: true, keeps: true, prepare: func(srv *cloudtest.Server) {
			for i := range 3 {
				srv.ClaimDomain(fmt.Sprint("d", i, ".com"))
			}
		}, isLost: func(srv *cloudtest.Server, subject int) bool {
			return !slices.Contains(srv.Domains(), fmt.Sprint("d", subject, ".com"))
		}, block: func(subject int) block {
			return block{Type: domainClaimType, Attributes: map[string]any{"domain": fmt.Sprint("d", subject, ".com")}}
		}},
		{name: "`elasticcloud_role_mapping`", subjects: 3, setting: true, destroys: true, keeps: true, prepare: func(srv *cloudtest.Server) {
			srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
		}, block: func(subject int) block {
			return mappingBlock(fmt.Sprint("m", subject), "group", "organization-admin")
		}},
		{name: "`elasticcloud_saml_idp`", subjects: 1, setting: true, destroys: true, keeps: true, block: same(idpBlock(t, "urn:idp")), isLost: func(srv *cloudtest.Server, _ int) bool { return srv.IdP() == nil }},
		{name: "`elasticcloud_saml_service_provider`", subjects: 1, setting: true, destroys: true, keeps: true, isLost: func(srv *cloudtest.Server, _ int) bool { return srv.IdP() == nil },
			block: same(block{Type: samlServiceProviderType, Attributes: map[string]any{"login_identifier_prefix": "acme"}})},
		{name: "`elasticcloud_sso_enforcement`", subjects: 1, setting: true, destroys: true, keeps: true, block: same(block{Type: ssoEnforcementType}), isLost: func(srv *cloudtest.Server, _ int) bool { return !srv.Enforced() }, prepare: func(srv *cloudtest.Server) {
			srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
			srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
		}},
	}
}

// placed is a keeper for one subject.
type placed struct {
	keeper
	subject int
}

// layout is a configuration of the matrix, by address.
type layout map[string]placed

func (l layout) config(createFirst bool) map[string]block {
	config := map[string]block{}
	for address, p := range l {
		b := p.block(p.subject)
		b.CreateFirst = createFirst
		config[address] = b
	}
	return config
}

// thing is a person, or one subject of a setting.
type thing struct {
	setting string // its keeper; empty for people
	subject int
}

func (p placed) thing() thing {
	if p.setting {
		return thing{p.name, p.subject}
	}
	return thing{subject: p.subject}
}

// things returns what some of the keepers are for.
func (l layout) things(such func(keeper) bool) map[thing]bool {
	all := map[thing]bool{}
	for _, p := range l {
		if such(p.keeper) {
			all[p.thing()] = true
		}
	}
	return all
}

func (l layout) given() map[thing]bool {
	return l.things(func(k keeper) bool { return k.gives })
}

func (l layout) destroyed() map[thing]bool {
	return l.things(func(k keeper) bool { return k.destroys })
}

func (l layout) kept() map[thing]bool {
	all := l.things(func(k keeper) bool { return k.keeps })
	for _, p := range l {
		for i := range movedPeople {
			if p.everybody {
				all[thing{subject: i}] = true
			}
		}
	}
	return all
}

func both(a, b map[thing]bool) map[thing]bool {
	all := maps.Clone(a)
	maps.DeleteFunc(all, func(it thing, _ bool) bool { return !b[it] })
	return all
}

// shape is how access moves from one keeper to another.
type shape struct {
	name          string
	before, after func(from, to keeper) layout // nil where the shape does not apply
	createFirst   bool
	replace       []string
	// apart is set if the resource that stays got into the state separately, after the
	// destroyed one, as in an import. leftBehind is set if the destroyed one is deposed.
	// forgets is the object that a removed block leaves alone.
	apart, leftBehind string
	forgets           string
}

var shapes = []shape{
	{name: "rename",
		before: func(from, _ keeper) layout { return layout{"a": {from, 0}} },
		after:  func(_, to keeper) layout { return layout{"b": {to, 0}} }},
	{name: "rename into a module",
		before: func(from, _ keeper) layout { return layout{"a": {from, 0}} },
		after:  func(_, to keeper) layout { return layout{"module.m.a": {to, 0}} }},
	{name: "one of two destroyed", apart: "b",
		before: func(from, to keeper) layout { return layout{"a": {from, 0}, "b": {to, 0}} },
		after:  func(_, to keeper) layout { return layout{"b": {to, 0}} }},
	{name: "swap",
		before: func(from, to keeper) layout { return among(layout{"a": {from, 0}, "b": {to, 1}}) },
		after:  func(from, to keeper) layout { return among(layout{"a": {from, 1}, "b": {to, 0}}) }},
	{name: "count shift",
		before: func(from, _ keeper) layout { return among(layout{"a0": {from, 0}, "a1": {from, 1}, "a2": {from, 2}}) },
		after:  func(from, to keeper) layout { return among(layout{"a0": {from, 1}, "a1": {from, 2}, "b": {to, 0}}) }},
	{name: "replace",
		before: func(from, _ keeper) layout { return among(layout{"a": {from, 0}}) },
		after:  func(from, to keeper) layout { return among(layout{"a": {from, 1}, "b": {to, 0}}) }},
	{name: "create_before_destroy", createFirst: true,
		before: func(from, _ keeper) layout { return among(layout{"a": {from, 0}}) },
		after:  func(from, to keeper) layout { return among(layout{"a": {from, 1}, "b": {to, 0}}) }},
	{name: "`-replace`", replace: []string{"a"},
		before: func(from, _ keeper) layout { return layout{"a": {from, 0}} },
		after:  func(from, to keeper) layout { return layout{"a": {from, 0}, "b": {to, 0}} }},
	{name: "deposed", apart: "b", leftBehind: "a",
		before: func(from, to keeper) layout { return layout{"a": {from, 0}, "b": {to, 0}} },
		after:  func(_, to keeper) layout { return layout{"b": {to, 0}} }},
	{name: "`removed` with `destroy = false`", forgets: "a",
		before: func(from, _ keeper) layout { return layout{"a": {from, 0}} },
		after:  func(_, to keeper) layout { return layout{"b": {to, 0}} }},
}

// among returns a layout whose keepers have the subjects that it wants, or nil.
func among(l layout) layout {
	for _, p := range l {
		if p.subject >= p.subjects {
			return nil
		}
	}
	return l
}

// moving is one play of one cell of the matrix.
type moving struct {
	srv           *cloudtest.Server
	c             *core
	shape         shape
	before, after layout
	violations    []string
	orders        *orders // nil for any
}

// orders go through all orders of a walk, one play after the other: each choice of a play is
// the next one of its place, like the digits of a counter.
type orders struct {
	chosen, of []int
	played     int
}

// chooser makes the choices of one play.
func (o *orders) chooser() func(due int) int {
	o.played++
	at := 0
	return func(due int) int {
		if at == len(o.chosen) {
			o.chosen, o.of = append(o.chosen, 0), append(o.of, due)
		}
		at++
		return o.chosen[at-1]
	}
}

// next turns to the next order. It is false after the last one.
func (o *orders) next() bool {
	for last := len(o.chosen) - 1; last >= 0; last-- {
		if o.chosen[last]++; o.chosen[last] < o.of[last] {
			o.chosen, o.of = o.chosen[:last+1], o.of[:last+1]
			return true
		}
	}
	return false
}

// errNotPossible is that of a cell whose beginning cannot be brought about.
var errNotPossible = errors.New("not possible")

// play returns how the cell has ended: refused, applied, or failed.
func (m *moving) play(ctx context.Context) (outcome string, err error) {
	if err := m.begin(ctx); err != nil {
		return "", fmt.Errorf("%w: %w", errNotPossible, err)
	}
	time.Sleep(time.Minute) // a later run
	m.srv.ResetLedger()
	mails := len(m.srv.Mails())
	config := m.after.config(m.shape.createFirst)
	m.c.set()
	if m.orders != nil {
		m.c.Choose = m.orders.chooser()
	}
	p, err := m.c.Plan(ctx, config, terraformtest.Options{Replace: m.shape.replace})
	if err != nil {
		if writes := m.srv.Writes(); len(writes) > 0 {
			m.violations = append(m.violations, "a refused plan writes")
		}
		return "refused", err
	}
	m.watch(p)
	defer m.srv.Observe(nil)
	a, err := m.c.Apply(ctx, p)
	m.c.Choose = nil
	if err != nil {
		return "failed", err
	}
	if len(m.srv.Mails()) > mails {
		m.violations = append(m.violations, "somebody gets an e-mail")
	}
	said := slices.Concat(p.Diagnostics, a.Diagnostics)
	next, err := m.c.Plan(ctx, config, terraformtest.Options{})
	leavesAnAssignment := slices.ContainsFunc(said, func(d terraformtest.Diagnostic) bool { return strings.Contains(d.Summary, "but an assignment stays") })
	if err == nil && slices.ContainsFunc(next.Changes, func(ch change) bool { return !ch.Stays }) && !leavesAnAssignment {
		err = errors.New("the next plan is not empty")
	}
	if len(said) > 0 {
		return "warned", err
	}
	return "applied", err
}

// begin brings the state about from which the cell moves.
func (m *moving) begin(ctx context.Context) error {
	first := maps.Clone(m.before)
	delete(first, m.shape.apart)
	if err := m.c.apply(ctx, first.config(false)); err != nil {
		return err
	}
	if m.shape.apart != "" {
		goes := m.c.State["a"]
		m.c.Forget("a")
		time.Sleep(time.Minute)
		if err := m.c.apply(ctx, layout{"b": m.before["b"]}.config(false)); err != nil {
			return err
		}
		address := "a"
		if m.shape.leftBehind != "" {
			address = terraformtest.Deposed("a", 0)
		}
		m.c.State[address] = goes
	}
	if m.shape.forgets != "" {
		m.c.Forget(m.shape.forgets)
	}
	return nil
}

// watch notes, at every moment of an apply, what is removed although both configurations
// have it, or although nothing that is destroyed would remove it.
func (m *moving) watch(p *terraformtest.Plan) {
	given, kept, destroyed := both(m.before.given(), m.after.given()), both(m.before.kept(), m.after.kept()), m.before.destroyed()
	momentary := m.c.Parallelism == 1 && slices.ContainsFunc(p.Diagnostics, func(d terraformtest.Diagnostic) bool {
		return strings.Contains(d.Summary, "for a moment") || strings.Contains(d.Detail, "grant it again right after")
	})
	m.srv.Observe(func() {
		emails := m.srv.Emails()
		for i, email := range movedPeople {
			person, isThere := thing{subject: i}, slices.Contains(emails, email)
			if !isThere && (kept[person] || !destroyed[person]) {
				m.violations = append(m.violations, email+" is gone")
			}
			if isThere && given[person] && !momentary && !slices.Contains(m.srv.Grants(email), movedGrant) {
				m.violations = append(m.violations, email+" lacks the grant")
			}
		}
		for _, p := range m.after {
			if kept[p.thing()] && p.isLost != nil && p.isLost(m.srv, p.subject) {
				m.violations = append(m.violations, fmt.Sprint(p.name, p.subject, " is lost"))
			}
		}
	})
}

var movesPage = flag.Bool("moves-page", false, "write the table of TestMovesMatrix into the guide on faults")

// cell is one pair of keepers in one shape.
type cell struct {
	from, to keeper
	shape    shape
}

func (c cell) isPossible() bool {
	alike := c.from.setting == c.to.setting && (!c.from.setting || c.from.name == c.to.name)
	return alike && c.shape.before(c.from, c.to) != nil && c.shape.after(c.from, c.to) != nil
}

// play plays the cell once. What must not be is an error of the test.
func (c cell) play(t *testing.T, parallelism int, o *orders) (outcome string) {
	t.Helper()
	virtually(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		for _, email := range movedPeople {
			srv.AddMember(email)
		}
		if c.from.prepare != nil {
			c.from.prepare(srv)
		}
		m := &moving{srv: srv, shape: c.shape, before: c.shape.before(c.from, c.to), after: c.shape.after(c.from, c.to), orders: o}
		var err error
		if m.c, err = newCore(srv); err != nil {
			t.Fatal(err)
		}
		m.c.Parallelism = parallelism
		outcome, err = m.play(t.Context())
		slices.Sort(m.violations)
		if len(m.violations) > 0 || err != nil && outcome != "refused" {
			t.Errorf("%s -> %s, %s, parallelism %d is %s: %q, %v", c.from.name, c.to.name, c.shape.name, parallelism, outcome, slices.Compact(m.violations), err)
		}
	})
	return outcome
}

// TestMovesMatrix plays each pair of keepers in each shape. With ten places and more the
// outcome is the same in each order, and the guide has it.
func TestMovesMatrix(t *testing.T) {
	t.Parallel()
	wantRepeated(t)
	rounds, most := 2, 6
	switch {
	case raced:
		rounds, most = 1, 1
	case *movesPage:
		rounds, most = 5, 50
	}
	all := keepers(t)
	header := []string{"From", "To"}
	for _, s := range shapes {
		header = append(header, s.name)
	}
	rows, plays := []string{tableRow(header), strings.Repeat("| --- ", len(header)) + "|"}, 0
	for _, from := range all {
		for _, to := range all {
			row := []string{from.name, to.name}
			for _, s := range shapes {
				c := cell{from, to, s}
				if !c.isPossible() {
					row = append(row, "")
					continue
				}
				// One at a time, all orders of few resources, and of many the first and some others.
				for o, more := new(orders), true; more; more = o.next() {
					c.play(t, 1, o)
					if plays++; o.played >= most {
						break
					}
				}
				outcomes := map[string]bool{}
				for range rounds {
					c.play(t, 1, nil)
					outcomes[c.play(t, 10, nil)], outcomes[c.play(t, 100, nil)] = true, true
					plays += 3
				}
				if len(outcomes) > 1 {
					t.Errorf("%s -> %s, %s depends on the order: %v", from.name, to.name, s.name, outcomes)
				}
				row = append(row, strings.Join(slices.Sorted(maps.Keys(outcomes)), " or "))
			}
			if strings.Join(row[2:], "") != "" {
				rows = append(rows, tableRow(row))
			}
		}
	}
	t.Logf("%d plays", plays)
	total := fmt.Sprintf("\n**%d of %d plays keep to all of this.**\n", plays, plays)
	table := "\n" + strings.Join(rows, "\n") + "\n\n"
	if t.Failed() {
		return
	}
	const path, begin, end = "../../templates/guides/faults.md.tmpl", "<!-- moves:begin -->\n", "<!-- moves:end -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	written, after, ends := strings.Cut(rest, end)
	switch {
	case !found || !ends:
		t.Fatalf("%s has no place for the table", path)
	case *movesPage:
		if err := os.WriteFile(path, []byte(before+begin+total+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case regexp.MustCompile(`\n\*\*\d+ of \d+ plays.*\n`).ReplaceAllString(written, "") != table: // which were more
		t.Errorf("the guide has another table: make moves\n%s", table)
	}
}

func tableRow(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }
