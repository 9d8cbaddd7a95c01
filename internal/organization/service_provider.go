// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// The service shows its service provider data, which the company's IdP needs, only
// while an IdP is configured. If there is none, the provider configures a placeholder:
// a disabled IdP, through which nobody can sign in. The placeholder is recognized by
// its issuer, because the service may rewrite the certificate. Addresses in .invalid
// exist nowhere.
const (
	placeholderIssuer = "https://terraform-provider-elasticcloud.invalid/placeholder"
	placeholderSSOURL = "https://terraform-provider-elasticcloud.invalid/nobody-can-sign-in"
)

// IsPlaceholder reports whether an IdP is the placeholder. The placeholder counts as no
// IdP even if somebody has enabled it, because nobody has the private key of its
// certificate. The service may change the case of the issuer, or add a slash at its
// end.
func IsPlaceholder(idp cloud.IdP) bool {
	return strings.EqualFold(strings.TrimRight(idp.Issuer, "/"), placeholderIssuer)
}

// isReal reports whether an IdP other than the placeholder is configured.
func (c configuredIdP) isReal() bool { return c.none == nil && !IsPlaceholder(c.idp) }

// Register makes sure that the service shows its service provider data, and returns the
// configured IdP: the one that exists, which stays unchanged, or a new placeholder with
// this prefix (PUT /organizations/{organization_id}/idp). If Register fails, it deletes
// a placeholder that it has made, if it can.
func (i *IdP) Register(ctx context.Context, prefix string) (there cloud.IdP, err error) {
	isNew := false
	wanted := func(c configuredIdP) bool {
		return c.isReal() || c.none == nil && c.idp.LoginIdentifierPrefix == prefix
	}
	err = i.view.confirmed(ctx, write[configuredIdP]{
		// It reads the IdP right before each attempt, so that it does not overwrite one
		// that was just configured.
		send: func(ctx context.Context, _ bool) (string, error) {
			if err := i.view.refresh(ctx); err != nil {
				return "", err
			}
			done := false
			i.view.look(func(c configuredIdP) { there, done, isNew = c.idp, wanted(c), isNew || c.none != nil })
			if done {
				return "", nil
			}
			certificate, err := i.certificate()
			if err != nil {
				return "", err
			}
			placeholder := cloud.IdP{LoginIdentifierPrefix: prefix, Issuer: placeholderIssuer, SSOURL: placeholderSSOURL, Certificates: []string{certificate}}
			there, err = in(ctx, i.o, func(ctx context.Context, id string) (cloud.IdP, error) {
				return i.o.client.PutIdP(ctx, id, placeholder)
			})
			return describeIdP(placeholder), err
		},
		shown: func(c configuredIdP) (bool, string) {
			if c.none != nil {
				return false, "no IdP"
			}
			if wanted(c) {
				there = c.idp
			}
			return wanted(c), describeIdP(c.idp)
		},
	})
	if err != nil && isNew {
		after, cancel := pace.Outlive(ctx, cloud.Grace/2)
		defer cancel()
		_ = i.unregister(after) // the first error is the one that counts
	}
	return there, err
}

// Unregister deletes the placeholder, unless this run keeps it. It leaves alone an IdP
// that has replaced the placeholder.
func (i *IdP) Unregister(ctx context.Context) error {
	return i.o.Dismiss(ctx, ServiceProviderObject, func() error { return i.unregister(ctx) })
}

func (i *IdP) unregister(ctx context.Context) error {
	return i.view.confirmed(ctx, write[configuredIdP]{
		send: func(ctx context.Context, _ bool) (string, error) {
			if there, err := i.Get(ctx); err != nil || !IsPlaceholder(there) {
				return "", unlessNotConfigured(err)
			}
			id, err := i.o.ID(ctx)
			if err != nil {
				return "", err
			}
			if err := i.o.client.DeleteIdP(ctx, id); err != nil && !cloud.Gone(err) {
				return "", err
			}
			return "delete the placeholder of an IdP", nil
		},
		shown: func(c configuredIdP) (bool, string) { return c.none != nil || c.isReal(), describeIdP(c.idp) },
	})
}

// unlessNotConfigured returns nil if the error says that no IdP is configured, and
// otherwise the error.
func unlessNotConfigured(err error) error {
	if cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
		return nil
	}
	return err
}

// newPlaceholderCertificate returns a certificate whose private key is thrown away.
func newPlaceholderCertificate() (string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", fmt.Errorf("could not make a certificate for the placeholder: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()),
		Subject:      pkix.Name{CommonName: "Placeholder of terraform-provider-elasticcloud"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(10, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return "", fmt.Errorf("could not make a certificate for the placeholder: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}
