// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// between is a proxy between provider and service that may change the replies.
type between struct {
	fake *cloudtest.Server
	// change makes another reply of a reply; nil leaves it as it is.
	change func(r *http.Request, status int, body []byte) (int, []byte)
}

// RoundTrip implements http.RoundTripper.
func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.fake.Transport().RoundTrip(r)
	if err != nil || b.change == nil {
		return resp, err
	}
	defer func() { _ = resp.Body.Close() }()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.StatusCode, reply = b.change(r, resp.StatusCode, reply)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(reply)), int64(len(reply))
	resp.Header.Del("Content-Length")
	return resp, nil
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
	c := startCore(t, srv)
	c.provider.transport = middle
	config := map[string]block{
		"alice":      {Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com", "roles": []string{"deployment-viewer:a", "deployment-viewer:b", "elasticsearch-viewer:*+x+y"}}},
		"bob":        {Type: "elasticcloud_member", Attributes: map[string]any{"email": "bob@example.com", "roles": []string{"deployment-viewer:*"}}},
		"carol":      {Type: "elasticcloud_member", Attributes: map[string]any{"email": "carol@example.com"}},
		"assignment": {Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": "carol@example.com", "role": "billing-admin"}, After: "carol"},
		"claim":      {Type: "elasticcloud_domain_claim", Attributes: map[string]any{"domain": "example.com"}},
		"verified":   {Type: "elasticcloud_domain_verification", Attributes: map[string]any{"domain": "example.com"}},
		"idp": {Type: "elasticcloud_saml_idp", Attributes: map[string]any{"login_identifier_prefix": "acme", "issuer": "https://idp.example/entity", "sso_url": "https://idp.example/sso",
			"certificates": []string{longLived(t, "a"), longLived(t, "b")}}},
		"mapping":   {Type: "elasticcloud_role_mapping", Attributes: map[string]any{"name": "owners", "enabled": true, "rule": inGroup("elastic-owners", "others"), "roles": []string{"organization-admin"}}, After: "idp"},
		"enforced":  {Type: "elasticcloud_sso_enforcement", Attributes: map[string]any{}, After: "mapping"},
		"exclusive": {Type: "elasticcloud_members_exclusive", Attributes: map[string]any{"emails": []string{"owner@example.com", "alice@example.com", "bob@example.com", "carol@example.com"}}},
		"only":      {Type: "elasticcloud_role_mappings_exclusive", Attributes: map[string]any{"names": []string{"owners", "viewers"}}},
	}
	c.mustApply(t, config)
	wantEmpty(t, c, config)
	srv.ResetLedger()
	return c, middle, config
}

func wantEmpty(t *testing.T, c *core, config map[string]block) {
	t.Helper()
	changes, err := c.plan(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range changes {
		planned, err := ch.Planned.PlannedState.Unmarshal(c.Types[ch.Type])
		t.Errorf("%s is planned from %s to %s (%v)", ch.Address, ch.Prior.Value, planned, err)
	}
}
