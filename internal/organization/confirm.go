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

// NotShownError is the error of a write that the service accepted and does not
// show, for as long as its lists may lag behind.
type NotShownError struct {
	// Sent is what was asked for.
	Sent string
	// Twice tells that it was asked for once more, in vain.
	Twice bool
	// Partly tells that the lists show a part of it, and will not show the rest.
	Partly bool
	// Shown is what the service shows in the place of that.
	Shown string
	// Err is what it said when it was asked once more. It is nil where it accepted
	// that too, or where asking again would not have been safe.
	Err error
}

// Error says what was sent, and what is shown.
func (e *NotShownError) Error() string {
	sent := "Sent"
	if e.Twice {
		sent = "Sent twice"
	}
	seen := fmt.Sprintf("does not show it after %d seconds", int(lagWindow.Seconds()))
	if e.Partly && !e.Twice {
		seen = "shows only part of it"
	}
	text := fmt.Sprintf("Elastic Cloud accepted the change, but %s. %s: %s. Shown: %s.", seen, sent, cloud.Printable(e.Sent), cloud.Printable(e.Shown))
	if e.Err != nil {
		text += " The second attempt failed: " + e.Err.Error()
	}
	return text
}

// Unwrap returns what the service said to the second try.
func (e *NotShownError) Unwrap() error { return e.Err }

func isNotShown(err error) bool {
	var missing *NotShownError
	return errors.As(err, &missing)
}

// errNotAgain is what the second try of a write returns where it would not be
// safe to send it once more.
var errNotAgain = errors.New("it is not sent again")

// write is a change of what a view shows.
type write[T any] struct {
	// send makes it, and returns in words what was sent: nothing where there was
	// nothing to send. It is called again where the lists do not show what was sent.
	send func(ctx context.Context, again bool) (sent string, err error)
	// shown tells that a list shows what send brought about, and what it shows in
	// words.
	shown func(listed T) (done bool, instead string)
	// lost tells that a list shows a part of what send brought about and not what came
	// before that: it will never show that, and is not waited for. It may be nil.
	lost func(listed T) bool
	// of is what it is about, where lost is set.
	of Object
}

// confirmed makes a write, and returns when a list shows it. What is not shown for
// as long as lists may lag behind is sent once more, and is a *NotShownError at
// last. A write whose answer is lost is done if the next list shows it.
//
// A caller who is stopped after the service has accepted the write waits no longer:
// the answer must do then.
func (v *view[T]) confirmed(ctx context.Context, w write[T]) error {
	var missing *NotShownError
	for again := false; ; again = true {
		v.writes.begin()
		sent, err := w.send(ctx, again)
		v.writes.end()
		switch {
		case missing != nil && (errors.Is(err, errNotAgain) || err == nil && sent == ""):
			if v.shows(w, &missing.Shown) { // late, and in time for the second try
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
		// By now the view carries what was sent no further: send works on what is listed.
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

// errNotShown is what confirm returns for what is not shown in time.
var errNotShown = errors.New("the lists do not show it")

// confirm returns when a list that was asked for after this call shows what was
// written. All who wait while writes of this run are under way share one list,
// which is read when these have ended. It looks again with growing pauses, for as
// long as lists may lag behind; then the error is errNotShown.
func (v *view[T]) confirm(ctx context.Context, shown func() bool) error {
	if err := v.writes.settled(ctx); err != nil {
		return err
	}
	return v.await(ctx, shown)
}

// await is confirm for a write that is still under way, such as the first step of
// two.
func (v *view[T]) await(ctx context.Context, shown func() bool) error {
	wrote := time.Now()
	for since, pause := wrote, 250*time.Millisecond; ; pause = min(2*pause, 8*time.Second) {
		// A moment later, so that all who are about to ask share the list.
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

// asked is when the latest list was asked for.
func (v *view[T]) asked() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.readAt
}

// lookAfter reads the list where a write may have been carried out although it
// failed: also for a caller who has just given up, as what became of it decides
// what is said. It is false where the list could not be read.
func (v *view[T]) lookAfter(ctx context.Context) bool {
	after, cancel := pace.Outlive(ctx, cloud.Grace/2)
	defer cancel()
	return v.refresh(after) == nil
}

// stalled is how long no write begins or ends until the others wait for those that
// are under way no longer.
const stalled = 3 * time.Second

// underWay counts the writes of a view that were begun and have not ended.
type underWay struct {
	mu      sync.Mutex
	count   int
	changed time.Time     // when one last began or ended
	none    chan struct{} // closed when there is none
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

// settled returns when no write is under way, when they have stalled, as one that
// hangs must not hold up the others, or when lists show by now what was written
// before.
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
