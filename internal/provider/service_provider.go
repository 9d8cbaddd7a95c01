// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"net/url"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var loginIdentifierPrefix = regexp.MustCompile(`^[a-z0-9-]+$`)

// serviceProviderModel is Elastic Cloud as an IdP has to know it.
type serviceProviderModel struct {
	ID                     types.String `tfsdk:"id"`
	LoginIdentifierPrefix  types.String `tfsdk:"login_identifier_prefix"`
	LoginIdentifier        types.String `tfsdk:"login_identifier"`
	SSOLoginURL            types.String `tfsdk:"sso_login_url"`
	ACSURL                 types.String `tfsdk:"acs_url"`
	SPEntityID             types.String `tfsdk:"sp_entity_id"`
	MetadataURL            types.String `tfsdk:"metadata_url"`
	SigningCertificates    types.List   `tfsdk:"signing_certificates"`
	EncryptionCertificates types.List   `tfsdk:"encryption_certificates"`
}

// withServiceProvider adds the attributes of serviceProviderModel to others.
func withServiceProvider(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, map[string]schema.Attribute{
		"id": organizationIDAttribute,
		"login_identifier_prefix": schema.StringAttribute{
			Description:         "What `login_identifier` begins with.",
			MarkdownDescription: "What `login_identifier` begins with: lowercase letters, digits and hyphens.",
			Required:            true,
			Validators: []validator.String{
				stringvalidator.RegexMatches(loginIdentifierPrefix, "must be lowercase letters, digits and hyphens"),
			},
		},
		"login_identifier": schema.StringAttribute{
			MarkdownDescription: "What members enter to sign in through SSO: the prefix and what the service adds to it.",
			Computed:            true,
		},
		"sso_login_url": schema.StringAttribute{
			MarkdownDescription: "The address at which members sign in through SSO. Logins that start at the IdP are not supported.",
			Computed:            true,
		},
		"acs_url": schema.StringAttribute{
			MarkdownDescription: "For the IdP: the assertion consumer service (ACS) of Elastic Cloud, also called single sign-on or reply URL.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"sp_entity_id": schema.StringAttribute{
			MarkdownDescription: "For the IdP: the entity ID of Elastic Cloud, also called audience.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"metadata_url": schema.StringAttribute{
			MarkdownDescription: "For the IdP: the address of the metadata of Elastic Cloud as a service provider.",
			Computed:            true,
		},
		"signing_certificates": schema.ListAttribute{
			MarkdownDescription: "For the IdP: the certificates, as PEM, that Elastic Cloud signs requests with.",
			Computed:            true,
			ElementType:         pemType{},
			PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
		},
		"encryption_certificates": schema.ListAttribute{
			MarkdownDescription: "For the IdP: the certificates, as PEM, that assertions for Elastic Cloud can be encrypted with.",
			Computed:            true,
			ElementType:         pemType{},
			PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
		},
	})
	return attributes
}

// keep plans what login_identifier_prefix determines as it is in the state.
func (m *serviceProviderModel) keep(state serviceProviderModel) {
	if m.LoginIdentifierPrefix.Equal(state.LoginIdentifierPrefix) {
		m.LoginIdentifier, m.SSOLoginURL, m.MetadataURL = state.LoginIdentifier, state.SSOLoginURL, state.MetadataURL
	}
}

// fromAPI reads what the service gives out, with certificates in the spelling of prior.
func (m *serviceProviderModel) fromAPI(sp cloud.ServiceProvider, prior serviceProviderModel) {
	m.LoginIdentifier = types.StringValue(sp.LoginIdentifier)
	m.SSOLoginURL = types.StringValue(sp.SSOLoginURL)
	m.MetadataURL = types.StringValue(sp.MetadataURL)
	m.ACSURL = types.StringValue(sp.ACSURL)
	m.SPEntityID = types.StringValue(sp.EntityID)
	m.SigningCertificates = pemList(respelled(sp.SigningCertificates, textsOf(prior.SigningCertificates)))
	m.EncryptionCertificates = pemList(respelled(sp.EncryptionCertificates, textsOf(prior.EncryptionCertificates)))
}

// learn takes from the service what is not known yet.
func (m *serviceProviderModel) learn(sp cloud.ServiceProvider) {
	var there serviceProviderModel
	there.fromAPI(sp, *m)
	m.LoginIdentifier = unlessKnown(m.LoginIdentifier, there.LoginIdentifier)
	m.SSOLoginURL = unlessKnown(m.SSOLoginURL, there.SSOLoginURL)
	m.MetadataURL = unlessKnown(m.MetadataURL, there.MetadataURL)
	m.ACSURL = unlessKnown(m.ACSURL, there.ACSURL)
	m.SPEntityID = unlessKnown(m.SPEntityID, there.SPEntityID)
	m.SigningCertificates = unlessKnown(m.SigningCertificates, there.SigningCertificates)
	m.EncryptionCertificates = unlessKnown(m.EncryptionCertificates, there.EncryptionCertificates)
}

func unlessKnown[T attr.Value](planned, answered T) T {
	if planned.IsUnknown() {
		return answered
	}
	return planned
}

// otherThan returns the attributes that the service gives out with other values than
// these, in the order of the documentation. What is not known or not shown is not other.
func (m serviceProviderModel) otherThan(sp cloud.ServiceProvider) (names []string) {
	var there serviceProviderModel
	there.fromAPI(sp, m)
	text := func(name string, known, shown types.String) {
		if known.ValueString() != "" && shown.ValueString() != "" && !sameAddress(known.ValueString(), shown.ValueString()) {
			names = append(names, name)
		}
	}
	list := func(name string, known, shown types.List) {
		before, after := textsOf(known), textsOf(shown)
		if len(before) > 0 && len(after) > 0 && !sameCertificates(before, after) {
			names = append(names, name)
		}
	}
	text("acs_url", m.ACSURL, there.ACSURL)
	text("sp_entity_id", m.SPEntityID, there.SPEntityID)
	text("metadata_url", m.MetadataURL, there.MetadataURL)
	text("login_identifier", m.LoginIdentifier, there.LoginIdentifier)
	text("sso_login_url", m.SSOLoginURL, there.SSOLoginURL)
	list("signing_certificates", m.SigningCertificates, there.SigningCertificates)
	list("encryption_certificates", m.EncryptionCertificates, there.EncryptionCertificates)
	return names
}

// sameAddress tells that two addresses are the same but for what the service may
// normalise: the case of scheme and host, and a slash at the end.
func sameAddress(a, b string) bool {
	normal := func(address string) string {
		address = strings.TrimSuffix(address, "/")
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			scheme, rest, _ := strings.Cut(address, "://")
			host, path, slash := strings.Cut(rest, "/")
			address = strings.ToLower(scheme+"://"+host) + map[bool]string{true: "/"}[slash] + path
		}
		return address
	}
	return normal(a) == normal(b)
}

// textsOf reads a list of PEM texts, without those that are not known yet.
func textsOf(list types.List) []string {
	var texts []string
	for _, element := range list.Elements() {
		if value, ok := element.(pemValue); ok && !value.IsUnknown() && !value.IsNull() {
			texts = append(texts, value.ValueString())
		}
	}
	return texts
}

func pemList(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = newPEM(text)
	}
	return types.ListValueMust(pemType{}, elements)
}
