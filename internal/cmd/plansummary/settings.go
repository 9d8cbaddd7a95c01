// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// mapping is one side of an elasticcloud_role_mapping.
type mapping struct {
	who    string          // shortened, to show
	rule   string          // all of it, to compare
	grants map[string]bool // none while it is disabled
}

func mappingOf(o *object) mapping {
	if o == nil {
		return mapping{}
	}
	m := mapping{who: peopleOf(o.values["rule"]), rule: ruleKey(o.values["rule"])}
	if o.isTrue("enabled") {
		m.grants = grants(o.values["roles"])
	}
	return m
}

// peopleOf says whom a rule applies to.
func peopleOf(rule any) string {
	conditions := func(list any, word string) string {
		values, _ := list.([]any)
		var parts []string
		for _, v := range values {
			group, _ := at(v, "group").(string)
			email, _ := at(v, "email").(string)
			if group != "" {
				parts = append(parts, "in the group "+code(group))
			} else {
				parts = append(parts, withAddress(email))
			}
		}
		slices.Sort(parts)
		return atMost(parts, mostGrants, word)
	}
	if all := conditions(at(rule, "all"), " and "); all != "" {
		return "people " + all
	}
	return "people " + conditions(at(rule, "any"), " or ")
}

// withAddress says whom a condition on the e-mail address is for.
func withAddress(pattern string) string {
	if pattern == "*" {
		return "with any e-mail address"
	}
	return "with the e-mail address " + code(pattern)
}

// roleMapping reads a change of an elasticcloud_role_mapping.
func (s *summary) roleMapping(c change) {
	if c.Change.Actions.NoOp() {
		return
	}
	name := code(c.Address)
	for _, o := range []*object{c.after, c.before} {
		if text := o.text("name"); text != "" {
			name = code(text)
		}
	}
	for _, o := range []*object{c.before, c.after} {
		for _, attribute := range []string{"name", "enabled", "rule", "roles"} {
			switch {
			case o.isSecret(attribute):
				s.mayMakeOwners()
				s.is(classSSO)
				s.doubt("The role mapping %s changes and is sensitive.", name)
				return
			case o.isUnknown(attribute):
				s.mayMakeOwners()
				s.is(classSSO)
				s.doubt("The role mapping %s is known only after apply.", name)
				return
			}
		}
	}
	if c.after != nil {
		s.does[s.in+newMapping] = true
	}
	if c.before == nil && s.told.unchanged[s.in+c.after.text("name")] {
		s.only("The role mapping %s exists already, and is adopted as it is.", name)
		return
	}
	if c.Change.Actions.Replace() && c.before.text("name") != c.after.text("name") {
		s.mappingDiffers(code(c.before.text("name")), mappingOf(c.before), mapping{}, "is deleted")
		s.mappingDiffers(code(c.after.text("name")), mapping{}, mappingOf(c.after), "is new")
		return
	}
	word := s.say("changes", "changed")
	before, after := mappingOf(c.before), mappingOf(c.after)
	switch {
	case c.Change.Actions.Replace() && before.rule == after.rule && maps.Equal(before.grants, after.grants):
		s.only("%s is replaced. The role mapping %s stays as it is.", code(c.Address), name)
		return
	case c.before == nil:
		word = "is new"
	case c.after == nil:
		word = s.say("is deleted", "was deleted")
		s.gone[s.in+c.before.text("name")] = true
	}
	s.mappingDiffers(name, before, after, word)
}

// mayMakeOwners notes a role mapping whose grants are not known here.
func (s *summary) mayMakeOwners() {
	s.does[s.in+newMapping], s.does[s.in+newOwnersMapping] = true, true
}

// ruleKey is a rule without the order of its conditions.
func ruleKey(rule any) string {
	var b strings.Builder
	for _, name := range []string{"all", "any"} {
		values, _ := at(rule, name).([]any)
		var parts []string
		for _, v := range values {
			parts = append(parts, fmt.Sprintf("%q", fmt.Sprint(v)))
		}
		slices.Sort(parts)
		fmt.Fprint(&b, name, parts)
	}
	return b.String()
}

