// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	getIdPRoute = "GET /organizations/{organization_id}/idp"
	putIdPRoute = "PUT /organizations/{organization_id}/idp"

	idpMetadataRoute = "GET /organizations/{organization_id}/idp/metadata.xml"
)

var idpHandlers = map[string]handler{
	getIdPRoute: (*Server).getIdP,
	putIdPRoute: (*Server).putIdP,
	"DELETE /organizations/{organization_id}/idp": (*Server).deleteIdP,
	idpMetadataRoute: (*Server).getIdPMetadata,
}

// IdP is the configuration of a SAML IdP.
type IdP struct {
	Enabled               bool
	LoginIdentifierPrefix string
	Issuer                string
	SSOURL                string
	Certificates          []string // PEM, as they were sent
}

// identityProvider is a configured IdP with parsed certificates.
type identityProvider struct {
	IdP
	trusted []*x509.Certificate
	proven  bool // somebody has signed in with this configuration
}

type (
	idpConfigurationWire struct {
		Enabled               bool        `json:"enabled"`
		LoginIdentifierPrefix string      `json:"login_identifier_prefix"`
		SAML                  samlIdPWire `json:"saml_idp"`
	}
	samlIdPWire struct {
		Issuer            string   `json:"issuer"`
		SSOURL            string   `json:"sso_url"`
		PublicCertificate []string `json:"public_certificate,omitzero"` // nil is omitted
	}
	idpWire struct {
		LoginIdentifier       string               `json:"login_identifier"`
		SSOLoginURL           string               `json:"sso_login_url"`
		MetadataURL           string               `json:"metadata_url"`
		ACS                   string               `json:"acs"`
		SPEntityID            string               `json:"sp_entity_id"`
		SigningCertificate    []string             `json:"signing_certificate"`
		EncryptionCertificate []string             `json:"encryption_certificate"`
		Configuration         idpConfigurationWire `json:"configuration"`
	}
)

// loginIdentifier returns what people enter to sign in at their IdP.
func (o *organization) loginIdentifier() string {
	return o.identity.LoginIdentifierPrefix + "-" + o.ssoSuffix
}

func (s *Server) ssoLoginURL(o *organization) string {
	return s.URL + ssoLoginPath + o.loginIdentifier()
}

func (s *Server) writeIdP(o *organization) idpWire {
	return idpWire{
		LoginIdentifier:       o.loginIdentifier(),
		SSOLoginURL:           s.ssoLoginURL(o),
		MetadataURL:           s.URL + apiRoot + "/organizations/" + o.id + "/idp/metadata.xml",
		ACS:                   s.acsURL(o),
		SPEntityID:            s.spEntityID(o),
		SigningCertificate:    s.writer.certificates([]string{certificatePEM(signingPair().certificate)}),
		EncryptionCertificate: s.writer.certificates([]string{certificatePEM(encryptionPair().certificate)}),
		Configuration: idpConfigurationWire{
			Enabled:               o.identity.Enabled,
			LoginIdentifierPrefix: o.identity.LoginIdentifierPrefix,
			SAML: samlIdPWire{
				Issuer:            s.writer.address(o.identity.Issuer),
				SSOURL:            s.writer.address(o.identity.SSOURL),
				PublicCertificate: s.writer.publicCertificates(o.identity.Certificates),
			},
		},
	}
}

// certificates returns PEM texts in any order. Each is unchanged or encoded as a whole.
func (w writer) certificates(texts []string) []string {
	written := []string{}
	for _, text := range texts {
		if !w.coin() {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		written = append(written, text)
	}
	return shuffle(w, written)
}

// publicCertificates returns the certificates of the IdP in the configured form.
func (w writer) publicCertificates(texts []string) []string {
	written := []string{}
	switch w.certificateForm {
	case CertificatesLeftOut:
		return nil
	case CertificatesJoined:
		var all string
		for _, text := range texts {
			all += strings.TrimRight(text, "\n") + "\n"
		}
		return w.certificates([]string{all})
	case CertificatesUnpadded:
		for _, text := range texts {
			written = append(written, base64.RawStdEncoding.EncodeToString([]byte(text)))
		}
	case CertificatesTwice:
		for _, text := range texts {
			once := base64.StdEncoding.EncodeToString([]byte(text))
			written = append(written, base64.StdEncoding.EncodeToString([]byte(once)))
		}
	default:
		return w.certificates(texts)
	}
	return shuffle(w, written)
}

// address returns an address of the IdP in the configured form.
func (w writer) address(text string) string {
	address, err := url.Parse(text)
	if w.addressForm == 0 || err != nil || address.Host == "" {
		return text
	}
	address.Host = strings.ToLower(address.Host) // Parse has changed the scheme already
	switch {
	case w.addressForm == AddressesWithoutSlash:
		address.Path, address.RawPath = strings.TrimSuffix(address.Path, "/"), strings.TrimSuffix(address.RawPath, "/")
	case address.Path == "":
		address.Path = "/"
	}
	return address.String()
}

func (s *Server) getIdP(c call) reply {
	o := s.organization(c)
	switch {
	case o == nil:
		return organizationNotFound(c)
	case o.identity == nil:
		return idpNotConfigured()
	}
	return reply{status: http.StatusOK, body: s.writeIdP(o)}
}

func idpNotConfigured() reply {
	return fail(http.StatusNotFound, "org.idp.idp_not_configured", "no SAML IdP is configured")
}

func (s *Server) putIdP(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	var request idpConfigurationWire
	if err := decodeStrictly(c.body, &request); err != nil {
		return fail(http.StatusBadRequest, "root.invalid_request", "%v", err)
	}
	if len(o.now.domains) == 0 {
		return fail(http.StatusBadRequest, "org.idp.no_claimed_domain", "claim a domain before you configure a SAML IdP")
	}
	configuration := IdP{
		Enabled:               request.Enabled,
		LoginIdentifierPrefix: request.LoginIdentifierPrefix,
		Issuer:                request.SAML.Issuer,
		SSOURL:                request.SAML.SSOURL,
	}
	for i, encoded := range request.SAML.PublicCertificate {
		text, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return failWith(invalidIdP("public_certificate", "certificate %d is not base64: %v", i+1, err))
		}
		configuration.Certificates = append(configuration.Certificates, string(text))
	}
	identity, failure := newIdentityProvider(configuration)
	if failure != nil {
		return failWith(failure)
	}
	if o.enforcingSSO && !identity.Enabled {
		return fail(http.StatusBadRequest, "org.idp.sso_enforced", "the SAML IdP cannot be disabled while SSO is enforced")
	}
	o.identity = identity
	if s.renewsServiceProvider {
		o.samlSuffix = "-" + randomHex(3)
	}
	return reply{status: http.StatusOK, body: s.writeIdP(o)}
}

