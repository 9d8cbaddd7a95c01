// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// keyWarning is how long before its expiry an API key causes a warning.
const keyWarning = 14 * 24 * time.Hour

// run is one configured run of the provider: a plan, or an apply. All
// resources share it.
type run struct {
	id           string // unique to this run
	began        time.Time
	organization *organization.Organization
	ledger       ledger
	traffic      *traffic
	successors   successors
	// unknown are the names of provider settings that are known only after apply. If there
	// are any, this is a plan that looks nothing up.
	unknown []string

	verifyWait time.Duration
	dnsServers []string

	// readdressed is set if Elastic Cloud changed its addresses together with an IdP of this
	// run. Nobody can sign in until the application at the IdP has the new addresses.
	readdressed atomic.Bool

	toldOfKey, toldOfView, toldOfRequired sync.Once
	told                                  told
	// planCommand is set if the CLI runs its plan command. refreshed is set once a state was
	// read, which a plan does first and an apply never does.
	planCommand  bool
	destroys     bool // the CLI destroys everything, which it plans as a configuration first
	appliesSaved bool // the CLI certainly applies a saved plan
	refreshed    atomic.Bool
	// enforcementLost is set if a refresh found that an enforcement has ended. terraform
	// destroy first plans its creation, and no error may stop that.
	enforcementLost atomic.Bool
}

// mayApply reports whether the run may be an apply, which plans each change again. It is
// false for a plan. A plan with -refresh=false is an exception if it is part of terraform
// apply, or if commandLine does not know the command.
func (r *run) mayApply() bool { return !r.planCommand && !r.refreshed.Load() && r.looksUp() }

// looksUp reports whether the run can call Elastic Cloud.
func (r *run) looksUp() bool { return len(r.unknown) == 0 }

// check adds the warnings that concern the whole run, once in a run: an API key that
// expires soon, a partial view of the organization, and required owners who are not owners.
// It makes no request.
func (r *run) check(ctx context.Context, diags *diag.Diagnostics) {
	if !r.looksUp() {
		return
	}
	if expires := r.organization.KeyExpires(); !expires.IsZero() && time.Until(expires) <= keyWarning {
		r.toldOfKey.Do(func() {
			diags.AddWarning(warning.KeyExpires.With(expires.UTC().Format(time.DateOnly)), warning.KeyExpiresDetail.With(timestamp(expires)))
		})
	}
	if r.organization.People.Partial() {
		r.toldOfView.Do(func() { diags.AddWarning(warning.PartialView.With(), warning.PartialViewDetail) })
		return
	}
	if len(r.organization.Limits().Required) > 0 && r.organization.People.Listed() && !r.mayApply() {
		r.toldOfRequired.Do(func() { r.checkRequired(ctx, diags) })
	}
}

// checkRequired warns of required owners who are not owners.
func (r *run) checkRequired(ctx context.Context, diags *diag.Diagnostics) {
	owners, err := r.organization.People.Owners(ctx)
	if err != nil {
		return // cannot happen: the people are listed
	}
	missing := slices.DeleteFunc(slices.Sorted(slices.Values(r.organization.Limits().Required)), func(email string) bool {
		return slices.ContainsFunc(owners, func(owner cloud.Member) bool { return cloud.Fold(owner.Email) == cloud.Fold(email) })
	})
	if len(missing) > 0 {
		diags.AddWarning(warning.RequiredOwners.With(len(missing)), warning.RequiredOwnersThere.With(some(missing)))
	}
}

// successors are the IDs of resources that the run has created, by type. An ID is removed
// once the run has destroyed an older object for it.
type successors struct {
	mu  sync.Mutex
	ids map[string][]string
}

func (s *successors) add(typeName, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ids == nil {
		s.ids = map[string][]string{}
	}
	s.ids[typeName] = append(s.ids[typeName], id)
}

// take reports whether a resource of a type was created whose ID satisfies such, and
// removes that ID.
func (s *successors) take(typeName string, such func(id string) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.ids[typeName], such)
	if at < 0 {
		return false
	}
	s.ids[typeName] = slices.Delete(s.ids[typeName], at, at+1)
	return true
}