// mappingDiffers says whose access a change of a mapping changes.
func (s *summary) mappingDiffers(name string, before, after mapping, word string) {
	if owners := before.grants[ownerRole]; owners != after.grants[ownerRole] {
		if owners {
			s.fact(classOwner, "**The role mapping %s no longer grants %s** to %s.", name, code(ownerRole), before.who)
		} else {
			s.does[s.in+newOwnersMapping] = true
			s.fact(classOwner, "**The role mapping %s grants %s** to %s.", name, code(ownerRole), after.who)
		}
	} else if owners && before.rule != after.rule {
		s.fact(classOwner, "**The role mapping %s grants %s to other people**: to %s. Before, it was %s.", name, code(ownerRole), after.who, before.who)
	}
	var parts []string
	if before.rule == after.rule {
		if gets := missing(after.grants, before.grants); len(gets) > 0 {
			parts = append(parts, "get "+codes(gets))
		}
		if loses := missing(before.grants, after.grants); len(loses) > 0 {
			parts = append(parts, "lose "+codes(loses)+" (unless another mapping grants it)")
		}
		if len(parts) > 0 {
			parts = []string{"at the next sign-in, " + after.who + " " + strings.Join(parts, ", and ")}
		}
	} else {
		if len(before.grants) > 0 {
			parts = append(parts, before.who+" no longer get "+codesOf(before.grants)+" from it (another mapping may grant it)")
		}
		if len(after.grants) > 0 {
			parts = append(parts, "from the next sign-in on, "+after.who+" get "+codesOf(after.grants))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "nobody's access changes")
	}
	s.ofMappings("%s %s: %s.", name, word, strings.Join(parts, "; "))
}

// samlIdP reads a change of an elasticcloud_saml_idp.
func (s *summary) samlIdP(c change) {
	if c.Change.Actions.NoOp() {
		return
	}
	s.signOn = true
	s.is(classIdP)
	switch {
	case c.after == nil:
		s.does[s.in+idpEnds] = true
		s.fact(classIdP, "**The SAML identity provider %s.** Nobody can sign in through SSO.", s.say("is deleted", "was deleted"))
		return
	case c.before == nil:
		s.fact(classIdP, "**A SAML identity provider is configured**: issuer %s, sign-in at %s, %s.", s.value(c.after, "issuer"), s.value(c.after, "sso_url"), count(len(certificates(c.after)), "certificate"))
		return
	case c.Change.Actions.Replace():
		s.fact(classIdP, "**The SAML identity provider is deleted and created again.** Nobody can sign in through SSO in between, and the address to sign in may change. Elastic Cloud refuses the deletion while SSO is enforced.")
	}
	if !c.after.canShow("enabled") {
		s.doubt("Whether the identity provider is enabled is sensitive, or known only after apply.")
	} else if before, after := c.before.isTrue("enabled"), c.after.isTrue("enabled"); before != after {
		if after {
			s.fact(classIdP, "**The identity provider is enabled.** Members can sign in through SSO.")
		} else {
			s.fact(classIdP, "**The identity provider is disabled.** Nobody can sign in through SSO.")
		}
	}
	for _, name := range []string{"issuer", "sso_url", "login_identifier_prefix"} {
		from, to := s.value(c.before, name), s.value(c.after, name)
		if !c.after.canShow(name) {
			s.doubt("The identity provider's %s is sensitive, or known only after apply.", code(name))
		} else if c.before.values[name] != c.after.values[name] {
			s.fact(classIdP, "**The identity provider's %s %s**: %s → %s.", code(name), s.say("changes", "changed"), from, to)
		}
	}
	switch {
	case c.before.isSecret("certificates") || c.after.isSecret("certificates"):
		s.doubt("The certificates of the identity provider are sensitive, and are not compared.")
		return
	case c.after.isUnknown("certificates"):
		s.doubt("The certificates of the identity provider are known only after apply.")
		return
	}
	before, after := certificates(c.before), certificates(c.after)
	if come, gone := missing(after, before), missing(before, after); len(come)+len(gone) > 0 {
		s.fact(classIdP, "**The identity provider's certificates %s**: %d new, %d removed, %d unchanged.", s.say("change", "changed"),
			len(come), len(gone), len(after)-len(come))
	}
}

// samlServiceProvider reads a change of an elasticcloud_saml_service_provider. Nobody can
// sign in through it.
func (s *summary) samlServiceProvider(c change) {
	switch {
	case c.Change.Actions.NoOp() || c.Change.Actions.Replace():
	case c.after == nil:
		s.ofSettings(classIdP, "The disabled placeholder of an identity provider %s, unless an identity provider has replaced it.", s.say("is deleted", "was deleted"))
	case c.before == nil:
		s.ofSettings(classIdP, "A disabled placeholder of an identity provider %s, unless an identity provider is configured. Nobody can sign in through it.", s.say("is registered", "was registered"))
	case s.value(c.before, "login_identifier_prefix") != s.value(c.after, "login_identifier_prefix"):
		s.ofSettings(classIdP, "The placeholder of an identity provider gets another %s: %s → %s.", code("login_identifier_prefix"), s.value(c.before, "login_identifier_prefix"), s.value(c.after, "login_identifier_prefix"))
	}
}

