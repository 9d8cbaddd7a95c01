// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// spEntityID and acsURL are addresses of an organization's service provider. They do
// not depend on the configuration, unless RenewsServiceProvider is set.
func (s *Server) spEntityID(o *organization) string { return s.URL + "/saml/" + o.id + o.samlSuffix }

func (s *Server) acsURL(o *organization) string { return s.spEntityID(o) + "/acs" }

// serviceProvider is the service as a SAML service provider.
func (s *Server) serviceProvider(o *organization) *saml.ServiceProvider {
	acs, err := url.Parse(s.acsURL(o))
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err)) // made by this package
	}
	return &saml.ServiceProvider{
		EntityID:          s.spEntityID(o),
		AcsURL:            *acs,
		Key:               signingPair().key,
		Certificate:       signingPair().certificate,
		SignatureMethod:   dsig.RSASHA256SignatureMethod,
		AuthnNameIDFormat: saml.PersistentNameIDFormat,
	}
}

func (s *Server) spMetadata(o *organization) *saml.EntityDescriptor {
	metadata := s.serviceProvider(o).Metadata()
	for _, descriptor := range metadata.SPSSODescriptors {
		for i, key := range descriptor.KeyDescriptors {
			if key.Use == "encryption" {
				descriptor.KeyDescriptors[i].KeyInfo = keyInfo(encryptionPair().certificate)
			}
		}
	}
	return metadata
}

func keyInfo(certificate *x509.Certificate) saml.KeyInfo {
	data := base64.StdEncoding.EncodeToString(certificate.Raw)
	return saml.KeyInfo{X509Data: saml.X509Data{X509Certificates: []saml.X509Certificate{{Data: data}}}}
}

// metadata returns the IdP as the service knows it from the API.
func (p *identityProvider) metadata() *saml.EntityDescriptor {
	var descriptor saml.IDPSSODescriptor
	for _, certificate := range p.trusted {
		descriptor.KeyDescriptors = append(descriptor.KeyDescriptors, saml.KeyDescriptor{Use: "signing", KeyInfo: keyInfo(certificate)})
	}
	descriptor.SingleSignOnServices = []saml.Endpoint{{Binding: saml.HTTPPostBinding, Location: p.SSOURL}}
	return &saml.EntityDescriptor{EntityID: p.Issuer, IDPSSODescriptors: []saml.IDPSSODescriptor{descriptor}}
}

// SignIn signs a person in through SAML single sign-on. The service sends a request to
// the IdP, the IdP answers with a signed assertion, and the service checks that against
// its configuration. A new person becomes a member. The enabled role mappings then
// replace the person's roles.
//
// Without groups the assertion has no groups attribute, and the roles do not change.
// The group "" means an attribute without values.
//
// The error of a failed sign-in says what to check, as the service's troubleshooting
// page does.
func (s *Server) SignIn(idp *TestIdP, email string, groups ...string) (userID string, err error) {
	metadata, request, err := s.startSSO(idp)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	response, err := idp.respond(request.xml, metadata, email, groups)
	if err != nil {
		return "", fmt.Errorf("sign in: the IdP: %w", err)
	}
	if userID, _, err = s.takeResponse(request.id, response); err != nil {
		return "", fmt.Errorf("sign in: access denied: %w", err)
	}
	return userID, nil
}

// ssoRequest is the request of the service to the IdP.
type ssoRequest struct {
	id  string
	xml []byte
}

// startSSO plays opening the SSO login URL, which has to lead to the IdP.
func (s *Server) startSSO(idp *TestIdP) (metadata *saml.EntityDescriptor, request ssoRequest, err error) {
	made, err := s.requestSignIn(func(o *organization) error {
		metadata = s.spMetadata(o)
		if o.identity.SSOURL != idp.SSOURL {
			return fmt.Errorf("the SSO screen does not lead to the IdP: saml_idp.sso_url is %s, and the IdP's is %s", o.identity.SSOURL, idp.SSOURL)
		}
		return nil
	})
	if err != nil {
		return nil, request, err
	}
	text, err := encodeElement(made.Element())
	return metadata, ssoRequest{made.ID, text}, err
}

