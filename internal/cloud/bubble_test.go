// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Tests of anything that waits run in a bubble, where waiting takes no time:
//
//	func TestX(t *testing.T) {
//		t.Parallel()
//		synctest.Test(t, func(t *testing.T) {
//			srv := newServer(t)
//			client := newClient(t, config(srv))
//			...
//		})
//	}
//
// The time in a bubble stops while one of its goroutines reads from a socket. Tests
// that need a real network use cloudtest.New instead of newServer, and must not
// check how long anything takes.

// newServer returns an organization that has no socket, for a test in a bubble.
func newServer(t testing.TB, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	return cloudtest.New(t, append(opts, cloudtest.InProcess())...)
}

// config is for a client that knows the organization of srv. In a bubble the
// client waits as long as it does for users; with a socket it waits hardly at all.
func config(srv *cloudtest.Server) Config {
	c := Config{
		Endpoint:       srv.URL,
		APIKey:         srv.Key,
		UserAgent:      "test/1.0",
		MaxRetries:     2,
		RequestTimeout: time.Minute,
		Transport:      srv.Transport(),
	}
	if c.Transport == nil {
		c.RetryWait = time.Millisecond
	}
	return c
}

func newClient(t testing.TB, c Config) *Client {
	t.Helper()
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// wantTook checks how long something took since start, in the time of a bubble.
func wantTook(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	if took := time.Since(start); took != want {
		t.Errorf("%s: it took %v, want %v", what, took, want)
	}
}
