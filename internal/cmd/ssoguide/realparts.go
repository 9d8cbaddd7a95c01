// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// realParts are BIND, SimpleSAMLphp and Chromium.
type realParts struct {
	*bind
	*simpleSAMLphp

	fake *fakecloud // nil until it is started
}

var (
	stranger  = user{"eve@other.example", []string{"elastic-owners"}}
	groupless = user{"nina@example.com", nil}
)

func startRealParts(ctx context.Context, dir string) (*realParts, error) {
	b, err := startBIND(ctx, dir)
	if err != nil {
		return nil, err
	}
	s, err := startSimpleSAMLphp(ctx, dir, owner, dora, stranger, groupless)
	if err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return &realParts{bind: b, simpleSAMLphp: s}, nil
}

func (r *realParts) stop() error {
	return errors.Join(r.simpleSAMLphp.stop(), r.bind.stop())
}

func (r *realParts) signIn(ctx context.Context, who user) error {
	return r.wantPage(ctx, who, "Signed in", who.email)
}

// wantPage signs in with a browser, and checks the page that follows.
func (r *realParts) wantPage(ctx context.Context, who user, title, text string) error {
	s, err := r.fake.state(ctx)
	if err != nil {
		return err
	}
	shown, err := signInByBrowser(ctx, s.IdP.SSOLoginURL, who.email, r.settings.Secret)
	if err != nil {
		return err
	}
	if shown.Title != title || !strings.Contains(shown.Text, text) {
		return fmt.Errorf("the browser of %s should show %q with %q, but shows %q with %q", who.email, title, text, shown.Title, shown.Text)
	}
	return nil
}

// denied checks that a person cannot sign in, and the reason.
func (r *realParts) denied(ctx context.Context, who user, reason string) error {
	return r.wantPage(ctx, who, "Access denied", reason)
}

// mistakes are mistakes that people make before single sign-on works.
func (r *realParts) mistakes(g *guide) []step {
	return []step{
		{"Load Elastic Cloud's metadata into the IdP", func(ctx context.Context) error { return r.loadMetadata(ctx, g) }, optional},
		{"A wrong certificate in Elastic Cloud: no sign-in", func(ctx context.Context) error {
			return r.configuredWrongly(ctx, g, certificateInXML, "X509Certificate>"+otherCertificate()+"<", "the signature should be verifiable")
		}, optional},
		{"A wrong issuer in Elastic Cloud: no sign-in", func(ctx context.Context) error {
			return r.configuredWrongly(ctx, g, issuerInXML, `entityID="${1}/wrong"`, "the Issuer should match")
		}, optional},
		{"The right metadata, but a wrong audience at the IdP: no sign-in", func(ctx context.Context) error {
			if err := r.connectAnew(ctx, g); err != nil {
				return err
			}
			if err := r.configure(func(s *idpSettings) { s.Audience = "https://other.example" }); err != nil {
				return err
			}
			err := r.denied(ctx, owner, "the Audience should match")
			return errors.Join(err, r.configure(func(s *idpSettings) { s.Audience = "" }))
		}, optional},
		{"An address of another domain: no sign-in", func(ctx context.Context) error {
			return r.denied(ctx, stranger, "other.example")
		}, optional},
		{"Require SSO although nobody has signed in yet: still refused", g.enforceTooEarly, optional},
		{"No groups attribute: a sign-in without roles", func(ctx context.Context) error {
			if err := r.signIn(ctx, groupless); err != nil {
				return err
			}
			return g.wantGrants(ctx, groupless.email, "")
		}, optional},
	}
}

// rollover replaces the IdP's certificate while SSO is required.
func (r *realParts) rollover(g *guide) []step {
	return []step{
		{"Announce a new certificate of the IdP, and apply: the old one is still valid", func(ctx context.Context) error {
			if err := r.configure(func(s *idpSettings) { s.NextKey = "second" }); err != nil {
				return err
			}
			return errors.Join(r.connectAnew(ctx, g), r.signIn(ctx, owner))
		}, enforced},
		{"Sign with the new key", func(ctx context.Context) error {
			if err := r.configure(func(s *idpSettings) { s.Key, s.NextKey = "second", "" }); err != nil {
				return err
			}
			return r.signIn(ctx, owner)
		}, enforced},
		{"Apply without the old certificate: it is no longer valid", func(ctx context.Context) error {
			if err := errors.Join(r.connectAnew(ctx, g), r.signIn(ctx, owner)); err != nil {
				return err
			}
			if err := r.configure(func(s *idpSettings) { s.Key = "first" }); err != nil {
				return err
			}
			return r.denied(ctx, owner, "the signature should be verifiable")
		}, enforced},
	}
}

// loadMetadata loads Elastic Cloud's metadata into the IdP.
func (r *realParts) loadMetadata(ctx context.Context, g *guide) error {
	printed, err := g.command(ctx, "output", "-json", "service_provider")
	if err != nil {
		return fmt.Errorf("output: %w\n%s", err, printed)
	}
	var output struct {
		MetadataURL string `json:"metadata_url"`
	}
	if err := json.Unmarshal([]byte(printed), &output); err != nil {
		return err
	}
	metadata, err := request(ctx, http.MethodGet, output.MetadataURL)
	if err != nil {
		return err
	}
	return r.trust(metadata)
}

var (
	certificateInXML = regexp.MustCompile(`X509Certificate>[^<]*<`)
	issuerInXML      = regexp.MustCompile(`entityID="([^"]*)"`)
)

// configuredWrongly applies the IdP's metadata with a mistake in it.
func (r *realParts) configuredWrongly(ctx context.Context, g *guide, pattern *regexp.Regexp, mistake, reason string) error {
	metadata, err := r.metadata(ctx)
	if err != nil {
		return err
	}
	if err := g.write("idp-metadata.xml", pattern.ReplaceAllString(metadata, mistake)); err != nil {
		return err
	}
	if err := g.run(ctx, `0 added, 1 changed, 0 destroyed`, "apply", "-auto-approve"); err != nil {
		return err
	}
	return r.denied(ctx, owner, reason)
}

// connectAnew applies the present metadata of the IdP. SSO stays required if it is.
func (r *realParts) connectAnew(ctx context.Context, g *guide) error {
	metadata, err := r.metadata(ctx)
	if err != nil {
		return err
	}
	if err := g.write("idp-metadata.xml", metadata); err != nil {
		return err
	}
	return g.run(ctx, `0 added, 1 changed, 0 destroyed`, "apply", "-auto-approve", fmt.Sprintf("-var=enforce=%t", g.state.SSOEnforced))
}

// otherCertificate returns a certificate that the IdP does not have, in the form of
// metadata.
func otherCertificate() string {
	certificate, _ := cloudtest.NewCertificate("another IdP", time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0))
	block, _ := pem.Decode([]byte(certificate))
	return base64.StdEncoding.EncodeToString(block.Bytes)
}
