// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// settingsOutcome is what becomes of domains, IdP, mappings and enforcement.
type settingsOutcome struct {
	held      map[string]string
	refused   bool
	planFails bool
	imports   map[string]string
	// racing are domains that may be given up or stay: whether the IdP that keeps them is
	// created or destroyed before is undefined.
	racing []string
}

// settings predicts what the service holds beside people.
func (m model) settings(srv *cloudtest.Server, importing map[string]string) settingsOutcome {
	o := settingsOutcome{held: map[string]string{}, imports: map[string]string{}}
	for name, words := range inService(srv) {
		if !strings.Contains(name, "@") {
			o.held[name] = words
		}
	}
	before := maps.Clone(o.held)
	known := func(address string) bool {
		_, inState := m.state[address]
		_, imported := importing[address]
		return inState || imported
	}
	skipped := false // what refers to the mapping of the owners
	for address, b := range m.config {
		name, words := settingInWords(b)
		held, found := before[name]
		conflict := found && held != words && !known(address)
		switch {
		case name == "":
		case conflict && b.Type == "elasticcloud_saml_idp":
			o.planFails = true
			o.imports[address] = srv.OrganizationID
		case conflict && b.Type == "elasticcloud_role_mapping":
			o.refused = true
			skipped = skipped || name == "mapping owners"
			o.imports[address] = strings.TrimPrefix(name, "mapping ")
		case b.Type != "elasticcloud_sso_enforcement":
			o.held[name] = words
		}
	}
	leaving := m.leavingSettings(o.held)
	m.enforce(&o, leaving, skipped)
	m.give(&o, before, leaving)
	if only, found := m.config["elasticcloud_role_mappings_exclusive.this"]; found && !skipped {
		names, _ := only.Attributes["names"].([]string)
		maps.DeleteFunc(o.held, func(held, _ string) bool {
			name, isMapping := strings.CutPrefix(held, "mapping ")
			return isMapping && !slices.Contains(names, name) // never the last of the owners, as the configuration has one
		})
	}
	return o
}

// settingInWords is what a resource makes the service hold, as inService has it.
func settingInWords(b block) (name, words string) {
	text := func(attribute string) string {
		value, _ := b.Attributes[attribute].(string)
		return value
	}
	switch b.Type {
	case "elasticcloud_domain_verification":
		return "domain " + text("domain"), "claimed"
	case "elasticcloud_saml_idp":
		certificates, _ := b.Attributes["certificates"].([]string)
		return "idp", idpWords(cloudtest.IdP{Enabled: true, LoginIdentifierPrefix: text("login_identifier_prefix"), Issuer: text("issuer"),
			SSOURL: text("sso_url"), Certificates: slices.Clone(certificates)})
	case "elasticcloud_role_mapping":
		grants, _ := b.Attributes["roles"].([]string)
		return "mapping " + text("name"), mappingWords(true, cloudtest.AnyOf(cloudtest.Group(groupOf(b))), slices.Sorted(slices.Values(grants))...)
	case "elasticcloud_sso_enforcement":
		return "sso", "enforced"
	}
	return "", ""
}

// groupOf is the group that a mapping of a configuration is for.
func groupOf(b block) string {
	rule, _ := b.Attributes["rule"].(map[string]any)
	conditions, _ := rule["any"].([]any)
	condition, _ := conditions[0].(map[string]any)
	group, _ := condition["group"].(string)
	return group
}

// leavingSettings returns the names of existing settings that are destroyed.
func (m model) leavingSettings(held map[string]string) map[string]bool {
	leaving := map[string]bool{}
	for address, resource := range m.state {
		if _, stays := m.config[address]; stays {
			continue
		}
		name := map[string]string{
			"elasticcloud_domain_claim":    "domain " + textIn(resource, "domain"),
			"elasticcloud_saml_idp":        "idp",
			"elasticcloud_role_mapping":    "mapping " + textIn(resource, "name"),
			"elasticcloud_sso_enforcement": "sso",
		}[resource.Type]
		if held[name] != "" {
			leaving[name] = true
		}
	}
	return leaving
}

// enforce turns enforcement on or off.
func (m model) enforce(o *settingsOutcome, leaving map[string]bool, skipped bool) {
	if leaving["sso"] {
		delete(o.held, "sso")
	}
	if _, configured := m.config["elasticcloud_sso_enforcement.this"]; configured && !skipped {
		o.held["sso"] = "enforced" // its configuration has all that it needs
	}
}

// give removes the settings that are destroyed, as far as the service allows it.
func (m model) give(o *settingsOutcome, before map[string]string, leaving map[string]bool) {
	keep := func(name string) {
		o.held[name] = before[name]
		o.refused = true
	}
	for name := range leaving {
		if name != "sso" {
			delete(o.held, name)
		}
	}
	if leaving["idp"] && o.held["sso"] != "" {
		keep("idp")
	}
	m.giveDomains(o, before, leaving)
	mappings, admins := 0, 0
	for name, words := range o.held {
		if strings.HasPrefix(name, "mapping ") {
			mappings++
			if strings.Contains(words, admin) {
				admins++
			}
		}
	}
	if admins > 0 || mappings == 0 && o.held["sso"] == "" {
		return
	}
	last := slices.ContainsFunc(slices.Collect(maps.Keys(leaving)), func(name string) bool { return strings.Contains(before[name], admin) })
	for name := range leaving {
		if strings.HasPrefix(name, "mapping ") && (!last || strings.Contains(before[name], admin)) {
			keep(name)
		}
	}
}

// giveDomains gives domains up, which an IdP forbids.
func (m model) giveDomains(o *settingsOutcome, before map[string]string, leaving map[string]bool) {
	idp := m.state["elasticcloud_saml_idp.this"]
	races := o.held["idp"] != "" && before["idp"] == ""
	for address, claim := range m.state {
		if claim.Type == "elasticcloud_domain_claim" && leaving["domain "+textIn(claim, "domain")] && leaving["idp"] && !slices.Contains(idp.Behind, address) {
			races = true
		}
	}
	for name := range leaving {
		switch {
		case !strings.HasPrefix(name, "domain "):
		case o.held["idp"] != "" && before["idp"] != "":
			o.held[name] = before[name]
			o.refused = true
		case races: // one that stays keeps those that it refers to
			o.racing = append(o.racing, name)
		}
	}
}

// ways are the outcomes with and without each domain that races.
func (o settingsOutcome) ways() []settingsOutcome {
	all := []settingsOutcome{o}
	for _, name := range o.racing {
		for _, way := range slices.Clone(all) {
			way.held = maps.Clone(way.held)
			way.held[name] = "claimed"
			way.refused = true
			all = append(all, way)
		}
	}
	return all
}
