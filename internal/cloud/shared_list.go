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

// sharedList is a list of the service that is read once in a run, however many
// ask, and into which the run's own writes are carried forward.
type sharedList[T any] struct {
	read  func(context.Context) (map[string]T, error)
	reads sharedRead

	mu      sync.Mutex
	items   map[string]T // nil until read
	readAt  time.Time    // when the list behind items was asked for
	writes  []listWrite[T]
	written chan struct{} // closed at the next write
}

// listWrite is a change that this run made. It is made again on a list that
// may not show it yet.
type listWrite[T any] struct {
	at   time.Time
	key  string
	item *T // nil where it was deleted
}

func (w listWrite[T]) apply(items map[string]T) {
	if w.item == nil {
		delete(items, w.key)
	} else {
		items[w.key] = *w.item
	}
}

// get returns a copy of the list, read anew if asked for. Callers at the same
// time share one request, which outlives a caller who is cancelled.
func (l *sharedList[T]) get(ctx context.Context, anew bool) (map[string]T, error) {
	var since time.Time
	if anew {
		since = time.Now()
	}
	if err := l.reads.do(ctx, since, l.fetch); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.items), nil
}

// find returns the item of the first key that is in the list, without a copy of
// it: as many ask as there are items.
func (l *sharedList[T]) find(ctx context.Context, keys ...string) (item T, found bool, err error) {
	if err := l.reads.do(ctx, time.Time{}, l.fetch); err != nil {
		return item, false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		if item, found = l.items[key]; found {
			break
		}
	}
	return item, found, nil
}

func (l *sharedList[T]) fetch(ctx context.Context) error {
	start := time.Now()
	items, err := l.read(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.readAt.After(start) {
		return nil // a later list was faster
	}
	l.readAt = start
	for _, w := range l.writes {
		if w.at.Add(lagWindow).After(start) {
			w.apply(items)
		}
	}
	l.items = items
	return nil
}

// wrote carries a write of this run into the list; a nil item was deleted.
func (l *sharedList[T]) wrote(key string, item *T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := listWrite[T]{at: time.Now(), key: key, item: item}
	l.writes = slices.DeleteFunc(l.writes, func(w listWrite[T]) bool { return w.at.Add(lagWindow).Before(l.readAt) })
	l.writes = append(l.writes, w)
	if l.items != nil {
		w.apply(l.items)
	}
	l.wake()
}

// wake lets those go on who wait for the next write. The lock is held.
func (l *sharedList[T]) wake() {
	if l.written != nil {
		close(l.written)
		l.written = nil
	}
}

// changed is for what is no write of the list and concerns those who wait for one.
func (l *sharedList[T]) changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wake()
}

// nextWrite is closed when this run has written something more.
func (l *sharedList[T]) nextWrite() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written == nil {
		l.written = make(chan struct{})
	}
	return l.written
}
