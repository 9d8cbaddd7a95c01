// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// between stands between provider and service, and may change what comes back.
type between struct {
	fake *cloudtest.Server
	// change makes another reply of a reply; nil leaves it as it is.
	change func(r *http.Request, status int, body []byte) (int, []byte)
}

func (b *between) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, b.fake.URL+r.RequestURI, bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	status := resp.StatusCode
	if b.change != nil {
		status, reply = b.change(r, status, reply)
	}
	maps.Copy(w.Header(), resp.Header)
	w.Header().Del("Content-Length")
	w.WriteHeader(status)
	_, _ = w.Write(reply) // a client that has seen enough goes away
}

// newBetween is an organization with one resource of each kind in state, all of
// them as configured, behind something that may change replies.
func newBetween(t *testing.T) (*core, *between, map[string]block) {
	t.Helper()
	srv := newFake(t)
	srv.ClaimDomain("example.com")
	srv.AddMember("Alice@example.com", "deployment-viewer:a", "deployment-viewer:b")
	srv.AddMember("carol@example.com", "deployment-viewer:*")
	middle := &between{fake: srv}
	proxy := httptest.NewServer(middle)
	t.Cleanup(proxy.Close)
	c, err := newCore(&cloudtest.Server{URL: proxy.URL, Key: srv.Key})
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]block{
		"alice":      {typeName: "elasticcloud_member", attributes: map[string]any{"email": "alice@example.com", "roles": []string{"deployment-viewer:a", "deployment-viewer:b", "elasticsearch-viewer:*+x+y"}}},
		"bob":        {typeName: "elasticcloud_member", attributes: map[string]any{"email": "bob@example.com", "roles": []string{"deployment-viewer:*"}}},
		"carol":      {typeName: "elasticcloud_member", attributes: map[string]any{"email": "carol@example.com"}},
		"assignment": {typeName: "elasticcloud_role_assignment", attributes: map[string]any{"email": "carol@example.com", "role": "billing-admin"}, after: "carol"},
		"claim":      {typeName: "elasticcloud_domain_claim", attributes: map[string]any{"domain": "example.com"}},
		"verified":   {typeName: "elasticcloud_domain_verification", attributes: map[string]any{"domain": "example.com"}},
		"idp": {typeName: "elasticcloud_saml_idp", attributes: map[string]any{"login_identifier_prefix": "acme", "issuer": "https://idp.example/entity", "sso_url": "https://idp.example/sso",
			"certificates": []string{longLived(t, "a"), longLived(t, "b")}}},
		"mapping":   {typeName: "elasticcloud_role_mapping", attributes: map[string]any{"name": "owners", "enabled": true, "rule": ruleOf(t, c, "elastic-owners", "others"), "roles": []string{"organization-admin"}}, after: "idp"},
		"enforced":  {typeName: "elasticcloud_sso_enforcement", attributes: map[string]any{}, after: "mapping"},
		"exclusive": {typeName: "elasticcloud_members_exclusive", attributes: map[string]any{"emails": []string{"owner@example.com", "alice@example.com", "bob@example.com", "carol@example.com"}}},
		"only":      {typeName: "elasticcloud_role_mappings_exclusive", attributes: map[string]any{"names": []string{"owners", "viewers"}}},
	}
	if err := c.apply(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	wantEmpty(t, c, config)
	srv.ResetLedger()
	return c, middle, config
}

// ruleOf is a rule of any of the groups.
func ruleOf(t *testing.T, c *core, groups ...string) map[string]tftypes.Value {
	t.Helper()
	rule, ok := c.types["elasticcloud_role_mapping"].AttributeTypes["rule"].(tftypes.Object)
	if !ok {
		t.Fatal("rule is no object")
	}
	anyOf, ok := rule.AttributeTypes["any"].(tftypes.Set)
	if !ok {
		t.Fatal("any is no set")
	}
	var conditions []tftypes.Value
	for _, group := range groups {
		conditions = append(conditions, toValue(anyOf.ElementType, map[string]any{"group": group}))
	}
	return map[string]tftypes.Value{"any": tftypes.NewValue(anyOf, conditions), "all": tftypes.NewValue(anyOf, nil)}
}

func wantEmpty(t *testing.T, c *core, config map[string]block) {
	t.Helper()
	changes, err := c.plan(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range changes {
		planned, err := ch.planned.PlannedState.Unmarshal(c.types[ch.typeName])
		t.Errorf("%s is planned from %s to %s (%v)", ch.address, ch.prior.value, planned, err)
	}
}

// wantPrintable fails the test for an error that one does not want in a
// terminal.
func wantPrintable(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	text := err.Error()
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) || len(text) > 20_000 || strings.Contains(text, "fake-key-") {
		t.Errorf("the error is %.2000q", text)
	}
}
