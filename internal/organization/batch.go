// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

const (
	// mostInBatch and longestBatch bound one request: the number of its items,
	// and their length in bytes, as that of a path is bounded by what is in
	// between.
	mostInBatch  = 100
	longestBatch = 6000
)

// batches gathers what many goroutines write at the same time into few
// requests.
type batches struct {
	gather time.Duration

	mu       sync.Mutex
	open     map[string]*batch // by what its items have in common
	underWay map[string]int    // batches that were sent
}

// item is one of those that travel together.
type item struct {
	name string             // an e-mail address, a user ID, or the token of an invitation
	old  []cloud.Invitation // that are to be revoked before this one is invited
}

func names(items []item) []string {
	names := make([]string, len(items))
	for i, one := range items {
		names[i] = one.name
	}
	return names
}

// batch is what goes in one request.
type batch struct {
	items  []item
	length int
	send   sendBatch
	crowd  *crowd
	latest time.Time // when it is sent, whatever else may come
	timer  *time.Timer
	// closed is that no more come in, and departed that it was sent.
	closed, departed bool

	done chan struct{}
	errs map[string]error // of the items, once done
}

// sendBatch writes items in one request or more, and returns the errors of
// those that failed.
type sendBatch func(ctx context.Context, items []item) map[string]error

// do writes one item together with others of the same kind, and returns its
// error. A batch is sent when no more came for a while and no other one of its
// kind is under way, or when it is full, or when its first item waited for long.
func (b *batches) do(ctx context.Context, kind string, one item, send sendBatch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	g, leave := b.join(ctx, kind, one, send)
	b.mu.Unlock()
	defer leave()
	select {
	case <-g.done:
		return g.errs[one.name]
	case <-ctx.Done():
	}
	if b.withdraw(kind, g, one) {
		return ctx.Err()
	}
	// What became of it is worth a moment, but not all that the others wait for.
	moment := time.NewTimer(4 * cloud.Grace)
	defer moment.Stop()
	select {
	case <-g.done:
		return g.errs[one.name]
	case <-moment.C:
		what, _, _ := strings.Cut(kind, " ")
		return &cloud.Error{Call: "a request with others: " + what, Err: ctx.Err(), Sent: true}
	}
}

// join puts an item into a batch that is still open. The lock is held.
func (b *batches) join(ctx context.Context, kind string, one item, send sendBatch) (*batch, func()) {
	g := b.open[kind]
	if g != nil && g.length+len(one.name) > longestBatch {
		b.depart(kind, g)
		g = nil
	}
	var leave func()
	joined := false
	if g != nil {
		if leave, joined = g.crowd.join(ctx); !joined { // all have given up, and withdraw
			b.close(kind, g)
		}
	}
	if !joined {
		g = &batch{send: send, crowd: newCrowd(ctx), latest: time.Now().Add(4 * b.gather), done: make(chan struct{})}
		leave, _ = g.crowd.join(ctx) // it is the first
		g.timer = time.AfterFunc(b.gather, func() { b.due(kind, g) })
		if b.open == nil {
			b.open, b.underWay = map[string]*batch{}, map[string]int{}
		}
		b.open[kind] = g
	}
	g.items = append(g.items, one)
	g.length += len(one.name) + 1
	if len(g.items) == mostInBatch {
		b.depart(kind, g)
	} else {
		g.timer.Reset(min(b.gather, time.Until(g.latest)))
	}
	return g, leave
}

// due sends a batch for which no more came, unless one of its kind is under
// way: when that returns, more may come.
func (b *batches) due(kind string, g *batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[kind] != g {
		return
	}
	if rest := time.Until(g.latest); rest > 0 && b.underWay[kind] > 0 {
		g.timer.Reset(rest)
		return
	}
	b.depart(kind, g)
}

// depart sends a batch. The lock is held.
func (b *batches) depart(kind string, g *batch) {
	b.close(kind, g)
	g.departed = true
	b.underWay[kind]++
	go func() {
		g.errs = g.send(g.crowd.ctx, g.items)
		b.mu.Lock()
		if b.underWay[kind]--; b.underWay[kind] == 0 {
			delete(b.underWay, kind)
		}
		if next := b.open[kind]; next != nil {
			next.timer.Reset(min(b.gather, time.Until(next.latest)))
		}
		b.mu.Unlock()
		close(g.done)
	}()
}

// close lets no more into a batch. The lock is held.
func (b *batches) close(kind string, g *batch) {
	g.timer.Stop()
	g.closed = true
	delete(b.open, kind)
}

// withdraw takes an item out of a batch that was not sent yet, and will not be
// where nobody is left in it.
func (b *batches) withdraw(kind string, g *batch, one item) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if g.closed {
		return !g.departed
	}
	g.items = slices.DeleteFunc(g.items, func(other item) bool { return other.name == one.name })
	if len(g.items) == 0 {
		b.close(kind, g)
	}
	return true
}

// apart sends a batch that the service refused as a whole in two halves, so
// that in the end what is bad about it fails alone.
func apart(ctx context.Context, items []item, send sendBatch) map[string]error {
	half := len(items) / 2
	parts := make([]map[string]error, 2)
	var group sync.WaitGroup
	for i, part := range [][]item{items[:half], items[half:]} {
		group.Go(func() { parts[i] = send(ctx, part) })
	}
	group.Wait()
	errs := map[string]error{}
	for _, part := range parts {
		maps.Copy(errs, part)
	}
	return errs
}

// all is the same error for each of the items.
func all(items []item, err error) map[string]error {
	errs := make(map[string]error, len(items))
	for _, i := range items {
		errs[i.name] = err
	}
	return errs
}
