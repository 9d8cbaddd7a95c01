// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// People are the members of the organization and the people who are invited: one view
// that all resources of a run share.
type People struct {
	o       *Organization
	view    *view[*roster]
	batches batches
	between chan struct{} // limits the requests that replace invitations
	taken   taken
	removed removed
	// sawOwner means that a list showed an owner whom this run has not made.
	sawOwner atomic.Bool
}

func newPeople(o *Organization) *People {
	return &People{
		o:       o,
		view:    newView(o.config, newRoster(nil, nil), (*roster).clone, o.listPeople),
		batches: batches{gather: o.config.Gather},
		between: make(chan struct{}, mostAnew),
	}
}

// listPeople lists invitations first and members second (GET
// /organizations/{organization_id}/invitations and /members). A person who accepts an
// invitation in between is in both lists. In the other order the person would be in
// neither, and look removed.
func (o *Organization) listPeople(ctx context.Context) (*roster, error) {
	invitations, err := in(ctx, o, o.client.ListInvitations)
	if err != nil {
		return nil, err
	}
	members, err := in(ctx, o, o.client.ListMembers)
	if err != nil {
		return nil, err
	}
	r := newRoster(members, invitations)
	id := o.knownID()
	for _, owner := range r.owners(id) {
		if !o.kept.hasGiven(memberObject(owner), cloud.RoleOrganizationAdmin) {
			o.People.sawOwner.Store(true)
		}
	}
	return r, nil
}

// Listed reports whether this run has read the list of people.
func (p *People) Listed() bool { return p.view.wasRead() }

// Partial reports whether the lists that this run has read may be incomplete. Every
// organization has an owner, unless the limits allow removing the last one. So a list
// is incomplete if it shows no owner except those whom this run has made.
func (p *People) Partial() bool {
	return p.Listed() && !p.o.config.Limits.MayLoseAllOwners() && !p.sawOwner.Load()
}

// Find looks up an e-mail address. It ignores case. For an unknown person it returns no
// error, and a Person that does not Exist.
func (p *People) Find(ctx context.Context, email string) (Person, error) {
	if err := p.view.list(ctx); err != nil {
		return Person{}, err
	}
	return p.known(email), nil
}

// FindAnew is Find with lists that are read from the service now.
func (p *People) FindAnew(ctx context.Context, email string) (Person, error) {
	if err := p.view.refresh(ctx); err != nil {
		return Person{}, err
	}
	return p.known(email), nil
}

// known returns what the view has of a person, without a request.
func (p *People) known(email string) (person Person) {
	p.view.look(func(r *roster) { person = r.person(email) })
	return person
}

// Member looks up a user ID, and reports whether a member has it.
func (p *People) Member(ctx context.Context, userID string) (m cloud.Member, found bool, err error) {
	if err := p.view.list(ctx); err != nil {
		return cloud.Member{}, false, err
	}
	p.view.look(func(r *roster) {
		if member := r.member(userID); member != nil {
			m, found = *member, true
		}
	})
	return m, found, nil
}

// All returns all people, by lower-case e-mail address. The key of a member without an
// address is the user ID. The map is shared and must not be changed. It does not show
// later writes.
func (p *People) All(ctx context.Context) (all map[string]Person, err error) {
	if err := p.view.list(ctx); err != nil {
		return nil, err
	}
	p.view.look(func(r *roster) { all = r.lend() })
	return all, nil
}

// give notes what this run gives to a person. It does so before the person is locked,
// because the holder of the lock may be waiting for exactly this.
func (p *People) give(email string, all bool, grants ...cloud.Grant) {
	p.o.kept.keepGrants(email, all, grants...)
	if cloud.MakeOwner(grants) { // only owners are waited for
		p.view.wake()
	}
}

// staleTries is how often a change starts again because the lists were out of date
// about the person.
const staleTries = 5

// sent is what a change of a person requested from the service.
type sent struct {
	// what is in words; it is empty if the change requested nothing.
	what string
	// done reports whether the service lists what was requested.
	done func(listed *roster) bool
	// lost reports whether the service lists a part of it, but lacks something that was
	// sent before that part. It may be nil.
	lost func(listed *roster) bool
}

// withPerson locks a person and runs change. It runs change again if the lists were out
// of date. It returns when the service lists what was sent. If the service does not
// list it, withPerson calls change once more with what is listed; change must not
// invite the person again then.
func (p *People) withPerson(ctx context.Context, email string, change func(who Person, organizationID string, again bool) (sent, error)) error {
	unlock, err := p.o.locks.lock(ctx, PersonObject(email))
	if err != nil {
		return err
	}
	defer unlock()
	organizationID, err := p.o.ID(ctx)
	if err != nil {
		return err
	}
	var latest sent // what was sent last
	return p.view.confirmed(ctx, write[*roster]{
		send: func(ctx context.Context, again bool) (what string, err error) {
			err = p.untilCurrent(ctx, PersonObject(email), func() error {
				who, err := p.Find(ctx, email)
				if err != nil {
					return err
				}
				s, err := change(who, organizationID, again)
				switch what = s.what; {
				case again && s.done == nil: // nothing was sent
				case err != nil && !cloud.Unsure(err):
					latest = sent{}
				default:
					latest = s
				}
				return err
			})
			return what, err
		},
		shown: func(listed *roster) (bool, string) {
			return latest.done != nil && latest.done(listed), listed.person(email).inWords(organizationID)
		},
		of:   PersonObject(email),
		lost: func(listed *roster) bool { return latest.lost != nil && latest.lost(listed) },
	})
}

// untilCurrent runs change. If the service answers that the lists were out of date
// about the person, it reads the lists and runs change again.
func (p *People) untilCurrent(ctx context.Context, person Object, change func() error) error {
	for try := 0; ; try++ {
		err := change()
		stale := errors.Is(err, errFound) || cloud.HasCode(err, cloud.CodeInvitationExists, cloud.CodeAlreadyMember, cloud.CodeInvitationNotFound, cloud.CodeInvalidTargetUser)
		if cloud.HasCode(err, cloud.CodeInvitationExists) {
			p.view.forget(person) // an invitation that the view carries as revoked may still exist
		}
		if stale && try == staleTries {
			return errors.Join(err, p.view.refresh(ctx))
		}
		if !stale {
			return err
		}
		// The lists may lag behind the answer of the service. At first, a list that
		// somebody else requested in the meantime is good enough.
		since := time.Now()
		if sleepErr := p.o.client.Pause(ctx, try); sleepErr != nil {
			return err
		}
		if try > 0 {
			since = time.Now()
		}
		if listErr := p.view.since(ctx, since); listErr != nil {
			return errors.Join(err, listErr)
		}
	}
}
