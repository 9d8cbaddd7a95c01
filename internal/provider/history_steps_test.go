// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// step is one thing that happens. What it needs is drawn beforehand, so that a
// history that fails can do without any of its steps.
type step struct {
	kindOfStep
	email  string
	grant  string
	choice int
	fault  historyFault
	config drawnConfig
}

type kindOfStep struct {
	name string
	run  func(*history, step)
}

// historyFault is where and when a fault of the fault matrix strikes.
type historyFault struct {
	fault fault
	route string // "" is any
	skip  int
}

// drawnConfig is what a configuration is made of.
type drawnConfig struct {
	everybody bool                // elasticcloud_members
	kinds     map[string]string   // of resources for a person, by address
	grants    map[string][]string // by address
	exclusive bool
	listed    []string // people without a resource
	most      int      // max_removals
	level     int      // how far SSO is set up
	domains   int
	variant   int
	mapped    bool // elasticcloud_role_mappings_exclusive
}

// Levels of SSO, each with what is in those before.
const (
	levelClaim = iota + 1
	levelVerified
	levelIdP
	levelMapped
	levelEnforced
)

var (
	historyPeople = []string{"alice@example.com", "Bob@example.com", "carol@Example.com", "owner@example.com"}
	// listedOnly have no elasticcloud_member ever.
	listedOnly    = []string{"dora@example.com", "erin@example.com", "frank@example.com"}
	historyRoutes = []string{"", getMem, getInv, postInv, dropInv, dropMem, postRoles, dropRoles, getDomains, askCode, verifyDomain, dropDomain,
		getIdP, putIdP, delIdP, getMap, postMap, putMap, dropMap, putOrg}
)

func historyStep() *rapid.Generator[step] {
	applies := func(h *history, _ step) { h.healthy("apply") }
	byHand := func(h *history, s step) { h.byHand(s) }
	changes := func(h *history, s step) { h.change(s.config.build(h.certificates)) }
	kinds := []kindOfStep{
		{"change and apply", func(h *history, s step) { changes(h, s); applies(h, s) }},
		{"change and apply with a fault", func(h *history, s step) { changes(h, s); h.applyWithFault(s.fault) }},
		{"change and apply, stopped", func(h *history, s step) { changes(h, s); h.applyAndStop(1 + s.choice) }},
		{"apply", applies},
		{"change", changes},
		{"by hand", byHand},
		{"by hand", byHand},
		{"SSO by hand", func(h *history, s step) { h.settingsByHand(s) }},
		{"apply with a fault", func(h *history, s step) { h.applyWithFault(s.fault) }},
		{"apply, stopped", func(h *history, s step) { h.applyAndStop(1 + s.choice) }},
		{"plan", func(h *history, _ step) { h.savePlan() }},
		{"apply late", func(h *history, _ step) { h.applySaved() }},
		{"plan, by hand, apply late", func(h *history, s step) { changes(h, s); h.savePlan(); h.byHand(s); h.applySaved() }},
	}
	return rapid.Custom(func(t *rapid.T) step {
		s := step{
			kindOfStep: rapid.SampledFrom(kinds).Draw(t, "step"),

			email:  rapid.SampledFrom(append(slices.Clone(historyPeople), listedOnly...)).Draw(t, "email"),
			grant:  rapid.SampledFrom(someGrants).Draw(t, "grant"),
			choice: rapid.IntRange(0, 11).Draw(t, "choice"),
			fault: historyFault{
				fault: rapid.SampledFrom(allFaults()).Draw(t, "fault"),
				route: rapid.SampledFrom(historyRoutes).Draw(t, "route"),
				skip:  rapid.IntRange(0, 3).Draw(t, "skip"),
			},
			config: drawConfig(t),
		}
		if f := &s.fault; f.fault.fails.Undone && (f.route == "" || f.route == askCode) { // no list shows whether a code counts
			f.route = []string{postInv, dropMem, postRoles, putIdP}[f.skip]
		}
		return s
	})
}

