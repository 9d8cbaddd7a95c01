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
	// mostInBatch is the largest number of items in one request. longestBatch is the
	// largest length of all items together, in bytes, because the servers between
	// client and service limit the length of a path.
	mostInBatch  = 100
	longestBatch = 6000
)

// batches gathers the writes of many goroutines into few requests.
type batches struct {
	gather time.Duration

	mu       sync.Mutex
	open     map[string]*batch // by what the items have in common
	underWay map[string]int    // number of batches that were sent and have not returned
}

// item is one part of a batch.
type item struct {
	name string             // an e-mail address, a user ID, or the token of an invitation
	old  []cloud.Invitation // invitations to revoke before this person is invited
}

func names(items []item) []string {
	names := make([]string, len(items))
	for i, one := range items {
		names[i] = one.name
	}
	return names
}

// batch is the content of one request.
type batch struct {
	items  []item
	length int
	send   sendBatch
	crowd  *crowd
	latest time.Time // when it is sent, even if more items arrive
	timer  *time.Timer
	// closed means that the batch accepts no more items, and departed that it was sent.
	closed, departed bool

	done chan struct{}
	errs map[string]error // by item, once done
}

// sendBatch writes items in one request or more, and returns the errors of the items
// that failed.
type sendBatch func(ctx context.Context, items []item) map[string]error

// do writes one item together with other items of the same kind, and returns the item's
// error. A batch is sent in three cases:
//
//   - no item was added for a while, and no other batch of its kind is under way
//   - it is full
//   - its first item has waited for the longest time
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
	// The caller has given up, but the result of a request under way is worth a short
	// wait. It is not worth the whole time that other callers wait.
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

// join adds an item to a batch that is still open. The caller holds the lock.
func (b *batches) join(ctx context.Context, kind string, one item, send sendBatch) (*batch, func()) {
	g := b.open[kind]
	if g != nil && g.length+len(one.name) > longestBatch {
		b.depart(kind, g)
		g = nil
	}
	var leave func()
	joined := false
	if g != nil {
		if leave, joined = g.crowd.join(ctx); !joined { // all its callers have given up
			b.close(kind, g)
		}
	}
	if !joined {
		g = &batch{send: send, crowd: newCrowd(ctx), latest: time.Now().Add(4 * b.gather), done: make(chan struct{})}
		leave, _ = g.crowd.join(ctx) // the first caller can always join
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

// due sends a batch to which no item was added for a while. If another batch of its
// kind is under way, it waits for that, because more items may arrive.
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

// depart sends a batch. The caller holds the lock.
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

// close makes a batch accept no more items. The caller holds the lock.
func (b *batches) close(kind string, g *batch) {
	g.timer.Stop()
	g.closed = true
	delete(b.open, kind)
}

// withdraw removes an item from a batch that was not sent yet. An empty batch is not
// sent.
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

// apart sends the two halves of a batch that the service refused as a whole. Repeated,
// this isolates the item that the service refuses.
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

// all returns the same error for each item.
func all(items []item, err error) map[string]error {
	errs := make(map[string]error, len(items))
	for _, i := range items {
		errs[i.name] = err
	}
	return errs
}
