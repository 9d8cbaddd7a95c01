// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crewjam/saml"
)

const idpPath = "/organizations/{org}/idp"

func testCertificate() string {
	certificate, _ := NewCertificate("test", time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	return certificate
}

func testConfiguration() IdP {
	return IdP{true, "acme", "https://idp.example", "https://idp.example/sso", []string{testCertificate()}}
}

func idpBody(t *testing.T, configuration IdP) string {
	t.Helper()
	wire := idpConfigurationWire{
		Enabled:               configuration.Enabled,
		LoginIdentifierPrefix: configuration.LoginIdentifierPrefix,
		SAML:                  samlIdPWire{configuration.Issuer, configuration.SSOURL, []string{}},
	}
	for _, text := range configuration.Certificates {
		wire.SAML.PublicCertificate = append(wire.SAML.PublicCertificate, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	text, err := json.Marshal(wire)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestIdPLifecycle(t *testing.T) {
	t.Parallel()
	s := New(t, Plain())
	configuration := testConfiguration()
	configuration.Certificates = append(configuration.Certificates, testCertificate()+testCertificate())
	expect(t, s, "GET", idpPath, "", 404, "org.idp.idp_not_configured")
	expect(t, s, "DELETE", idpPath, "", 404, "org.idp.idp_not_configured")
	expect(t, s, "PUT", idpPath, idpBody(t, configuration), 400, "org.idp.no_claimed_domain")
	s.ClaimDomain("example.com")
	put := decode[idpWire](t, expect(t, s, "PUT", idpPath, idpBody(t, configuration), 200, "").body)
	got := decode[idpWire](t, expect(t, s, "GET", idpPath, "", 200, "").body)
	equal(t, "PUT and GET", string(marshal(put)), string(marshal(got)))
	equal(t, "configuration", string(marshal(got.Configuration)), idpBody(t, configuration))
	equal(t, "suffix", strings.HasPrefix(got.LoginIdentifier, "acme-"), true)
	equal(t, "login URL", strings.HasSuffix(got.SSOLoginURL, got.LoginIdentifier), true)
	equal(t, "stored", string(marshal(*s.IdP())), string(marshal(configuration)))
	for _, list := range [][]string{got.SigningCertificate, got.EncryptionCertificate} {
		text, err := base64.StdEncoding.DecodeString(list[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseCertificates(string(text)); err != nil {
			t.Error(err)
		}
	}
	if got.SigningCertificate[0] == got.EncryptionCertificate[0] {
		t.Error("one certificate for both")
	}

	configuration.LoginIdentifierPrefix = "acme-2"
	renamed := decode[idpWire](t, expect(t, s, "PUT", idpPath, idpBody(t, configuration), 200, "").body)
	equal(t, "suffix stays", renamed.LoginIdentifier, strings.Replace(got.LoginIdentifier, "acme", "acme-2", 1))
	equal(t, "entity ID stays", renamed.SPEntityID, got.SPEntityID)
	expect(t, s, "DELETE", idpPath, "", 200, "")
	if s.IdP() != nil {
		t.Error("it is still there")
	}
}

func TestIdPRefused(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ClaimDomain("example.com")
	_, privateKey := NewCertificate("test", time.Now(), time.Now())
	tests := map[string]func(*IdP){
		"login_identifier_prefix: only": func(c *IdP) { c.LoginIdentifierPrefix = "Acme" },
		"issuer is missing":             func(c *IdP) { c.Issuer = "" },
		"is not a URL":                  func(c *IdP) { c.SSOURL = "sso" },
		"a certificate is required":     func(c *IdP) { c.Certificates = nil },
		"no PEM certificate in it":      func(c *IdP) { c.Certificates[0] = "nothing" },
		"type PRIVATE KEY":              func(c *IdP) { c.Certificates[0] += privateKey },
		"certificate 2: x509":           func(c *IdP) { c.Certificates = append(c.Certificates, strings.Replace(c.Certificates[0], "M", "N", 1)) },
	}
	for want, spoil := range tests {
		configuration := testConfiguration()
		spoil(&configuration)
		a := expect(t, s, "PUT", idpPath, idpBody(t, configuration), 400, "org.idp.invalid_configuration")
		if !strings.Contains(string(a.body), want) {
			t.Errorf("got %s, want %q", a.body, want)
		}
	}
	pem := `{"enabled":true,"login_identifier_prefix":"a","saml_idp":{"issuer":"i","sso_url":"https://i","public_certificate":["-----BEGIN"]}}`
	expect(t, s, "PUT", idpPath, pem, 400, "org.idp.invalid_configuration")
	expect(t, s, "PUT", "/organizations/none/idp", idpBody(t, testConfiguration()), 404, "organization.not_found")
	expect(t, s, "GET", "/organizations/none/idp", "", 404, "organization.not_found")
	expect(t, s, "DELETE", "/organizations/none/idp", "", 404, "organization.not_found")
	if s.IdP() != nil {
		t.Error("an IdP was configured")
	}
}

func TestIdPForms(t *testing.T) {
	t.Parallel()
	s := New(t)
	configuration := testConfiguration()
	configuration.Certificates = append(configuration.Certificates, testCertificate())
	s.ConfigureIdP(configuration)
	forms := map[string]bool{}
	for range 100 {
		got := decode[idpWire](t, expect(t, s, "GET", idpPath, "", 200, "").body)
		forms[strings.Join(got.Configuration.SAML.PublicCertificate, "|")] = true
	}
	equal(t, "forms", len(forms), 8)
	if !forms[strings.Join(configuration.Certificates, "|")] {
		t.Error("never as plain PEM")
	}
}

// padded adds to a text, so that its base64 has padding.
func padded(text string) string {
	for len(text)%3 == 0 {
		text += "\n"
	}
	return text
}

// Certificates come back in the form that is set, from GET and from PUT. The request
// has the usual form, and what it has is held.
func TestCertificateForms(t *testing.T) {
	t.Parallel()
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	unpad := func(text string) string { return strings.TrimRight(text, "=") }
	one, two := padded(testCertificate()+testCertificate()), padded(strings.TrimSpace(testCertificate()))
	joined := strings.TrimSpace(one) + "\n" + strings.TrimSpace(two) + "\n"
	for form, forms := range map[CertificateForm][][]string{ // each a reply that may come
		CertificatesJoined:   {{joined}, {encode(joined)}},
		CertificatesUnpadded: {{unpad(encode(one)), unpad(encode(two))}, {unpad(encode(two)), unpad(encode(one))}},
		CertificatesTwice:    {{encode(encode(one)), encode(encode(two))}, {encode(encode(two)), encode(encode(one))}},
		CertificatesLeftOut:  {nil},
	} {
		s := New(t, Certificates(form))
		s.ClaimDomain("example.com")
		configuration := testConfiguration()
		configuration.Certificates = []string{one, two}
		seen := map[string]bool{}
		for range 30 {
			for _, a := range []answer{
				expect(t, s, "PUT", idpPath, idpBody(t, configuration), 200, ""),
				expect(t, s, "GET", idpPath, "", 200, ""),
			} {
				got := decode[idpWire](t, a.body)
				seen[strings.Join(got.Configuration.SAML.PublicCertificate, "|")] = true
				equal(t, "left out", got.Configuration.SAML.PublicCertificate == nil, form == CertificatesLeftOut)
				equal(t, "the service's own", len(got.SigningCertificate)+len(got.EncryptionCertificate), 2)
			}
		}
		equal(t, "forms that came", len(seen), len(forms))
		for _, want := range forms {
			if !seen[strings.Join(want, "|")] {
				t.Errorf("form %d: never saw %q, but %q", form, want, slices.Collect(maps.Keys(seen)))
			}
		}
		equalList(t, "held", s.IdP().Certificates, one, two)
	}
}

// Replies have addresses in the configured form, and the stored addresses stay as they
// were sent.
func TestAddressForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ given, with, without string }{
		{"https://idp.example", "https://idp.example/", "https://idp.example"},
		{"https://idp.example/", "https://idp.example/", "https://idp.example"},
		{"HTTPS://IdP.Example:8443/SSO/a", "https://idp.example:8443/SSO/a", "https://idp.example:8443/SSO/a"},
		{"https://IDP.example/sso/?A=B#C", "https://idp.example/sso/?A=B#C", "https://idp.example/sso?A=B#C"},
		{"https://idp.example/a%2Fb/", "https://idp.example/a%2Fb/", "https://idp.example/a%2Fb"},
		{"urn:Example:IdP/", "urn:Example:IdP/", "urn:Example:IdP/"},
		{"Just a name", "Just a name", "Just a name"},
	} {
		for form, want := range map[AddressForm]string{0: test.given, AddressesWithSlash: test.with, AddressesWithoutSlash: test.without} {
			s := New(t, NormalisesAddresses(form))
			s.ClaimDomain("example.com")
			configuration := testConfiguration()
			configuration.Issuer = test.given
			wantSSO := configuration.SSOURL // not every issuer is good as an address
			if strings.Contains(test.given, "://") {
				configuration.SSOURL, wantSSO = test.given, want
			}
			for _, a := range []answer{
				expect(t, s, "PUT", idpPath, idpBody(t, configuration), 200, ""),
				expect(t, s, "GET", idpPath, "", 200, ""),
			} {
				got := decode[idpWire](t, a.body).Configuration.SAML
				equal(t, "issuer", got.Issuer, want)
				equal(t, "sso_url", got.SSOURL, wantSSO)
			}
			equal(t, "issuer held", s.IdP().Issuer, test.given)
			equal(t, "sso_url held", s.IdP().SSOURL, configuration.SSOURL)
		}
	}
}

// Each PUT gives the service provider other addresses, which count at once.
func TestRenewsServiceProvider(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t, RenewsServiceProvider())
	configuration := idpBody(t, idp.Configuration("acme"))
	seen := map[string]bool{}
	for range 3 {
		put := decode[idpWire](t, expect(t, s, "PUT", idpPath, configuration, 200, "").body)
		got := decode[idpWire](t, expect(t, s, "GET", idpPath, "", 200, "").body)
		equal(t, "entity ID after PUT", got.SPEntityID, put.SPEntityID)
		equal(t, "acs after PUT", got.ACS, put.ACS)
		equal(t, "login_identifier stays", got.LoginIdentifier, put.LoginIdentifier)
		seen[got.SPEntityID], seen[got.ACS] = true, true
		metadata := string(do(t, s, "GET", idpPath+"/metadata.xml", "").body)
		equal(t, "metadata", strings.Contains(metadata, got.SPEntityID) && strings.Contains(metadata, got.ACS), true)
		idp.Trust(got.SPEntityID, got.ACS)
		signIn(t, s, idp, "alice@example.com")
	}
	equal(t, "different addresses", len(seen), 6)
}

func TestIdPMetadata(t *testing.T) {
	t.Parallel()
	s := New(t, Plain())
	for _, organization := range []string{"{org}", "none"} {
		a := do(t, s, "GET", "/organizations/"+organization+"/idp/metadata.xml", "")
		equal(t, "status", a.status, 404)
		equal(t, "content type", a.header.Get("Content-Type"), "application/xml")
		equal(t, "has code", a.header.Get("X-Cloud-Error-Codes") != "", true)
	}
	s.ConfigureIdP(testConfiguration())
	got := decode[idpWire](t, expect(t, s, "GET", idpPath, "", 200, "").body)
	a := do(t, s, "GET", idpPath+"/metadata.xml", "")
	equal(t, "status", a.status, 200)
	equal(t, "content type", a.header.Get("Content-Type"), "application/xml")
	equal(t, "its address", got.MetadataURL, s.URL+"/api/v1/organizations/"+s.OrganizationID+"/idp/metadata.xml")
	var metadata saml.EntityDescriptor
	if err := xml.Unmarshal(a.body, &metadata); err != nil {
		t.Fatal(err)
	}
	equal(t, "entity ID", metadata.EntityID, got.SPEntityID)
	equal(t, "acs", metadata.SPSSODescriptors[0].AssertionConsumerServices[0].Location, got.ACS)
	want := map[string]string{"signing": got.SigningCertificate[0], "encryption": got.EncryptionCertificate[0]}
	for _, key := range metadata.SPSSODescriptors[0].KeyDescriptors {
		text, err := base64.StdEncoding.DecodeString(want[key.Use])
		if err != nil {
			t.Fatal(err)
		}
		certificates, err := parseCertificates(string(text))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, key.Use, key.KeyInfo.X509Data.X509Certificates[0].Data, keyInfo(certificates[0]).X509Data.X509Certificates[0].Data)
	}
}

func TestIdPVerbs(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ConfigureIdP(testConfiguration())
	s.ChangeIdP(func(c *IdP) { c.Issuer, c.Enabled = "https://other.example", false })
	equal(t, "issuer", s.IdP().Issuer, "https://other.example")
	equal(t, "enabled", s.IdP().Enabled, false)
	s.IdP().Certificates[0] = "changed in the copy"
	if _, err := parseCertificates(s.IdP().Certificates[0]); err != nil {
		t.Error(err)
	}
	s.Enforce(true)
	s.RemoveIdP()
	equal(t, "enforced", s.Enforced(), false)
}
