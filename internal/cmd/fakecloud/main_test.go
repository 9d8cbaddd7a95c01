// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestServesUntilTheEnd does what a user does: paste the lines, use the API,
// play the service's side, press Ctrl-C.
func TestServesUntilTheEnd(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error)
	var stderr bytes.Buffer
	go func() { ended <- run(ctx, []string{"-plain", "-dns", "127.0.0.1:0", "-want-sign-in"}, writer, &stderr) }()

	text := make([]byte, 4096)
	n, err := reader.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	exported := regexp.MustCompile(`export EC_ENDPOINT=(\S+)\n  export EC_API_KEY=(\S+)\n`).FindSubmatch(text[:n])
	if exported == nil {
		t.Fatalf("nothing to paste in:\n%s", text[:n])
	}
	for _, verb := range []string{
		"state", "add", "invite", "accept", "expire", "remove", "grant", "ungrant", "idp-metadata.xml", "publish", "withdraw", "sign-in",
	} {
		if !regexp.MustCompile(`/_fake/` + verb + `["?]`).Match(text[:n]) {
			t.Errorf("the instructions do not name %s", verb)
		}
	}
	endpoint, key := string(exported[1]), string(exported[2])
	if got := get(t, endpoint+"/api/v1/organizations", key); !strings.Contains(got, "Example organization") {
		t.Errorf("organizations: %s", got)
	}
	state := get(t, endpoint+"/_fake/state", "")
	for _, want := range []string{"owner@example.com", "organization-admin", "member@example.com", "deployment-viewer:*"} {
		if !strings.Contains(state, want) {
			t.Errorf("no %s in %s", want, state)
		}
	}
	get(t, endpoint+"/api/v1/nonsense", key)
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	if !strings.Contains(stderr.String(), "GET /nonsense") {
		t.Errorf("no word about the violation: %s", stderr.String())
	}
}

func get(t *testing.T, url, key string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "ApiKey "+key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-listen", "0.0.0.0:0"}, {"-listen", ":0"}, {"-nonsense"}, {"more"}, {"-dns", "0.0.0.0:0"}, {"-ask-dns", "127.0.0.1"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
