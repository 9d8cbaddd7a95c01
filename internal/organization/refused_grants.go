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

// RefusedGrantsError is the error of a change of somebody's grants, some of which
// this API key may not touch: their deployment may be stopped or hidden, for one.
// The rest of the change is done, unless it is an invitation.
type RefusedGrantsError struct {
	// Grants are those that were refused, sorted. Of an invitation, which the service
	// refuses as a whole, they are those that can be the reason.
	Grants []cloud.Grant
	// Invitation tells that it was an invitation, which was not sent.
	Invitation bool
	// Err is what the service said.
	Err error
}

// Error names the grants, and says what the service said.
func (e *RefusedGrantsError) Error() string {
	grants := cloud.JoinGrants(e.Grants)
	switch {
	case e.Invitation && len(e.Grants) == 1:
		return fmt.Sprintf("Elastic Cloud refused the invitation because of %s: %s", grants, e.Err)
	case e.Invitation:
		return fmt.Sprintf("Elastic Cloud refused the invitation because of one of %s: %s", grants, e.Err)
	}
	return fmt.Sprintf("Elastic Cloud refused to change %s. The rest of this change is done, except for the grants that these would have replaced. The reply was: %s", grants, e.Err)
}

// Unwrap returns what the service said.
func (e *RefusedGrantsError) Unwrap() error { return e.Err }

func isRefused(err error) bool {
	var refused *RefusedGrantsError
	return errors.As(err, &refused)
}

// bothRefused is the error of two parts of a change: what was refused in both, or
// else the error that ended the second.
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

// inParts sends grants in one request. Those that are done already, if what a list
// shows is what is there, go alone: the service may refuse what changes nothing, and
// that is no error.
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

// inHalves sends grants in one request. Where the service refuses it because of one
// of them, which it does not name, each half is sent: in the end that one fails
// alone.
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

// byRank parts grants: what makes an owner, then billing-admin, then the others.
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

// refusedInvitation names the grants because of which the service may have refused
// an invitation: those on resources.
func refusedInvitation(err error, promised []cloud.Grant) error {
	onResources := slices.DeleteFunc(slices.Clone(promised), func(g cloud.Grant) bool { return g.Kind() == "" })
	if len(onResources) == 0 || !cloud.HasCode(err, cloud.CodeUnauthorizedRoles) {
		return err
	}
	return &RefusedGrantsError{Grants: onResources, Invitation: true, Err: err}
}
