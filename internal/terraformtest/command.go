// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Workspace is a folder with a configuration, in which commands of the CLI are played.
type Workspace struct {
	*Terraform

	settings map[string]any // of the environment
	files    map[string]string
	plans    map[string]savedPlan
	serial   int // of the state; a saved plan is for one serial
	last     *Plan
}

// savedPlan is what plan -out writes.
type savedPlan struct {
	*Plan
	moved  map[string]string
	serial int // of the state for which it was made
}

// NewWorkspace returns an empty folder with an empty state.
func NewWorkspace(t *Terraform) *Workspace {
	return &Workspace{Terraform: t, settings: t.Settings, files: map[string]string{}, plans: map[string]savedPlan{}}
}

// Last returns the latest plan, or nil.
func (w *Workspace) Last() *Plan { return w.last }

// Write writes a file of the configuration.
func (w *Workspace) Write(name, hcl string) { w.files[name] = hcl }

// arguments are the arguments of a command.
type arguments struct {
	Options
	command     string
	rest        []string
	parallelism int // 0 if it is not given
	out         string
	refreshOnly bool
	exitCode    bool
}

func parseArguments(args []string) (arguments, error) {
	a := arguments{command: args[0]}
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		switch {
		case !strings.HasPrefix(arg, "-"):
			a.rest = append(a.rest, arg)
		case arg == "-auto-approve", arg == "-refresh=true", arg == "-no-color":
		case arg == "-refresh=false":
			a.NoRefresh = true
		case arg == "-destroy":
			a.Destroy = true
		case arg == "-refresh-only":
			a.refreshOnly = true
		case arg == "-detailed-exitcode":
			a.exitCode = true
		case name == "-out":
			a.out = value
		case name == "-parallelism":
			var err error
			if a.parallelism, err = strconv.Atoi(value); err != nil || a.parallelism < 1 {
				return a, fmt.Errorf("-parallelism has to be a number from 1, and is %q", value)
			}
		case name == "-replace":
			a.Replace = append(a.Replace, value)
		default:
			return a, fmt.Errorf("the argument %s is not played here", arg)
		}
	}
	return a, nil
}

// Run plays a command. It returns what the CLI would print, with all white space folded
// into single spaces, and whether the exit code would be 0.
func (w *Workspace) Run(ctx context.Context, args ...string) (string, bool) {
	out := &text{}
	err := w.run(ctx, out, args)
	if err != nil && !errors.Is(err, errPrinted) {
		out.add("Error: %s", err)
	}
	return out.String(), err == nil
}

// errPrinted means that the text has the reason already.
var errPrinted = errors.New("the command failed")

func (w *Workspace) run(ctx context.Context, out *text, args []string) error {
	a, err := parseArguments(args)
	if err != nil {
		return err
	}
	if a.parallelism > 0 {
		defer func(usual int) { w.Parallelism = usual }(w.Parallelism)
		w.Parallelism = a.parallelism
	}
	switch a.command {
	case "plan":
		if a.refreshOnly {
			break
		}
		p, err := w.plan(ctx, out, a)
		if err != nil {
			return err
		}
		if a.out != "" {
			w.plans[a.out] = p
		}
		if a.exitCode && len(p.Changes)+len(p.moved) > 0 {
			return errPrinted // exit code 2
		}
		return nil
	case "apply", "destroy", "refresh":
		a.Destroy = a.Destroy || a.command == "destroy"
		if a.refreshOnly || a.command == "refresh" {
			return w.refreshAll(ctx, out)
		}
		var p savedPlan
		if len(a.rest) > 0 {
			var found bool
			if p, found = w.plans[a.rest[0]]; !found {
				return fmt.Errorf("there is no plan %s", a.rest[0])
			}
		} else if p, err = w.plan(ctx, out, a); err != nil {
			return err
		}
		return w.apply(ctx, out, p, a)
	case "show":
		return w.show(out)
	case "state":
		if slices.Equal(a.rest, []string{"pull"}) {
			return w.pull(out)
		}
	case "import":
		return w.importInto(ctx, out, a.rest)
	case "validate":
		return w.validateAll(ctx, out)
	}
	return fmt.Errorf("terraform %s is not played here", strings.Join(args, " "))
}

// module reads all files and the settings of the provider block. It returns the state
// after the moved and removed blocks.
func (w *Workspace) module() (*module, map[string]Object, map[string]string, error) {
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.files)) {
		if strings.HasSuffix(name, ".tf") {
			all.WriteString(w.files[name] + "\n")
		}
	}
	m, err := w.parse(all.String())
	if err != nil {
		return nil, nil, nil, err
	}
	w.Settings = maps.Clone(w.settings)
	maps.Copy(w.Settings, m.settings)
	state := maps.Clone(w.State)
	moved := m.rename(state)
	return m, state, moved, nil
}

