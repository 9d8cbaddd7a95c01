// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// placeholder is as another run has registered it.
var placeholder = cloudtest.IdP{LoginIdentifierPrefix: "acme", Issuer: placeholderIssuer, SSOURL: placeholderSSOURL, Certificates: []string{cloudtest.NewTestIdP().Certificate()}}

// noIdP returns an organization that has claimed a domain, for a test in a bubble, and a
// run's view of it.
func noIdP(t *testing.T, opts ...cloudtest.Option) (*cloudtest.Server, *Organization) {
	t.Helper()
	srv := newServer(t, opts...)
	srv.ClaimDomain("example.com")
	return srv, newOrganization(t, config(srv))
}

// Nobody can sign in through the placeholder: it is disabled, leads nowhere, and has a
// certificate that no other run has.
func TestRegisterPlaceholder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var certificates []string
		for range 2 {
			srv, o := noIdP(t)
			there, err := o.IdP.Register(t.Context(), "acme")
			if err != nil || !IsPlaceholder(there) || there.LoginIdentifierPrefix != "acme" || there.ServiceProvider.ACSURL == "" {
				t.Fatalf("got %+v, %v", there, err)
			}
			idp := srv.IdP()
			if idp.Enabled || !strings.Contains(idp.SSOURL, ".invalid/") || len(idp.Certificates) != 1 {
				t.Errorf("configured is %+v", idp)
			}
			block, rest := pem.Decode([]byte(idp.Certificates[0]))
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil || len(rest) > 0 || certificate.CheckSignatureFrom(certificate) == nil && certificate.IsCA {
				t.Errorf("the certificate: %v, and then %q", err, rest)
			}
			if year := 365 * 24 * time.Hour; certificate.NotAfter.Before(time.Now().Add(9*year)) || certificate.NotBefore.After(time.Now()) {
				t.Errorf("it is valid from %s to %s", certificate.NotBefore, certificate.NotAfter)
			}
			certificates = append(certificates, idp.Certificates[0])
		}
		if certificates[0] == certificates[1] {
			t.Error("two runs have the same certificate")
		}
	})
}

// An IdP that is configured already stays unchanged; a placeholder gets another prefix.
func TestRegisterWhereSomethingIsThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			there  cloudtest.IdP
			writes int
		}{
			"an IdP":                              {cloudtest.NewTestIdP().Configuration("acme"), 0},
			"an IdP with another prefix":          {cloudtest.NewTestIdP().Configuration("other"), 0},
			"a placeholder":                       {placeholder, 0},
			"a placeholder with another prefix":   {changed(placeholder, func(i *cloudtest.IdP) { i.LoginIdentifierPrefix = "other" }), 1},
			"a placeholder that somebody enabled": {changed(placeholder, func(i *cloudtest.IdP) { i.Enabled = true }), 0},
			"a disabled IdP":                      {changed(cloudtest.NewTestIdP().Configuration("other"), func(i *cloudtest.IdP) { i.Enabled = false }), 0},
		} {
			srv, o := noIdP(t)
			srv.ConfigureIdP(test.there)
			there, err := o.IdP.Register(t.Context(), "acme")
			if err != nil || there.Issuer != test.there.Issuer || there.Enabled != test.there.Enabled || there.ServiceProvider.ACSURL == "" {
				t.Errorf("%s: got %+v, %v", name, there, err)
			}
			if n := len(srv.Writes()); n != test.writes {
				t.Errorf("%s: %d writes", name, n)
			}
		}
	})
}

func changed(idp cloudtest.IdP, change func(*cloudtest.IdP)) cloudtest.IdP {
	change(&idp)
	return idp
}

// However the service writes the placeholder, it is known as one.
func TestPlaceholderInEveryReading(t *testing.T) {
	t.Parallel()
	for _, reading := range cloudtest.Readings() {
		for _, variant := range reading.Variants {
			t.Run(variant.Name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv, o := noIdP(t, variant.Options...)
					there, err := o.IdP.Register(t.Context(), "acme")
					if err != nil || !IsPlaceholder(there) {
						t.Fatalf("got %+v, %v", there, err)
					}
					other := newOrganization(t, config(srv))
					if again, err := other.IdP.Register(t.Context(), "acme"); err != nil || !IsPlaceholder(again) || srv.Count(putIdP) != 1 {
						t.Errorf("in another run: %+v, %v, and it is written %d times", again, err, srv.Count(putIdP))
					}
					if err := newOrganization(t, config(srv)).IdP.Unregister(t.Context()); err != nil || srv.IdP() != nil {
						t.Errorf("it is there still: %+v, %v", srv.IdP(), err)
					}
				})
			})
		}
	}
	for issuer, want := range map[string]bool{
		"HTTPS://Terraform-Provider-ElasticCloud.INVALID/Placeholder/": true,
		placeholderIssuer:                 true,
		placeholderIssuer + "/saml":       false,
		"https://idp.example/placeholder": false,
	} {
		if got := IsPlaceholder(cloud.IdP{Issuer: issuer}); got != want {
			t.Errorf("%s is the placeholder: %t", issuer, got)
		}
	}
}

