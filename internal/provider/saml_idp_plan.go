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

// certificateWarning is how long before its expiry a certificate causes a warning.
const certificateWarning = 30 * 24 * time.Hour

// ModifyPlan shows no diff for another spelling of certificates, keeps attributes that a
// change cannot affect, and warns of changes that could lock people out.
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
	if plan.disables(s.state) && !s.applying { // apply does not see a destroyed enforcement in the plan; the write refuses it
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

// risks returns the known changes that could lock people out. Additional certificates are
// not a risk.
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

// isDisabled reports whether the IdP is known to be disabled.
func (m samlIdPModel) isDisabled() bool { return !m.Enabled.IsUnknown() && !m.Enabled.ValueBool() }

// disables reports whether the plan disables an enabled IdP, or creates a disabled one.
func (m samlIdPModel) disables(state samlIdPModel) bool {
	return m.isDisabled() && (state.Enabled.IsNull() || state.Enabled.ValueBool())
}

// warnOfDisabling warns if the IdP is disabled while SSO is enforced. A resource that is
// planned later may end the enforcement in the same apply. If the plan keeps an
// enforcement, the ledger reports an error.
func (r *samlIdPResource) warnOfDisabling(ctx context.Context, diags *diag.Diagnostics) {
	there, err := r.run.organization.Get(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not find out whether SSO is enforced", err)
	case there.Enforcement == cloud.EnforcementOn || r.run.ledger.isGone(organization.EnforcementObject):
		diags.AddAttributeWarning(enabledPath, warning.IdPDisabled.With(), warning.IdPDisabledDetail)
	}
}

// warnWhileEnforced warns of the risks of a change if SSO is enforced and, as far as is
// known, stays enforced.
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

// allKnown reports whether a list and all its elements are known.
func allKnown(list types.List) bool {
	for _, element := range list.Elements() {
		if element.IsUnknown() {
			return false
		}
	}
	return !list.IsUnknown()
}

// expiry returns when the first certificate expires, or null if none can be read.
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

// certificatesValidator refuses texts that are not certificates.
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
			resp.Diagnostics.AddError(at.String()+" contains a private key",
				"Only certificates belong here: the private key stays at the IdP. The provider neither shows nor stores it. Remove the key. If others could read this configuration, replace the key at the IdP.")
		case err != nil && secret:
			// For a diagnostic with a path, Terraform prints the lines of the configuration, which
			// may contain a key.
			resp.Diagnostics.AddError("Invalid certificate in "+at.String(), noCertificate(err))
		case err != nil:
			resp.Diagnostics.AddAttributeError(at, "Invalid certificate", noCertificate(err))
		}
	}
}

func noCertificate(err error) string {
	return "The element is invalid: " + err.Error() + ". Write one or more certificates as PEM (-----BEGIN CERTIFICATE-----)."
}

// checkValidity checks the validity periods of certificates. It is an error to write
// certificates that have all expired. If they are already configured, it is a warning: an
// error would also stop a destroy, which plans everything first.
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

// subject returns a name for a certificate.
func subject(certificate *x509.Certificate) string {
	if name := certificate.Subject.String(); name != "" {
		return name
	}
	return "serial number " + certificate.SerialNumber.String()
}