func drawConfig(t *rapid.T) drawnConfig {
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(someGrants), 0, 4, rapid.ID[string])
	c := drawnConfig{
		everybody: rapid.IntRange(0, 3).Draw(t, "kind") == 3,
		kinds:     map[string]string{}, grants: map[string][]string{},
		exclusive: rapid.IntRange(0, 3).Draw(t, "exclusive") == 3,
		listed:    rapid.SliceOfDistinct(rapid.SampledFrom(append(slices.Clone(listedOnly), historyPeople...)), rapid.ID[string]).Draw(t, "listed"),
		most:      rapid.SampledFrom([]int{0, 1, 2, 5, 50}).Draw(t, "max_removals"),
		level:     max(0, rapid.IntRange(-4, levelEnforced).Draw(t, "SSO")),
		domains:   rapid.IntRange(1, 2).Draw(t, "domains"),
		variant:   rapid.IntRange(0, 3).Draw(t, "variant"),
		mapped:    rapid.IntRange(0, 2).Draw(t, "mapped") == 2,
	}
	for _, email := range historyPeople {
		kinds := []string{"none", "roles", "assignments", "alone"}
		if email == "owner@example.com" {
			kinds = []string{"none", "none", "admin", "admin", "roles"}
		}
		c.kinds[email] = rapid.SampledFrom(kinds).Draw(t, email)
		c.grants[email] = some.Draw(t, "grants of "+email)
		if c.kinds[email] == "admin" {
			c.kinds[email], c.grants[email] = "roles", []string{"organization-admin"}
		}
	}
	c.kinds["erin@example.com"] = rapid.SampledFrom([]string{"none", "assignments only"}).Draw(t, "erin")
	c.grants["erin@example.com"] = some.Draw(t, "grants of erin")
	return c
}

// build is the configuration: one that a plan takes.
func (c drawnConfig) build(certificates []string) map[string]block {
	config := map[string]block{}
	if c.everybody {
		people := map[string][]string{}
		for _, email := range slices.Sorted(maps.Keys(c.kinds)) {
			if c.kinds[email] != "none" || slices.Contains(c.listed, email) {
				people[email] = c.grants[email]
			}
		}
		if len(people) == 0 {
			people["owner@example.com"] = []string{"organization-admin"}
		}
		config["elasticcloud_members.this"] = block{Type: "elasticcloud_members", Attributes: map[string]any{"members": people, "max_removals": c.most}}
	} else {
		c.buildPeople(config)
	}
	c.buildSSO(config, certificates)
	return config
}

func (c drawnConfig) buildPeople(config map[string]block) {
	listed := slices.Clone(c.listed)
	for email, kind := range c.kinds {
		if kind == "none" {
			continue
		}
		name, _, _ := strings.Cut(strings.ToLower(email), "@")
		address := "elasticcloud_member." + name
		if kind == "roles" {
			config[address] = block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email, "roles": c.grants[email]}}
		} else if kind != "assignments only" {
			config[address] = block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email}}
		}
		if strings.HasPrefix(kind, "assignments") {
			for _, grant := range c.grants[email] {
				b := block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": email, "role": grant}, After: address}
				if kind == "assignments only" {
					b.After = ""
				}
				words := strings.NewReplacer(":", "-", "*", "all", "+", "-").Replace(grant)
				config["elasticcloud_role_assignment."+name+"_"+words] = b
			}
		}
		if !slices.Contains(listed, email) {
			listed = append(listed, email)
		}
	}
	if c.exclusive && len(listed) > 0 {
		slices.Sort(listed)
		config["elasticcloud_members_exclusive.this"] = block{Type: "elasticcloud_members_exclusive", Attributes: map[string]any{"emails": listed, "max_removals": c.most}}
	}
}

func (c drawnConfig) buildSSO(config map[string]block, certificates []string) {
	last := ""
	add := func(typeName, name string, attributes map[string]any) {
		config[typeName+"."+name] = block{Type: typeName, Attributes: attributes, After: last}
		last = typeName + "." + name
	}
	for _, name := range []string{"com", "org"}[:c.domains] {
		if c.level >= levelClaim {
			add("elasticcloud_domain_claim", name, map[string]any{"domain": "example." + name})
		}
		if c.level >= levelVerified {
			add("elasticcloud_domain_verification", name, map[string]any{"domain": "example." + name})
		}
	}
	if c.level >= levelIdP {
		add("elasticcloud_saml_idp", "this", map[string]any{"login_identifier_prefix": "acme", "issuer": fmt.Sprintf("urn:idp:%d", c.variant%2),
			"sso_url": "https://idp.example/sso", "certificates": certificates[:1+c.variant/2], "enabled": true})
	}
	if c.level >= levelMapped {
		if c.variant > 0 {
			team := mappingBlock("team", "team", someGrants[c.variant])
			team.After = last // as the mapping of the owners, which it waits for
			config["elasticcloud_role_mapping.team"] = team
		}
		add("elasticcloud_role_mapping", "owners", mappingBlock("owners", fmt.Sprintf("owners-%d", c.variant%2), "organization-admin").Attributes)
		if c.mapped {
			config["elasticcloud_role_mappings_exclusive.this"] = block{Type: "elasticcloud_role_mappings_exclusive",
				Attributes: map[string]any{"names": []string{"owners", "team"}[:1+min(1, c.variant)]}, After: last}
		}
	}
	if c.level >= levelEnforced {
		add("elasticcloud_sso_enforcement", "this", nil)
	}
}