// requestSignIn returns the request to the IdP that begins a sign-in. It returns an
// error if no IdP is configured, or if the check fails.
func (s *Server) requestSignIn(check func(*organization) error) (request *saml.AuthnRequest, err error) {
	err = s.try(func(o *organization) error {
		provider, err := s.relyingParty(o)
		if err == nil {
			err = check(o)
		}
		if err != nil {
			return err
		}
		request, err = provider.MakeAuthenticationRequest(o.identity.SSOURL, saml.HTTPPostBinding, saml.HTTPPostBinding)
		return err
	})
	return request, err
}

// relyingParty returns the service with the IdP that is configured now.
func (s *Server) relyingParty(o *organization) (*saml.ServiceProvider, error) {
	switch {
	case o.identity == nil:
		return nil, errors.New("no SAML IdP is configured")
	case !o.identity.Enabled:
		return nil, errors.New("the SAML IdP is disabled")
	}
	provider := s.serviceProvider(o)
	provider.IDPMetadata = o.identity.metadata()
	return provider, nil
}

// takeResponse checks the IdP's response to a request against the configuration, and
// signs the person in.
func (s *Server) takeResponse(requestID string, response []byte) (userID, email string, err error) {
	err = s.try(func(o *organization) error {
		provider, err := s.relyingParty(o)
		if err != nil {
			return err
		}
		provider.Key = encryptionPair().key
		assertion, err := provider.ParseXMLResponse(response, []string{requestID}, provider.AcsURL)
		if err != nil {
			return troubleshoot(err)
		}
		userID, email, err = s.admit(o, assertion)
		return err
	})
	return userID, email, err
}

func encodeElement(element *etree.Element) ([]byte, error) {
	document := etree.NewDocument()
	document.SetRoot(element)
	var text bytes.Buffer
	_, err := document.WriteTo(&text)
	return text.Bytes(), err
}

// admit signs in the person of a valid assertion.
func (s *Server) admit(o *organization, assertion *saml.Assertion) (userID, email string, err error) {
	emails, _ := attribute(assertion, "email")
	if len(emails) != 1 || !validEmail(emails[0]) {
		return "", "", fmt.Errorf("an attribute named email should be sent with the e-mail address, and there is %q", emails)
	}
	email = emails[0]
	_, name, _ := strings.Cut(fold(email), "@")
	if _, ok := o.now.domains[name]; !ok {
		return "", "", fmt.Errorf("the email should match a domain that the organization has claimed, and %s is not claimed", name)
	}
	o.identity.proven = true
	groups, hasGroups := attribute(assertion, "groups")
	roles, decided := s.mappedRoles(o, email, groups)
	if !hasGroups || !decided {
		return s.arrive(o, email, roleList{}, false), email, nil
	}
	return s.arrive(o, email, roles, true), email, nil
}

// attribute returns the values of an attribute, and reports whether the assertion has
// it.
func attribute(assertion *saml.Assertion, name string) (values []string, found bool) {
	for _, statement := range assertion.AttributeStatements {
		for _, a := range statement.Attributes {
			if a.Name != name {
				continue
			}
			found = true
			for _, value := range a.Values {
				values = append(values, value.Value)
			}
		}
	}
	return values, found
}

// troubleshoot returns an error that names the wrong component of the response. It is
// for errors of the library that have only a text.
func troubleshoot(err error) error {
	var invalid *saml.InvalidResponseError
	if !errors.As(err, &invalid) {
		return err
	}
	reason := invalid.PrivateErr
	hints := []struct {
		signs []string
		hint  string
	}{
		{[]string{"`Destination`", "Recipient"}, "the Destination and Recipient should match the acs"},
		{[]string{"AudienceRestriction"}, "the Audience should match the sp_entity_id"},
		{[]string{"Issuer", "issuer"}, "the Issuer should match the one that is configured"},
		{[]string{"signature", "Signature"}, "the signature should be verifiable by a certificate that is configured"},
	}
	for _, h := range hints {
		if slices.ContainsFunc(h.signs, func(sign string) bool { return strings.Contains(reason.Error(), sign) }) {
			return fmt.Errorf("%s: %w", h.hint, reason)
		}
	}
	return reason
}
