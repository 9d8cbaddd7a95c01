// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// errPartialView refuses to take for gone what this key may not see.
var errPartialView = errors.New("it is not visible, and this API key sees no active member with organization-admin, so it may not see everybody")

// isNotShown tells that the service accepted a change and does not show it.
func isNotShown(err error) bool {
	var notShown *organization.NotShownError
	return errors.As(err, &notShown)
}

// addError reports a failed call: what was tried in the summary, what the
// service said and what to do about it in the detail.
func addError(diags *diag.Diagnostics, summary string, err error) {
	detail := err.Error()
	if hint := advice(err); hint != "" {
		detail += "\n\n" + hint
	}
	diags.Append(failure{diag.NewErrorDiagnostic(summary, detail), err})
}

// failure is the error of a failed call. It carries the reason to the guard, which
// tells only once what everything in a run meets.
type failure struct {
	diag.ErrorDiagnostic

	err error
}

// Equal implements diag.Diagnostic.
func (f failure) Equal(o diag.Diagnostic) bool {
	other, ok := o.(failure)
	return ok && f.ErrorDiagnostic.Equal(other.ErrorDiagnostic)
}

// toldBefore returns what to say of a failure that everything in a run meets, where it
// was told in full before. It is empty for all other failures.
func toldBefore(err error) string {
	var revoked *organization.RevokedError
	if errors.As(err, &revoked) || isNotShown(err) { // they say what became of something on the way
		return ""
	}
	var other *organization.OtherOrganizationError
	if errors.As(err, &other) {
		return "The provider is configured for another organization than the state is of. Another message of this run says more."
	}
	if cloud.HasStatus(err, http.StatusUnauthorized) {
		return "Elastic Cloud refused the API key. Another message of this run says more."
	}
	return ""
}

