// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// Settings is the one view of an organization's claimed domains and role
// mappings that everything in a run shares. Each of the two is listed once, and
// whether there is an IdP is looked up once.
// It is safe for use by many goroutines.
type Settings struct {
	client   *Client
	domains  sharedList[string]
	mappings sharedList[RoleMapping]
	idp      sharedRead
	idpThere atomic.Bool // once idp was read
	locks    locks       // of each Setting, domainWrites and adminWrites
	ensured  ensuredSettings
}

// What else the locks of Settings are for.
const (
	domainWrites = "domains"        // a domain is being changed
	adminWrites  = "admin mappings" // a mapping that gives organization-admin is, or SSO is being enforced
)

func newSettings(c *Client) *Settings {
	s := &Settings{client: c}
	s.domains.read = func(ctx context.Context) (map[string]string, error) {
		domains, err := c.Domains(ctx)
		if err != nil {
			return nil, c.explainOrganization(ctx, err)
		}
		byName := make(map[string]string, len(domains))
		for _, domain := range domains {
			byName[Fold(domain)] = Fold(domain)
		}
		return byName, nil
	}
	s.mappings.read = func(ctx context.Context) (map[string]RoleMapping, error) {
		mappings, err := c.RoleMappings(ctx)
		if err != nil {
			return nil, c.explainOrganization(ctx, err)
		}
		byName := make(map[string]RoleMapping, len(mappings))
		for _, m := range mappings {
			byName[m.Name] = m
		}
		return byName, nil
	}
	return s
}

// Settings is the shared view of the organization's domains and role mappings.
func (c *Client) Settings() *Settings { return c.settings }

// Domains lists the claimed domains in lower case, sorted.
func (s *Settings) Domains(ctx context.Context) ([]string, error) {
	domains, err := s.domains.get(ctx, false)
	return slices.Sorted(maps.Keys(domains)), err
}

// DomainClaimed tells whether the organization has claimed a domain, without
// regard to case.
func (s *Settings) DomainClaimed(ctx context.Context, domain string) (bool, error) {
	_, claimed, err := s.domains.find(ctx, Fold(domain))
	return claimed, err
}

// IdPConfigured tells whether there was a SAML IdP when that was first asked: it
// is for plans, which write nothing.
func (s *Settings) IdPConfigured(ctx context.Context) (bool, error) {
	err := s.idp.do(ctx, time.Time{}, func(ctx context.Context) error {
		_, err := s.client.GetIdP(ctx)
		s.idpThere.Store(err == nil)
		if HasCode(err, CodeIdPNotConfigured) {
			return nil
		}
		return err
	})
	return s.idpThere.Load(), err
}

// VerifyDomain claims a domain where its code is published. One that the
// organization has claimed already is no error. While the record is not visible
// yet, the error is ErrChallengePending; where somebody else has the domain, it
// has CodeDomainExists.
func (s *Settings) VerifyDomain(ctx context.Context, domain string) error {
	lost := false // an answer, which may have said that the domain is claimed now
	err := s.changeDomains(ctx, func() error {
		err := s.client.VerifyDomain(ctx, domain)
		lost = lost || unsure(err)
		return err
	})
	if HasCode(err, CodeDomainExists) && s.claimedByUs(ctx, domain, lost) {
		err = nil
	}
	if err == nil {
		name := Fold(domain)
		s.domains.wrote(name, &name)
	}
	return err
}

// claimedByUs tells whether a domain that is claimed is the organization's, by
// a list that is read anew. Where that may have come about just now, the list
// may lag behind and is given some time.
func (s *Settings) claimedByUs(ctx context.Context, domain string, justNow bool) bool {
	for try := 0; ; try++ {
		domains, err := s.domains.get(ctx, true)
		if _, claimed := domains[Fold(domain)]; err == nil && claimed {
			return true
		}
		if !justNow || try == s.client.config.MaxRetries ||
			s.client.pause(ctx, try) != nil {
			return false
		}
	}
}

// DismissDomain is DeleteDomain, unless this run ensured the claim.
func (s *Settings) DismissDomain(ctx context.Context, domain string) error {
	return s.Dismiss(ctx, DomainSetting(domain), func() error { return s.DeleteDomain(ctx, domain) })
}

// DeleteDomain gives a claimed domain up. One that is not claimed is no error.
func (s *Settings) DeleteDomain(ctx context.Context, domain string) error {
	err := s.changeDomains(ctx, func() error { return s.client.DeleteDomain(ctx, domain) })
	if err == nil || gone(err) {
		s.domains.wrote(Fold(domain), nil)
		return nil
	}
	return err
}

// changeDomains makes a change of the domains while no other one of this run
// is under way, as the service takes one at a time, and again where it met a
// change of somebody else or its answer was lost.
func (s *Settings) changeDomains(ctx context.Context, change func() error) error {
	unlock, err := s.locks.lock(ctx, domainWrites)
	if err != nil {
		return err
	}
	defer unlock()
	for try := 0; ; try++ {
		err := change()
		if !unsure(err) && !HasCode(err, CodeDomainsChanging) || try == s.client.config.MaxRetries {
			return err
		}
		if s.client.pause(ctx, try) != nil {
			return err
		}
	}
}

// RoleMappings lists the role mappings, sorted by name.
func (s *Settings) RoleMappings(ctx context.Context) ([]RoleMapping, error) {
	return s.roleMappings(ctx, false)
}

// CurrentRoleMappings is RoleMappings, read anew from the service.
func (s *Settings) CurrentRoleMappings(ctx context.Context) ([]RoleMapping, error) {
	return s.roleMappings(ctx, true)
}

