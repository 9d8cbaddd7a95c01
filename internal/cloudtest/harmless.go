// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"strings"
	"testing"
	"unicode"
)

// WantHarmless fails the test if an error would hurt in a terminal or in a log. An
// error must say something, must not be longer than people read, and must contain
// neither the secret nor a control character. A nil error is harmless.
func WantHarmless(t testing.TB, err error, secret string) {
	t.Helper()
	if err == nil {
		return
	}
	text := err.Error()
	if strings.Contains(text, secret) {
		t.Errorf("the secret is in %.2000q", text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		t.Errorf("a control character is in %.2000q", text)
	}
	if text == "" || len(text) > 20_000 {
		t.Errorf("the error has %d characters", len(text))
	}
}
