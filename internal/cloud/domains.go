// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"net/http"
)

const domainsRoute = "/organizations/{organization_id}/domains"

// ChallengeRecordName is the name of the TXT record that proves who owns a
// domain.
func ChallengeRecordName(domain string) string {
	return "_elastic_domain_challenge." + domain
}

type domainRequest struct {
	Domain string `json:"domain_claim_request"`
}

// ListDomains lists the domains that are claimed
// (GET /organizations/{organization_id}/domains). They compare without regard
// to case. A list that is missing is empty: the service may leave it out where
// nothing is claimed.
//
//api:operation listDomains
func (c *Client) ListDomains(ctx context.Context, organizationID string) ([]string, error) {
	domains, _, err := listAll[string](ctx, c, domainsRoute, "domains", organizationID)
	if err != nil {
		return nil, err
	}
	return domains, nil
}

// GenerateDomainVerificationCode asks for the code to publish in the TXT record
// (POST /organizations/{organization_id}/domains/_generate_verification_code).
// An earlier code of the domain may be worthless then.
//
//api:operation generateDomainVerificationCode
func (c *Client) GenerateDomainVerificationCode(ctx context.Context, organizationID, domain string) (string, error) {
	var reply struct {
		Verification string `json:"verification"`
	}
	r := request{method: http.MethodPost, route: domainsRoute + "/_generate_verification_code", args: [][]string{{organizationID}}, in: domainRequest{domain}, out: &reply}
	if err := c.do(ctx, r); err != nil {
		return "", err
	}
	if reply.Verification == "" {
		return "", r.unpromised("it has no code")
	}
	return reply.Verification, nil
}

// VerifyDomainClaim claims a domain where its code is published
// (POST /organizations/{organization_id}/domains/_verify). While the record is
// not visible yet, the error is ErrChallengePending.
//
//api:operation verifyDomainClaim
func (c *Client) VerifyDomainClaim(ctx context.Context, organizationID, domain string) error {
	return c.do(ctx, request{
		method: http.MethodPost,
		route:  domainsRoute + "/_verify",
		args:   [][]string{{organizationID}},
		once:   true, // the second time, a domain claimed just now looks like somebody else's
		in:     domainRequest{domain},
	})
}

// DeleteDomainClaim gives a claimed domain up
// (DELETE /organizations/{organization_id}/domains). One that is not claimed
// fails with ErrNotFound.
//
//api:operation deleteDomainClaim
func (c *Client) DeleteDomainClaim(ctx context.Context, organizationID, domain string) error {
	return c.do(ctx, request{
		method: http.MethodDelete,
		route:  domainsRoute,
		args:   [][]string{{organizationID}},
		in:     domainRequest{domain},
	})
}
