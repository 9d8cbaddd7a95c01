// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/xml"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crewjam/saml"
)

// withSSO is an organization in which people of example.com sign in at an IdP.
func withSSO(t *testing.T, opts ...Option) (*Server, *TestIdP) {
	t.Helper()
	s, idp := New(t, opts...), NewTestIdP()
	s.ClaimDomain("example.com")
	s.ConfigureIdP(idp.Configuration("acme"))
	return s, idp
}

func signIn(t *testing.T, s *Server, idp *TestIdP, email string, groups ...string) string {
	t.Helper()
	userID, err := s.SignIn(idp, email, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return userID
}

func refuseSignIn(t *testing.T, s *Server, idp *TestIdP, email, want string) {
	t.Helper()
	if _, err := s.SignIn(idp, email, "staff"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	s.AddInvitation("alice@example.com", "billing-admin")
	id := signIn(t, s, idp, "Alice@Example.com", "staff")
	equal(t, "status", s.Status("alice@example.com"), "active")
	equalList(t, "no mappings, no roles", s.Grants("alice@example.com"))

	s.Grant("alice@example.com", "deployment-viewer:x")
	equal(t, "user ID", signIn(t, s, idp, "alice@example.com", "staff"), id)
	equalList(t, "no mapping decides", s.Grants("alice@example.com"), "deployment-viewer:x")

	s.AddRoleMapping("owners", true, AnyOf(Group("owners"), Email("root@example.com")), "organization-admin")
	s.AddRoleMapping("staff", true, AllOf(Group("st*"), Email("*@EXAMPLE.com")), "deployment-editor:*", "billing-admin")
	s.AddRoleMapping("off", false, AnyOf(Group("*")), "security-viewer:*")
	signIn(t, s, idp, "alice@example.com", "other", "staff")
	equalList(t, "mapped, those set by hand replaced", s.Grants("alice@example.com"), "billing-admin", "deployment-editor:*")
	s.Grant("alice@example.com", "deployment-viewer:x")
	signIn(t, s, idp, "alice@example.com")
	equalList(t, "no groups attribute", s.Grants("alice@example.com"), "billing-admin", "deployment-editor:*", "deployment-viewer:x")
	signIn(t, s, idp, "alice@example.com", "")
	equalList(t, "no group", s.Grants("alice@example.com"))
	signIn(t, s, idp, "root@example.com", "")
	equalList(t, "by e-mail address", s.Grants("root@example.com"), "organization-admin")
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	good := *s.IdP()
	change := func(spoil func(*IdP)) {
		s.ConfigureIdP(good)
		s.ChangeIdP(spoil)
	}
	change(func(c *IdP) { c.Issuer += "/" })
	refuseSignIn(t, s, idp, "a@example.com", "the Issuer should match")
	change(func(c *IdP) { c.SSOURL += "/" })
	refuseSignIn(t, s, idp, "a@example.com", "saml_idp.sso_url is "+idp.SSOURL+"/")
	change(func(c *IdP) { c.Enabled = false })
	refuseSignIn(t, s, idp, "a@example.com", "the SAML IdP is disabled")
	change(func(c *IdP) { c.Certificates = []string{testCertificate()} })
	refuseSignIn(t, s, idp, "a@example.com", "the signature should be verifiable")
	s.RemoveIdP()
	refuseSignIn(t, s, idp, "a@example.com", "no SAML IdP is configured")
	s.ConfigureIdP(good)
	refuseSignIn(t, s, idp, "a@sub.example.com", "sub.example.com is not claimed")
	refuseSignIn(t, s, idp, "nobody", "an attribute named email")

	entityID, acs := s.spEntityID(s.organizations[0]), s.acsURL(s.organizations[0])
	idp.Trust("https://other.example", acs)
	refuseSignIn(t, s, idp, "a@example.com", "the Audience should match the sp_entity_id")
	idp.Trust(entityID, "https://other.example/acs")
	refuseSignIn(t, s, idp, "a@example.com", "the Destination and Recipient should match the acs")
	equalList(t, "nobody joined", s.Emails())

	idp.Trust(entityID, acs)
	signIn(t, s, idp, "a@example.com", "staff")
	s.LoseDomain("example.com")
	refuseSignIn(t, s, idp, "a@example.com", "example.com is not claimed")
}

// Of two IdPs, the one that is configured counts, even under the same name.
func TestSignInAtAnotherIdP(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	impostor := NewTestIdP()
	impostor.Issuer, impostor.SSOURL = idp.Issuer, idp.SSOURL
	refuseSignIn(t, s, impostor, "a@example.com", "the signature should be verifiable")
	signIn(t, s, idp, "a@example.com")
}

// The IdPs of companies sign with RSA. After Rotate this one does so no longer.
func TestSignInAtAnIdPWithRSA(t *testing.T) {
	t.Parallel()
	s, idp := New(t), NewTestIdP()
	idp.current = idpPair(newRSAKey())
	s.ClaimDomain("example.com")
	s.ConfigureIdP(idp.Configuration("acme"))
	signIn(t, s, idp, "a@example.com")
	s.ChangeIdP(func(c *IdP) { c.Certificates = append(c.Certificates, idp.NextCertificate()) })
	signIn(t, s, idp, "b@example.com")
	idp.Rotate()
	signIn(t, s, idp, "c@example.com")
}

func TestRotateWithoutGap(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	next := idp.NextCertificate()
	equal(t, "announced", idp.NextCertificate(), next)
	s.ChangeIdP(func(c *IdP) { c.Certificates = append(c.Certificates, next) })
	signIn(t, s, idp, "a@example.com")
	idp.Rotate()
	equal(t, "certificate", idp.Certificate(), next)
	signIn(t, s, idp, "a@example.com")
	s.ChangeIdP(func(c *IdP) { c.Certificates = []string{next} })
	signIn(t, s, idp, "a@example.com")
	idp.Rotate()
	refuseSignIn(t, s, idp, "a@example.com", "the signature should be verifiable")
}

// A certificate counts in every form that the API accepts.
func TestSignInWithABundle(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	text := "Bag Attributes\r\n" + strings.ReplaceAll(testCertificate()+idp.Certificate(), "\n", "\r\n")
	s.ChangeIdP(func(c *IdP) { c.Certificates = []string{text} })
	signIn(t, s, idp, "a@example.com")
}

// parseMetadata reads metadata, in an EntitiesDescriptor or not.
func parseMetadata(t *testing.T, text string) saml.EntityDescriptor {
	t.Helper()
	raw := []byte(strings.TrimPrefix(text, "\ufeff"))
	var descriptor saml.EntityDescriptor
	if err := xml.Unmarshal(raw, &descriptor); err == nil {
		return descriptor
	}
	var descriptors saml.EntitiesDescriptor
	if err := xml.Unmarshal(raw, &descriptors); err != nil {
		t.Fatal(err)
	}
	return descriptors.EntityDescriptors[0]
}

func TestMetadataShapes(t *testing.T) {
	t.Parallel()
	idp := NewTestIdP()
	for _, shape := range Shapes {
		text := idp.Metadata(shape)
		descriptor := parseMetadata(t, text)
		equal(t, shape.String()+" issuer", descriptor.EntityID, idp.Issuer)
		role := descriptor.IDPSSODescriptors[0]
		for _, service := range role.SingleSignOnServices {
			equal(t, shape.String()+" "+service.Binding, service.Location == idp.SSOURL, service.Binding == saml.HTTPPostBinding)
		}
		var signing []string
		for _, key := range role.KeyDescriptors {
			if key.Use == "signing" {
				signing = append(signing, strings.Join(strings.Fields(key.KeyInfo.X509Data.X509Certificates[0].Data), ""))
			}
		}
		equalList(t, shape.String()+" keys", signing, keyInfo(idp.current.certificate).X509Data.X509Certificates[0].Data)
		if i := strings.IndexAny(text, "{}"); i >= 0 {
			t.Errorf("%s: not filled in: %s", shape, text[i:min(len(text), i+20)])
		}
	}
	equal(t, "byte-order mark", strings.HasPrefix(idp.Metadata(EntraID), "\ufeff<?xml"), true)
	one := strings.Count(idp.Metadata(Okta), "<md:KeyDescriptor")
	idp.NextCertificate()
	equal(t, "keys", strings.Count(idp.Metadata(Okta), "<md:KeyDescriptor"), one+1)
}

func TestNewCertificate(t *testing.T) {
	t.Parallel()
	ended := time.Now().Add(-time.Hour).Truncate(time.Second)
	text, privateKey := NewCertificate("test", ended.Add(-time.Hour), ended)
	certificates, err := parseCertificates(text)
	if err != nil || !certificates[0].NotAfter.Equal(ended) {
		t.Errorf("%v, %v", certificates, err)
	}
	if _, err := parseCertificates(privateKey); err == nil {
		t.Error("a key was taken for a certificate")
	}
}

func TestSignInConcurrently(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	s.AddRoleMapping("all", true, AnyOf(Group("*")), "organization-admin")
	var group sync.WaitGroup
	for _, email := range []string{"a@example.com", "b@example.com", "a@example.com"} {
		group.Go(func() {
			if _, err := s.SignIn(idp, email, "x"); err != nil {
				t.Error(err)
			}
			idp.Metadata(Okta)
			expect(t, s, "GET", idpPath, "", 200, "")
		})
	}
	group.Wait()
	equalList(t, "members", s.Emails(), "a@example.com", "b@example.com")
}
