// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"sync"
)

// Locks other than those of an Object. See doc.go for the order.
var (
	ownersLock        = Object{kind: "owners"}         // while owners are counted and demoted
	ownersMappingLock = Object{kind: "owners mapping"} // while an owners' mapping is changed, the IdP is deleted or disabled, or SSO is enforced
	changesLock       = Object{kind: "changes"}        // while a domain or a role mapping is changed
)

// locks has one lock for each object. A caller whose context ends stops waiting for it.
// The zero value is ready to use.
type locks struct {
	mu    sync.Mutex
	held  map[Object]chan struct{}
	watch func(object Object, taken bool) // set by a test that checks the order
}

// lock locks an object until unlock is called.
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
