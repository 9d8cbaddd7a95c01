// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package organization is what one run knows of one organization, and everything
// that the run does to it. It is the provider's only way to the service.
//
// Reading (view.go, shared_read.go). There are five views: People (members and
// invitations), Domains, RoleMappings, the IdP, and the organization itself for the
// enforcement. Each list is read once in a run, however many ask. Who needs it anew
// shares one read with all who ask while another read is under way; so a hundred
// who refresh at once make two reads. The IdP and the organization itself are read
// each time.
//
// Confirming (confirm.go). A write is done when a list shows it that was asked for
// afterwards. All writes that are under way together share that list. What it does
// not show is looked at again for 30 seconds, then sent once more if that is safe,
// which it never is for an invitation, and is a NotShownError at last.
//
// The journal (view.go). A view carries the writes of its run forward for 30
// seconds, as the service's lists may lag behind. What is carried forward is good
// enough for a plan. For a guard somebody is an owner, or a mapping makes owners,
// where that is listed and not carried forward alone: another run may have undone
// it.
//
// Keeping (kept.go). What a run brings about, changes, or finds as it is wanted,
// it keeps: an Object is a person, a grant, a domain, a role mapping, the IdP, the
// service provider or the enforcement. Dismiss ends an object, unless the run keeps it: a resource
// may be created before the one that it replaces is destroyed.
//
// Writing (ensure.go, dismiss.go, writes.go, batch.go). A change of a person adds
// first and removes second, and names only what changes. Writes of many goroutines
// gather for 30 ms into requests of up to 100. A write whose answer is lost is done
// where the next list shows it, and an invitation never goes out twice. What this key
// may not touch is refused alone (refused_grants.go): the rest of a change is done, and
// the highest roles are revoked first. No application roles and an empty list of them
// may be shown alike: Wanted.Known tells which is held.
//
// Guards (limits.go, owners.go, owners_mapping.go, enforcement.go, idp.go). Nobody
// takes the last owner away, or what else the limits of the run keep; or, while SSO is
// enforced, the IdP or the last enabled role mapping that makes owners, nor disables
// that IdP; and nobody enforces SSO without these. A guard reads the service right
// before each try of the write, under a lock of its own, or within a second where there
// is nothing to guard. After it took an owner away, it waits until the lists show that,
// and takes it back where too few are left.
//
// Waiting (view.go). What is not allowed yet waits for another resource of the
// run, up to 15 seconds, and longer while lists lag: view.patiently is the only such
// loop. It looks once more at the end, since another run may have done it.
//
// The placeholder (service_provider.go). The service tells what an IdP has to know of it
// only while an IdP is configured. Register configures a disabled one where there is
// none. Everything else takes that for no IdP, and Put takes its place. It goes with the
// last domain.
//
// The order of locks (locks.go). First the lock of one Object, or of both names
// of a mapping that is renamed, in the order of the alphabet, or that of the last domain
// and then of the IdP; then ownersLock or
// ownersMappingLock; then changesLock, around each change of domains and role
// mappings, since the service takes one at a time (alone.go). The mutexes of views,
// batches and of what is kept are held for no call and no wait.
//
// Giving up. A caller whose context ends stops waiting at once, and after four
// seconds where a batch is under way with its write: then nobody knows what
// became of it. What the service has accepted counts as done then. A read or a batch that others wait for goes on; it ends with its
// last caller, a write after a second's grace. A new invitation that follows a
// revocation is sent all the same.
package organization
