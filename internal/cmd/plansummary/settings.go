// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// mapping is one side of an elasticcloud_role_mapping.
type mapping struct {
	who    string
	grants map[string]bool // none while it is disabled
}

func mappingOf(o *object) mapping {
	if o == nil {
		return mapping{}
	}
	m := mapping{who: whoever(o.values["rule"])}
	if o.isTrue("enabled") {
		m.grants = grants(o.values["roles"])
	}
	return m
}

// whoever says whom a rule is for.
func whoever(rule any) string {
	conditions := func(list any, word string) string {
		values, _ := list.([]any)
		var parts []string
		for _, v := range values {
			group, _ := at(v, "group").(string)
			email, _ := at(v, "email").(string)
			if group != "" {
				parts = append(parts, "is in the group "+code(group))
			} else {
				parts = append(parts, "has the e-mail address "+code(email))
			}
		}
		slices.Sort(parts)
		return atMost(parts, mostGrants, word)
	}
	if all := conditions(at(rule, "all"), " and "); all != "" {
		return "whoever " + all
	}
	return "whoever " + conditions(at(rule, "any"), " or ")
}

// roleMapping takes in an elasticcloud_role_mapping.
func (s *summary) roleMapping(c change) {
	if c.Change.Actions.NoOp() || c.Change.Actions.Forget() {
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
				s.unnamed("**The role mapping %s changes and is marked as sensitive**: it is not shown here.", name)
				return
			case o.isUnknown(attribute):
				s.unnamed("**Who gets what by the role mapping %s is known only after apply.**", name)
				return
			}
		}
	}
	if c.Change.Actions.Replace() && c.before.text("name") != c.after.text("name") {
		s.mappingDiffers(code(c.before.text("name")), mappingOf(c.before), mapping{}, "goes")
		s.mappingDiffers(code(c.after.text("name")), mapping{}, mappingOf(c.after), "is new")
		return
	}
	word := s.say("changes", "changed")
	switch {
	case c.Change.Actions.Replace():
		word = "is deleted and made again"
		if given := mappingOf(c.before).grants; len(given) > 0 {
			s.fact("**The role mapping %s is deleted and made again**: whoever signs in in between does not get %s by it.", name, codes(slices.Sorted(maps.Keys(given))))
		}
	case c.before == nil:
		word = s.say("is new", "came")
	case c.after == nil:
		word = s.say("goes", "is gone")
		s.gone[s.in+c.before.text("name")] = true
	}
	s.mappingDiffers(name, mappingOf(c.before), mappingOf(c.after), word)
}

// mappingDiffers says whose access a change of a mapping changes.
func (s *summary) mappingDiffers(name string, before, after mapping, word string) {
	if owners := before.grants[ownerRole]; owners != after.grants[ownerRole] {
		if owners {
			s.fact("**The role mapping %s does not give %s any more** to %s.", name, code(ownerRole), before.who)
		} else {
			s.fact("**The role mapping %s gives %s** to %s.", name, code(ownerRole), after.who)
		}
	} else if owners && before.who != after.who {
		s.fact("**The role mapping %s gives %s to others**: to %s, and before to %s.", name, code(ownerRole), after.who, before.who)
	}
	var parts []string
	if before.who == after.who {
		if gets := missing(after.grants, before.grants); len(gets) > 0 {
			parts = append(parts, "gets "+codes(gets))
		}
		if loses := missing(before.grants, after.grants); len(loses) > 0 {
			parts = append(parts, "loses "+codes(loses)+" (unless another mapping gives it)")
		}
		if len(parts) > 0 {
			parts = []string{"at the next sign-in, " + after.who + " " + strings.Join(parts, ", and ")}
		}
	} else {
		if len(before.grants) > 0 {
			parts = append(parts, before.who+" does not get "+codes(slices.Sorted(maps.Keys(before.grants)))+" by it any more (others may still give it)")
		}
		if len(after.grants) > 0 {
			parts = append(parts, "from the next sign-in on, "+after.who+" gets "+codes(slices.Sorted(maps.Keys(after.grants))))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "nobody's access changes")
	}
	s.ofMappings("%s %s: %s.", name, word, strings.Join(parts, "; "))
}

// samlIdP takes in an elasticcloud_saml_idp.
func (s *summary) samlIdP(c change) {
	if c.Change.Actions.NoOp() || c.Change.Actions.Forget() {
		return
	}
	s.signOn = true
	switch {
	case c.after == nil:
		s.fact("**The SAML identity provider %s**: nobody can sign in through SSO.", s.say("goes", "is gone"))
		return
	case c.before == nil:
		s.fact("**A SAML identity provider is configured**: issuer %s, sign-in at %s, %s.", s.value(c.after, "issuer"), s.value(c.after, "sso_url"), count(len(certificates(c.after)), "certificate"))
		return
	case c.Change.Actions.Replace():
		s.fact("**The SAML identity provider is deleted and made again**: in between nobody can sign in through SSO, and what members enter to sign in may be another afterwards. As long as SSO is enforced the deletion is refused.")
	}
	if before, after := c.before.isTrue("enabled"), c.after.isTrue("enabled"); before != after {
		if after {
			s.fact("**The identity provider is enabled**: members can sign in through SSO.")
		} else {
			s.fact("**The identity provider is disabled**: nobody can sign in through SSO.")
		}
	}
	for _, name := range []string{"issuer", "sso_url", "login_identifier_prefix"} {
		from, to := s.value(c.before, name), s.value(c.after, name)
		if from != to {
			s.fact("**The identity provider's %s %s**: %s → %s.", code(name), s.say("changes", "changed"), from, to)
		}
	}
	switch {
	case c.before.isSecret("certificates") || c.after.isSecret("certificates"):
		s.ofSettings("The identity provider's certificates are marked as sensitive, and are not compared here.")
		return
	case c.after.isUnknown("certificates"):
		s.fact("**The identity provider's certificates are known only after apply.**")
		return
	}
	before, after := certificates(c.before), certificates(c.after)
	if come, gone := missing(after, before), missing(before, after); len(come)+len(gone) > 0 {
		s.fact("**The identity provider's certificates %s**: %d new, %d gone, %d as before.", s.say("change", "changed"),
			len(come), len(gone), len(after)-len(come))
	}
}

