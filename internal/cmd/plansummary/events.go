// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
)

// events are what terraform plan -json printed: what is neither in the plan nor
// dependent on how Terraform words it.
type events struct {
	warnings  []diagnostic
	failed    bool            // whether there is an error
	complete  bool            // whether the plan came to its end
	refreshed bool            // whether a resource of this provider was refreshed
	planned   map[string]bool // address and action of each change that is planned

	begin, end time.Time // when the first and the last event were printed
}

// diagnostic is a warning, or an error. Its address is empty for a block that is no
// longer in the configuration, and for what is not about a resource.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    *struct {
		Filename string `json:"filename"`
		Start    struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
}

// where says where the diagnostic is from.
func (d diagnostic) where() string {
	switch {
	case d.Address != "":
		return d.Address
	case d.Range != nil:
		return fmt.Sprintf("%s:%d", d.Range.Filename, d.Range.Start.Line)
	}
	return ""
}

// event is one line. Others than these are not needed here.
type event struct {
	Type       string      `json:"type"`
	Time       time.Time   `json:"@timestamp"`
	Diagnostic *diagnostic `json:"diagnostic"`
	Hook       struct {
		Resource eventResource `json:"resource"`
	} `json:"hook"`
	Change struct {
		Resource eventResource `json:"resource"`
		Action   string        `json:"action"`
	} `json:"change"`
	Changes *struct {
		Operation string `json:"operation"`
	} `json:"changes"`
}

type eventResource struct {
	Address string `json:"addr"`
}

func readEvents(content []byte) (*events, error) {
	e := &events{planned: map[string]bool{}}
	number, first := 0, true
	for line := range bytes.Lines(content) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var one event
		if err := json.Unmarshal(line, &one); err != nil {
			return nil, fmt.Errorf("line %d is not an event: %w", number, err)
		}
		if first != (one.Type == "version") {
			return nil, fmt.Errorf("line %d: the first event, and no other, is the version", number)
		}
		first = false
		if e.begin.IsZero() {
			e.begin = one.Time
		}
		e.end = one.Time
		e.add(one)
	}
	if first {
		return nil, errors.New("there is no event")
	}
	return e, nil
}

func (e *events) add(one event) {
	switch one.Type {
	case "diagnostic":
		switch d := one.Diagnostic; {
		case d == nil:
		case d.Severity == "warning":
			e.warnings = append(e.warnings, *d)
		default:
			e.failed = true
		}
	case "refresh_start":
		e.refreshed = e.refreshed || isOurs(one.Hook.Resource.Address)
	case "planned_change":
		if address := one.Change.Resource.Address; isOurs(address) && slices.Contains(writes, one.Change.Action) {
			e.planned[one.Change.Action+" "+address] = true
		}
	case "change_summary":
		e.complete = e.complete || one.Changes != nil && one.Changes.Operation == "plan"
	}
}

// writes are the actions that both the events and the plan have, in the same words.
var writes = []string{"create", "update", "delete", "replace"}

// mustBeOf returns an error if the plan has other changes than the events: somebody
// would review what is not applied.
func (e *events) mustBeOf(plan *tfjson.Plan) error {
	if e.failed || !e.complete {
		return nil // they end early, which the summary says
	}
	at, err := time.Parse(time.RFC3339, plan.Timestamp) // in seconds
	if err == nil && !e.begin.IsZero() && (at.Before(e.begin.Truncate(time.Second)) || at.After(e.end)) {
		return fmt.Errorf("the plan is from %s, and the events are from %s to %s", plan.Timestamp, e.begin.Format(time.RFC3339), e.end.Format(time.RFC3339))
	}
	planned, sent := map[string]bool{}, maps.Clone(e.planned)
	for _, rc := range plan.ResourceChanges {
		if rc.Mode != tfjson.ManagedResourceMode || rc.Change == nil || !isOurs(rc.Address) {
			continue
		}
		switch actions := rc.Change.Actions; {
		case keepsTheOld(actions) || !isKnown(actions):
			for _, action := range writes { // the events may have any word for it
				delete(sent, action+" "+rc.Address)
			}
		case actions.Create():
			planned["create "+rc.Address] = true
		case actions.Update():
			planned["update "+rc.Address] = true
		case actions.Delete():
			planned["delete "+rc.Address] = true
		case actions.Replace():
			planned["replace "+rc.Address] = true
		}
	}
	if maps.Equal(planned, sent) {
		return nil
	}
	different := slices.Concat(missing(planned, sent), missing(sent, planned))
	return fmt.Errorf("only one of them has: %s", strings.Join(different, ", "))
}
