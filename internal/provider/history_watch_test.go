// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// seen is all that Terraform keeps or shows of what a provider says.
type seen struct {
	mu    sync.Mutex
	texts map[string][][]byte
}

func (s *seen) add(where string, texts ...[]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts == nil {
		s.texts = map[string][][]byte{}
	}
	s.texts[where] = append(s.texts[where], texts...)
}

func (s *seen) addState(where string, value *tfprotov6.DynamicValue, private []byte, diagnostics []*tfprotov6.Diagnostic) {
	if value != nil {
		s.add(where, value.MsgPack, value.JSON)
	}
	s.add("the private data of "+where, private)
	for _, d := range diagnostics {
		s.add("a diagnostic of "+where, []byte(d.Summary), []byte(d.Detail))
	}
}

// holds returns where a secret appears. If nowhere, it forgets what was seen so far.
func (s *seen) holds(secrets []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for where, texts := range s.texts {
		all := bytes.Join(texts, []byte("\n"))
		for _, secret := range secrets {
			if bytes.Contains(all, []byte(secret)) {
				return fmt.Sprintf("%s: %q", where, all)
			}
		}
	}
	s.texts = nil
	return ""
}

// watched is a provider of which everything is seen.
type watched struct {
	tfprotov6.ProviderServer
	seen *seen
}

func (w *watched) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := w.ProviderServer.ReadResource(ctx, req)
	if err == nil {
		w.seen.addState("a refresh of "+req.TypeName, resp.NewState, resp.Private, resp.Diagnostics)
	}
	return resp, err
}

func (w *watched) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := w.ProviderServer.PlanResourceChange(ctx, req)
	if err == nil {
		w.seen.addState("a plan of "+req.TypeName, resp.PlannedState, resp.PlannedPrivate, resp.Diagnostics)
	}
	return resp, err
}

func (w *watched) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := w.ProviderServer.ApplyResourceChange(ctx, req)
	if err == nil {
		w.seen.addState("an apply of "+req.TypeName, resp.NewState, resp.Private, resp.Diagnostics)
	}
	return resp, err
}

func (w *watched) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := w.ProviderServer.ImportResourceState(ctx, req)
	if err == nil {
		w.seen.addState("an import of "+req.TypeName, nil, nil, resp.Diagnostics)
		for _, r := range resp.ImportedResources {
			w.seen.addState("an import of "+req.TypeName, r.State, r.Private, nil)
		}
	}
	return resp, err
}
