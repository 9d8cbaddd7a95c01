// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Shape is a product whose form of SAML metadata TestIdP follows.
type Shape int

// The shapes differ in namespaces, in the order of bindings, in line breaks, and in
// other content. Entra ID has a byte-order mark, a signature and several roles.
// Keycloak has an enclosing EntitiesDescriptor. ADFS has another certificate, for
// encryption, and the role of a service provider.
const (
	Okta Shape = iota
	EntraID
	Google
	Keycloak
	ADFS
)

// Shapes are all shapes.
var Shapes = []Shape{Okta, EntraID, Google, Keycloak, ADFS}

// String returns the name of the product.
func (s Shape) String() string {
	return [...]string{"Okta", "Entra ID", "Google", "Keycloak", "ADFS"}[s]
}

// Metadata returns the IdP's SAML metadata in a shape.
func (p *TestIdP) Metadata(shape Shape) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	certificates := []*x509.Certificate{p.current.certificate}
	if p.next != nil {
		certificates = append(certificates, p.next.certificate)
	}
	fill := strings.NewReplacer(
		"{issuer}", escapeXML(p.Issuer),
		"{sso}", escapeXML(p.SSOURL),
		"{id}", "_"+randomHex(16),
		"{value}", base64.StdEncoding.EncodeToString([]byte(randomHex(64))),
		"{validUntil}", certificates[0].NotAfter.UTC().Format(time.RFC3339),
		"{keys}", keyDescriptors(shape, certificates),
		"{otherKey}", base64.StdEncoding.EncodeToString(encryptionPair().certificate.Raw),
	)
	return fill.Replace(metadataShapes[shape])
}

func escapeXML(text string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(text)) // a strings.Builder never fails
	return escaped.String()
}

// keyDescriptors writes the signing keys. Some products break the base64 text into
// lines, some do not.
func keyDescriptors(shape Shape, certificates []*x509.Certificate) string {
	var descriptors strings.Builder
	for i, certificate := range certificates {
		data := base64.StdEncoding.EncodeToString(certificate.Raw)
		wrapped := wrap(data, "\n")
		switch shape {
		case Okta, Google:
			fmt.Fprintf(&descriptors, `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`, wrapped)
		case EntraID, ADFS:
			fmt.Fprintf(&descriptors, `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`, data)
		case Keycloak:
			fmt.Fprintf(&descriptors, `
      <md:KeyDescriptor use="signing">
        <ds:KeyInfo>
          <ds:KeyName>key-%d</ds:KeyName>
          <ds:X509Data>
            <ds:X509Certificate>
              %s
            </ds:X509Certificate>
          </ds:X509Data>
        </ds:KeyInfo>
      </md:KeyDescriptor>`, i+1, wrap(data, "\r\n              "))
		}
	}
	return descriptors.String()
}

// wrap breaks a text into lines.
func wrap(text, lineBreak string) string {
	var lines []string
	for len(text) > 64 {
		lines = append(lines, text[:64])
		text = text[64:]
	}
	return strings.Join(append(lines, text), lineBreak)
}

var metadataShapes = map[Shape]string{
	Okta: `<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="{issuer}" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat><md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}"/><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}/redirect"/></md:IDPSSODescriptor></md:EntityDescriptor>`,

	EntraID: "\ufeff" + `<?xml version="1.0" encoding="utf-8"?><EntityDescriptor ID="{id}" entityID="{issuer}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#" /><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" /><Reference URI="#{id}"><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature" /><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#" /></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256" /><DigestValue>{value}</DigestValue></Reference></SignedInfo><SignatureValue>{value}</SignatureValue><KeyInfo><X509Data><X509Certificate>{otherKey}</X509Certificate></X509Data></KeyInfo></Signature><RoleDescriptor xsi:type="fed:SecurityTokenServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/wsfed/federation/200706" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706">{keys}<fed:TargetScopes><EndpointReference xmlns="http://www.w3.org/2005/08/addressing"><Address>{issuer}</Address></EndpointReference></fed:TargetScopes></RoleDescriptor><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}/logout" /><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}/redirect" /><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}" /></IDPSSODescriptor></EntityDescriptor>`,

	Google: `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}" validUntil="{validUntil}">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    {keys}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}/redirect"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
`,

	Keycloak: `<md:EntitiesDescriptor Name="urn:keycloak" xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <md:EntityDescriptor entityID="{issuer}">
    <md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}
      <md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="{sso}/resolve" index="0"/>
      <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}/logout"/>
      <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}/redirect"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="{sso}/soap"/>
    </md:IDPSSODescriptor>
  </md:EntityDescriptor>
</md:EntitiesDescriptor>
`,

	ADFS: `<EntityDescriptor ID="{id}" entityID="{issuer}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#{id}"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{value}</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{otherKey}</X509Certificate></X509Data></KeyInfo></ds:Signature><SPSSODescriptor WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{otherKey}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}/acs" index="0" isDefault="true"/></SPSSODescriptor><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="encryption"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{otherKey}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>{keys}<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}/logout"/><NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}/redirect"/><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}"/></IDPSSODescriptor><ContactPerson contactType="support"/></EntityDescriptor>`,
}
