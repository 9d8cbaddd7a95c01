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

// errPartialView is the error for an object that this API key does not see, if the key may
// not see everything. The object may still exist.
var errPartialView = errors.New("this API key sees no active member with organization-admin, so it may not see everyone. The object may still exist")

// isNotShown reports whether Elastic Cloud accepted a change, but does not show it.
func isNotShown(err error) bool {
	var notShown *organization.NotShownError
	return errors.As(err, &notShown)
}

// addError reports a failed call. The summary is what was tried. The detail is what
// Elastic Cloud answered, and what the user can do.
func addError(diags *diag.Diagnostics, summary string, err error) {
	detail := err.Error()
	if hint := advice(err); hint != "" {
		detail += "\n\n" + hint
	}
	diags.Append(failure{diag.NewErrorDiagnostic(summary, detail), err})
}

// failure is the error of a failed call. It passes the reason to the guard, which reports
// an error of the whole run only once.
type failure struct {
	diag.ErrorDiagnostic

	err error
}

// Equal implements diag.Diagnostic.
func (f failure) Equal(o diag.Diagnostic) bool {
	other, ok := o.(failure)
	return ok && f.ErrorDiagnostic.Equal(other.ErrorDiagnostic)
}

// toldBefore returns the short text for an error of the whole run that was already
// reported in full. It is empty for all other errors.
func toldBefore(err error) string {
	var revoked *organization.RevokedError
	if errors.As(err, &revoked) || isNotShown(err) { // these have facts about one object, which must be shown
		return ""
	}
	var other *organization.OtherOrganizationError
	if errors.As(err, &other) {
		return "The state belongs to another organization than the provider is configured for. Another message of this run has the details."
	}
	if cloud.HasStatus(err, http.StatusUnauthorized) {
		return "Elastic Cloud refused the API key. Another message of this run has the details."
	}
	return ""
}

// grantOwnerFirst is what to do if a change would remove the last owner.
const grantOwnerFirst = "This change was not made. Other changes of the run are done. First grant organization-admin to another active member: the same apply can do that."

