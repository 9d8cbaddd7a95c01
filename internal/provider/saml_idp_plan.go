// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// certificateWarning is how long before its end a certificate is worth a
// warning.
const certificateWarning = 30 * 24 * time.Hour

var certificatesPath = path.Root("certificates")

const turnEnforcementOff = "First turn enforcement off: destroy the elasticcloud_sso_enforcement (in the same run it goes first, if it depends on this resource), or do so in the console under Organization > Security."

// ModifyPlan shows nothing where certificates are only spelled in another way,
// keeps what a change cannot touch, and warns of what could lock people out.
func (r *samlIdPResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.run == nil {
		return
	}
	var plan, state samlIdPModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		if r.run.organization.Keeps(organization.IdPObject) {
			return // apply has replaced this object already, and only the old one goes
		}
		r.run.claimed.letsGo(idpSetting, &resp.Diagnostics)
		r.run.claimed.ends.idp.Store(true)
		r.warnWhileEnforced(ctx, []string{"it is deleted, which the service refuses. " + turnEnforcementOff}, &resp.Diagnostics)
		return
	}
	first := firstPlan(ctx, req, resp)
	if first {
		r.run.claimed.holds(idpSetting, req.State.Raw.IsNull(), &resp.Diagnostics)
	}
	if req.State.Raw.IsNull() {
		if first { // and not the second half of a replacement
			r.refuseExisting(ctx, plan, &resp.Diagnostics)
		}
		plan.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	} else {
		plan.keep(state)
		r.warnWhileEnforced(ctx, plan.risks(state), &resp.Diagnostics)
		if plan.disables(state) && r.run.claimed.ends.enforcement.Load() {
			resp.Diagnostics.AddAttributeWarning(path.Root("enabled"), "The SAML IdP is disabled, and the enforcement of SSO ends",
				"The service may refuse to disable the IdP as long as SSO is enforced, and Terraform may do the one before the other. If it refuses, apply again.")
		}
	}
	if texts := textsOf(plan.Certificates); allKnown(plan.Certificates) {
		plan.CertificatesExpireAt = expiry(texts)
		checkValidity(texts, !sameCertificates(texts, textsOf(state.Certificates)), time.Now(), &resp.Diagnostics)
	}
	respelled := plan
	if allKnown(plan.Certificates) && sameCertificates(textsOf(plan.Certificates), textsOf(state.Certificates)) {
		respelled.Certificates = state.Certificates
	}
	setPlan(ctx, plan, respelled, req, resp)
}

// keep plans what stays as it is in state.
func (m *samlIdPModel) keep(state samlIdPModel) {
	m.ID, m.ACSURL, m.SPEntityID = state.ID, state.ACSURL, state.SPEntityID
	m.SigningCertificates, m.EncryptionCertificates = state.SigningCertificates, state.EncryptionCertificates
	if m.LoginIdentifierPrefix.Equal(state.LoginIdentifierPrefix) {
		m.LoginIdentifier, m.SSOLoginURL, m.MetadataURL = state.LoginIdentifier, state.SSOLoginURL, state.MetadataURL
	}
}

// risks says what a change could lock people out by, as far as it is known. More
// certificates are no risk.
func (m samlIdPModel) risks(state samlIdPModel) []string {
	var risks []string
	if m.disables(state) {
		risks = append(risks, "it is disabled, which the service may refuse.")
	}
	if !m.LoginIdentifierPrefix.IsUnknown() && !m.LoginIdentifierPrefix.Equal(state.LoginIdentifierPrefix) {
		risks = append(risks, "its login_identifier_prefix changes, and with it login_identifier and sso_login_url. They are what everybody enters to sign in, and the address at which they do.")
	}
	if !m.Issuer.IsUnknown() && !m.Issuer.Equal(state.Issuer) {
		risks = append(risks, "its issuer changes. Responses with another issuer are refused.")
	}
	if !m.SSOURL.IsUnknown() && !m.SSOURL.Equal(state.SSOURL) {
		risks = append(risks, "its sso_url changes. That is where everybody is sent to sign in.")
	}
	if allKnown(m.Certificates) && !subset(contentOf(textsOf(state.Certificates)), contentOf(textsOf(m.Certificates))) {
		risks = append(risks, "a certificate goes. Responses that are signed with its key are refused.")
	}
	return risks
}

func (m samlIdPModel) disables(state samlIdPModel) bool {
	return !m.Enabled.IsUnknown() && !m.Enabled.ValueBool() && state.Enabled.ValueBool()
}

// warnWhileEnforced says what a change risks where SSO is enforced and, as far as
// is known, stays so.
func (r *samlIdPResource) warnWhileEnforced(ctx context.Context, risks []string, diags *diag.Diagnostics) {
	if len(risks) == 0 || r.run.claimed.ends.enforcement.Load() {
		return
	}
	organization, err := r.run.organization.Get(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not find out whether SSO is enforced", err)
	case organization.Enforcement == cloud.EnforcementOn && !r.run.claimed.ends.enforcement.Load():
		diags.AddWarning("SSO is enforced, and the SAML IdP changes",
			"Unless the same run ends the enforcement, members can sign in through this IdP only, and:\n- "+strings.Join(risks, "\n- ")+
				"\n\nIf nobody can sign in afterwards, an API key that has organization-admin still turns enforcement off: the page of elasticcloud_sso_enforcement has the call.")
	}
}

