// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// RefusedGrantsError is returned for a change of a person's grants, some of which this
// API key may not change. For example, a deployment may be stopped or hidden. The rest
// of the change is done, unless it is an invitation.
type RefusedGrantsError struct {
	// Grants are the refused grants, sorted. The service refuses an invitation as a
	// whole; then they are the grants that can be the reason.
	Grants []cloud.Grant
	// Invitation means that the change was an invitation, which was not sent.
	Invitation bool
	// Err is the service's answer.
	Err error
}

// Error names the grants, and adds the service's answer.
func (e *RefusedGrantsError) Error() string {
	grants := cloud.JoinGrants(e.Grants)
	switch {
	case e.Invitation && len(e.Grants) == 1:
		return fmt.Sprintf("Elastic Cloud refused the invitation because of %s: %s", grants, e.Err)
	case e.Invitation:
		return fmt.Sprintf("Elastic Cloud refused the invitation because of one of %s: %s", grants, e.Err)
	}
	return fmt.Sprintf("Elastic Cloud refused to change %s. The rest of this change is done. Old grants that these would have replaced are not revoked. The reply was: %s", grants, e.Err)
}

// Unwrap returns the service's answer.
func (e *RefusedGrantsError) Unwrap() error { return e.Err }

func isRefused(err error) bool {
	var refused *RefusedGrantsError
	return errors.As(err, &refused)
}

// bothRefused returns the error of a change in two parts: the grants that were refused
// in either part, or the error that ended a part early.
func bothRefused(first, second error) error {
	var a, b *RefusedGrantsError
	switch {
	case first == nil || second != nil && !errors.As(second, &b):
		return second
	case second == nil || !errors.As(first, &a):
		return first
	}
	return &RefusedGrantsError{Grants: cloud.Without(append(slices.Clone(a.Grants), b.Grants...), nil), Err: b.Err}
}

// inParts sends grants in one request. Grants for which done reports true are sent
// separately: they are in place if the lists are up to date, and the service may refuse
// a request that changes nothing. That refusal is ignored.
func inParts(grants []cloud.Grant, done func(cloud.Grant) bool, send func([]cloud.Grant) error) error {
	var refused error
	for _, g := range grants {
		if !done(g) {
			continue
		}
		err := inHalves([]cloud.Grant{g}, send)
		var needless *cloud.Error
		if errors.As(err, &needless) && needless.Status == http.StatusBadRequest && !cloud.HasCode(err, cloud.CodeInvalidTargetUser) {
			err = nil
		}
		if refused = bothRefused(refused, err); refused != nil && !isRefused(refused) {
			return refused
		}
	}
	return bothRefused(refused, inHalves(slices.DeleteFunc(slices.Clone(grants), done), send))
}

// inHalves sends grants in one request. If the service refuses the request because of
// one grant, which it does not name, inHalves sends each half. Repeated, this isolates
// the refused grant.
func inHalves(grants []cloud.Grant, send func([]cloud.Grant) error) error {
	if len(grants) == 0 {
		return nil
	}
	err := send(grants)
	if !cloud.HasCode(err, cloud.CodeUnauthorizedRoles) {
		return err
	}
	if len(grants) == 1 {
		return &RefusedGrantsError{Grants: grants, Err: err}
	}
	half := len(grants) / 2
	refused := inHalves(grants[:half], send)
	if refused != nil && !isRefused(refused) {
		return refused
	}
	return bothRefused(refused, inHalves(grants[half:], send))
}

// byRank splits grants into three groups: organization-admin, billing-admin, and the
// others.
func byRank(grants []cloud.Grant) [][]cloud.Grant {
	ranks := make([][]cloud.Grant, 3)
	for _, g := range grants {
		rank := slices.Index([]string{cloud.RoleOrganizationAdmin, cloud.RoleBillingAdmin}, g.Role)
		if rank < 0 {
			rank = 2
		}
		ranks[rank] = append(ranks[rank], g)
	}
	return ranks
}

// refusedInvitation names the grants that may be the reason why the service refused an
// invitation: the grants on resources.
func refusedInvitation(err error, promised []cloud.Grant) error {
	onResources := slices.DeleteFunc(slices.Clone(promised), func(g cloud.Grant) bool { return g.Kind() == "" })
	if len(onResources) == 0 || !cloud.HasCode(err, cloud.CodeUnauthorizedRoles) {
		return err
	}
	return &RefusedGrantsError{Grants: onResources, Invitation: true, Err: err}
}
