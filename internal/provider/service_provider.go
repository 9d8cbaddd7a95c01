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

// serviceProviderModel has the values of Elastic Cloud that an IdP needs.
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
			Description:         "The first part of `login_identifier`.",
			MarkdownDescription: "The first part of `login_identifier`: lowercase letters, digits and hyphens.",
			Required:            true,
			Validators: []validator.String{
				stringvalidator.RegexMatches(loginIdentifierPrefix, "must be lowercase letters, digits and hyphens"),
			},
		},
		"login_identifier": schema.StringAttribute{
			MarkdownDescription: "The identifier that members enter to sign in through SSO: the prefix, and a part that Elastic Cloud adds.",
			Computed:            true,
		},
		"sso_login_url": schema.StringAttribute{
			MarkdownDescription: "The address at which members sign in through SSO. A sign-in that starts at the IdP is not supported.",
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
			MarkdownDescription: "For the IdP: the certificates with which Elastic Cloud signs requests, as PEM.",
			Computed:            true,
			ElementType:         pemType{},
			PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
		},
		"encryption_certificates": schema.ListAttribute{
			MarkdownDescription: "For the IdP: the certificates with which assertions for Elastic Cloud can be encrypted, as PEM.",
			Computed:            true,
			ElementType:         pemType{},
			PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
		},
	})
	return attributes
}

// keep plans the values of the state that depend on login_identifier_prefix, if the prefix
// does not change.
func (m *serviceProviderModel) keep(state serviceProviderModel) {
	if m.LoginIdentifierPrefix.Equal(state.LoginIdentifierPrefix) {
		m.LoginIdentifier, m.SSOLoginURL, m.MetadataURL = state.LoginIdentifier, state.SSOLoginURL, state.MetadataURL
	}
}

// fromAPI reads the values of Elastic Cloud, with certificates in the spelling of prior.
func (m *serviceProviderModel) fromAPI(sp cloud.ServiceProvider, prior serviceProviderModel) {
	m.LoginIdentifier = types.StringValue(sp.LoginIdentifier)
	m.SSOLoginURL = types.StringValue(sp.SSOLoginURL)
	m.MetadataURL = types.StringValue(sp.MetadataURL)
	m.ACSURL = types.StringValue(sp.ACSURL)
	m.SPEntityID = types.StringValue(sp.EntityID)
	m.SigningCertificates = pemList(respelled(sp.SigningCertificates, textsOf(prior.SigningCertificates)))
	m.EncryptionCertificates = pemList(respelled(sp.EncryptionCertificates, textsOf(prior.EncryptionCertificates)))
}

// learn sets the unknown values from Elastic Cloud.
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

// otherThan returns the attributes for which Elastic Cloud has other values, in the order of
// the documentation. Unknown values, and values that it does not show, do not count.
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

// sameAddress reports whether two addresses are the same, except for what Elastic Cloud may
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

// textsOf returns the known texts of a list of PEM texts.
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