// byHand is what people do in the console, or in their mailbox.
func (h *history) byHand(s step) {
	srv, email := h.srv, s.email
	type deed struct {
		words string
		do    func()
	}
	deeds := map[string][]deed{
		"none": {
			{"%s is made a member with %s", func() { srv.AddMember(email, s.grant) }},
			{"%s is invited to %s", func() { srv.AddInvitation(email, s.grant) }},
			{"%s signs in through SSO and gets %s", func() { srv.SSOLogin(email, s.grant) }},
		},
		"invited": {
			{"%s accepts the invitation", func() { srv.Accept(email) }},
			{"the invitation of %s expires", func() { srv.Expire(email) }},
			{"the invitation of %s is revoked", func() { srv.Remove(email) }},
			{"%s signs in through SSO, invited as they are, and gets %s", func() { srv.SSOLogin(email, s.grant) }},
		},
		"expired": {
			{"the expired invitation of %s is deleted", func() { srv.Remove(email) }},
			{"%s is invited again, to %s", func() { srv.Remove(email); srv.AddInvitation(email, s.grant) }}, // the old one may be in the way
		},
		"active": {
			{"%s gets %s in the console", func() { srv.Grant(email, s.grant) }},
			{"%s loses what they hold of %s in the console", func() { srv.Ungrant(email, s.grant) }},
			{"%s signs in through SSO and has the roles of mappings then: %s", func() { srv.SSOLogin(email, s.grant) }},
			{"%s is removed in the console", func() { srv.Remove(email) }},
		},
	}[srv.Status(email)]
	d := deeds[s.choice%len(deeds)]
	if owners := ownersOf(peopleOf(srv)); len(owners) == 1 && owners[0] == strings.ToLower(email) { // an organization always has one
		d = deeds[0]
	}
	words := []any{email, s.grant}
	h.say(d.words, words[:strings.Count(d.words, "%s")]...)
	d.do()
}

// sawVerified tells that the state has a claim as verified, or has none. Before a
// refresh has seen it so, the provider cannot tell a claim that was lost from one
// that was never made.
func (h *history) sawVerified(domain string) bool {
	for _, o := range h.core.State {
		var fields map[string]tftypes.Value
		verified := true
		if o.Type == "elasticcloud_domain_claim" && textIn(o, "domain") == domain && o.Value.As(&fields) == nil && fields["verified"].As(&verified) == nil && !verified {
			return false
		}
	}
	return true
}

// settingsByHand is what an owner does in the console to SSO.
func (h *history) settingsByHand(s step) {
	switch domains, mappings := h.srv.Domains(), h.srv.RoleMappings(); {
	case s.choice < 2 && len(domains) > 0 && h.sawVerified(domains[0]):
		h.say("the claim of %s is lost", domains[0])
		h.srv.LoseDomain(domains[0])
	case s.choice < 4 && h.srv.IdP() != nil:
		h.say("the IdP is deleted in the console")
		h.srv.RemoveIdP()
	case s.choice < 6 && h.srv.IdP() != nil:
		h.say("the issuer of the IdP is changed in the console")
		h.srv.ChangeIdP(func(idp *cloudtest.IdP) { idp.Issuer = "urn:by-hand" })
	case s.choice < 8 && h.srv.Enforced():
		h.say("the enforcement is turned off in the console")
		h.srv.Enforce(false)
	case s.choice < 10 && len(mappings) > 0:
		m := mappings[s.choice%len(mappings)]
		h.say("the role mapping %s is deleted in the console", m.Name)
		h.srv.RemoveRoleMapping(m.Name)
	default:
		if slices.ContainsFunc(mappings, func(m cloudtest.RoleMapping) bool { return m.Name == "console" }) {
			h.say("the role mapping console is changed in the console")
			h.srv.ChangeRoleMapping("console", func(m *cloudtest.RoleMapping) { m.Grants = []string{"organization-admin", s.grant} })
			return
		}
		h.say("the role mapping console is added in the console")
		h.srv.AddRoleMapping("console", true, cloudtest.AnyOf(cloudtest.Group("console")), "organization-admin")
	}
}
