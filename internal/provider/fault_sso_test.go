// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const theDomain = "example.com"

func seedDomain(srv *cloudtest.Server) { srv.ClaimDomain(theDomain) }

// publication makes the TXT record of what was claimed before.
func publication(srv *cloudtest.Server) {
	srv.PublishTXT(cloud.ChallengeRecordName(theDomain), srv.VerificationCode(theDomain))
}

// codeInState wants the code in the state to be the one that the service takes.
func codeInState(s *scene) error {
	var fields map[string]tftypes.Value
	var code string
	if err := s.core.State["it"].Value.As(&fields); err != nil {
		return err
	}
	if err := fields["challenge_record_value"].As(&code); err != nil {
		return err
	}
	if want := s.srv.VerificationCode(theDomain); code != want {
		return fmt.Errorf("the state has the code %q, and the service takes %q", code, want)
	}
	return nil
}

func claimOperations() []operation {
	claim := it(block{Type: "elasticcloud_domain_claim", Attributes: map[string]any{"domain": theDomain}})
	const name = "domain " + theDomain
	claimed, none := map[string]string{name: "claimed"}, map[string]string{name: ""}
	all := []operation{
		{name: "create", after: claim, want: none, check: codeInState},
		{name: "create, claimed already", seed: seedDomain, after: claim, want: claimed, check: codeInState},
		{name: "read", before: claim, after: claim, want: none, check: codeInState},
		{name: "read, claimed", seed: seedDomain, before: claim, after: claim, want: claimed},
		{name: "update, the claim is lost", seed: seedDomain, before: claim, between: func(srv *cloudtest.Server) { srv.LoseDomain(theDomain) },
			after: claim, want: none, check: codeInState},
		{name: "delete", before: claim, want: none},
		{name: "delete, claimed", seed: seedDomain, before: claim, want: none},
		{name: "import", seed: seedDomain, after: claim, want: claimed, imports: map[string]string{"it": theDomain}},
	}
	for i, o := range all {
		all[i].names = []string{"up " + theDomain, "for " + theDomain, `"` + theDomain + `"`}
		if o.want[name] != "" {
			all[i].keeps = map[string][]string{name: {"claimed"}}
		}
	}
	return all
}

func verificationOperations() []operation {
	claim := block{Type: "elasticcloud_domain_claim", Attributes: map[string]any{"domain": theDomain}}
	verified := func(value any) map[string]block {
		return map[string]block{"claim": claim, "it": {Type: "elasticcloud_domain_verification", Attributes: map[string]any{"domain": theDomain, "challenge_record_value": value}}}
	}
	const name = "domain " + theDomain
	claimed, kept := map[string]string{name: "claimed"}, map[string][]string{name: {"claimed"}}
	onlyClaim := map[string]block{"claim": claim}
	all := []operation{
		{name: "create", before: onlyClaim, between: publication, after: verified(nil)},
		{name: "create, claimed already", seed: seedDomain, before: onlyClaim, after: verified(nil), keeps: kept},
		{name: "read", seed: seedDomain, before: verified(nil), after: verified(nil), keeps: kept},
		{name: "update", seed: seedDomain, before: verified("old"), after: verified("new"), keeps: kept},
		{name: "delete", seed: seedDomain, before: verified(nil), after: onlyClaim, keeps: kept},
		{name: "import", seed: seedDomain, before: onlyClaim, after: verified(nil), keeps: kept, imports: map[string]string{"it": theDomain}},
	}
	for i := range all {
		all[i].want = claimed
		all[i].names = []string{"up " + theDomain, "verify " + theDomain, `"` + theDomain + `"`}
	}
	return all
}

