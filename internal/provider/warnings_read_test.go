// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// unread are the warnings in the tests of this package that the summary of a plan could
// not read. Such a summary would call each plan with one of them unclear.
var unread struct {
	sync.Mutex
	warnings map[string]bool
}

// readWarnings has each warning of each test read.
func readWarnings() {
	unread.warnings = map[string]bool{}
	terraformtest.OnDiagnostic = readWarning
}

func readWarning(d *tfprotov6.Diagnostic) {
	if d.Severity != tfprotov6.DiagnosticSeverityWarning {
		return
	}
	if _, ok := warning.Read(d.Summary, d.Detail); !ok {
		unread.Lock()
		defer unread.Unlock()
		unread.warnings[d.Summary+"\n"+d.Detail] = true
	}
}

// unreadWarnings is an error with the warnings that could not be read.
func unreadWarnings() error {
	unread.Lock()
	defer unread.Unlock()
	if len(unread.warnings) == 0 {
		return nil
	}
	return fmt.Errorf("package warning cannot read these warnings, of which each text has to be there:\n%s",
		strings.Join(slices.Sorted(maps.Keys(unread.warnings)), "\n---\n"))
}