func (w *Workspace) plan(ctx context.Context, out *text, a arguments) (savedPlan, error) {
	m, state, moved, err := w.module()
	if err != nil {
		return savedPlan{}, err
	}
	renamed := *w.Terraform
	renamed.State = state
	if a.Destroy && !a.NoRefresh && len(state) > 0 { // Terraform makes an ordinary plan first, because that reads the state
		p, err := renamed.Plan(ctx, m.config, Options{})
		if err != nil {
			out.add("Planning failed.")
			out.diagnostics(p.Diagnostics, m.config)
			return savedPlan{}, errPrinted
		}
		state, a.NoRefresh = p.State, true
	}
	for _, address := range a.Replace {
		if _, held := state[address]; !held {
			return savedPlan{}, fmt.Errorf("-replace names %s, which is not in the state", address)
		}
	}
	renamed.State, renamed.Imports = state, m.imports
	p, err := renamed.Plan(ctx, m.config, a.Options)
	if err != nil {
		out.add("Planning failed.")
		out.diagnostics(p.Diagnostics, m.config)
		return savedPlan{}, errPrinted
	}
	if err := out.plan(w.Terraform, p, maps.Clone(moved)); err != nil {
		return savedPlan{}, err
	}
	out.diagnostics(p.Diagnostics, m.config)
	w.last = p
	return savedPlan{p, moved, w.serial}, nil
}

func (w *Workspace) apply(ctx context.Context, out *text, p savedPlan, a arguments) error {
	if p.serial != w.serial {
		return errors.New("Saved plan is stale") //nolint:staticcheck // Terraform's words
	}
	w.serial++
	applied, err := w.Apply(ctx, p.Plan)
	out.diagnostics(applied.Diagnostics, p.config)
	if err != nil {
		return errPrinted
	}
	imported := 0
	for _, ch := range p.Changes {
		if ch.Imports {
			imported++
		}
	}
	switch {
	case a.command == "destroy":
		out.add("Destroy complete! Resources: %d destroyed.", applied.Destroyed)
	case imported > 0:
		out.add("Apply complete! Resources: %d imported, %d added, %d changed, %d destroyed.", imported, applied.Added, applied.Changed, applied.Destroyed)
	default:
		out.add("Apply complete! Resources: %d added, %d changed, %d destroyed.", applied.Added, applied.Changed, applied.Destroyed)
	}
	return nil
}

// refresh reads everything in a state.
func (w *Workspace) refresh(ctx context.Context, state map[string]Object) (map[string]Object, []Diagnostic) {
	server, err := w.Start(ctx)
	if err != nil {
		return nil, diagnose("provider", nil, err)
	}
	refreshed := map[string]Object{}
	var diagnostics []Diagnostic
	for _, address := range slices.Sorted(maps.Keys(state)) {
		held, more := w.RefreshOne(ctx, server, address, state[address])
		diagnostics = append(diagnostics, more...)
		if !held.Value.IsNull() {
			refreshed[address] = held
		}
	}
	return refreshed, diagnostics
}

func (w *Workspace) refreshAll(ctx context.Context, out *text) error {
	m, state, _, err := w.module()
	if err != nil {
		return err
	}
	refreshed, diagnostics := w.refresh(ctx, state)
	out.diagnostics(diagnostics, m.config)
	if Failed(diagnostics) != nil {
		return errPrinted
	}
	w.State = refreshed
	w.serial++
	out.add("Apply complete! Resources: 0 added, 0 changed, 0 destroyed.")
	return nil
}

func (w *Workspace) validateAll(ctx context.Context, out *text) error {
	m, _, _, err := w.module()
	if err != nil {
		return err
	}
	_, diagnostics := w.validate(ctx, w.Server(), m.config)
	out.diagnostics(diagnostics, m.config)
	if Failed(diagnostics) != nil {
		return errPrinted
	}
	out.add("Success! The configuration is valid.")
	return nil
}

func (w *Workspace) importInto(ctx context.Context, out *text, rest []string) error {
	m, state, _, err := w.module()
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return errors.New("import takes an address and an ID")
	}
	b, configured := m.config[rest[0]]
	if _, managed := state[rest[0]]; managed || !configured {
		return fmt.Errorf("cannot import into %s: managed already: %t, in the configuration: %t", rest[0], managed, configured)
	}
	server, err := w.Start(ctx)
	if err != nil {
		return err
	}
	imported, diagnostics := w.ImportOne(ctx, server, rest[0], b.Type, rest[1])
	if Failed(diagnostics) == nil {
		var more []Diagnostic
		imported, more = w.RefreshOne(ctx, server, rest[0], imported)
		diagnostics = append(diagnostics, more...)
	}
	out.diagnostics(diagnostics, m.config)
	if Failed(diagnostics) != nil {
		return errPrinted
	}
	if imported.Value.IsNull() {
		return errors.New("Cannot import non-existent remote object") //nolint:staticcheck // Terraform's words
	}
	state[rest[0]] = imported
	w.State = state
	w.serial++
	out.add("Import successful!")
	return nil
}

// show adds the state as terraform show prints it.
func (w *Workspace) show(out *text) error {
	for _, address := range slices.Sorted(maps.Keys(w.State)) {
		held := w.State[address]
		value, err := toCty(held.Value, w.typeOf(held.Type))
		if err != nil {
			return err
		}
		instance, key := cutDeposed(address)
		out.add("# %s:", instance)
		if key != "" {
			out.add("(deposed object %s)", key)
		}
		out.add("resource %q %q %s", held.Type, nameIn(address), literal(value))
	}
	return nil
}

// pull adds the state as JSON: the address and the attributes of each resource.
func (w *Workspace) pull(out *text) error {
	all := map[string]json.RawMessage{}
	for address, held := range w.State {
		as := w.typeOf(held.Type)
		value, err := toCty(held.Value, as)
		if err != nil {
			return err
		}
		if all[address], err = ctyjson.Marshal(value, ctyType(as)); err != nil {
			return err
		}
	}
	encoded, err := json.Marshal(all)
	out.add("%s", encoded)
	return err
}