// An IdP that is configured between two attempts is not overwritten, and both attempts
// send the same certificate.
func TestRegisterTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := noIdP(t)
		srv.Fail(cloudtest.Fault{Route: putIdP, Undone: true})
		if there, err := o.IdP.Register(t.Context(), "acme"); err != nil || !IsPlaceholder(there) || srv.IdP() == nil {
			t.Errorf("got %+v, %v", there, err)
		}
		writes := srv.Writes()
		if len(writes) != 2 || string(writes[0].Body) != string(writes[1].Body) {
			t.Errorf("%d writes, which are not the same", len(writes))
		}
		srv, o = noIdP(t)
		srv.Fail(cloudtest.Fault{Route: putIdP, Undone: true})
		time.AfterFunc(10*time.Second, func() { srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("other")) })
		there, err := o.IdP.Register(t.Context(), "acme")
		if err != nil || !there.Enabled || srv.Count(putIdP) != 1 {
			t.Errorf("after an IdP was configured: %+v, %v, %d writes", there, err, srv.Count(putIdP))
		}
	})
}

// The placeholder is deleted, even if the answer is lost. An IdP stays, and so does a
// placeholder that the run keeps.
func TestUnregister(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := noIdP(t)
		srv.ConfigureIdP(placeholder)
		srv.Fail(cloudtest.Fault{Route: deleteIdP, Status: 504, After: true})
		for _, when := range []string{"where the answer is lost", "where it is gone"} {
			if err := o.IdP.Unregister(t.Context()); err != nil || srv.IdP() != nil {
				t.Errorf("%s: %v", when, err)
			}
		}
		srv.ConfigureIdP(placeholder)
		if err := o.Ensure(t.Context(), ServiceProviderObject, func() bool { return true }); err != nil {
			t.Fatal(err)
		}
		if err := o.IdP.Unregister(t.Context()); err != nil || srv.IdP() == nil {
			t.Errorf("where the run keeps it: %v", err)
		}
		srv, o = withIdP(t)
		if err := o.IdP.Unregister(t.Context()); err != nil || srv.IdP() == nil {
			t.Errorf("an IdP: %v", err)
		}
	})
}

// For everything else the placeholder does not count as an IdP: it is not deleted as
// one, and SSO is not enforced with it.
func TestPlaceholderIsNoIdP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := noIdP(t)
		srv.ConfigureIdP(placeholder)
		if err := o.IdP.Dismiss(t.Context()); err != nil || srv.IdP() == nil {
			t.Errorf("deleted as an IdP: %v", err)
		}
		if err := o.Enforcement.Begin(t.Context()); !errors.Is(err, ErrNoIdP) {
			t.Errorf("enforced: %v", err)
		}
	})
}

// The service provider and the IdP wait for each other. In every order, the IdP is
// configured afterwards.
func TestRegisterBesideAnIdP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, first := range []Object{IdPObject, ServiceProviderObject} {
			srv, o := noIdP(t)
			idp := cloudtest.NewTestIdP().Configuration("acme")
			bring := map[Object]func(context.Context) error{
				IdPObject: func(ctx context.Context) error {
					_, err := o.IdP.Put(ctx, cloud.IdP{Enabled: true, LoginIdentifierPrefix: "acme", Issuer: idp.Issuer, SSOURL: idp.SSOURL, Certificates: idp.Certificates},
						func(there cloud.IdP) bool { return there.Issuer == idp.Issuer })
					return err
				},
				ServiceProviderObject: func(ctx context.Context) error {
					_, err := o.IdP.Register(ctx, "acme")
					return err
				},
			}
			order := []Object{IdPObject, ServiceProviderObject}
			if first != order[0] {
				slices.Reverse(order)
			}
			srv.Fail(cloudtest.Fault{Route: putIdP, Hang: time.Second})
			done := make(chan error)
			for _, object := range order {
				go func() {
					var err error
					lockErr := o.Ensure(t.Context(), object, func() bool { err = bring[object](t.Context()); return err == nil })
					done <- errors.Join(err, lockErr)
				}()
				time.Sleep(10 * time.Millisecond)
			}
			for range order {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			if there := srv.IdP(); there == nil || there.Issuer != idp.Issuer {
				t.Errorf("%v first: configured is %+v", first, there)
			}
		}
	})
}
