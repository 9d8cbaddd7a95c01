// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"crypto"
	"crypto/rsa"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// TestIdP is a SAML identity provider with its own key. Every person can sign in there.
type TestIdP struct {
	Issuer string // its entity ID
	SSOURL string // of the HTTP-POST binding

	mu      sync.Mutex
	current keyPair
	next    *keyPair
	trusted *saml.EntityDescriptor // the service provider that was configured by hand
}

// NewTestIdP returns a new IdP, which differs from all others.
func NewTestIdP() *TestIdP {
	base := "https://" + randomHex(6) + ".idp.example"
	return &TestIdP{
		Issuer:  base + "/saml/entity",
		SSOURL:  base + "/saml/sso",
		current: newIdPPair(),
	}
}

// Certificate returns the certificate of the key that signs now, as PEM.
func (p *TestIdP) Certificate() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return certificatePEM(p.current.certificate)
}

// NextCertificate returns the certificate of the key that will sign after Rotate. After
// the first call, Metadata has it, too.
func (p *TestIdP) NextCertificate() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	return certificatePEM(p.next.certificate)
}

func (p *TestIdP) prepare() {
	if p.next == nil {
		next := newIdPPair()
		p.next = &next
	}
}

// Rotate signs with the next key from now on.
func (p *TestIdP) Rotate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prepare()
	p.current, p.next = *p.next, nil
}

// Configuration returns the configuration of the IdP for the service.
func (p *TestIdP) Configuration(loginIdentifierPrefix string) IdP {
	return IdP{
		Enabled:               true,
		LoginIdentifierPrefix: loginIdentifierPrefix,
		Issuer:                p.Issuer,
		SSOURL:                p.SSOURL,
		Certificates:          []string{p.Certificate()},
	}
}

// Trust configures the application at the IdP by hand: assertions are for this
// audience, and are sent to this assertion consumer service. Before that, the IdP knows
// the service provider from its metadata, and encrypts what it sends.
func (p *TestIdP) Trust(spEntityID, acs string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trusted = &saml.EntityDescriptor{
		EntityID: spEntityID,
		SPSSODescriptors: []saml.SPSSODescriptor{{
			AssertionConsumerServices: []saml.IndexedEndpoint{{Binding: saml.HTTPPostBinding, Location: acs, Index: 1}},
		}},
	}
}

// respond answers a request of the service provider with a signed response.
func (p *TestIdP) respond(request []byte, metadata *saml.EntityDescriptor, email string, groups []string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trusted != nil {
		metadata = p.trusted
	}
	issuer, err := url.Parse(p.Issuer)
	if err != nil {
		return nil, err
	}
	ssoURL, err := url.Parse(p.SSOURL)
	if err != nil {
		return nil, err
	}
	descriptor := metadata.SPSSODescriptors[0]
	answer := &saml.IdpAuthnRequest{
		IDP: &saml.IdentityProvider{
			Signer:          p.current.key,
			Certificate:     p.current.certificate,
			MetadataURL:     *issuer, // the library's name for the entity ID
			SSOURL:          *ssoURL,
			SignatureMethod: signatureMethod(p.current.key),
		},
		HTTPRequest:             &http.Request{},
		RequestBuffer:           request,
		ServiceProviderMetadata: metadata,
		SPSSODescriptor:         &descriptor,
		ACSEndpoint:             &descriptor.AssertionConsumerServices[0],
		Now:                     saml.TimeNow(),
	}
	if err := xml.Unmarshal(request, &answer.Request); err != nil {
		return nil, err
	}
	if answer.Request.Destination != p.SSOURL {
		return nil, fmt.Errorf("the request is for %s", answer.Request.Destination)
	}
	session := &saml.Session{
		NameID:           "id-of-" + fold(email),
		NameIDFormat:     string(saml.PersistentNameIDFormat),
		CustomAttributes: []saml.Attribute{samlAttribute("email", email)},
	}
	if len(groups) > 0 {
		named := slices.DeleteFunc(slices.Clone(groups), func(group string) bool { return group == "" })
		session.CustomAttributes = append(session.CustomAttributes, samlAttribute("groups", named...))
	}
	if err := (saml.DefaultAssertionMaker{}).MakeAssertion(answer, session); err != nil {
		return nil, err
	}
	if err := answer.MakeResponse(); err != nil {
		return nil, err
	}
	return encodeElement(answer.ResponseEl)
}

func signatureMethod(key crypto.Signer) string {
	if _, isRSA := key.(*rsa.PrivateKey); isRSA {
		return dsig.RSASHA256SignatureMethod
	}
	return dsig.ECDSASHA256SignatureMethod
}

func samlAttribute(name string, values ...string) saml.Attribute {
	a := saml.Attribute{Name: name, NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"}
	for _, value := range values {
		a.Values = append(a.Values, saml.AttributeValue{Type: "xs:string", Value: value})
	}
	return a
}
