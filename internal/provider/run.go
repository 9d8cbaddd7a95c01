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

// keyWarning is how long before its end an API key is worth a warning.
const keyWarning = 14 * 24 * time.Hour

// run is one configured run of the provider: a plan, or an apply. All
// resources share it.
type run struct {
	id           string // of its own, which no other run has
	began        time.Time
	organization *organization.Organization
	ledger       ledger
	traffic      *traffic
	successors   successors
	// unknown are the settings of the provider that only apply knows, by their names:
	// then this is a plan that looks nothing up.
	unknown []string

	verifyWait time.Duration
	dnsServers []string

	// readdressed tells that Elastic Cloud changed its addresses with an IdP of this run, so
	// that nobody can sign in before the application at the IdP has them.
	readdressed atomic.Bool

	toldOfKey, toldOfView, toldOfRequired sync.Once
	told                                  told
	// planCommand tells that the CLI runs its plan command, and refreshed that a
	// state was read, which a plan does first and an apply never.
	planCommand  bool
	destroys     bool // the CLI destroys everything, which it plans as a configuration first
	appliesSaved bool // the CLI surely applies a plan that it has saved before
	refreshed    atomic.Bool
	// enforcementLost tells that a refresh found an enforcement ended. terraform destroy
	// plans it anew first, which no error may stop.
	enforcementLost atomic.Bool
}

// mayApply reports whether the run may be an apply, which plans again what it
// changes. It is false for a plan, but for one with -refresh=false that is part
// of terraform apply, or runs where commandLine does not know.
func (r *run) mayApply() bool { return !r.planCommand && !r.refreshed.Load() && r.looksUp() }

// looksUp reports whether the service can be asked.
func (r *run) looksUp() bool { return len(r.unknown) == 0 }

// check warns, once in a run, of what everything in it suffers from: an API key that is
// about to end, a view of the organization that is not whole, and required owners who are
// none. It makes no request.
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

// checkRequired warns of required owners who are none.
func (r *run) checkRequired(ctx context.Context, diags *diag.Diagnostics) {
	owners, err := r.organization.People.Owners(ctx)
	if err != nil {
		return // the list is there
	}
	missing := slices.DeleteFunc(slices.Sorted(slices.Values(r.organization.Limits().Required)), func(email string) bool {
		return slices.ContainsFunc(owners, func(owner cloud.Member) bool { return cloud.Fold(owner.Email) == cloud.Fold(email) })
	})
	if len(missing) > 0 {
		diags.AddWarning(warning.RequiredOwners.With(len(missing)), warning.RequiredOwnersThere.With(some(missing)))
	}
}

// successors are the IDs of what the run has created, by the type of the resource, and not
// destroyed an older object for yet.
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

// take reports whether something of a type was made with such an ID, which then counts no
// more.
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
	moves    bool // an update may make it the resource of another object, with another identity
	adopts   bool // a creation takes over what is there, however it differs
	inert    bool // to destroy it changes nothing on the service
}

// shared is what a resource has in common with all others.
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

// runOf is what the provider's Configure handed on; nil where validation runs
// unconfigured.
func runOf(providerData any, diags *diag.Diagnostics) *run {
	if providerData == nil {
		return nil
	}
	r, ok := providerData.(*run)
	if !ok {
		diags.AddError("The provider is not set up", fmt.Sprintf("Unexpected provider data %T. This is a bug in the provider: please report it.", providerData))
	}
	return r
}

// organizationID is the organization that the provider is configured for.
func (b *baseResource) organizationID(ctx context.Context, diags *diag.Diagnostics) string {
	id, err := b.run.organization.ID(ctx)
	if err != nil {
		addError(diags, "Could not find the organization", err)
	}
	return id
}

// lookUp finds a person, and the organization's ID. It is false where that
// failed, and says so.
func (b *baseResource) lookUp(ctx context.Context, email string, diags *diag.Diagnostics) (organization.Person, string, bool) {
	person, err := b.run.organization.People.Find(ctx, email)
	if err != nil {
		addError(diags, "Could not look "+email+" up", err)
		return person, "", false
	}
	organizationID := b.organizationID(ctx, diags)
	return person, organizationID, organizationID != ""
}

// everybody is the organization's people, and the addresses in lower case,
// sorted, by which they can be managed. It warns of those who have none such.
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

// warnOfNameless says whom a resource for everybody cannot manage.
func (b *baseResource) warnOfNameless(ctx context.Context, diags *diag.Diagnostics) {
	people, err := b.run.organization.People.All(ctx)
	if err != nil {
		return // whoever needs the list says so
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

// lookNow is lookUp by what the service says at this moment: much may have
// happened in the run since the lists were read.
func (a *baseAction) lookNow(ctx context.Context, email string, diags *diag.Diagnostics) (organization.Person, string, bool) {
	if _, err := a.run.organization.People.FindAnew(ctx, email); err != nil {
		addError(diags, "Could not look "+email+" up", err)
		return organization.Person{}, "", false
	}
	return a.lookUp(ctx, email, diags)
}