var prefixForm = regexp.MustCompile(`^[a-z0-9-]+$`)

// newIdentityProvider checks a configuration and parses its certificates.
func newIdentityProvider(configuration IdP) (*identityProvider, *apiError) {
	configuration.Certificates = slices.Clone(configuration.Certificates)
	identity := &identityProvider{IdP: configuration}
	ssoURL, err := url.Parse(configuration.SSOURL)
	switch {
	case !prefixForm.MatchString(configuration.LoginIdentifierPrefix):
		return nil, invalidIdP("login_identifier_prefix", "only lowercase letters, digits and hyphens are allowed")
	case configuration.Issuer == "":
		return nil, invalidIdP("issuer", "the issuer is missing")
	case err != nil || ssoURL.Host == "":
		return nil, invalidIdP("sso_url", "%q is not a URL", configuration.SSOURL)
	case len(configuration.Certificates) == 0:
		return nil, invalidIdP("public_certificate", "a certificate is required")
	}
	for i, text := range configuration.Certificates {
		certificates, err := parseCertificates(text)
		if err != nil {
			return nil, invalidIdP("public_certificate", "certificate %d: %v", i+1, err)
		}
		identity.trusted = append(identity.trusted, certificates...)
	}
	return identity, nil
}

// parseCertificates parses all certificates of a PEM text. There must be at least one.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("a PEM block of type %s is not a certificate", block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) == 0 {
		return nil, errors.New("there is no PEM certificate in it")
	}
	return certificates, nil
}

func invalidIdP(field, format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, "org.idp.invalid_configuration", field + ": " + fmt.Sprintf(format, args...), []string{field}}
}

func (s *Server) deleteIdP(c call) reply {
	o := s.organization(c)
	switch {
	case o == nil:
		return organizationNotFound(c)
	case o.identity == nil:
		return idpNotConfigured()
	case o.enforcingSSO:
		return fail(http.StatusBadRequest, "org.idp.sso_enforced", "the SAML IdP cannot be deleted while SSO is enforced")
	}
	o.identity = nil
	return reply{status: http.StatusOK, body: struct{}{}}
}

// getIdPMetadata answers in XML, even if no IdP is configured.
func (s *Server) getIdPMetadata(c call) reply {
	o := s.organization(c)
	rep := reply{status: http.StatusOK}
	switch {
	case o == nil:
		rep = organizationNotFound(c)
		rep.body = rawXML("<error>organization.not_found</error>")
	case o.identity == nil:
		rep = idpNotConfigured()
		rep.body = rawXML("<error>org.idp.idp_not_configured</error>")
	default:
		text, err := xml.MarshalIndent(s.spMetadata(o), "", "  ")
		if err != nil {
			panic(fmt.Sprintf("cloudtest: %v", err)) // made by this package
		}
		rep.body = rawXML(xml.Header + string(text))
	}
	return rep
}

// IdP returns the configuration of the SAML IdP, or nil.
func (s *Server) IdP() *IdP {
	s.mu.Lock()
	defer s.mu.Unlock()
	identity := s.organizations[0].identity
	if identity == nil {
		return nil
	}
	configuration := identity.IdP
	configuration.Certificates = slices.Clone(configuration.Certificates)
	return &configuration
}

// ConfigureIdP configures the SAML IdP in the console, and replaces an earlier one. It
// does not need a claimed domain.
func (s *Server) ConfigureIdP(configuration IdP) {
	s.helper()
	s.verb(func(o *organization) error { return o.configure(configuration) })
}

// ChangeIdP changes the SAML IdP in the console.
func (s *Server) ChangeIdP(change func(*IdP)) {
	s.helper()
	s.verb(func(o *organization) error {
		if o.identity == nil {
			return errors.New("no IdP is configured")
		}
		configuration := o.identity.IdP
		configuration.Certificates = slices.Clone(configuration.Certificates)
		change(&configuration)
		return o.configure(configuration)
	})
}

func (o *organization) configure(configuration IdP) error {
	identity, failure := newIdentityProvider(configuration)
	if failure != nil {
		return errors.New(failure.message)
	}
	o.identity = identity
	return nil
}

// RemoveIdP deletes the SAML IdP in the console, and ends the enforcement.
func (s *Server) RemoveIdP() {
	s.helper()
	s.verb(func(o *organization) error {
		if o.identity == nil {
			return errors.New("no IdP is configured")
		}
		o.identity, o.enforcingSSO = nil, false
		return nil
	})
}