func (s *Settings) roleMappings(ctx context.Context, anew bool) ([]RoleMapping, error) {
	byName, err := s.mappings.get(ctx, anew)
	var mappings []RoleMapping
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		mappings = append(mappings, byName[name])
	}
	return mappings, err
}

// RoleMapping looks a role mapping up by its name. It is false where there is
// none. One that a deletion renamed and could not delete is found by the name
// that it had.
func (s *Settings) RoleMapping(ctx context.Context, name string) (RoleMapping, bool, error) {
	return s.mappings.find(ctx, name, nameToDelete(name))
}

// KeepRoleMapping looks a role mapping up by its name, and ensures it where it is
// as wanted: see DismissRoleMapping.
func (s *Settings) KeepRoleMapping(ctx context.Context, name string, asWanted func(RoleMapping) bool) (m RoleMapping, found bool, err error) {
	lockErr := s.Ensure(ctx, MappingSetting(name), func() bool {
		m, found, err = s.RoleMapping(ctx, name)
		return found && asWanted(m)
	})
	s.mappings.changed() // its deletion may be waiting for another one
	return m, found, cmp.Or(err, lockErr)
}

// AddRoleMapping adds a role mapping. Where the answer is lost, it finds out
// whether the mapping is there before it adds it again. It may wait; see
// whenAdminMapped.
func (s *Settings) AddRoleMapping(ctx context.Context, m RoleMapping) error {
	_, known, err := s.mappings.find(ctx, m.Name)
	if err != nil {
		return err
	}
	return s.whenAdminMapped(ctx, mappingWrite{name: m.Name, m: &m, send: func() error {
		for try := 0; ; try++ {
			err := s.client.AddRoleMapping(ctx, m)
			if !unsure(err) || known || try == s.client.config.MaxRetries {
				return err
			}
			if s.client.pause(ctx, try) != nil {
				return err
			}
			// Not by the list, which may lag behind: a write decides on what is there.
			if err := s.client.UpdateRoleMapping(ctx, m.Name, m); !gone(err) {
				return err
			}
		}
	}})
}

// UpdateRoleMapping replaces the role mapping of the same name. It may wait;
// see whenAdminMapped.
func (s *Settings) UpdateRoleMapping(ctx context.Context, m RoleMapping) error {
	return s.RenameRoleMapping(ctx, m.Name, m)
}

// RenameRoleMapping is UpdateRoleMapping for one that has another name so far.
func (s *Settings) RenameRoleMapping(ctx context.Context, name string, m RoleMapping) error {
	err := s.whenAdminMapped(ctx, mappingWrite{name: name, m: &m, send: func() error { return s.client.UpdateRoleMapping(ctx, name, m) }})
	if gone(err) || err == nil && name != m.Name {
		s.mappings.wrote(name, nil)
	}
	if err == nil && name != m.Name {
		s.mappings.wrote(m.Name, &m)
	}
	return err
}

// DeleteRoleMapping deletes a role mapping. One that is not there is no error.
// It may wait; see whenAdminMapped.
func (s *Settings) DeleteRoleMapping(ctx context.Context, name string) error {
	return s.whenAdminMapped(ctx, s.deletion(ctx, name))
}

// DismissRoleMapping is DeleteRoleMapping, unless this run ensured the mapping,
// also where that comes while this waits.
func (s *Settings) DismissRoleMapping(ctx context.Context, name string) error {
	w := s.deletion(ctx, name)
	w.stays = func() bool { return s.IsEnsured(MappingSetting(name)) }
	return s.whenAdminMapped(ctx, w)
}

func (s *Settings) deletion(ctx context.Context, name string) mappingWrite {
	return mappingWrite{name: name, send: func() error {
		err := s.deleteByAnyName(ctx, name)
		if gone(err) {
			return nil
		}
		return err
	}}
}

// nameToDelete is the name that a role mapping with a comma in its name is
// deleted by. For others it is the name itself.
func nameToDelete(name string) string {
	if !strings.Contains(name, ",") {
		return name
	}
	return strings.ReplaceAll(name, ",", ";") + " (to be deleted)"
}

// deleteByAnyName deletes a role mapping whose name may have a comma in it: it
// is renamed first, as the service would take the name for several.
func (s *Settings) deleteByAnyName(ctx context.Context, name string) error {
	if !strings.Contains(name, ",") {
		return s.client.DeleteRoleMapping(ctx, name)
	}
	mappings, err := s.mappings.get(ctx, true)
	if err != nil {
		return err
	}
	m, found := mappings[name]
	renamed := m
	renamed.Name = nameToDelete(name)
	_, taken := mappings[renamed.Name]
	if !found && taken { // by an earlier run that could not finish
		return s.client.DeleteRoleMapping(ctx, renamed.Name)
	}
	if !found {
		return nil
	}
	for ; taken; _, taken = mappings[renamed.Name] {
		renamed.Name += " (to be deleted)"
	}
	// Where an answer was lost, the mapping may have its new name already: the
	// deletion finds that out.
	renameErr := s.client.UpdateRoleMapping(ctx, name, renamed)
	if renameErr != nil && !gone(renameErr) && !unsure(renameErr) {
		return renameErr
	}
	err = s.client.DeleteRoleMapping(ctx, renamed.Name)
	switch {
	case err == nil:
		return nil
	case gone(err) && unsure(renameErr):
		return renameErr
	case gone(err):
		return nil
	}
	// Also where the run is stopped, and then at once: as a write it has its own grace.
	longer, cancel := pace.Outlive(ctx, grace/10)
	defer cancel()
	if backErr := s.client.UpdateRoleMapping(longer, renamed.Name, m); backErr != nil && !gone(backErr) {
		return fmt.Errorf("%w\n\nThe role mapping was renamed to %q to delete it, and could not be given its name back: %w", err, renamed.Name, backErr)
	}
	return err
}
