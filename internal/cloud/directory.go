// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// lagWindow is how long after a write a list is not trusted to show it.
const lagWindow = 30 * time.Second

// Directory is the one view of an organization's people that everything in a
// run shares: members and invitations are each listed once, however many ask,
// and the run's own writes are carried forward in it. It is safe for use by
// many goroutines.
type Directory struct {
	client  *Client
	lists   sharedRead
	batches batches
	between chan struct{} // requests for new invitations that take the place of others
	locks   locks         // of people, by lower-case e-mail, and of the owners

	mu       sync.Mutex
	people   map[string]Person // by lower-case e-mail; nil until listed
	lent     bool              // somebody may be reading people
	emails   map[string]string // key in people by user ID
	listed   []Member          // as the service has them, without the writes of this run
	listedAt time.Time         // when the lists behind people were asked for
	writes   []write
	written  chan struct{}             // closed when nextWrite says
	given    map[string]map[Grant]bool // by this run, by lower-case e-mail
	ensured  map[string]bool           // whom this run brought in or kept, by lower-case e-mail
	replaced map[string][]Invitation   // that new ones are to take the place of, by lower-case e-mail
}

// write is a change that this run made. It is made again on lists that may
// not show it yet, so carry can be applied twice.
type write struct {
	at    time.Time
	carry func(*Directory)
}

// Person is one e-mail address in the organization.
type Person struct {
	// Member is nil while the person has not joined.
	Member *Member
	// Invitations that were not accepted. A member may have some too, who
	// joined another way.
	Invitations []Invitation
}

// Invitation returns the invitation that counts: an open one before an expired
// one, then the one that ends last. It is false where there is none.
func (p Person) Invitation() (Invitation, bool) {
	if len(p.Invitations) == 0 {
		return Invitation{}, false
	}
	return slices.MaxFunc(p.Invitations, func(a, b Invitation) int {
		if a.Expired != b.Expired {
			if a.Expired {
				return -1
			}
			return 1
		}
		return a.ExpiresAt.Compare(b.ExpiresAt)
	}), true
}

// Exists tells that the person is a member, or invited, also if that expired.
func (p Person) Exists() bool { return p.Member != nil || len(p.Invitations) > 0 }

// Person looks an e-mail address up, without regard to case. Somebody unknown
// is no error: the answer then does not Exist.
func (d *Directory) Person(ctx context.Context, email string) (Person, error) {
	if err := d.list(ctx); err != nil {
		return Person{}, err
	}
	return d.known(email), nil
}

// CurrentPerson is Person, read anew from the service.
func (d *Directory) CurrentPerson(ctx context.Context, email string) (Person, error) {
	if err := d.refresh(ctx); err != nil {
		return Person{}, err
	}
	return d.known(email), nil
}

// known is what the view holds of a person, without a request.
func (d *Directory) known(email string) Person {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.people[Fold(email)]
}

// Member looks a user ID up. It is false where no member has it.
func (d *Directory) Member(ctx context.Context, userID string) (Member, bool, error) {
	if err := d.list(ctx); err != nil {
		return Member{}, false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key, found := d.emails[userID]
	if !found {
		return Member{}, false, nil
	}
	return *d.people[key].Member, true, nil
}

// refresh lists anew.
func (d *Directory) refresh(ctx context.Context) error { return d.listSince(ctx, time.Now()) }

// list makes sure that the lists are there.
func (d *Directory) list(ctx context.Context) error { return d.listSince(ctx, time.Time{}) }

// listSince makes sure that there are lists that were not asked for before a
// moment. Callers at the same time share one request, which outlives a caller
// who is cancelled.
func (d *Directory) listSince(ctx context.Context, since time.Time) error {
	return d.lists.do(ctx, since, d.fetch)
}

func (d *Directory) fetch(ctx context.Context) error {
	start := time.Now()
	// One after the other, and in this order: somebody who accepts in between is
	// in both lists. The other way round they would be in none, and look gone.
	invitations, err := d.client.Invitations(ctx)
	if err != nil {
		return d.client.explainOrganization(ctx, err)
	}
	members, err := d.client.Members(ctx)
	if err != nil {
		return d.client.explainOrganization(ctx, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listedAt.After(start) {
		return nil // a later list was faster
	}
	d.listedAt = start
	d.people, d.lent = make(map[string]Person, len(members)+len(invitations)), false
	d.emails, d.listed = make(map[string]string, len(members)), members
	for i := range members {
		d.putMember(&members[i])
	}
	for _, i := range invitations {
		d.putInvitation(i)
	}
	for _, w := range d.writes {
		if w.at.Add(lagWindow).After(start) {
			w.carry(d)
		}
	}
	return nil
}

// wrote carries a write of this run into the view.
func (d *Directory) wrote(carry func(*Directory)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.writes) > 0 && d.writes[0].at.Add(lagWindow).Before(d.listedAt) {
		d.writes = d.writes[1:]
	}
	d.writes = append(d.writes, write{at: time.Now(), carry: carry})
	if d.people != nil {
		d.own()
		carry(d)
	}
	d.wake()
}

// wake lets those go on who wait for what another resource does. The lock is
// held.
func (d *Directory) wake() {
	if d.written != nil {
		close(d.written)
		d.written = nil
	}
}

// give notes what this run gives somebody: all that they shall hold, or one
// grant more. It is noted before the person is locked: who holds the lock may be
// waiting for just that.
func (d *Directory) give(email string, all bool, grants ...Grant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := Fold(email)
	if all || d.given[key] == nil {
		if d.given == nil {
			d.given = map[string]map[Grant]bool{}
		}
		d.given[key] = map[Grant]bool{}
	}
	for _, g := range grants {
		d.given[key][g] = true
	}
	if isOwner(grants) { // nothing else is waited for
		d.wake()
	}
}

// ensure notes that this run brings somebody in, or keeps them.
func (d *Directory) ensure(email string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ensured == nil {
		d.ensured = map[string]bool{}
	}
	d.ensured[Fold(email)] = true
}

// IsEnsured tells that this run brought somebody in, or kept them.
func (d *Directory) IsEnsured(email string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ensured[Fold(email)]
}

// gives tells that this run gives somebody a grant.
func (d *Directory) gives(email string, g Grant) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.given[Fold(email)][g]
}

// nextWrite is closed when this run next writes something, or is about to make
// somebody an owner: for those who wait for what another resource does.
func (d *Directory) nextWrite() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written == nil {
		d.written = make(chan struct{})
	}
	return d.written
}