// value is an attribute to show.
func (s *summary) value(o *object, name string) string {
	switch {
	case o.isSecret(name):
		return "(sensitive)"
	case o.isUnknown(name):
		return "(known only after apply)"
	}
	return code(o.text(name))
}

// certificates are those of an IdP, by what they encode. The text around them makes no
// difference.
func certificates(o *object) map[string]bool {
	set := map[string]bool{}
	for _, text := range o.list("certificates") {
		rest := []byte(text)
		for {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			set[string(block.Bytes)] = true
		}
	}
	return set
}

// domainClaim reads a change of an elasticcloud_domain_claim.
func (s *summary) domainClaim(c change) {
	if c.Change.Actions.NoOp() {
		return
	}
	s.signOn = true
	if c.Change.Actions.Replace() && c.before.text("domain") != "" && c.before.text("domain") == c.after.text("domain") {
		s.ofSettings(classSSO, "The claim of the domain %s gets a new code. The domain stays claimed.", s.value(c.after, "domain"))
		return
	}
	if c.before == nil && s.told.unchanged[s.in+c.after.text("domain")] {
		s.only("The domain %s is claimed already. The claim is adopted.", s.value(c.after, "domain"))
		return
	}
	if c.before != nil && (c.after == nil || c.Change.Actions.Replace()) {
		s.does[s.in+claimEnds] = true
		s.fact(classSSO, "**The claim of the domain %s is given up.**", s.value(c.before, "domain"))
	}
	if c.after != nil && (c.before == nil || c.Change.Actions.Replace()) {
		s.ofSettings(classSSO, "A claim of the domain %s begins. It needs a TXT record.", s.value(c.after, "domain"))
		return
	}
	if c.after.isUnknown("verified") {
		return
	}
	if c.before.isTrue("verified") && c.after != nil && !c.after.isTrue("verified") {
		s.fact(classSSO, "**The domain %s is no longer claimed**, and has to be verified again.", s.value(c.before, "domain"))
	} else if !c.before.isTrue("verified") && c.after.isTrue("verified") && !s.past { // an elasticcloud_domain_verification did it
		s.ofSettings(classSSO, "The domain %s is claimed.", s.value(c.after, "domain"))
	}
}

// domainVerification reads a change of an elasticcloud_domain_verification.
func (s *summary) domainVerification(c change) {
	switch {
	case c.Change.Actions.NoOp():
	case c.after == nil:
		s.only("%s is destroyed. That alone gives up no claim.", code(c.Address))
	case !s.past:
		s.ofSettings(classSSO, "Apply waits until the domain %s is verified.", s.value(c.after, "domain"))
	}
}

// action reads an action of a plan.
func (s *summary) action(a *tfjson.ActionInvocation) {
	values, _ := a.ConfigValues.(map[string]any)
	o := &object{values: values, unknown: a.ConfigUnknown, sensitive: a.ConfigSensitive}
	switch p := s.personOf(o, a.Address); a.Type {
	case "elasticcloud_revoke_access":
		p.was, p.will, p.unsaid = true, false, true
		p.note("the action %s does this", code(a.Address))
	case "elasticcloud_resend_invitation":
		p.note("gets the pending invitation again by e-mail, from the action %s", code(a.Address))
	}
}

// ssoEnforcement reads a change of an elasticcloud_sso_enforcement.
func (s *summary) ssoEnforcement(c change) {
	switch {
	case c.Change.Actions.NoOp():
	case c.after == nil:
		s.signOn = true
		s.does[s.in+enforcementEnds] = true
		s.fact(classSSO, "**SSO is no longer enforced.** Members can sign in without it.")
	case c.before == nil:
		s.signOn = true
		s.fact(classSSO, "**SSO is enforced.** Everyone who cannot sign in through the identity provider is locked out.")
		if s.past {
			return
		}
		if names := s.told.ownersOut[s.in]; names != "" {
			s.fact(classOwner, "**Owners are locked out.** SSO does not accept the addresses of %s.", code(names))
		}
		if names := s.told.ownersLose[s.in]; names != "" {
			s.fact(classOwner, "**Owners lose %s** at the next sign-in through SSO: %s.", code(ownerRole), code(names))
		}
		if s.told.ownerless[s.in] {
			s.fact(classOwner, "**No present owner stays an owner.** No role mapping grants %s to one of them at a sign-in through SSO.", code(ownerRole))
		}
		if names := s.told.membersOut[s.in]; names != "" {
			s.fact(classSSO, "**Members are locked out.** SSO does not accept the addresses of %s.", code(names))
		}
	case c.Change.Actions.Replace():
		s.only("%s is replaced. SSO stays enforced.", code(c.Address))
	}
}
