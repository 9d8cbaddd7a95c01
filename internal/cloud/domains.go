// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"net/http"
)

const domainsRoute = "/organizations/{organization_id}/domains"

// ChallengeRecordName returns the name of the TXT record that proves the ownership of a
// domain.
func ChallengeRecordName(domain string) string {
	return "_elastic_domain_challenge." + domain
}

type domainRequest struct {
	Domain string `json:"domain_claim_request"`
}

// ListDomains lists the claimed domains (GET /organizations/{organization_id}/domains).
// Compare them without regard to case. A missing list counts as empty, because the
// service may omit it if nothing is claimed.
//
//api:operation listDomains
func (c *Client) ListDomains(ctx context.Context, organizationID string) ([]string, error) {
	domains, _, err := listAll[string](ctx, c, domainsRoute, "domains", organizationID)
	if err != nil {
		return nil, err
	}
	return domains, nil
}

// GenerateDomainVerificationCode requests the code to publish in the TXT record (POST
// /organizations/{organization_id}/domains/_generate_verification_code). An earlier
// code of the domain may become invalid.
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

// VerifyDomainClaim claims a domain whose code is published (POST
// /organizations/{organization_id}/domains/_verify). While the service does not see the
// record, the error is ErrChallengePending.
//
//api:operation verifyDomainClaim
func (c *Client) VerifyDomainClaim(ctx context.Context, organizationID, domain string) error {
	return c.do(ctx, request{
		method: http.MethodPost,
		route:  domainsRoute + "/_verify",
		args:   [][]string{{organizationID}},
		once:   true, // in a second attempt, a domain that was just claimed looks like somebody else's
		in:     domainRequest{domain},
	})
}

// DeleteDomainClaim releases the claim of a domain (DELETE
// /organizations/{organization_id}/domains). If the domain is not claimed, the error is
// ErrNotFound.
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