// People returns everybody, by lower-case e-mail address; a member without one
// by user ID. The map is shared and must not be changed. It shows this moment:
// what is written later is not in it.
func (d *Directory) People(ctx context.Context) (map[string]Person, error) {
	if err := d.list(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lent = true
	return d.people, nil
}

// own makes the view this directory's own again before it is changed. The lock
// is held.
func (d *Directory) own() {
	if d.lent {
		d.people, d.lent = maps.Clone(d.people), false
	}
}

// put puts in what is known of a person; nobody is in there who is nowhere.
func (d *Directory) put(key string, p Person) {
	if p.Exists() {
		d.people[key] = p
	} else {
		delete(d.people, key)
	}
}

// putMember puts a member in by their e-mail address. Where there is none, or
// another member has it already, which the API does not rule out, the user ID
// must do.
func (d *Directory) putMember(m *Member) {
	key := Fold(m.Email)
	if m.Email == "" {
		key = Fold(m.UserID)
	}
	p := d.people[key]
	if other := p.Member; other != nil && other.UserID != m.UserID {
		if other.UserID < m.UserID { // whatever the order in the list
			other, m = m, other
		}
		d.people[Fold(other.UserID)] = Person{Member: other}
		d.emails[other.UserID] = Fold(other.UserID)
	}
	p.Member = m
	d.people[key] = p
	d.emails[m.UserID] = key
}

func (d *Directory) putInvitation(i Invitation) {
	key := Fold(i.Email)
	p := d.people[key]
	p.Invitations = append(withoutToken(p.Invitations, i.Token), i)
	d.people[key] = p
}

func (d *Directory) dropInvitation(i Invitation) {
	key := Fold(i.Email)
	p := d.people[key]
	p.Invitations = withoutToken(p.Invitations, i.Token)
	d.put(key, p)
}

// withoutToken copies, as callers hold the slices that they were given.
func withoutToken(invitations []Invitation, token string) []Invitation {
	return slices.DeleteFunc(slices.Clone(invitations), func(i Invitation) bool { return i.Token == token })
}

func (d *Directory) dropMember(userID string) {
	key, found := d.emails[userID]
	if !found {
		return
	}
	p := d.people[key]
	p.Member = nil
	d.put(key, p)
	delete(d.emails, userID)
}

func (d *Directory) changeMember(userID, organizationID string, add, remove []Grant) {
	key, found := d.emails[userID]
	if !found {
		return
	}
	p := d.people[key]
	m := *p.Member
	m.RoleAssignments = m.RoleAssignments.Change(organizationID, add, remove)
	p.Member = &m
	d.people[key] = p
}

// Fold is the form in which e-mail addresses compare. A letter that is none of
// ASCII stays as it is where its lower case would be one: it is another
// person's address.
func Fold(email string) string {
	return strings.Map(func(r rune) rune {
		lower := unicode.ToLower(r)
		if r > unicode.MaxASCII && lower <= unicode.MaxASCII {
			return r
		}
		return lower
	}, email)
}