// allKnown tells that a list and all elements of it are known.
func allKnown(list types.List) bool {
	for _, element := range list.Elements() {
		if element.IsUnknown() {
			return false
		}
	}
	return !list.IsUnknown()
}

// expiry is when the first certificate ends, or null where none can be read.
func expiry(texts []string) types.String {
	certificates := uniqueCertificates(texts)
	if len(certificates) == 0 {
		return types.StringNull()
	}
	earliest := certificates[0].NotAfter
	for _, certificate := range certificates {
		if certificate.NotAfter.Before(earliest) {
			earliest = certificate.NotAfter
		}
	}
	return types.StringValue(timestamp(earliest))
}

// certificatesValidator refuses what cannot verify a login.
type certificatesValidator struct{}

func (certificatesValidator) Description(context.Context) string {
	return "certificates as PEM, of which at least one has not expired"
}

func (v certificatesValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (certificatesValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	elements := req.ConfigValue.Elements()
	texts := make(map[int]string, len(elements))
	secret := false
	for i, element := range elements {
		if value, ok := element.(pemValue); ok && !value.IsNull() && !value.IsUnknown() {
			texts[i] = value.ValueString()
			secret = secret || mayHoldSecret(value.ValueString())
		}
	}
	for i, element := range elements {
		if element.IsUnknown() {
			continue
		}
		at := req.Path.AtListIndex(i)
		_, err := readCertificates(texts[i])
		switch {
		case errors.Is(err, errPrivateKey):
			resp.Diagnostics.AddError(at.String()+" has a private key in it",
				"Only certificates belong here: the private key stays with the IdP. It is not shown and not stored. Take it out, and if others could read this configuration, replace the key at the IdP.")
		case err != nil && secret:
			// A diagnostic with a path makes Terraform print the lines of the
			// configuration, and there may be a key in them.
			resp.Diagnostics.AddError(at.String()+" is no certificate", noCertificate(err))
		case err != nil:
			resp.Diagnostics.AddAttributeError(at, "This is no certificate", noCertificate(err))
		}
	}
}

func noCertificate(err error) string {
	return "The element must be a certificate as PEM (-----BEGIN CERTIFICATE-----), or several, and " + err.Error() + "."
}

// checkValidity looks at when certificates end. Those that have all expired are
// an error where they would be written. What is so already is a warning: an
// error would also stop a destroy, which plans everything first.
func checkValidity(texts []string, isNew bool, now time.Time, diags *diag.Diagnostics) {
	var expired, ending []string
	certificates := uniqueCertificates(texts)
	for _, certificate := range certificates {
		line := fmt.Sprintf("%s: %s", timestamp(certificate.NotAfter), subject(certificate))
		switch {
		case now.After(certificate.NotAfter):
			expired = append(expired, line)
		case now.Add(certificateWarning).After(certificate.NotAfter):
			ending = append(ending, line)
		}
	}
	const all = "All certificates of the SAML IdP have expired"
	detail := "Nobody can sign in with them. They ended at\n- " + strings.Join(expired, "\n- ") + "\n\nGet the IdP's present certificate, such as from its metadata."
	switch {
	case len(expired) == len(certificates) && isNew:
		diags.AddAttributeError(certificatesPath, all, detail)
	case len(expired) == len(certificates):
		diags.AddAttributeWarning(certificatesPath, all, detail)
	case len(expired)+len(ending) > 0:
		diags.AddAttributeWarning(certificatesPath, "A certificate of the SAML IdP expires soon",
			"After that, logins that are signed with its key fail. It ends, or has ended, at\n- "+strings.Join(append(expired, ending...), "\n- ")+
				"\n\nAdd the IdP's next certificate to the list, let the IdP change over to it, and then take this one out.")
	}
}

// subject names a certificate.
func subject(certificate *x509.Certificate) string {
	if name := certificate.Subject.String(); name != "" {
		return name
	}
	return "serial number " + certificate.SerialNumber.String()
}

// issuerValidator refuses what comes along when an entity ID is copied.
type issuerValidator struct{}

func (issuerValidator) Description(context.Context) string {
	return "an entity ID, without spaces around it and invisible characters"
}

func (v issuerValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v issuerValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	invisible := strings.ContainsFunc(value, func(c rune) bool { return !unicode.IsGraphic(c) })
	if value == "" || value != strings.TrimSpace(value) || invisible {
		resp.Diagnostics.AddAttributeError(req.Path, "This is no issuer", fmt.Sprintf("%+q is not %s.", value, v.Description(ctx)))
	}
}

// ssoURLValidator refuses what a browser should not be sent to.
type ssoURLValidator struct{}

func (ssoURLValidator) Description(context.Context) string { return "an https URL" }

func (v ssoURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v ssoURLValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	parsed, err := url.Parse(value)
	odd := strings.ContainsFunc(value, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsGraphic(c) })
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" || odd {
		resp.Diagnostics.AddAttributeError(req.Path, "The IdP's address cannot be used", fmt.Sprintf("%+q is not %s.", value, v.Description(ctx)))
	}
}
