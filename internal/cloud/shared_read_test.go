// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Who decided to read before a read ended, and comes to it after that, is
// answered by it: on a busy machine a run would read twice otherwise.
func TestSharedReadRemembers(t *testing.T) {
	t.Parallel()
	var s sharedRead
	var reads int
	failed := errors.New("failed")
	read := func(err error) func(context.Context) error {
		return func(context.Context) error { reads++; return err }
	}
	start := time.Now()
	for _, step := range []struct {
		name  string
		since time.Time
		read  error // what a read would return
		reads int   // in all
		err   error // what comes back
	}{
		{"the first one fails", time.Time{}, failed, 1, failed},
		{"a failed one is none", time.Time{}, nil, 2, nil},
		{"any will do", time.Time{}, failed, 2, nil},
		{"it began after that", start, failed, 2, nil},
		{"it began before that", time.Now().Add(time.Hour), failed, 3, failed},
		{"the one before still counts", start, failed, 3, nil},
	} {
		err := s.do(t.Context(), step.since, read(step.read))
		if reads != step.reads || !errors.Is(err, step.err) {
			t.Errorf("%s: %d reads, want %d; got %v", step.name, reads, step.reads, err)
		}
	}
}
