// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"strings"
	"testing"
)

const (
	enforce       = `{"enforce_authentication_method":"sso"}`
	stopEnforcing = `{"enforce_authentication_method":null}`
)

// shown is what GET says of enforcement: "sso", "null" or "".
func shown(t *testing.T, a answer) string {
	t.Helper()
	fields := decode[map[string]any](t, a.body)
	value, ok := fields["enforce_authentication_method"]
	switch {
	case !ok:
		return ""
	case value == nil:
		return "null"
	}
	text, ok := value.(string)
	if !ok {
		t.Fatalf("%v", value)
	}
	return text
}

func TestEnforcement(t *testing.T) {
	t.Parallel()
	s := New(t)
	expect(t, s, "PUT", "/organizations/none", enforce, 404, "organization.not_found")
	expect(t, s, "PUT", "/organizations/{org}", enforce, 400, "org.idp.idp_not_configured")
	s.ClaimDomain("example.com")
	s.ConfigureIdP(testConfiguration())
	s.ChangeIdP(func(c *IdP) { c.Enabled = false })
	expect(t, s, "PUT", "/organizations/{org}", enforce, 400, "org.idp.idp_disabled")
	s.ChangeIdP(func(c *IdP) { c.Enabled = true })
	equal(t, "reply", shown(t, expect(t, s, "PUT", "/organizations/{org}", enforce, 200, "")), "sso")
	equal(t, "GET", shown(t, expect(t, s, "GET", "/organizations/{org}", "", 200, "")), "sso")
	equal(t, "left out", shown(t, expect(t, s, "PUT", "/organizations/{org}", `{"name":"New"}`, 200, "")), "sso")
	equal(t, "enforced", s.Enforced(), true)

	expect(t, s, "DELETE", idpPath, "", 400, "org.idp.sso_enforced")
	disabled := *s.IdP()
	disabled.Enabled = false
	expect(t, s, "PUT", idpPath, idpBody(t, disabled), 400, "org.idp.sso_enforced")

	equal(t, "null", shown(t, expect(t, s, "PUT", "/organizations/{org}", stopEnforcing, 200, "")), "null")
	equal(t, "enforced", s.Enforced(), false)
	expect(t, s, "DELETE", idpPath, "", 200, "")
}

func TestEnforcementIsLeftOut(t *testing.T) {
	t.Parallel()
	for want, opts := range map[string][]Option{"null sso": nil, " sso": {OmitNoEnforcement()}, " ": {OmitEnforcement()}} {
		s := New(t, opts...)
		s.ConfigureIdP(testConfiguration())
		off := shown(t, expect(t, s, "GET", "/organizations/{org}", "", 200, ""))
		s.Enforce(true)
		equal(t, "off and on", off+" "+shown(t, expect(t, s, "GET", "/organizations/{org}", "", 200, "")), want)
	}
}

func TestOrganizationSettings(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ConfigureIdP(testConfiguration())
	a := expect(t, s, "PUT", "/organizations/{org}", `{"name":"New name","billing_contacts":["a@example.com"]}`, 200, "")
	for _, want := range []string{`"name":"New name"`, `"billing_contacts":["a@example.com"]`, `"sso_login_identifier":"acme-`} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("%s is missing in %s", want, a.body)
		}
	}
	expect(t, s, "PUT", "/organizations/{org}", `{"name":""}`, 400, "organization.invalid_name")
	expect(t, s, "PUT", "/organizations/{org}", `{"enforce_authentication_methods":"sso"}`, 400, "root.invalid_request")
}

func TestOmitEnforcement(t *testing.T) {
	t.Parallel()
	s := New(t, OmitEnforcement())
	s.ConfigureIdP(testConfiguration())
	equal(t, "PUT", shown(t, expect(t, s, "PUT", "/organizations/{org}", enforce, 200, "")), "")
	equal(t, "GET", shown(t, expect(t, s, "GET", "/organizations/{org}", "", 200, "")), "")
	equal(t, "enforced", s.Enforced(), true)
}

func TestKeyMayNotEnforce(t *testing.T) {
	t.Parallel()
	s := New(t, KeyMayNotEnforce())
	s.ConfigureIdP(testConfiguration())
	expect(t, s, "PUT", "/organizations/{org}", enforce, 403, "org.enforcement.sso_login_required")
	s.Enforce(true)
	expect(t, s, "PUT", "/organizations/{org}", stopEnforcing, 200, "")
}

// A sign-in counts for the configuration that it was made with.
func TestWantsSignIn(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t, WantsSignIn())
	refused := func() {
		t.Helper()
		expect(t, s, "PUT", "/organizations/{org}", enforce, 403, "org.enforcement.sso_login_required")
	}
	refused()
	refuseSignIn(t, s, idp, "a@other.example", "is not claimed")
	refused()
	signIn(t, s, idp, "a@example.com")
	expect(t, s, "PUT", idpPath, idpBody(t, *s.IdP()), 200, "")
	refused()
	signIn(t, s, idp, "a@example.com")
	expect(t, s, "PUT", "/organizations/{org}", enforce, 200, "")
	s.ChangeIdP(func(c *IdP) { c.LoginIdentifierPrefix = "other" })
	expect(t, s, "PUT", "/organizations/{org}", enforce, 200, "") // it is on already
	expect(t, s, "PUT", "/organizations/{org}", stopEnforcing, 200, "")
	refused()
}
