// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crewjam/saml"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	xrv "github.com/mattermost/xml-roundtrip-validator"
)

var _ function.Function = (*parseSAMLMetadataFunction)(nil)

const (

	// Far more than the metadata of one IdP needs. The limits exclude a federation with
	// thousands of IdPs.
	maxMetadataSize  = 1 << 20
	maxMetadataDepth = 64

	saml2Protocol = "urn:oasis:names:tc:SAML:2.0:protocol"
)

type parseSAMLMetadataFunction struct{}

func newParseSAMLMetadataFunction() function.Function { return &parseSAMLMetadataFunction{} }

func (f *parseSAMLMetadataFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_saml_metadata"
}

func (f *parseSAMLMetadataFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Reads the SAML metadata of an IdP",
		MarkdownDescription: "Reads the values for `elasticcloud_saml_idp` from the SAML metadata that an IdP offers for download. The result has\n" +
			"- `issuer`: the entity ID;\n" +
			"- `sso_url`: the endpoint of the HTTP-POST binding;\n" +
			"- `certificates`: a list of PEM texts, with all certificates with which the IdP may sign.\n\n" +
			"If a value is missing, the error names it. The function takes the text of the metadata and makes no network call. Use `file(\"metadata.xml\")`, or the data source `http` of the provider hashicorp/http.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "xml",
				MarkdownDescription: "The metadata: an `EntityDescriptor`, or an `EntitiesDescriptor` with one IdP in it.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: samlMetadataTypes},
	}
}

var samlMetadataTypes = map[string]attr.Type{
	"issuer":       types.StringType,
	"sso_url":      types.StringType,
	"certificates": types.ListType{ElemType: types.StringType},
}

func (f *parseSAMLMetadataFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	resp.Error = req.Arguments.Get(ctx, &text)
	if resp.Error != nil {
		return
	}
	metadata, err := parseSAMLMetadata(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(samlMetadataTypes, map[string]attr.Value{
		"issuer":       types.StringValue(metadata.issuer),
		"sso_url":      types.StringValue(metadata.ssoURL),
		"certificates": stringList(metadata.certificates),
	}))
}

type samlMetadata struct {
	issuer       string
	ssoURL       string
	certificates []string
}

func parseSAMLMetadata(text string) (samlMetadata, error) {
	entities, err := readEntities(text)
	if err != nil {
		return samlMetadata{}, err
	}
	entity, err := oneIdP(entities)
	if err != nil {
		return samlMetadata{}, err
	}
	metadata := samlMetadata{issuer: strings.TrimSpace(entity.EntityID)}
	if metadata.issuer == "" {
		return samlMetadata{}, errors.New("the EntityDescriptor has no entityID")
	}
	descriptors := speakSAML2(entity.IDPSSODescriptors)
	if metadata.ssoURL, err = postEndpoint(descriptors); err != nil {
		return samlMetadata{}, fmt.Errorf("%s: %w", metadata.issuer, err)
	}
	if metadata.certificates, err = signingCertificates(descriptors); err != nil {
		return samlMetadata{}, fmt.Errorf("%s: %w", metadata.issuer, err)
	}
	return metadata, nil
}

// readEntities returns all EntityDescriptors of a document, at any depth.
func readEntities(text string) ([]saml.EntityDescriptor, error) {
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), byteOrderMark))
	// Terraform's strings are Unicode, so the declared encoding does not apply.
	if declaration, rest, found := strings.Cut(text, "?>"); found && strings.HasPrefix(declaration, "<?xml") {
		text = strings.TrimSpace(rest)
	}
	root, err := checkXML(text)
	if err != nil {
		return nil, err
	}
	switch root.Local {
	case "EntityDescriptor":
		var entity saml.EntityDescriptor
		if err := xml.Unmarshal([]byte(text), &entity); err != nil {
			return nil, fmt.Errorf("this is not SAML metadata: %w", err)
		}
		return []saml.EntityDescriptor{entity}, nil
	case "EntitiesDescriptor":
		var entities saml.EntitiesDescriptor
		if err := xml.Unmarshal([]byte(text), &entities); err != nil {
			return nil, fmt.Errorf("this is not SAML metadata: %w", err)
		}
		return flatten(entities), nil
	}
	return nil, fmt.Errorf("this is not SAML metadata: it begins with %s, not with EntityDescriptor or EntitiesDescriptor", shorten(root.Local))
}

func flatten(entities saml.EntitiesDescriptor) []saml.EntityDescriptor {
	all := entities.EntityDescriptors
	for _, nested := range entities.EntitiesDescriptors {
		all = append(all, flatten(nested)...)
	}
	return all
}

