// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// callKind is the kind of a call of Terraform, which decides how errors are reported.
type callKind int

const (
	refreshOrPlan callKind = iota // of a resource; silent once another resource has reported the error
	reading                       // of a data source; one short error
	writing                       // a short error for each object
)

// told notes whether a run has reported an error that concerns all of it.
type told struct {
	mu       sync.Mutex
	inFull   bool
	byItself bool // reported by a refresh or a plan of a resource, so that Terraform ends with an error
}

// settle removes errors of the whole run that were already reported. The first is reported
// in full. It reports whether no error is left, so that the call succeeds. This is allowed
// only if another refresh or plan of a resource ends with an error. The error of a data
// source is not sufficient: in a check block it is a warning.
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