func idpOperations(t *testing.T) []operation {
	t.Helper()
	first, second := longLived(t, "first"), longLived(t, "second")
	idp := func(issuer string, certificates ...string) (map[string]block, cloudtest.IdP) {
		attributes := map[string]any{"login_identifier_prefix": "acme", "issuer": issuer, "sso_url": "https://idp.example/sso", "certificates": certificates, "enabled": true}
		return it(block{Type: "elasticcloud_saml_idp", Attributes: attributes}),
			cloudtest.IdP{Enabled: true, LoginIdentifierPrefix: "acme", Issuer: issuer, SSOURL: "https://idp.example/sso", Certificates: certificates}
	}
	before, beforeThere := idp("urn:idp", first)
	after, afterThere := idp("urn:other", first, second)
	configured := func(srv *cloudtest.Server) {
		seedDomain(srv)
		srv.ConfigureIdP(beforeThere)
	}
	there := map[string]string{"idp": idpWords(beforeThere)}
	all := []operation{
		{name: "create", after: before, want: there},
		{name: "create, there as configured", seed: configured, after: before, want: there},
		{name: "create, in the place of the placeholder", seed: seedPlaceholder, after: before, want: there},
		{name: "read", before: before, after: before, want: there},
		{name: "update", before: before, after: after, want: map[string]string{"idp": idpWords(afterThere)}},
		{name: "delete", before: before, want: map[string]string{"idp": ""}},
		{name: "import", seed: configured, after: before, want: there, imports: map[string]string{"it": ""}},
	}
	for i, o := range all {
		if o.seed == nil {
			all[i].seed = seedDomain
		}
		all[i].want = with(o.want, "domain "+theDomain, "claimed")
		all[i].names = []string{"SAML IdP", "whether SSO is enforced"}
		if o.name != "create" && o.want["idp"] != "" {
			all[i].keeps = map[string][]string{"idp": {"acme"}}
		}
	}
	return all
}

// thePlaceholder is what another run has registered.
var thePlaceholder = cloudtest.IdP{LoginIdentifierPrefix: "acme", Issuer: "https://terraform-provider-elasticcloud.invalid/placeholder",
	SSOURL: "https://terraform-provider-elasticcloud.invalid/nobody-can-sign-in", Certificates: ssoIdP.Certificates}

func seedPlaceholder(srv *cloudtest.Server) {
	seedDomain(srv)
	srv.ConfigureIdP(thePlaceholder)
}

func serviceProviderOperations() []operation {
	provider := func(prefix string) map[string]block {
		return it(block{Type: samlServiceProviderType, Attributes: map[string]any{"login_identifier_prefix": prefix}})
	}
	acme, other := provider("acme"), provider("other")
	placeholder := map[string]string{"idp": "placeholder acme"}
	configured := map[string]string{"idp": idpWords(ssoIdP)}
	all := []operation{
		{name: "create", after: acme, want: placeholder},
		{name: "create, the placeholder is there", seed: seedPlaceholder, after: acme, want: placeholder},
		{name: "create, an IdP is there", seed: seedSSO, after: other, want: configured},
		{name: "read", seed: seedPlaceholder, before: acme, after: acme, want: placeholder},
		{name: "read, an IdP is there", seed: seedSSO, before: acme, after: acme, want: configured},
		{name: "update", seed: seedPlaceholder, before: acme, after: other, want: map[string]string{"idp": "placeholder other"}},
		{name: "update, an IdP is there", seed: seedSSO, before: acme, after: other, want: configured},
		{name: "delete", seed: seedPlaceholder, before: acme, want: map[string]string{"idp": ""}},
		{name: "delete, an IdP is there", seed: seedSSO, before: acme, want: configured},
		{name: "import", seed: seedPlaceholder, after: acme, want: placeholder, imports: map[string]string{"it": ""}},
	}
	for i, o := range all {
		if o.seed == nil {
			all[i].seed = seedDomain
		}
		all[i].want = with(o.want, "domain "+theDomain, "claimed")
		all[i].names = []string{"SAML service provider", "SAML IdP"}
		if o.name != "create" && o.name != "update" && o.want["idp"] != "" {
			all[i].keeps = map[string][]string{"idp": {strings.Fields(o.want["idp"])[0]}}
		}
	}
	return all
}

