// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"sync"
	"time"
)

// crowd is a context for work that several callers wait for: it outlives each
// of them, and ends when all have given up.
type crowd struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	waiting int
}

func newCrowd(first context.Context) *crowd {
	c := &crowd{}
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(first))
	return c
}

// join counts a caller in, until the caller's context ends or leave is called.
func (c *crowd) join(ctx context.Context) (leave func()) {
	c.mu.Lock()
	c.waiting++
	c.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.waiting--; c.waiting == 0 {
			c.cancel()
		}
	})
	return func() { stop() }
}

// sharedRead lets all who want to read the same share one read.
type sharedRead struct {
	mu   sync.Mutex
	now  *reading  // under way
	read time.Time // when the latest one began that went well; zero before the first
}

type reading struct {
	began time.Time
	crowd *crowd
	done  chan struct{}
	err   error // once done
}

// do returns when a read has ended that began after since: an earlier one may
// have been answered before the caller's reason to ask. That holds for one that
// began at the same time, too, as a clock may be coarse. For the zero time any
// read will do, however long ago it ended.
func (s *sharedRead) do(ctx context.Context, since time.Time, read func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if !s.read.IsZero() && s.read.After(since) {
		s.mu.Unlock()
		return nil
	}
	r := s.now
	if r == nil || !r.began.After(since) || r.crowd.ctx.Err() != nil {
		r = &reading{began: time.Now(), crowd: newCrowd(ctx), done: make(chan struct{})}
		s.now = r
		go func() {
			r.err = read(r.crowd.ctx)
			s.mu.Lock()
			if s.now == r {
				s.now = nil
			}
			if r.err == nil && r.began.After(s.read) {
				s.read = r.began
			}
			s.mu.Unlock()
			r.crowd.cancel()
			close(r.done)
		}()
	}
	leave := r.crowd.join(ctx)
	s.mu.Unlock()
	defer leave()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}
