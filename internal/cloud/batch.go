// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
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

// batch is what goes in one request.
type batch struct {
	items  []string
	length int
	send   sendBatch
	crowd  *crowd
	latest time.Time // when it is sent, whatever else may come
	timer  *time.Timer
	done   chan struct{}
	errs   map[string]error // of the items, once done
}

// sendBatch writes items in one request or more, and returns the errors of
// those that failed.
type sendBatch func(ctx context.Context, items []string) map[string]error

// do writes one item together with others of the same kind, and returns its
// error. A batch is sent when no more came for a while and no other one of its
// kind is under way, or when it is full, or when its first item waited for long.
func (b *batches) do(ctx context.Context, kind, item string, send sendBatch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	g := b.open[kind]
	if g != nil && g.length+len(item) > longestBatch {
		b.depart(kind, g)
		g = nil
	}
	if g == nil {
		g = &batch{send: send, crowd: newCrowd(ctx), latest: time.Now().Add(4 * b.gather), done: make(chan struct{})}
		g.timer = time.AfterFunc(b.gather, func() { b.due(kind, g) })
		if b.open == nil {
			b.open, b.underWay = map[string]*batch{}, map[string]int{}
		}
		b.open[kind] = g
	}
	g.items = append(g.items, item)
	g.length += len(item) + 1
	defer g.crowd.join(ctx)()
	if len(g.items) == mostInBatch {
		b.depart(kind, g)
	} else {
		g.timer.Reset(min(b.gather, time.Until(g.latest)))
	}
	b.mu.Unlock()
	select {
	case <-g.done:
		return g.errs[item]
	case <-ctx.Done():
	}
	if b.withdraw(kind, g, item) {
		return ctx.Err()
	}
	<-g.done // it ends soon, and tells what became of the item
	return g.errs[item]
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
	g.timer.Stop()
	delete(b.open, kind)
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
		g.crowd.cancel()
		close(g.done)
	}()
}

// withdraw takes an item out of a batch that was not sent yet.
func (b *batches) withdraw(kind string, g *batch, item string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open[kind] != g {
		return false
	}
	g.items = slices.DeleteFunc(g.items, func(other string) bool { return other == item })
	if len(g.items) == 0 {
		g.timer.Stop()
		delete(b.open, kind)
		g.crowd.cancel()
	}
	return true
}

// apart sends a batch that the service refused as a whole in two halves, so
// that in the end what is bad about it fails alone.
func apart(ctx context.Context, items []string, send sendBatch) map[string]error {
	half := len(items) / 2
	parts := make([]map[string]error, 2)
	var group sync.WaitGroup
	for i, part := range [][]string{items[:half], items[half:]} {
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
func all(items []string, err error) map[string]error {
	errs := make(map[string]error, len(items))
	for _, item := range items {
		errs[item] = err
	}
	return errs
}
