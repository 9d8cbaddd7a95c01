// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// places plays Terraform, which works on so many resources at a time.
type places struct {
	traffic
	slots chan struct{}
	group sync.WaitGroup
}

func (p *places) call(work func()) {
	p.group.Go(func() {
		p.slots <- struct{}{}
		defer func() { <-p.slots }()
		defer p.traffic.call()()
		work()
	})
}

// TestSilence shows when a waiting call learns that nothing more follows.
func TestSilence(t *testing.T) {
	t.Parallel()
	never := func() bool { return false }
	tests := []struct {
		name    string
		places  int
		waiters int
		others  int           // that take so long:
		lasting time.Duration // each
		want    []verdict     // of the waiters, sorted
		took    time.Duration
	}{
		{"others are done", 10, 2, 3, time.Second, []verdict{sure, sure}, time.Second + inApply.idle},
		{"others take too long", 10, 1, 1, time.Minute, []verdict{unsure}, time.Minute},
		{"nobody else is there", 10, 2, 0, 0, []verdict{sure, unsure}, 2 * inApply.idle},
		{"one place", 1, 5, 0, 0, []verdict{unsure, unsure, unsure, unsure, unsure}, 3 * inApply.idle},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := places{slots: make(chan struct{}, test.places)}
				var mu sync.Mutex
				var got []verdict
				start := time.Now()
				for range test.waiters {
					p.call(func() {
						v := p.await(t.Context(), inApply, never)
						mu.Lock()
						defer mu.Unlock()
						got = append(got, v)
					})
				}
				for range test.others {
					p.call(func() { time.Sleep(test.lasting) })
				}
				p.group.Wait()
				slices.Sort(got)
				if took := time.Since(start); !slices.Equal(got, test.want) || took != test.took {
					t.Errorf("the verdicts are %v after %s, not %v after %s", got, took, test.want, test.took)
				}
			})
		})
	}
}

// TestStirred shows that what is waited for ends the wait at once, and that another wait
// may follow it, however many gave up before.
func TestStirred(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := places{slots: make(chan struct{}, 10)}
		there := make(chan struct{})
		p.call(func() {
			start := time.Now()
			v := p.await(t.Context(), inApply, func() bool {
				select {
				case <-there:
					return true
				default:
					return false
				}
			})
			if took := time.Since(start); v != settled || took != time.Second {
				t.Errorf("the verdict is %v after %s", v, took)
			}
		})
		p.call(func() {
			time.Sleep(time.Second)
			close(there)
			p.stir()
			time.Sleep(time.Minute)
		})
		p.group.Wait()
	})
}

// TestCrowded shows that waiting calls give up one after the other if no other call can
// begin, and that they continue to wait if there may be a free place.
func TestCrowded(t *testing.T) {
	t.Parallel()
	minutes := slices.Repeat([]time.Duration{time.Minute}, 10)
	for count, want := range map[int][]time.Duration{10: append([]time.Duration{inApply.idle}, minutes[1:]...), 11: minutes} {
		synctest.Test(t, func(t *testing.T) {
			p := places{slots: make(chan struct{}, count)}
			var mu sync.Mutex
			var got []time.Duration
			start := time.Now()
			if count > 10 {
				p.call(func() { time.Sleep(time.Millisecond) })
			}
			for range 10 {
				p.call(func() {
					full, end := p.crowded(t.Context())
					defer end()
					select {
					case <-full:
					case <-time.After(time.Until(start.Add(time.Minute))):
					}
					mu.Lock()
					defer mu.Unlock()
					got = append(got, time.Since(start))
				})
			}
			p.group.Wait()
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("with %d places they gave up after %v, not %v", count, got, want)
			}
		})
	}
}
