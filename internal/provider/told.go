// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// callKind is what a call of Terraform does, as far as it matters for its errors.
type callKind int

const (
	refreshOrPlan callKind = iota // of a resource; keeps silent where another one has told
	reading                       // of a data source; one line
	writing                       // a line for each object
)

// told notes what a run has told of a failure that everything in it meets.
type told struct {
	mu       sync.Mutex
	inFull   bool
	byItself bool // by a refresh or a plan of a resource, so that Terraform ends with an error
}

// settle leaves of the failures that everything in the run meets what is still to be
// told. The first is told in full, wherever it is. It reports whether nothing is left,
// so that the call succeeds. That is right only where the error of another refresh or
// plan of a resource makes Terraform end with an error. One of a data source does not
// always: in a check block it is a warning.
func (t *told) settle(diags *diag.Diagnostics, kind callKind) (silent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := make(diag.Diagnostics, 0, len(*diags))
	met := 0
	for _, d := range *diags {
		f, ok := d.(failure)
		short := ""
		if ok {
			short = toldBefore(f.err)
		}
		if short == "" {
			left = append(left, d)
			continue
		}
		met++
		switch {
		case met > 1 && kind != writing:
		case !t.inFull:
			t.inFull = true
			left = append(left, d)
		case kind != refreshOrPlan || !t.byItself:
			left = append(left, diag.NewErrorDiagnostic(f.Summary(), short))
		}
	}
	*diags = left
	if met == 0 || kind != refreshOrPlan {
		return false
	}
	silent = !left.HasError()
	t.byItself = true
	return silent
}