// seedSSO is an organization with a claimed domain and an IdP.
func seedSSO(srv *cloudtest.Server) {
	seedDomain(srv)
	srv.ConfigureIdP(ssoIdP)
}

var ssoIdP = cloudtest.NewTestIdP().Configuration("acme")

// seedEnforced is an organization in which SSO is enforced.
func seedEnforced(srv *cloudtest.Server) {
	seedSSO(srv)
	srv.Enforce(true)
}

func mappingOperations() []operation {
	words := func(group string, grants ...string) string {
		return mappingWords(true, cloudtest.AnyOf(cloudtest.Group(group)), grants...)
	}
	one := it(mappingBlock("team", "team", "deployment-viewer:a", "deployment-viewer:b"))
	other := it(mappingBlock("team", "team", "deployment-viewer:b", "deployment-viewer:c"))
	admins := it(mappingBlock("admins", "admins", "organization-admin", "deployment-viewer:b"))
	demoted := it(mappingBlock("admins", "admins", "deployment-viewer:b"))
	isOne := map[string]string{"mapping team": words("team", "deployment-viewer:a", "deployment-viewer:b")}
	isOther := map[string]string{"mapping team": words("team", "deployment-viewer:b", "deployment-viewer:c")}
	none := map[string]string{"mapping team": ""}
	sso := map[string]string{"sso": "enforced", "idp": idpWords(ssoIdP), "domain " + theDomain: "claimed"}
	kept := func(name string) map[string][]string {
		return map[string][]string{"mapping " + name: {"deployment-viewer:b"}}
	}
	there := func(srv *cloudtest.Server) {
		srv.AddRoleMapping("team", true, cloudtest.AnyOf(cloudtest.Group("team")), "deployment-viewer:a", "deployment-viewer:b")
	}
	withComma := func(srv *cloudtest.Server) {
		srv.AddRoleMapping("a, b", true, cloudtest.AnyOf(cloudtest.Group("team")), "deployment-viewer:a")
	}
	comma := it(mappingBlock("a, b", "team", "deployment-viewer:a"))
	importsComma := map[string]string{"it": "a, b"}
	renamed := func(srv *cloudtest.Server) {
		srv.ChangeRoleMapping("a, b", func(m *cloudtest.RoleMapping) { m.Name = "a; b (to be deleted)" })
	}
	noComma := map[string]string{"mapping a, b": "", "mapping a; b (to be deleted)": ""}
	isComma := with(noComma, "mapping a, b", words("team", "deployment-viewer:a"))
	return named(`"team"`, []operation{
		{name: "create", after: one, want: isOne},
		{name: "create, there as configured", seed: there, after: one, want: isOne, keeps: kept("team")},
		{name: "create, the first one", alone: "mappings", seed: func(srv *cloudtest.Server) { srv.ConfigureIdP(ssoIdP) }, after: admins, names: []string{`"admins"`},
			want: map[string]string{"idp": idpWords(ssoIdP), "mapping admins": words("admins", "deployment-viewer:b", "organization-admin")}},
		{name: "read", before: one, after: one, want: isOne, keeps: kept("team")},
		{name: "update", before: one, after: other, want: isOther, keeps: kept("team")},
		{name: "update, an owner mapping while SSO is enforced", seed: seedEnforced, before: admins, after: demoted, names: []string{`"admins"`},
			want: with(sso, "mapping admins", words("admins", "deployment-viewer:b")), keeps: kept("admins")},
		{name: "delete", before: one, want: none},
		{name: "delete, an owner mapping while SSO is enforced", seed: seedEnforced, before: admins, names: []string{`"admins"`}, want: with(sso, "mapping admins", "")},
		{name: "delete, a comma in its name", seed: withComma, before: comma, importsBefore: importsComma, want: noComma, names: []string{`"a, b"`}},
		{name: "delete, renamed by a deletion that did not end", seed: withComma, before: comma, importsBefore: importsComma, between: renamed, want: noComma, names: []string{`"a, b"`}},
		{name: "update, renamed by a deletion that did not end", seed: withComma, before: comma, importsBefore: importsComma, between: renamed, after: comma, want: isComma, names: []string{`"a, b"`}},
		{name: "import", seed: there, after: one, want: isOne, keeps: kept("team"), imports: map[string]string{"it": "team"}},
	})
}