// baseResource is what all resources share.
type baseResource struct {
	run      *run
	typeName string
	moves    bool // an update may make it manage another object, with another identity
	adopts   bool // a creation adopts an existing object, even if it differs
	inert    bool // destroying it changes nothing in Elastic Cloud
}

// shared returns what a resource has in common with all others.
func (b *baseResource) shared() *baseResource { return b }

// Metadata implements resource.Resource.
func (b *baseResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = b.typeName
	resp.ResourceBehavior.MutableIdentity = b.moves
}

// Configure implements resource.ResourceWithConfigure.
func (b *baseResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// runOf returns the run that the provider's Configure passed on. It is nil in a validation,
// which does not configure the provider.
func runOf(providerData any, diags *diag.Diagnostics) *run {
	if providerData == nil {
		return nil
	}
	r, ok := providerData.(*run)
	if !ok {
		diags.AddError("Could not configure the resource", fmt.Sprintf("Unexpected provider data %T. This is a bug in the provider: please report it.", providerData))
	}
	return r
}

// organizationID returns the ID of the organization that the provider is configured for.
func (b *baseResource) organizationID(ctx context.Context, diags *diag.Diagnostics) string {
	id, err := b.run.organization.ID(ctx)
	if err != nil {
		addError(diags, "Could not find the organization", err)
	}
	return id
}

// lookUp returns a person, and the ID of the organization. It is false after an error,
// which it adds.
func (b *baseResource) lookUp(ctx context.Context, email string, diags *diag.Diagnostics) (organization.Person, string, bool) {
	person, err := b.run.organization.People.Find(ctx, email)
	if err != nil {
		addError(diags, "Could not look up "+email, err)
		return person, "", false
	}
	organizationID := b.organizationID(ctx, diags)
	return person, organizationID, organizationID != ""
}

// everybody returns the organization's people, and the sorted lower-case addresses of the
// people who can be managed. It warns of people without a valid address.
func (b *baseResource) everybody(ctx context.Context, diags *diag.Diagnostics) (people map[string]organization.Person, emails []string, organizationID string) {
	people, err := b.run.organization.People.All(ctx)
	if err != nil {
		addError(diags, "Could not list the people of the organization", err)
		return nil, nil, ""
	}
	var others int
	for _, email := range slices.Sorted(maps.Keys(people)) {
		if !isAddress(email) {
			others++
			continue
		}
		emails = append(emails, email)
	}
	if others > 0 {
		diags.AddWarning(warning.NotListed.With(), warning.NotListedDetail.With(others))
	}
	return people, emails, b.organizationID(ctx, diags)
}

// warnOfNameless warns of people whom a resource for the whole organization cannot manage.
func (b *baseResource) warnOfNameless(ctx context.Context, diags *diag.Diagnostics) {
	people, err := b.run.organization.People.All(ctx)
	if err != nil {
		return // the caller that needs the list adds the error
	}
	nameless := slices.DeleteFunc(slices.Sorted(maps.Keys(people)), isAddress)
	if len(nameless) > 0 {
		diags.AddWarning(warning.NoAddress.With(len(nameless)), warning.NoAddressDetail.With(some(nameless)))
	}
}

// baseDataSource is what all data sources share: the run, and the organization.
type baseDataSource struct {
	baseResource
}

// Metadata implements datasource.DataSource.
func (b *baseDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = b.typeName
}

// Configure implements datasource.DataSourceWithConfigure.
func (b *baseDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// baseAction is what all actions share.
type baseAction struct {
	baseResource
}

// Metadata implements action.Action.
func (a *baseAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = a.typeName
}

// Configure implements action.ActionWithConfigure.
func (a *baseAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// lookNow is lookUp with fresh lists: the run may have changed much since they were read.
func (a *baseAction) lookNow(ctx context.Context, email string, diags *diag.Diagnostics) (organization.Person, string, bool) {
	if _, err := a.run.organization.People.FindAnew(ctx, email); err != nil {
		addError(diags, "Could not look up "+email, err)
		return organization.Person{}, "", false
	}
	return a.lookUp(ctx, email, diags)
}
