// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getIdP    = "GET /organizations/{organization_id}/idp"
	putIdP    = "PUT /organizations/{organization_id}/idp"
	deleteIdP = "DELETE /organizations/{organization_id}/idp"
)

func newCertificate() string {
	certificate, _ := cloudtest.NewCertificate("idp", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return certificate
}

func TestIdP(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	client := newClient(t, config(srv))
	if _, err := client.GetIdP(t.Context(), srv.OrganizationID); !HasCode(err, CodeIdPNotConfigured) || !errors.Is(err, ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	srv.ClaimDomain("example.com")
	wanted := IdP{
		Enabled:               true,
		LoginIdentifierPrefix: "acme",
		Issuer:                "https://idp.example/<&>",
		SSOURL:                "https://idp.example/sso?a=b&c=d",
		Certificates:          []string{newCertificate(), "text around it\r\n" + strings.ReplaceAll(newCertificate(), "\n", "\r\n")},
	}
	put, err := client.PutIdP(t.Context(), srv.OrganizationID, wanted)
	if err != nil {
		t.Fatal(err)
	}
	if stored := srv.IdP(); !slices.Equal(stored.Certificates, wanted.Certificates) || stored.Issuer != wanted.Issuer || stored.SSOURL != wanted.SSOURL {
		t.Errorf("stored: %+v", stored)
	}
	for range 20 { // the form of the reply varies
		got, err := client.GetIdP(t.Context(), srv.OrganizationID)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got.Certificates)
		if !slices.Equal(got.Certificates, slices.Sorted(slices.Values(wanted.Certificates))) {
			t.Errorf("certificates %q", got.Certificates)
		}
		if !got.Enabled || got.LoginIdentifierPrefix != "acme" || got.Issuer != wanted.Issuer || got.SSOURL != wanted.SSOURL {
			t.Errorf("configuration %+v", got)
		}
		sp := got.ServiceProvider
		for _, certificate := range []string{sp.SigningCertificates[0], sp.EncryptionCertificates[0]} {
			if block, _ := pem.Decode([]byte(certificate)); block == nil {
				t.Errorf("not PEM: %q", certificate)
			}
		}
		if !strings.HasPrefix(sp.LoginIdentifier, "acme-") || sp.ACSURL == "" || sp.MetadataURL == "" || sp.SSOLoginURL == "" ||
			sp.EntityID != put.ServiceProvider.EntityID {
			t.Errorf("service provider %+v", sp)
		}
	}
	if err := client.DeleteIdP(t.Context(), srv.OrganizationID); err != nil || srv.IdP() != nil {
		t.Errorf("deleting it: %v", err)
	}
	if err := client.DeleteIdP(t.Context(), srv.OrganizationID); !Gone(err) {
		t.Errorf("deleting none: %v", err)
	}
}

func TestDecodeCertificates(t *testing.T) {
	t.Parallel()
	text := newCertificate()
	block, _ := pem.Decode([]byte(text))
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	for name, form := range map[string]string{
		"PEM":             text,
		"base64 of PEM":   encoded,
		"wrapped base64":  encoded[:40] + "\n " + encoded[40:] + "\r\n",
		"base64 of bytes": base64.StdEncoding.EncodeToString(block.Bytes),
	} {
		if got := decodeCertificates([]string{form}); got[0] != text {
			t.Errorf("%s: %q", name, got[0])
		}
	}
	for _, form := range []string{"", "nothing", "bm90aGluZw==", "-----BEGIN"} {
		if got := decodeCertificates([]string{form}); got[0] != form {
			t.Errorf("%q became %q", form, got[0])
		}
	}
}

func TestIdPFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		client := newClient(t, config(srv))
		wanted := IdP{Enabled: true, LoginIdentifierPrefix: "acme", Issuer: "i", SSOURL: "https://i", Certificates: []string{newCertificate()}}
		if _, err := client.PutIdP(t.Context(), srv.OrganizationID, wanted); err == nil || !strings.Contains(err.Error(), "claim a domain") {
			t.Errorf("without a domain: %v", err)
		}
		srv.ClaimDomain("example.com")
		srv.Fail(cloudtest.Fault{Route: putIdP, Drop: true, After: true})
		if _, err := client.PutIdP(t.Context(), srv.OrganizationID, wanted); err != nil {
			t.Errorf("the answer was lost: %v", err)
		}
		srv.Fail(cloudtest.Fault{Route: getIdP, Body: `{"errors":[]}`})
		if idp, err := client.GetIdP(t.Context(), srv.OrganizationID); err == nil {
			t.Errorf("from nowhere: %+v", idp)
		}
		srv.Enforce(true)
		if err := client.DeleteIdP(t.Context(), srv.OrganizationID); err == nil || srv.IdP() == nil {
			t.Errorf("while enforced: %v", err)
		}
		srv.Enforce(false)
		srv.Fail(cloudtest.Fault{Route: deleteIdP, Status: 504, After: true})
		if err := client.DeleteIdP(t.Context(), srv.OrganizationID); !Gone(err) || srv.IdP() != nil {
			t.Errorf("the answer was lost: %v", err)
		}
	})
}