// advice returns what the user can do about an error, or an empty string.
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
		return "Apply again: the provider compares what Elastic Cloud shows by then, and sends what is missing. If this error appears again, check in the Elastic Cloud console who has access, and report an issue of this provider."
	case errors.As(err, &required):
		return "required_owners of the provider block contains this address. Nothing was changed for this person. To change this person's access, first apply a provider block without the address."
	case errors.As(err, &tooMany):
		return "The limit is max_removals of the provider block. Nobody is removed beyond it. If all these people should lose access, raise max_removals, or set it to null for one run."
	case errors.As(err, &lastOwner) && lastOwner.Min > 1 && !lastOwner.Made:
		return fmt.Sprintf("min_owners of the provider block is %d. ", lastOwner.Min) + grantOwnerFirst +
			" Or lower min_owners, or set allow_last_owner_removal = true in this resource."
	case errors.As(err, &lastOwner) && lastOwner.Made:
		if lastOwner.Min > 1 {
			return fmt.Sprintf("min_owners of the provider block is %d, and the organization may now have fewer owners. Grant organization-admin to an active member: the next apply can do that.", lastOwner.Min)
		}
		return "The organization now has no owner. Grant organization-admin to an active member while Elastic Cloud still allows it to this API key: the next apply can do that. If Elastic Cloud refuses it, contact Elastic's support."
	case errors.As(err, &lastOwner):
		return grantOwnerFirst + " If the organization should really have no owner, set allow_last_owner_removal = true in this resource. Before you destroy the resource, apply that setting."
	case errors.As(err, &refused): // whatever the status, the cause is not a missing role
		return "Elastic Cloud may require a sign-in through SSO with the present configuration of the IdP first. Sign in once at sso_login_url of the elasticcloud_saml_idp, with an account to which the owners' mapping applies. Then apply again."
	case errors.As(err, &lastMapping):
		return "Nothing was changed. First let another enabled mapping grant organization-admin, or end the SSO enforcement (elasticcloud_sso_enforcement): the same apply can do that. " +
			warning.CreateFirst
	case errors.Is(err, organization.ErrUnknownPerson):
		return warning.InviteFirst
	case errors.Is(err, context.Canceled):
		return "The run was stopped. Apply again to finish it."
	case errors.Is(err, organization.ErrNotThere):
		return "Someone removed this person after the plan was made. Plan again: the new plan shows an invitation."
	case cloud.HasCode(err, cloud.CodeInvitationExists):
		return "The provider could not revoke an older invitation, or Elastic Cloud does not list it because it has expired. Revoke it in the Elastic Cloud console, and apply again."
	case cloud.HasCode(err, "organization.invitations_pending_limit_exceeded"):
		return "The organization has too many pending invitations. Wait until some are accepted, or revoke some. Then apply again."
	case cloud.HasCode(err, "organization.invitations_rate_limit_exceeded"):
		return "Elastic Cloud limits the rate of invitations. Apply again later: completed changes are kept."
	case cloud.HasCode(err, "organization.invitation_invalid_email"):
		return "Elastic Cloud does not accept this e-mail address. Correct it in the configuration."
	case cloud.HasCode(err, "role_assignments.unauthorized_role_assignments"):
		return "Either the API key lacks the role organization-admin, or a deployment or project in the grants is stopped, hidden or deleted. Start it, or remove its grant from the configuration. Then apply again."
	case cloud.HasCode(err, cloud.CodeDomainExists):
		return "Elastic Cloud says that this domain is already claimed, but does not list it for this organization. Another organization may have claimed it. If it is yours, give up the domain there and delete its TXT record. " +
			"If the domain was verified here a moment ago, apply again. Otherwise contact Elastic's support."
	case cloud.HasCode(err, cloud.CodeIdPConfigured):
		return "A domain cannot be given up while a SAML IdP is configured. Destroy the elasticcloud_saml_idp first, and the elasticcloud_saml_service_provider if there is one. " +
			warning.DependsOn.With("elasticcloud_domain_verification", "elasticcloud_saml_idp and the elasticcloud_saml_service_provider") + " Then terraform destroy destroys them first. If the IdP is not in the state, apply first, which adopts it."
	case cloud.HasCode(err, cloud.CodeDomainsChanging):
		return "Someone else changes the domains or role mappings of the organization at the same time. Apply again."
	case !errors.As(err, &apiErr):
		return ""
	case apiErr.Status == http.StatusUnauthorized:
		return "Elastic Cloud does not accept the API key. Check EC_API_KEY (or api_key), that the key has not expired, and that it was created for this endpoint."
	case apiErr.Status == http.StatusForbidden:
		return "The API key is not allowed to do this. It needs the role organization-admin (in the console: Organization owner)."
	case apiErr.Status == http.StatusTooManyRequests:
		return "Elastic Cloud limits the rate of calls. Apply again later, or with a lower -parallelism."
	case apiErr.Status == 0:
		return "The provider received no usable answer. Check the endpoint and the network, and run again: completed changes are kept."
	}
	return ""
}

// unknownSettingsError is the error of every look-up in a plan that does not know all
// settings of the provider.
type unknownSettingsError struct{ names []string }

// Error implements error.
func (e unknownSettingsError) Error() string {
	return "The provider block depends on values that are known only after apply: " + strings.Join(e.names, ", ") + ". So the plan cannot look up anything in Elastic Cloud."
}

// addStopped reports the people who were not changed because the run was stopped.
func addStopped(diags *diag.Diagnostics, done string, emails []string) {
	if len(emails) > 0 {
		addError(diags, fmt.Sprintf("Stopped before everyone was %s (%d left)", done, len(emails)), fmt.Errorf("%s: %w", some(emails), context.Canceled))
	}
}
