// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// TestGuide follows the whole guide. The program itself checks the result of each step.
func TestGuide(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	var out bytes.Buffer
	if err := run(t.Context(), &out, parent, false); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	rest := out.String()
	for _, line := range []string{
		"domains: none; IdP: none; mappings: none; SSO: optional\n",
		"domains: example.com; IdP: yes; mappings: developers, owners; SSO: optional\n",
		"owner@example.com holds organization-admin\n",
		"domains: example.com; IdP: yes; mappings: developers, owners; SSO: required\n",
		"domains: none; IdP: none; mappings: none; SSO: optional\n",
		"Done: from nothing to required single sign-on and back.",
	} {
		var found bool
		if _, rest, found = strings.Cut(rest, line); !found {
			t.Fatalf("%q is not where it should be in\n%s", line, out.String())
		}
	}
	wantEmpty(t, parent)
}

// TestStops does what Ctrl-C does, before the first apply.
func TestStops(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	parent := t.TempDir()
	err := run(ctx, writer(func(text string) {
		if strings.Contains(text, "$ ") {
			stop()
		}
	}), parent, false)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
	wantEmpty(t, parent)
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// TestNoticesWhatDiffers checks that the program would fail if the service had something
// else.
func TestNoticesWhatDiffers(t *testing.T) {
	t.Parallel()
	fake, err := startFakecloud(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := &guide{out: io.Discard, fake: fake}
	for want, err := range map[string]error{
		"":                                    g.look(t.Context(), nothing),
		"the organization should have":        g.look(t.Context(), enforced),
		`instead of "billing-admin"`:          g.wantGrants(t.Context(), owner.email, "billing-admin"),
		"is not in the organization":          g.wantGrants(t.Context(), dora.email, asDeveloper),
		"no SAML IdP is configured":           fake.signIn(t.Context(), owner),
		"has no TXT record":                   fake.withdraw(t.Context(), "x", "y"),
		`the command did not print "applied"`: wantPrinted("Error: nothing happened", "applied"),
	} {
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := request(t.Context(), "GET", fake.endpoint+"/nonsense"); err == nil {
		t.Error("401 is no error")
	}
	if err := fake.stop(); err == nil || !strings.Contains(err.Error(), "not in the API contract") {
		t.Errorf("a breach of the contract: %v", err)
	}
	if _, err := startFakecloud(t.Context(), t.TempDir(), "-listen", "0.0.0.0:0"); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("fakecloud that does not start: %v", err)
	}
}
