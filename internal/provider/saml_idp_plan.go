// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// certificateWarning is how long before its end a certificate is worth a
// warning.
const certificateWarning = 30 * 24 * time.Hour

// ModifyPlan shows nothing where certificates are only spelled in another way,
// keeps what a change cannot touch, and warns of what could lock people out.
func (r *samlIdPResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[samlIdPModel](ctx, &r.baseResource, req, resp)
	if !ok {
		return
	}
	plan := s.plan
	switch s.kind {
	case toRemove:
		r.warnWhileEnforced(ctx, []string{warning.IdPIsDeleted}, &resp.Diagnostics)
		return
	case toCreate:
		if s.first {
			r.refuseExisting(ctx, plan, &resp.Diagnostics)
		}
		plan.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	default:
		plan.keep(s.state.serviceProviderModel)
		r.warnWhileEnforced(ctx, plan.risks(s.state), &resp.Diagnostics)
	}
	if plan.disables(s.state) && !s.applying { // apply does not plan what goes; it is refused there where it is written
		r.warnOfDisabling(ctx, &resp.Diagnostics)
	}
	same := allKnown(plan.Certificates) && sameCertificates(textsOf(plan.Certificates), textsOf(s.state.Certificates))
	if allKnown(plan.Certificates) {
		texts := textsOf(plan.Certificates)
		plan.CertificatesExpireAt = expiry(texts)
		checkValidity(texts, !same, time.Now(), &resp.Diagnostics)
	}
	// Of several, some may be unknown in a plan and the same in the apply, which then could
	// not keep what the plan has shown of the others.
	if same && len(plan.Certificates.Elements()) == 1 && len(s.state.Certificates.Elements()) == 1 {
		plan.Certificates = s.state.Certificates
	}
	s.setRespelled(ctx, plan, same, func(m *samlIdPModel) { m.Certificates = s.state.Certificates })
}

func (m samlIdPModel) object() (organization.Object, bool) { return organization.IdPObject, true }

func (m samlIdPModel) entry() entry {
	return entry{object: organization.IdPObject, name: "The SAML IdP", disabled: m.isDisabled()}
}

// risks says what a change could lock people out by, as far as it is known. More
// certificates are no risk.
func (m samlIdPModel) risks(state samlIdPModel) []string {
	var risks []string
	if !m.LoginIdentifierPrefix.IsUnknown() && !m.LoginIdentifierPrefix.Equal(state.LoginIdentifierPrefix) {
		risks = append(risks, warning.PrefixChanges)
	}
	if !m.Issuer.IsUnknown() && !m.Issuer.Equal(state.Issuer) {
		risks = append(risks, warning.IssuerChanges)
	}
	if !m.SSOURL.IsUnknown() && !m.SSOURL.Equal(state.SSOURL) {
		risks = append(risks, warning.SSOURLChanges)
	}
	if allKnown(m.Certificates) && !subset(contentOf(textsOf(state.Certificates)), contentOf(textsOf(m.Certificates))) {
		risks = append(risks, warning.CertificateRemoved)
	}
	return risks
}

// isDisabled reports whether nobody can sign in through the IdP, as far as is known.
func (m samlIdPModel) isDisabled() bool { return !m.Enabled.IsUnknown() && !m.Enabled.ValueBool() }

// disables reports whether the IdP is enabled now, or not there, and then disabled.
func (m samlIdPModel) disables(state samlIdPModel) bool {
	return m.isDisabled() && (state.Enabled.IsNull() || state.Enabled.ValueBool())
}

// warnOfDisabling warns where the IdP is disabled and SSO is enforced. That may end in
// the same apply, by a resource that is planned later. Where the plan has an enforcement
// that stays, the ledger refuses.
func (r *samlIdPResource) warnOfDisabling(ctx context.Context, diags *diag.Diagnostics) {
	there, err := r.run.organization.Get(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not find out whether SSO is enforced", err)
	case there.Enforcement == cloud.EnforcementOn || r.run.ledger.isGone(organization.EnforcementObject):
		diags.AddAttributeWarning(enabledPath, warning.IdPDisabled.With(), warning.IdPDisabledDetail)
	}
}

// warnWhileEnforced says what a change risks where SSO is enforced and, as far as
// is known, stays so.
func (r *samlIdPResource) warnWhileEnforced(ctx context.Context, risks []string, diags *diag.Diagnostics) {
	if len(risks) == 0 || r.run.ledger.isGone(organization.EnforcementObject) {
		return
	}
	there, err := r.run.organization.Get(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not find out whether SSO is enforced", err)
	case there.Enforcement == cloud.EnforcementOn && !r.run.ledger.isGone(organization.EnforcementObject):
		diags.AddWarning(warning.IdPChanges.With(), warning.IdPChangesDetail+"\n- "+strings.Join(risks, "\n- ")+"\n\n"+warning.IdPChangesHint)
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

// checkValidity looks at when certificates begin and end. Those that have all
// expired are an error where they would be written. What is so already is a
// warning: an error would also stop a destroy, which plans everything first.
func checkValidity(texts []string, isNew bool, now time.Time, diags *diag.Diagnostics) {
	var expired, ending, early []string
	certificates := uniqueCertificates(texts)
	for _, certificate := range certificates {
		ends := fmt.Sprintf("%s: %s", timestamp(certificate.NotAfter), subject(certificate))
		switch {
		case now.After(certificate.NotAfter):
			expired = append(expired, ends)
		case now.Before(certificate.NotBefore):
			early = append(early, fmt.Sprintf("%s: %s", timestamp(certificate.NotBefore), subject(certificate)))
		case now.Add(certificateWarning).After(certificate.NotAfter):
			ending = append(ending, ends)
		}
	}
	warn := func(lines []string, summary warning.Phrase, fact, remedy string) {
		if len(lines) > 0 {
			diags.AddAttributeWarning(certificatesPath, summary.With(), fact+"\n- "+strings.Join(lines, "\n- ")+"\n\n"+remedy)
		}
	}
	if len(expired) > 0 && len(expired) == len(certificates) {
		detail := warning.AllExpiredDetail + "\n- " + strings.Join(expired, "\n- ") + "\n\n" + warning.AllExpiredHint
		if isNew {
			diags.AddAttributeError(certificatesPath, warning.AllExpired.With(), detail)
		} else {
			diags.AddAttributeWarning(certificatesPath, warning.AllExpired.With(), detail)
		}
		return
	}
	warn(expired, warning.OneExpired, warning.OneExpiredDetail, warning.OneExpiredHint)
	warn(ending, warning.ExpiresSoon, warning.ExpiresSoonDetail, warning.ExpiresSoonHint)
	notYet := warning.NotValidYet
	if len(early)+len(expired) == len(certificates) {
		notYet = warning.NoneValidYet
	}
	warn(early, notYet, warning.NotValidYetDetail, warning.NotValidYetHint)
}

// subject names a certificate.
func subject(certificate *x509.Certificate) string {
	if name := certificate.Subject.String(); name != "" {
		return name
	}
	return "serial number " + certificate.SerialNumber.String()
}
