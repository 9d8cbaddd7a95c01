// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
)

const idpRoute = "/organizations/{organization_id}/idp"

// IdP is the SAML IdP of an organization. Certificates are PEM texts.
type IdP struct {
	Enabled               bool
	LoginIdentifierPrefix string
	// Issuer is the IdP's entity ID.
	Issuer string
	// SSOURL is the IdP's single sign-on endpoint, with the HTTP-POST binding.
	SSOURL       string
	Certificates []string

	// ServiceProvider is read-only. It has what to configure at the IdP.
	ServiceProvider ServiceProvider
}

// ServiceProvider is Elastic Cloud from the view of an IdP.
type ServiceProvider struct {
	// LoginIdentifier is the prefix, followed by what the service added to it.
	LoginIdentifier        string
	SSOLoginURL            string
	MetadataURL            string
	ACSURL                 string
	EntityID               string
	SigningCertificates    []string
	EncryptionCertificates []string
}

type idpConfiguration struct {
	Enabled               bool   `json:"enabled"`
	LoginIdentifierPrefix string `json:"login_identifier_prefix"`
	SAML                  struct {
		Issuer            string   `json:"issuer"`
		SSOURL            string   `json:"sso_url"`
		PublicCertificate []string `json:"public_certificate"`
	} `json:"saml_idp"`
}

type idpReply struct {
	LoginIdentifier       string           `json:"login_identifier"`
	SSOLoginURL           string           `json:"sso_login_url"`
	MetadataURL           string           `json:"metadata_url"`
	ACS                   string           `json:"acs"`
	SPEntityID            string           `json:"sp_entity_id"`
	SigningCertificate    []string         `json:"signing_certificate"`
	EncryptionCertificate []string         `json:"encryption_certificate"`
	Configuration         idpConfiguration `json:"configuration"`
}

// GetIdP reads the SAML IdP (GET /organizations/{organization_id}/idp). If none is
// configured, the error has CodeIdPNotConfigured.
//
//api:operation getIdp
func (c *Client) GetIdP(ctx context.Context, organizationID string) (IdP, error) {
	return c.doIdP(ctx, request{method: http.MethodGet, route: idpRoute, args: [][]string{{organizationID}}})
}

// PutIdP configures the SAML IdP, replaces a present one, and returns the result (PUT
// /organizations/{organization_id}/idp).
//
//api:operation putIdp
func (c *Client) PutIdP(ctx context.Context, organizationID string, idp IdP) (IdP, error) {
	in := idpConfiguration{Enabled: idp.Enabled, LoginIdentifierPrefix: idp.LoginIdentifierPrefix}
	in.SAML.Issuer = idp.Issuer
	in.SAML.SSOURL = idp.SSOURL
	in.SAML.PublicCertificate = []string{}
	for _, text := range idp.Certificates {
		in.SAML.PublicCertificate = append(in.SAML.PublicCertificate, base64.StdEncoding.EncodeToString([]byte(text)))
	}
	return c.doIdP(ctx, request{method: http.MethodPut, route: idpRoute, args: [][]string{{organizationID}}, in: in})
}

// DeleteIdP deletes the SAML IdP (DELETE /organizations/{organization_id}/idp). If none
// is configured, the error is ErrNotFound.
//
//api:operation deleteIdp
func (c *Client) DeleteIdP(ctx context.Context, organizationID string) error {
	return c.do(ctx, request{method: http.MethodDelete, route: idpRoute, args: [][]string{{organizationID}}})
}

func (c *Client) doIdP(ctx context.Context, r request) (IdP, error) {
	var reply idpReply
	r.out = &reply
	if err := c.do(ctx, r); err != nil {
		return IdP{}, err
	}
	if reply.SPEntityID == "" || reply.Configuration.SAML.Issuer == "" {
		return IdP{}, r.unpromised("it is not the configuration of an IdP")
	}
	return IdP{
		Enabled:               reply.Configuration.Enabled,
		LoginIdentifierPrefix: reply.Configuration.LoginIdentifierPrefix,
		Issuer:                reply.Configuration.SAML.Issuer,
		SSOURL:                reply.Configuration.SAML.SSOURL,
		Certificates:          decodeCertificates(reply.Configuration.SAML.PublicCertificate),
		ServiceProvider: ServiceProvider{
			LoginIdentifier:        reply.LoginIdentifier,
			SSOLoginURL:            reply.SSOLoginURL,
			MetadataURL:            reply.MetadataURL,
			ACSURL:                 reply.ACS,
			EntityID:               reply.SPEntityID,
			SigningCertificates:    decodeCertificates(reply.SigningCertificate),
			EncryptionCertificates: decodeCertificates(reply.EncryptionCertificate),
		},
	}, nil
}

// decodeCertificates decodes each certificate with decodeCertificate.
func decodeCertificates(encoded []string) []string {
	texts := make([]string, len(encoded))
	for i, text := range encoded {
		texts[i] = decodeCertificate(text)
	}
	return texts
}

// decodeCertificate reads a certificate in any form that the service may return: PEM;
// the base64 of a whole PEM, once or twice, with or without padding; or the base64 of
// the bare bytes. It returns any other text unchanged.
func decodeCertificate(text string) string {
	raw := []byte(text)
	for range 2 {
		var err error
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.Join(strings.Fields(string(raw)), ""), "="))
		if err != nil {
			return text
		}
		if block, _ := pem.Decode(raw); block != nil {
			return string(raw)
		}
		if _, err := x509.ParseCertificate(raw); err == nil {
			return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
		}
	}
	return text
}
