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

// People are the members of the organization, and those who are invited to it:
// one view that everything in a run shares.
type People struct {
	o       *Organization
	view    *view[*roster]
	batches batches
	between chan struct{} // requests for new invitations that take the place of others
	taken   taken
	removed removed
	// sawOwner tells that a list showed an owner whom this run has not made.
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

// listPeople lists invitations and members: one after the other, and in this
// order. Somebody who accepts in between is in both lists; the other way round
// they would be in none, and look gone.
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

// Listed tells that the people were listed in this run.
func (p *People) Listed() bool { return p.view.wasRead() }

// Partial tells, by the lists that this run has read, that they may not have everybody:
// there is an owner in every organization, unless the limits let the last one go, and none
// was listed but those whom this run made.
func (p *People) Partial() bool {
	return p.Listed() && !p.o.config.Limits.MayLoseAllOwners() && !p.sawOwner.Load()
}

// Find looks an e-mail address up, without regard to case. Somebody unknown is no
// error: the answer then does not Exist.
func (p *People) Find(ctx context.Context, email string) (Person, error) {
	if err := p.view.list(ctx); err != nil {
		return Person{}, err
	}
	return p.known(email), nil
}

// FindAnew is Find, read anew from the service.
func (p *People) FindAnew(ctx context.Context, email string) (Person, error) {
	if err := p.view.refresh(ctx); err != nil {
		return Person{}, err
	}
	return p.known(email), nil
}

// known is what the view holds of a person, without a request.
func (p *People) known(email string) (person Person) {
	p.view.look(func(r *roster) { person = r.person(email) })
	return person
}

// Member looks a user ID up. It is false where no member has it.
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

// All returns everybody, by lower-case e-mail address; a member without one by
// user ID. The map is shared and must not be changed. It shows this moment: what is
// written later is not in it.
func (p *People) All(ctx context.Context) (all map[string]Person, err error) {
	if err := p.view.list(ctx); err != nil {
		return nil, err
	}
	p.view.look(func(r *roster) { all = r.lend() })
	return all, nil
}

// give notes what this run gives somebody. It is noted before the person is
// locked: who holds the lock may be waiting for just that.
func (p *People) give(email string, all bool, grants ...cloud.Grant) {
	p.o.kept.keepGrants(email, all, grants...)
	if cloud.MakeOwner(grants) { // nothing else is waited for
		p.view.wake()
	}
}

// staleTries bounds how often a change starts over because the person turned
// out to stand elsewhere than the lists said.
const staleTries = 5

// sent is what a change of a person asked the service for.
type sent struct {
	// what is in words; it is empty where there was nothing to ask for.
	what string
	// done tells that the service lists what was asked for.
	done func(listed *roster) bool
	// lost tells that the service lists a part of it, and not what came before that
	// part. It may be nil.
	lost func(listed *roster) bool
}

// withPerson runs change on one person whom nobody else changes meanwhile, and
// again where the lists turn out to be out of date. It returns when the service
// lists what was sent. Where it does not, change is called once more, on what is
// listed: it must not invite anybody again.
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

// untilCurrent runs change, and again with fresh lists while the service
// answers that the person stands elsewhere than the lists said.
func (p *People) untilCurrent(ctx context.Context, person Object, change func() error) error {
	for try := 0; ; try++ {
		err := change()
		stale := errors.Is(err, errFound) || cloud.HasCode(err, cloud.CodeInvitationExists, cloud.CodeAlreadyMember, cloud.CodeInvitationNotFound, cloud.CodeInvalidTargetUser)
		if cloud.HasCode(err, cloud.CodeInvitationExists) {
			p.view.forget(person) // what it revoked may be there still
		}
		if stale && try == staleTries {
			return errors.Join(err, p.view.refresh(ctx))
		}
		if !stale {
			return err
		}
		// The lists may lag behind what the service just answered by. At first it
		// is good enough what somebody else asked for meanwhile.
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
