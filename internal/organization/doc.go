// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package organization has everything that one run knows of one organization, and
// everything that it does to it. The provider accesses the service only through this
// package.
//
// Reading (view.go, shared_read.go). There are five views: People (members and
// invitations), Domains, RoleMappings, the IdP, and the organization itself for the
// enforcement. A run reads each list once, for all callers. A caller who needs a new
// list shares it with all callers who ask while another read is under way, so a hundred
// refreshes at once make two reads. The IdP and the organization itself are read each
// time.
//
// Confirming (confirm.go). A write is done when a list shows it that was requested
// afterwards. All writes that are under way together share that list. If the list does
// not show a write, it is read again for 30 seconds. Then the write is sent once more
// if that is safe, and finally fails with a NotShownError. An invitation is never sent
// twice.
//
// The journal (view.go). The service's lists may lag behind, so a view carries the
// writes of its run forward for 30 seconds. That is good enough for a plan. A guard
// does not trust it, because another run may have undone the write: for a guard, an
// owner or an owners' mapping must be listed by the service.
//
// Keeping (kept.go). A run keeps what it creates, changes, or finds as wanted. An
// Object is a person, a grant, a domain, a role mapping, the IdP, the service provider
// or the enforcement. Dismiss ends an object, unless the run keeps it: Terraform may
// create a resource before it destroys the one that is replaced.
//
// Writing (ensure.go, dismiss.go, writes.go, batch.go). A change of a person adds first
// and removes second, and names only what changes. The writes of many goroutines are
// gathered for 30 ms into requests of up to 100. If the answer to a write is lost, the
// next list decides whether it is done. Grants that this key may not change are refused
// one by one (refused_grants.go): the rest of a change is done, and the highest roles
// are revoked first. A reply may show an empty list of application roles like a missing
// one: Wanted.Known says which one is held.
//
// Guards (limits.go, owners.go, owners_mapping.go, enforcement.go, idp.go). They
// refuse:
//
//   - to remove or demote the last owner, or people whom the limits of the run protect
//   - while SSO is enforced, to delete or disable the IdP, or to remove the last
//     enabled mapping that makes owners
//   - to enforce SSO without an enabled IdP and such a mapping
//
// A guard reads the service right before each attempt of the write, under a lock. If
// there is nothing to guard, a list that is at most a second old is enough. After a
// guard has let a run demote an owner, it waits until the lists show that. If too few
// owners are left then, it undoes the change.
//
// Waiting (view.go). A change that is not allowed yet waits for another resource of the
// run, for up to 15 seconds, and longer while lists lag behind. view.patiently is the
// only such loop. At the end it reads the service once more, because another run may
// have made the change possible.
//
// The placeholder (service_provider.go). The service shows its service provider data
// only while an IdP is configured. If there is none, Register configures a disabled
// one. Everything else treats this placeholder as no IdP, and Put replaces it. It is
// deleted with the last domain.
//
// The order of locks (locks.go):
//
//   - the lock of one Object. For a renamed mapping, the locks of both names in
//     alphabetical order. For the last domain, its lock and then that of the IdP.
//   - ownersLock or ownersMappingLock
//   - changesLock, around each change of domains and role mappings, because the service
//     accepts one at a time (alone.go)
//
// No call and no wait happens under the mutexes of views, batches and kept.
//
// Giving up. A caller whose context ends stops waiting at once. If a batch with its
// write is under way, it waits up to four seconds more; after that the result is
// unknown. A write that the service has accepted counts as done. A read or a batch for
// which others wait continues. It ends with its last caller, a write after a second's
// grace. After a revocation, the new invitation that follows is sent in any case.
package organization