// samlServiceProvider takes in an elasticcloud_saml_service_provider, which nobody can
// sign in through.
func (s *summary) samlServiceProvider(c change) {
	switch {
	case c.Change.Actions.NoOp() || c.Change.Actions.Forget() || c.Change.Actions.Replace():
	case c.after == nil:
		s.ofSettings("The disabled placeholder of an identity provider %s, unless an identity provider has replaced it.", s.say("is deleted", "is gone"))
	case c.before == nil:
		s.ofSettings("A disabled placeholder of an identity provider %s, unless an identity provider is configured. Nobody can sign in through it.", s.say("is registered", "was registered"))
	case s.value(c.before, "login_identifier_prefix") != s.value(c.after, "login_identifier_prefix"):
		s.ofSettings("The placeholder of an identity provider gets another %s: %s → %s.", code("login_identifier_prefix"), s.value(c.before, "login_identifier_prefix"), s.value(c.after, "login_identifier_prefix"))
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

// certificates are those of an IdP by what they encode: texts around them and
// line ends are no difference.
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

// domainClaim takes in an elasticcloud_domain_claim.
func (s *summary) domainClaim(c change) {
	if c.Change.Actions.NoOp() || c.Change.Actions.Forget() {
		return
	}
	s.signOn = true
	if c.before != nil && (c.after == nil || c.Change.Actions.Replace()) {
		s.fact("**The domain %s is given up.**", s.value(c.before, "domain"))
	}
	if c.after != nil && (c.before == nil || c.Change.Actions.Replace()) {
		s.ofSettings("A claim to the domain %s begins, with a TXT record to publish.", s.value(c.after, "domain"))
		return
	}
	if c.before.isTrue("verified") && c.after != nil && !c.after.isTrue("verified") {
		s.fact("**The domain %s is claimed no longer**, and has to be verified anew.", s.value(c.before, "domain"))
	} else if !c.before.isTrue("verified") && c.after.isTrue("verified") {
		s.ofSettings("The domain %s is claimed.", s.value(c.after, "domain"))
	}
}

// domainVerification takes in an elasticcloud_domain_verification.
func (s *summary) domainVerification(c change) {
	switch {
	case c.Change.Actions.NoOp() || c.Change.Actions.Forget():
	case c.after == nil:
		s.only("%s is destroyed: the domain stays claimed.", code(c.Address))
	case !s.past:
		s.ofSettings("Apply waits until the domain %s is verified.", s.value(c.after, "domain"))
	}
}

// action takes in an action of a plan.
func (s *summary) action(a *tfjson.ActionInvocation) {
	values, _ := a.ConfigValues.(map[string]any)
	o := &object{values: values, unknown: a.ConfigUnknown, sensitive: a.ConfigSensitive}
	switch p := s.personOf(o, a.Address); a.Type {
	case "elasticcloud_revoke_access":
		p.was, p.will, p.unsaid = true, false, true
		p.note("this is done by the action %s", code(a.Address))
	case "elasticcloud_resend_invitation":
		p.note("gets the open invitation again, by e-mail, by the action %s", code(a.Address))
	}
}

// ssoEnforcement takes in an elasticcloud_sso_enforcement.
func (s *summary) ssoEnforcement(c change) {
	switch {
	case c.Change.Actions.NoOp() || c.Change.Actions.Forget():
	case c.after == nil:
		s.signOn = true
		s.fact("**SSO is %s**: members may sign in without it.", s.say("enforced no longer", "not enforced any more"))
	case c.before == nil:
		s.signOn = true
		s.fact("**SSO is enforced**: whoever cannot sign in through the identity provider is locked out.")
		if s.past {
			return
		}
		if names := s.told.ownersOut; names != "" {
			s.fact("**Owners are locked out**: SSO does not accept the addresses of %s.", code(names))
		}
		if s.told.ownerless {
			s.fact("**No present owner stays an owner**: at a sign-in through SSO, no role mapping gives one of them %s.", code(ownerRole))
		}
		if names := s.told.membersOut; names != "" {
			s.fact("**Members are locked out**: SSO does not accept the addresses of %s.", code(names))
		}
	case c.Change.Actions.Replace():
		s.signOn = true
		s.fact("**The enforcement of SSO ends and begins again**: in between members may sign in without it, and so it stays if apply fails there.")
	}
}
