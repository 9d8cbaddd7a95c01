// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package pace

import (
	"net/http"
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempt  int
		asked    string
		min, max time.Duration
	}{
		{0, "", 500 * time.Millisecond, time.Second},
		{1, "", time.Second, 2 * time.Second},
		{3, "", 4 * time.Second, 8 * time.Second},
		{5, "", 16 * time.Second, 32 * time.Second},
		{6, "", 30 * time.Second, time.Minute},
		{10000, "", 30 * time.Second, time.Minute},
		{0, "7", 7 * time.Second, 7 * time.Second},
		{5, "0.25", 250 * time.Millisecond, 250 * time.Millisecond},
		{0, "86400", time.Minute, time.Minute},
		{0, "Fri, 31 Dec 9999 23:59:59 GMT", time.Minute, time.Minute},
		{0, "soon", 500 * time.Millisecond, time.Second},
		// Nothing to wait for, or a clock that is off: no reason to come back at once.
		{0, "0", 500 * time.Millisecond, time.Second},
		{0, "Fri, 01 Jan 2021 00:00:00 GMT", 500 * time.Millisecond, time.Second},
	} {
		var header http.Header
		if test.asked != "" {
			header = http.Header{"Retry-After": {test.asked}}
		}
		for range 20 {
			if got := Backoff(time.Second, LongestWait, test.attempt, header); got < test.min || got > test.max {
				t.Errorf("attempt %d, asked for %q: %v, want %v to %v", test.attempt, test.asked, got, test.min, test.max)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"1":                             time.Second,
		"1.5":                           1500 * time.Millisecond,
		"60":                            time.Minute,
		"61":                            LongestWait,
		"1e300":                         LongestWait,
		"Inf":                           LongestWait,
		"99999999999999999999":          LongestWait,
		"Wed, 01 Jul 2026 12:00:05 GMT": 5 * time.Second,
	} {
		if got, ok := RetryAfter(http.Header{"Retry-After": {value}}, now); !ok || got != want {
			t.Errorf("%q: %v, %v; want %v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", "-1", "0", "NaN", "soon", "1s", "Wed, 01 Jul 2026 11:59:59 GMT"} {
		if got, ok := RetryAfter(http.Header{"Retry-After": {value}}, now); ok {
			t.Errorf("%q: %v", value, got)
		}
	}
}

func TestInterval(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{"2": 2 * time.Second, "0.5": 500 * time.Millisecond, "1m": time.Minute, "Inf": LongestWait, "": 0, "0": 0, "-1": 0, "-1s": 0, "NaN": 0, "day": 0} {
		if got, ok := interval(value); got != want && ok || ok != (want > 0) {
			t.Errorf("%q: %v, %v; want %v", value, got, ok, want)
		}
	}
}

// FuzzRetryAfter: no header makes a pause that is negative, or longer than the
// bound.
func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"1", "0.5", "-1", "NaN", "Inf", "1e300", "120", "Wed, 21 Oct 2026 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "1m", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for attempt := range 12 {
			if wait := Backoff(time.Millisecond, LongestWait, attempt, http.Header{"Retry-After": {s}}); wait < 0 || wait > LongestWait {
				t.Fatalf("%q waits %v", s, wait)
			}
		}
	})
}
