// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBench runs every operation once, with two people.
func TestBench(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("Before\n"+beginMark+"\nold\n"+endMark+"\nAfter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, progress bytes.Buffer
	err := run(t.Context(), []string{"-quick", "-runs", "1", "-only", ", 2 people", "-page", page}, &out, &progress)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	report := out.String()
	if strings.Contains(progress.String(), "failed") {
		t.Errorf("something failed:\n%s", progress.String())
	}
	_, tables, _ := strings.Cut(report, "### Through the CLI")
	throughCLI, alone, _ := strings.Cut(tables, "### The provider alone")
	for _, o := range []operation{noChange, someChange, invite, inviteDifferent, change, remove} {
		for _, latency := range []string{"0 ms", "20 ms"} {
			row := fmt.Sprintf("| `%s`, %s | 2 | %s |", members, o, latency)
			if strings.Count(throughCLI, row) != 1 || !strings.Contains(alone, row+" not limited |") {
				t.Errorf("no row, or too many, that begins with %q", row)
			}
		}
	}
	for _, part := range []string{
		"| 3: find the organization 1, list invitations 1, list members 1 | 0 | 0 B |",
		"| `elasticcloud_member`, invite, same roles | 2 | 20 ms | 10 requests a second, no headers |",
		"| `elasticcloud_members` of 3, no change: compared with its floor | failed, or not run | 1.5 times | **NOT MET** |",
		"| `elasticcloud_members`, remove 2 | 5 requests | 5 requests | met |",
	} {
		if !strings.Contains(report, part) {
			t.Errorf("%q is not in the report", part)
		}
	}
	written, err := os.ReadFile(page)
	if want := "Before\n" + beginMark + "\n\n" + report + "\n" + endMark + "\nAfter\n"; err != nil || string(written) != want {
		t.Errorf("the page is not its text with the report (%v):\n%s", err, written)
	}
	if t.Failed() {
		t.Log(report)
	}
}

// TestFloorMakesNoRequest takes the real provider for the floor.
func TestFloorMakesNoRequest(t *testing.T) {
	t.Parallel()
	b := &bench{dir: t.TempDir(), progress: io.Discard}
	if err := b.setUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.floor = b.real
	rows := b.measure(t.Context(), job{scenario: scenario{resource: member, operation: noChange, people: 1}, latencies: []time.Duration{0}, runs: 1, cli: true})
	if err := rows[0].err; err == nil || !strings.Contains(err.Error(), "the floor made requests") {
		t.Errorf("error: %v", err)
	}
}

// TestCheck looks at an organization in which nothing was done.
func TestCheck(t *testing.T) {
	t.Parallel()
	for operation, done := range map[operation]bool{
		noChange: true, someChange: true, invite: false, inviteDifferent: false, change: false, remove: false,
	} {
		s := scenario{resource: members, operation: operation, people: 2}
		srv, err := s.open()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.check(srv); (err == nil) != done {
			t.Errorf("%s: %v", operation, err)
		}
		srv.Close()
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-runs", "0"}, {"-only", "("}, {"more"}, {"-no-such-flag"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v are no error", args)
		}
	}
}

func TestPageWithoutMarks(t *testing.T) {
	t.Parallel()
	page := filepath.Join(t.TempDir(), "page.md")
	for _, text := range []string{"", beginMark, endMark + beginMark} {
		if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := putIntoPage(page, "report"); err == nil {
			t.Errorf("%q has marks", text)
		}
		if left, err := os.ReadFile(page); err != nil || string(left) != text {
			t.Errorf("%q became %q (%v)", text, left, err)
		}
	}
	if err := putIntoPage(filepath.Join(t.TempDir(), "none"), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error: %v", err)
	}
}
