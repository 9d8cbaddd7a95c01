// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"sync"
	"time"
)

// crowd is a context for work for which several callers wait. It outlives each of them,
// and ends when all have left or given up.
type crowd struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	waiting int
	over    bool // all have left
}

func newCrowd(first context.Context) *crowd {
	c := &crowd{}
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(first))
	return c
}

// join adds a caller, until the caller's context ends or leave is called. It reports
// false if all callers have left already.
func (c *crowd) join(ctx context.Context) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return nil, false
	}
	c.waiting++
	stop := context.AfterFunc(ctx, c.leave)
	return func() {
		if stop() {
			c.leave()
		}
	}, true
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting--; c.waiting == 0 {
		c.over = true
		c.cancel()
	}
}

// sharedRead shares one read among all callers who want to read the same. At most one
// read is under way, and one is waiting for it to end.
type sharedRead struct {
	mu   sync.Mutex
	now  *reading  // under way
	next *reading  // begins when that has ended
	read time.Time // when the latest successful read began; zero before the first
}

type reading struct {
	read  func(context.Context) error
	began time.Time // once it has
	crowd *crowd
	done  chan struct{}
	err   error // once done
}

// do returns when a read has ended that began after since. An earlier read may have
// been answered before the caller's reason to ask. A read that began at the same time
// does not count either, because a clock may be coarse. For the zero time any
// successful read counts, however old.
func (s *sharedRead) do(ctx context.Context, since time.Time, read func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if !s.read.IsZero() && s.read.After(since) {
		s.mu.Unlock()
		return nil
	}
	r, leave := s.join(ctx, since, read)
	s.mu.Unlock()
	defer leave()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join finds the read to wait for, or creates one. The caller holds the lock.
func (s *sharedRead) join(ctx context.Context, since time.Time, read func(context.Context) error) (*reading, func()) {
	if s.now != nil && s.now.began.After(since) {
		if leave, ok := s.now.crowd.join(ctx); ok {
			return s.now, leave
		}
	}
	if s.next != nil {
		if leave, ok := s.next.crowd.join(ctx); ok {
			return s.next, leave
		}
	}
	r := &reading{read: read, crowd: newCrowd(ctx), done: make(chan struct{})}
	leave, _ := r.crowd.join(ctx) // the first caller can always join
	s.next = r
	if s.now == nil {
		s.begin()
	}
	return r, leave
}

// begin starts the next read. The caller holds the lock.
func (s *sharedRead) begin() {
	r := s.next
	s.now, s.next = r, nil
	r.began = time.Now()
	go func() {
		r.err = r.read(r.crowd.ctx)
		s.mu.Lock()
		if s.now = nil; r.err == nil {
			s.read = r.began
		}
		if s.next != nil {
			s.begin()
		}
		s.mu.Unlock()
		close(r.done)
	}()
}