// checkXML refuses a text that is not XML, or that could be costly to read. It returns the
// name of the outermost element.
func checkXML(text string) (xml.Name, error) {
	lower := strings.ToLower(text[:min(len(text), 1024)])
	switch {
	case text == "":
		return xml.Name{}, errors.New("the text is empty")
	case len(text) > maxMetadataSize:
		return xml.Name{}, fmt.Errorf("this is larger than %d MiB. Pass only the EntityDescriptor of your IdP", maxMetadataSize>>20)
	case strings.HasPrefix(lower, "<!doctype html") || strings.Contains(lower, "<html"):
		return xml.Name{}, errors.New("this is an HTML page, not SAML metadata. It may be a login page, if the address of the metadata requires a login")
	case strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://"):
		return xml.Name{}, errors.New("this is an address, not SAML metadata. The function makes no network call. Pass the document at the address, for example with the data source http")
	case !strings.HasPrefix(text, "<"):
		return xml.Name{}, errors.New(`this is not XML. Pass the metadata itself, such as file("metadata.xml")`)
	}
	root, depth := xml.Name{}, 0
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return xml.Name{}, fmt.Errorf("this is not XML, or it is incomplete: %w", err)
		}
		switch t := token.(type) {
		case xml.Directive:
			return xml.Name{}, errors.New("the text contains a DOCTYPE, which SAML metadata must not have")
		case xml.StartElement:
			if root.Local == "" {
				root = t.Name
			}
			if depth++; depth > maxMetadataDepth {
				return xml.Name{}, errors.New("the elements are nested too deep for SAML metadata")
			}
		case xml.EndElement:
			depth--
		}
	}
	if root.Local == "" {
		return xml.Name{}, errors.New("the text contains no element")
	}
	if err := xrv.Validate(strings.NewReader(text)); err != nil {
		return xml.Name{}, errors.New("different XML parsers would read this XML differently, so it is not safe to use")
	}
	return root, nil
}

// oneIdP returns the only entity that is an IdP.
func oneIdP(entities []saml.EntityDescriptor) (saml.EntityDescriptor, error) {
	var idps []saml.EntityDescriptor
	var names, providers []string
	for _, entity := range entities {
		if len(entity.IDPSSODescriptors) > 0 {
			idps = append(idps, entity)
			names = append(names, shorten(entity.EntityID))
		} else if len(entity.SPSSODescriptors) > 0 {
			providers = append(providers, shorten(entity.EntityID))
		}
	}
	switch {
	case len(idps) == 1:
		return idps[0], nil
	case len(idps) > 1:
		return saml.EntityDescriptor{}, fmt.Errorf("the metadata contains several IdPs: %s. Keep the EntityDescriptor of one", some(names))
	case len(providers) > 0:
		return saml.EntityDescriptor{}, fmt.Errorf("this is the metadata of a service provider (%s): it has an SPSSODescriptor and no IDPSSODescriptor. Pass the metadata of the IdP", some(providers))
	}
	return saml.EntityDescriptor{}, errors.New("the metadata contains no IdP: the IDPSSODescriptor is missing")
}

// speakSAML2 removes descriptors of other protocols, such as SAML 1.1, if some descriptors
// declare SAML 2.0.
func speakSAML2(descriptors []saml.IDPSSODescriptor) []saml.IDPSSODescriptor {
	speaking := slices.DeleteFunc(slices.Clone(descriptors), func(d saml.IDPSSODescriptor) bool {
		return !slices.Contains(strings.Fields(d.ProtocolSupportEnumeration), saml2Protocol)
	})
	if len(speaking) == 0 {
		return descriptors
	}
	return speaking
}

// postEndpoint returns the first endpoint of the HTTP-POST binding.
func postEndpoint(descriptors []saml.IDPSSODescriptor) (string, error) {
	var bindings []string
	for _, descriptor := range descriptors {
		for _, endpoint := range descriptor.SingleSignOnServices {
			location := strings.TrimSpace(endpoint.Location)
			if strings.TrimSpace(endpoint.Binding) == saml.HTTPPostBinding && location != "" {
				return location, nil
			}
			if binding := shorten(endpoint.Binding); !slices.Contains(bindings, binding) {
				bindings = append(bindings, binding)
			}
		}
	}
	if len(bindings) == 0 {
		return "", errors.New("the IdP has no SingleSignOnService")
	}
	return "", fmt.Errorf("the IdP has no SingleSignOnService of the HTTP-POST binding (%s), only of %s. Enable HTTP-POST for sign-in requests at the IdP, and download its metadata again", saml.HTTPPostBinding, some(bindings))
}

// signingCertificates returns the certificates of all keys that can be used for signing.
func signingCertificates(descriptors []saml.IDPSSODescriptor) ([]string, error) {
	var texts []string
	for _, descriptor := range descriptors {
		for _, key := range descriptor.KeyDescriptors {
			if key.Use != "" && key.Use != "signing" {
				continue
			}
			for _, certificate := range key.KeyInfo.X509Data.X509Certificates {
				parsed, err := readCertificate(certificate.Data)
				if err != nil {
					return nil, fmt.Errorf("signing certificate %d cannot be read: %w", len(texts)+1, err)
				}
				if text := encodePEM(parsed); !slices.Contains(texts, text) {
					texts = append(texts, text)
				}
			}
		}
	}
	if len(texts) == 0 {
		return nil, errors.New(`the IdP has no signing certificate: no KeyDescriptor with use="signing", or without use, has an X509Certificate`)
	}
	return texts, nil
}

// shorten limits a text of the document, so that an error stays readable.
func shorten(text string) string {
	const most = 100
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}
