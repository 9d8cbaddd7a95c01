// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Domains are the domains that the organization has claimed: one view that all
// resources of a run share.
type Domains struct {
	o    *Organization
	view *view[map[string]bool] // by name in lower case
}

func newDomains(o *Organization) *Domains {
	return &Domains{o: o, view: newView(o.config, nil, maps.Clone, func(ctx context.Context) (map[string]bool, error) {
		domains, err := in(ctx, o, o.client.ListDomains)
		claimed := make(map[string]bool, len(domains))
		for _, domain := range domains {
			claimed[cloud.Fold(domain)] = true
		}
		return claimed, err
	})}
}

// List returns the claimed domains in lower case, sorted (GET
// /organizations/{organization_id}/domains).
func (d *Domains) List(ctx context.Context) (domains []string, err error) {
	if err := d.view.list(ctx); err != nil {
		return nil, err
	}
	d.view.look(func(claimed map[string]bool) { domains = slices.Sorted(maps.Keys(claimed)) })
	return domains, nil
}

// Claimed reports whether the organization has claimed a domain. It ignores case.
func (d *Domains) Claimed(ctx context.Context, domain string) (bool, error) {
	if err := d.view.list(ctx); err != nil {
		return false, err
	}
	return d.known(domain), nil
}

func (d *Domains) known(domain string) (claimed bool) {
	d.view.look(func(names map[string]bool) { claimed = names[cloud.Fold(domain)] })
	return claimed
}

// GenerateCode asks the service for a new verification code, which is published in the
// domain's TXT record. An earlier code may become invalid.
func (d *Domains) GenerateCode(ctx context.Context, domain string) (string, error) {
	return in(ctx, d.o, func(ctx context.Context, id string) (string, error) {
		return d.o.client.GenerateDomainVerificationCode(ctx, id, domain)
	})
}

// Verify claims a domain whose code is published. It returns nil if the organization
// has claimed the domain already. The error is cloud.ErrChallengePending while the
// service does not see the record, and has cloud.CodeDomainExists if another
// organization has claimed the domain.
func (d *Domains) Verify(ctx context.Context, domain string) error {
	return d.write(ctx, domain, true, func(ctx context.Context) error {
		lost := false // an answer, which may have said that the domain is claimed now
		err := d.o.alone(ctx, func(ctx context.Context, id string) (again bool, err error) {
			err = d.o.client.VerifyDomainClaim(ctx, id, domain)
			lost = lost || cloud.Unsure(err)
			return cloud.Unsure(err), err // the client does not repeat this call
		})
		if cloud.HasCode(err, cloud.CodeDomainExists) && d.claimedByUs(ctx, domain, lost) {
			return nil
		}
		return err
	})
}

// write claims a domain, or releases the claim.
func (d *Domains) write(ctx context.Context, domain string, claims bool, send func(context.Context) error) error {
	what := map[bool]string{true: "claim %s", false: "release the claim of %s"}[claims]
	shown := map[bool]string{true: "%s is claimed", false: "%s is not claimed"}
	return d.view.confirmed(ctx, write[map[string]bool]{
		send: func(ctx context.Context, again bool) (string, error) {
			err := send(ctx)
			if again && cloud.HasCode(err, cloud.CodeDomainExists) {
				return "", errNotAgain // the claim of the first attempt may be the reason
			}
			if err == nil {
				d.view.wrote(DomainObject(domain), func(claimed map[string]bool) {
					if claims {
						claimed[cloud.Fold(domain)] = true
					} else {
						delete(claimed, cloud.Fold(domain))
					}
				})
			}
			return fmt.Sprintf(what, domain), err
		},
		shown: func(listed map[string]bool) (bool, string) {
			claimed := listed[cloud.Fold(domain)]
			return claimed == claims, fmt.Sprintf(shown[claimed], domain)
		},
	})
}

// claimedByUs reads the list again, and reports whether this organization has claimed
// the domain. If the claim may have been made just now, the list may lag behind, so it
// is read for a while.
func (d *Domains) claimedByUs(ctx context.Context, domain string, justNow bool) bool {
	for try := 0; ; try++ {
		if d.view.refresh(ctx) == nil && d.known(domain) {
			return true
		}
		if !justNow || try == d.o.client.MaxRetries() || d.o.client.Pause(ctx, try) != nil {
			return false
		}
	}
}

// Dismiss releases the claim of a domain, unless this run keeps it. It returns nil if
// the domain is not claimed. With the last domain it deletes the placeholder IdP,
// because a failed registration can leave a placeholder that is in no state.
func (d *Domains) Dismiss(ctx context.Context, domain string) error {
	giveUp := func(ctx context.Context) error {
		err := d.o.alone(ctx, func(ctx context.Context, id string) (again bool, err error) {
			return false, d.o.client.DeleteDomainClaim(ctx, id, domain) // the client has repeated the call
		})
		if cloud.Gone(err) {
			return nil
		}
		return err
	}
	return d.o.Dismiss(ctx, DomainObject(domain), func() error {
		return d.write(ctx, domain, false, func(ctx context.Context) error {
			err := giveUp(ctx)
			if cloud.HasCode(err, cloud.CodeIdPConfigured) && d.isLast(ctx, domain) && d.o.IdP.Unregister(ctx) == nil {
				return giveUp(ctx)
			}
			return err
		})
	})
}

// isLast reads the list again, and reports whether no other domain is claimed.
func (d *Domains) isLast(ctx context.Context, domain string) bool {
	if d.view.refresh(ctx) != nil {
		return false
	}
	domains, err := d.List(ctx)
	return err == nil && slices.Equal(domains, []string{cloud.Fold(domain)})
}
