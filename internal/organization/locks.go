// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"sync"
)

// What else is locked than one Object: see doc.go for the order.
var (
	ownersLock        = Object{kind: "owners"}         // owners are counted and taken away
	ownersMappingLock = Object{kind: "owners mapping"} // a mapping that makes owners is being changed, or the IdP deleted or disabled, or SSO enforced
	changesLock       = Object{kind: "changes"}        // a domain or a role mapping is being changed
)

// locks has one lock for each object, which a caller who is cancelled does not
// wait for any longer. The zero value is ready.
type locks struct {
	mu    sync.Mutex
	held  map[Object]chan struct{}
	watch func(object Object, taken bool) // a test's, which holds the order
}

// lock keeps others from the same object until unlock is called.
func (l *locks) lock(ctx context.Context, object Object) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[Object]chan struct{}{}
	}
	held, found := l.held[object]
	if !found {
		held = make(chan struct{}, 1)
		l.held[object] = held
	}
	l.mu.Unlock()
	select {
	case held <- struct{}{}:
		l.tell(object, true)
		return func() {
			l.tell(object, false)
			<-held
		}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *locks) tell(object Object, taken bool) {
	if l.watch != nil {
		l.watch(object, taken)
	}
}