// named adds the names that errors have: that of the mapping, and what a plan
// lists to say whom a mapping concerns.
func named(name string, all []operation) []operation {
	for i, o := range all {
		all[i].names = append(o.names, "claimed domains", "role mappings")
		if o.names == nil {
			all[i].names = append(all[i].names, name)
		}
	}
	return all
}

func onlyMappingsOperations() []operation {
	listed := func(more ...string) map[string]block {
		names := append([]string{"owners", "others"}, more...)
		return it(block{Type: "elasticcloud_role_mappings_exclusive", Attributes: map[string]any{"names": names}})
	}
	words := func(grants ...string) string {
		return mappingWords(true, cloudtest.AnyOf(cloudtest.Group("team")), grants...)
	}
	add := func(name string, grants ...string) func(srv *cloudtest.Server) {
		return func(srv *cloudtest.Server) {
			srv.AddRoleMapping(name, true, cloudtest.AnyOf(cloudtest.Group("team")), grants...)
		}
	}
	seed := func(srv *cloudtest.Server) {
		seedEnforced(srv)
		add("a, b", "deployment-viewer:*")(srv)
		add("admins", "organization-admin")(srv)
		add("old", "billing-admin")(srv)
		add("team", "deployment-viewer:a")(srv)
	}
	there := map[string]string{
		"mapping a, b": words("deployment-viewer:*"), "mapping admins": words("organization-admin"), "mapping old": words("billing-admin"), "mapping team": words("deployment-viewer:a"),
		"sso": "enforced", "idp": idpWords(ssoIdP), "domain " + theDomain: "claimed",
	}
	gone := with(with(with(with(there, "mapping a, b", ""), "mapping a; b (to be deleted)", ""), "mapping admins", ""), "mapping old", "")
	all, fewer := listed("a, b", "admins", "old", "team"), listed("team")
	operations := named(`"old"`, []operation{
		{name: "create", after: fewer, want: gone},
		{name: "read", before: all, after: all, want: there},
		{name: "update", before: all, after: fewer, want: gone},
		{name: "update, a mapping came", before: fewer, between: add("stranger", "organization-admin"), after: fewer, want: with(gone, "mapping stranger", "")},
		{name: "delete", before: all, want: there},
		{name: "import", after: all, want: there, imports: map[string]string{"it": ""}},
	})
	for i := range operations {
		operations[i].seed = seed
		operations[i].keeps = map[string][]string{"mapping team": {"deployment-viewer:a"}}
		operations[i].names = append(operations[i].names, `"a, b"`, `"admins"`, `"stranger"`)
	}
	return operations
}

func enforcementOperations() []operation {
	enforcement := it(block{Type: "elasticcloud_sso_enforcement"})
	on := map[string]string{"sso": "enforced", "idp": idpWords(ssoIdP), "domain " + theDomain: "claimed"}
	kept := map[string][]string{"sso": {"enforced"}}
	all := []operation{
		{name: "create", seed: seedSSO, after: enforcement, want: on},
		{name: "create, enforced already", seed: seedEnforced, after: enforcement, want: on, keeps: kept},
		{name: "read", seed: seedEnforced, before: enforcement, after: enforcement, want: on, keeps: kept},
		{name: "delete", seed: seedEnforced, before: enforcement, want: with(on, "sso", "")},
		{name: "import", seed: seedEnforced, after: enforcement, want: on, keeps: kept, imports: map[string]string{"it": ""}},
	}
	for i := range all {
		all[i].names = []string{"SSO", "claimed domains", "organization's people", "role mappings", "SAML IdP"}
	}
	return all
}
