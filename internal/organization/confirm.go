// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// NotShownError is returned for a write that the service accepted, but does not show
// for as long as its lists may lag behind (30 seconds).
type NotShownError struct {
	// Sent says what was requested.
	Sent string
	// Twice is true if the request was sent a second time.
	Twice bool
	// Partly is true if the lists show a part of the change, and will not show the
	// rest.
	Partly bool
	// Shown says what the service shows instead.
	Shown string
	// Err is the service's answer to the second request. It is nil if the service
	// accepted that too, or if a second request would not have been safe.
	Err error
}

// Error says what was requested, and what the service shows.
func (e *NotShownError) Error() string {
	sent := "Sent"
	if e.Twice {
		sent = "Sent twice"
	}
	seen := fmt.Sprintf("does not show it after %s", lagWindow)
	if e.Partly && !e.Twice {
		seen = "shows only part of it"
	}
	text := fmt.Sprintf("Elastic Cloud accepted the change, but %s. %s: %s. Shown: %s.", seen, sent, cloud.Printable(e.Sent), cloud.Printable(e.Shown))
	if e.Err != nil {
		text += " The second attempt failed: " + e.Err.Error()
	}
	return text
}

// Unwrap returns the service's answer to the second request.
func (e *NotShownError) Unwrap() error { return e.Err }

func isNotShown(err error) bool {
	var missing *NotShownError
	return errors.As(err, &missing)
}

// errNotAgain is returned by the second attempt of a write that must not be sent twice.
var errNotAgain = errors.New("it is not sent again")

// write is a change of what a view shows.
type write[T any] struct {
	// send sends the request, and returns in words what it requested: nothing if there
	// was nothing to send. It is called a second time if the lists do not show the
	// change.
	send func(ctx context.Context, again bool) (sent string, err error)
	// shown reports whether a list shows the change, and says in words what the list
	// shows.
	shown func(listed T) (done bool, instead string)
	// lost reports that a list will never show the whole change: it shows a part of it,
	// but lacks something that was sent before that part. Waiting would be useless
	// then. lost may be nil.
	lost func(listed T) bool
	// of is the object that the write is about, if lost is set.
	of Object
}

// confirmed makes a write and returns when a list shows it. If no list shows it for as
// long as lists may lag behind, it sends the write once more, and finally returns a
// *NotShownError. A write without an answer counts as done if the next list shows it.
//
// If the caller gives up after the service has accepted the write, confirmed does not
// wait for a list.
func (v *view[T]) confirmed(ctx context.Context, w write[T]) error {
	var missing *NotShownError
	for again := false; ; again = true {
		v.writes.begin()
		sent, err := w.send(ctx, again)
		v.writes.end()
		switch {
		case missing != nil && (errors.Is(err, errNotAgain) || err == nil && sent == ""):
			if v.shows(w, &missing.Shown) { // late, but in time for the second attempt
				return nil
			}
			return missing
		case cloud.Unsure(err) && v.lookAfter(ctx) && v.shows(w, nil):
			return nil
		case missing != nil && err != nil:
			missing.Err = err
			return missing
		case err != nil || sent == "":
			return err
		}
		instead := ""
		lost := false
		err = v.confirm(ctx, func() bool {
			shown := v.shows(w, &instead)
			lost = !shown && v.loses(w)
			return shown || lost
		})
		if err == nil && lost {
			v.forget(w.of)
			err = errNotShown
		}
		switch {
		case errors.Is(ctx.Err(), context.Canceled) && missing != nil:
			return missing // the answer was wrong once
		case errors.Is(ctx.Err(), context.Canceled):
			return nil //nolint:nilerr // the answer must do
		case !errors.Is(err, errNotShown):
			return err
		case missing != nil:
			missing.Shown, missing.Twice = instead, true
			return missing
		}
		missing = &NotShownError{Sent: sent, Shown: instead, Partly: lost}
		// The view no longer carries forward what was sent, so send works on what is
		// listed.
		if v.refresh(ctx) != nil {
			return missing
		}
	}
}

func (v *view[T]) shows(w write[T], instead *string) (done bool) {
	v.lookBoth(func(listed, _ T) {
		var text string
		if done, text = w.shown(listed); instead != nil {
			*instead = text
		}
	})
	return done
}

func (v *view[T]) loses(w write[T]) (lost bool) {
	if w.lost != nil {
		v.lookBoth(func(listed, _ T) { lost = w.lost(listed) })
	}
	return lost
}

// errNotShown is returned by confirm if the lists do not show the write in time.
var errNotShown = errors.New("the lists do not show it")

// confirm returns when a list shows a write; the list is requested after this call. All
// callers share one list, which is read when the writes under way have ended. confirm
// reads the list again with growing pauses, for as long as lists may lag behind. Then
// it returns errNotShown.
func (v *view[T]) confirm(ctx context.Context, shown func() bool) error {
	if err := v.writes.settled(ctx); err != nil {
		return err
	}
	return v.await(ctx, shown)
}

// await is confirm for a write that is still under way, such as the first of two steps.
func (v *view[T]) await(ctx context.Context, shown func() bool) error {
	wrote := time.Now()
	for since, pause := wrote, 250*time.Millisecond; ; pause = min(2*pause, 8*time.Second) {
		// A moment later, so that all callers who are about to ask share the list.
		if err := pace.Sleep(ctx, time.Until(since.Add(v.config.Gather))); err != nil {
			return err
		}
		if err := v.since(ctx, since); err != nil {
			return fmt.Errorf("the change was accepted, but the provider could not confirm it: %w", err)
		}
		if shown() {
			return nil
		}
		if since.Equal(wrote) {
			v.isLate(+1)
			defer v.isLate(-1)
		}
		if since.Sub(wrote) >= lagWindow {
			return errNotShown
		}
		since = v.asked().Add(pause) // the same for all who share the list
	}
}

// asked returns when the latest list was requested.
func (v *view[T]) asked() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.readAt
}

// lookAfter reads the list after a write that failed and may have been carried out. It
// does so also for a caller who has just given up, because the error says what became
// of the write. It reports whether the list could be read.
func (v *view[T]) lookAfter(ctx context.Context) bool {
	after, cancel := pace.Outlive(ctx, cloud.Grace/2)
	defer cancel()
	return v.refresh(after) == nil
}

// stalled is how long callers wait without any write beginning or ending. Then they no
// longer wait for the writes under way.
const stalled = 3 * time.Second

// underWay counts the writes of a view that have begun and not ended.
type underWay struct {
	mu      sync.Mutex
	count   int
	changed time.Time     // when a write last began or ended
	none    chan struct{} // closed when no write is under way
}

func (u *underWay) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.count == 0 {
		u.none = make(chan struct{})
	}
	u.count++
	u.changed = time.Now()
}

func (u *underWay) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.count--
	u.changed = time.Now()
	if u.count == 0 {
		close(u.none)
	}
}

// settled returns in three cases: no write is under way; the writes have stalled,
// because one that hangs must not delay the others; or lists show by now what was
// written before.
func (u *underWay) settled(ctx context.Context) error {
	for latest := time.Now().Add(lagWindow); ; {
		u.mu.Lock()
		count, none, due := u.count, u.none, u.changed.Add(stalled)
		u.mu.Unlock()
		if due.After(latest) {
			due = latest
		}
		wait := time.Until(due)
		if count == 0 || wait <= 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-none:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}
