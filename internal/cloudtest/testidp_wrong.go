// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

// Wrong is a mistake of an IdP that Rotate, Trust and the fields of TestIdP cannot
// produce.
type Wrong int

// Mistakes of an IdP.
const (
	Nothing         Wrong = iota
	Unsigned              // signs neither the response nor the assertion
	SlowClock             // its clock is ten minutes behind
	ReportsFailure        // answers with a failure instead of an assertion
	StartsItself          // answers without a request (IdP-initiated SSO)
	SendsNoEmail          // sends the address under another name
	KnowsNoServices       // has only the application of Trust, and looks it up by the entity ID
)

// Trace is what a SAML tracer in the browser shows of a sign-in. A part is empty if the
// sign-in ended before it.
type Trace struct {
	Request  string // from the service to the IdP
	Response string // from the IdP to the service
}

// SignInTraced is SignIn at an IdP that makes one mistake. It also returns what a SAML
// tracer shows. Nothing is encrypted, because a tracer cannot decrypt.
func (s *Server) SignInTraced(idp *TestIdP, wrong Wrong, email string, groups ...string) (Trace, error) {
	var trace Trace
	metadata, request, err := s.startSSO(idp)
	if err != nil {
		return trace, fmt.Errorf("sign in: %w", err)
	}
	trace.Request = string(request.xml)
	metadata.SPSSODescriptors[0].KeyDescriptors = nil
	response, err := idp.respondWrong(wrong, request, metadata, email, groups)
	if err != nil {
		return trace, fmt.Errorf("sign in: the IdP: %w", err)
	}
	trace.Response = string(response)
	if _, _, err := s.takeResponse(request.id, response); err != nil {
		return trace, fmt.Errorf("sign in: access denied: %w", err)
	}
	return trace, nil
}

// respondWrong is respond with one mistake.
func (p *TestIdP) respondWrong(wrong Wrong, request ssoRequest, metadata *saml.EntityDescriptor, email string, groups []string) ([]byte, error) {
	switch wrong {
	case KnowsNoServices:
		if err := p.lookUp(request.xml); err != nil {
			return nil, err
		}
	case StartsItself:
		request.xml = bytes.Replace(request.xml, []byte(request.id), nil, 1)
	}
	response, err := p.respond(request.xml, metadata, email, groups)
	if err != nil {
		return nil, err
	}
	document := etree.NewDocument()
	if err := document.ReadFromBytes(response); err != nil {
		return nil, err
	}
	root := document.Root()
	switch wrong {
	case Unsigned:
		removeAll(root, "Signature")
		return encodeElement(root)
	case SlowClock:
		for _, name := range []string{"IssueInstant", "AuthnInstant", "NotBefore", "NotOnOrAfter"} {
			if err := shiftTimes(root, name, -10*time.Minute); err != nil {
				return nil, err
			}
		}
	case ReportsFailure:
		removeAll(root, "Assertion")
		root.FindElement("./Status/StatusCode").CreateAttr("Value", saml.StatusResponder)
	case SendsNoEmail:
		root.FindElement("//Attribute[@Name='email']").CreateAttr("Name", "mail")
	default:
		return response, nil
	}
	return p.signAnew(root)
}

// lookUp returns an error unless the request is from the service of Trust.
func (p *TestIdP) lookUp(request []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var from struct{ Issuer string }
	if err := xml.Unmarshal(request, &from); err != nil {
		return err
	}
	if p.trusted == nil || p.trusted.EntityID != from.Issuer {
		return fmt.Errorf("there is no application with the entity ID %s", from.Issuer)
	}
	return nil
}

// signAnew signs a changed response: only the response, as some products do.
func (p *TestIdP) signAnew(response *etree.Element) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	removeAll(response, "Signature")
	signing, err := dsig.NewSigningContext(p.current.key, [][]byte{p.current.certificate.Raw})
	if err != nil {
		return nil, err
	}
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if err := signing.SetSignatureMethod(signatureMethod(p.current.key)); err != nil {
		return nil, err
	}
	signed, err := signing.SignEnveloped(response)
	if err != nil {
		return nil, err
	}
	return encodeElement(signed)
}

func removeAll(root *etree.Element, tag string) {
	for _, element := range root.FindElements("//" + tag) {
		element.Parent().RemoveChild(element)
	}
}

func shiftTimes(root *etree.Element, attribute string, by time.Duration) error {
	for _, element := range root.FindElements("//*[@" + attribute + "]") {
		value := element.SelectAttr(attribute)
		at, err := time.Parse(time.RFC3339, value.Value)
		if err != nil {
			return err
		}
		value.Value = at.Add(by).Format("2006-01-02T15:04:05.999Z07:00")
	}
	return nil
}