// advice is what the user can do about an error, or empty.
func advice(err error) string {
	var apiErr *cloud.Error
	var lastOwner *organization.LastOwnerError
	var required *organization.RequiredOwnerError
	var tooMany *organization.TooManyRemovalsError
	var lastMapping *organization.LastAdminMappingError
	var refused *organization.RefusedError
	var other *organization.OtherOrganizationError
	var unknown unknownSettingsError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("Apply what the provider block depends on first (terraform apply -target=...), or set %s from a variable.", strings.Join(unknown.names, ", "))
	case errors.Is(err, errPartialView):
		return "Nothing was changed. Use an API key with the role Organization owner. If the organization really has no owner, set min_owners = 0 in the provider block."
	case errors.As(err, &other):
		return fmt.Sprintf("Set organization_id (or EC_ORGANIZATION_ID) to %s, or use an API key of that organization.", cloud.Printable(other.State))
	case isNotShown(err):
		return "Apply again: it compares what Elastic Cloud shows then, and sends what is missing. If this error comes back, check in the Elastic Cloud console who has access, and report the error as an issue of this provider."
	case errors.As(err, &required):
		return "required_owners of the provider block contains this address. Nothing was changed for this person. To change their access, first apply a provider block without the address."
	case errors.As(err, &tooMany):
		return "max_removals of the provider block is the limit. Nobody is removed beyond it. Check that so many people shall go, and raise max_removals, or set it to null for one run."
	case errors.As(err, &lastOwner) && lastOwner.Min > 1 && !lastOwner.Made:
		return fmt.Sprintf("min_owners of the provider block is %d. This change was not made; what else the run did is done. Give organization-admin to another active member first; the same apply may do it. ", lastOwner.Min) +
			"Or lower min_owners, or set allow_last_owner_removal = true where this change comes from."
	case errors.As(err, &lastOwner) && lastOwner.Made:
		if lastOwner.Min > 1 {
			return fmt.Sprintf("The organization may have fewer than %d owners now, which is min_owners of the provider block. Give organization-admin to an active member: the next apply may do it.", lastOwner.Min)
		}
		return "The organization has no owner now. Give organization-admin to an active member with this key, as long as the service lets it: the next apply may do it. If it does not, ask Elastic's support."
	case errors.As(err, &lastOwner):
		return "This change was not made; what else the run did is done. Give organization-admin to another active member first; the same apply may do it. " +
			"If the organization shall really be left without an owner, set allow_last_owner_removal = true where this change comes from, and apply that first if it is a destroy."
	case errors.As(err, &refused): // whatever the status, it is not for want of a role
		return "Elastic Cloud may require that somebody has signed in through SSO with the IdP as it is configured now. Sign in once at sso_login_url of the elasticcloud_saml_idp, with an account that the owners' mapping is for, and apply again."
	case errors.As(err, &lastMapping):
		return "Nothing was changed. Have another enabled mapping give organization-admin first, or end the enforcement of SSO first (elasticcloud_sso_enforcement); the same apply may do it. " +
			warning.CreateFirst
	case errors.Is(err, organization.ErrUnknownPerson):
		return warning.InviteFirst
	case errors.Is(err, context.Canceled):
		return "The run was stopped. Apply again to finish it."
	case errors.Is(err, organization.ErrNotThere):
		return "Somebody removed this person while the plan was on its way. Plan again: it then shows an invitation."
	case cloud.HasCode(err, cloud.CodeInvitationExists):
		return "This invitation could not be revoked, or it has expired and is not listed. Revoke it in the Elastic Cloud console, and apply again."
	case cloud.HasCode(err, "organization.invitations_pending_limit_exceeded"):
		return "The organization has as many open invitations as it may. Let some be accepted, or revoke some, and apply again."
	case cloud.HasCode(err, "organization.invitations_rate_limit_exceeded"):
		return "The service limits how many invitations are sent in a time. Apply again later: what is done stays done."
	case cloud.HasCode(err, "organization.invitation_invalid_email"):
		return "The service does not take this e-mail address."
	case cloud.HasCode(err, "role_assignments.unauthorized_role_assignments"):
		return "Either the API key lacks the role organization-admin, or a deployment or project that is named is stopped, hidden or gone. Start it, or remove its grant from the configuration, and apply again."
	case cloud.HasCode(err, cloud.CodeDomainExists):
		return "Another organization of Elastic Cloud has claimed this domain, as it is not among those of this one, and a domain has one organization. If that one is yours too, give the domain up there and remove the TXT record that was made for it; otherwise ask Elastic's support. " +
			"If it was verified here a moment ago, apply again."
	case cloud.HasCode(err, cloud.CodeIdPConfigured):
		return "A domain cannot be given up while a SAML IdP is configured. Destroy the elasticcloud_saml_idp first, and the elasticcloud_saml_service_provider if there is one. " +
			"terraform destroy does so if they have depends_on = [elasticcloud_domain_verification.<name>]. If the IdP is not in the state, apply first: that adopts it."
	case cloud.HasCode(err, cloud.CodeDomainsChanging):
		return "The domains or role mappings of the organization are being changed elsewhere at the same time. Apply again."
	case !errors.As(err, &apiErr):
		return ""
	case apiErr.Status == http.StatusUnauthorized:
		return "The service does not take the API key: check EC_API_KEY (or api_key), that the key has not ended, and that the endpoint is the one it was made for."
	case apiErr.Status == http.StatusForbidden:
		return "The API key may not do this: it needs the role organization-admin (in the console: Organization owner)."
	case apiErr.Status == http.StatusTooManyRequests:
		return "The service limits the rate of calls. Apply again later, or with a smaller -parallelism."
	case apiErr.Status == 0:
		return "No usable answer came. Check the endpoint and the network, and run again: what is done stays done."
	}
	return ""
}

// unknownSettingsError is why nothing can be looked up in a plan that does not know all
// settings of the provider.
type unknownSettingsError struct{ names []string }

// Error implements error.
func (e unknownSettingsError) Error() string {
	return "The provider block depends on values that are known only after apply: " + strings.Join(e.names, ", ") + ". So the plan cannot look up anything in Elastic Cloud."
}

// addStopped reports for whom the run ended too early.
func addStopped(diags *diag.Diagnostics, done string, emails []string) {
	if len(emails) > 0 {
		addError(diags, fmt.Sprintf("Stopped before %d were %s", len(emails), done), fmt.Errorf("%s: %w", some(emails), context.Canceled))
	}
}
