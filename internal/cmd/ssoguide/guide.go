// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

// guide follows the guide, and checks the organization after each step.
type guide struct {
	out       io.Writer
	dir       string // of all files that the program writes
	cli       string // path of the CLI
	fake      *fakecloud
	parts     parts
	workspace *cli.Workspace
	state     *state // of the service, after the last step

	mistakes []step // before the first sign-in
	rollover []step // while SSO is required
}

// step is one step of the guide.
type step struct {
	text string
	do   func(context.Context) error
	want string // of the service, afterwards
}

// parts are what Terraform does not do in the guide.
type parts interface {
	metadata(ctx context.Context) (string, error)
	publish(ctx context.Context, name, value string) error
	withdraw(ctx context.Context, name, value string) error
	signIn(ctx context.Context, who user) error
}

// user is a person at the IdP.
type user struct {
	email  string
	groups []string
}

var (
	owner = user{"owner@example.com", []string{"elastic-owners"}}
	dora  = user{"dora@example.com", []string{"elastic-dev-search"}}
)

const (
	nothing     = "domains: none; IdP: none; mappings: none; SSO: optional"
	optional    = "domains: example.com; IdP: yes; mappings: developers, owners; SSO: optional"
	enforced    = "domains: example.com; IdP: yes; mappings: developers, owners; SSO: required"
	asAnOwner   = "organization-admin"
	asDeveloper = "deployment-editor:* elasticsearch-developer:*"
)

func (g *guide) play(ctx context.Context) error {
	steps := slices.Concat([]step{
		{"Prepare the example and the metadata of the IdP", g.prepare, nothing},
		{"Apply, and publish the TXT record during the apply", g.connect, optional},
		{"Require SSO before anybody has signed in: refused", g.enforceTooEarly, optional},
	}, g.mistakes, []step{
		{"Sign in as an owner and as a developer", g.signIn, optional},
		{"Require SSO", func(ctx context.Context) error {
			return g.run(ctx, `1 added, 0 changed, 0 destroyed`, "apply", "-auto-approve", "-var=enforce=true")
		}, enforced},
	}, g.rollover, []step{
		{"Make SSO optional again", func(ctx context.Context) error {
			return g.run(ctx, `0 added, 0 changed, 1 destroyed`, "apply", "-auto-approve")
		}, optional},
		{"Destroy everything, and remove the TXT record", g.goBack, nothing},
	})
	for _, step := range steps {
		if err := g.say("\n== " + step.text); err != nil {
			return err
		}
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.text, err)
		}
		if err := g.look(ctx, step.want); err != nil {
			return fmt.Errorf("%s: %w", step.text, err)
		}
	}
	return g.say("\nDone: from nothing to required single sign-on and back. Each step was checked.")
}

func (g *guide) say(text string) error {
	_, err := fmt.Fprintln(g.out, text)
	return err
}

func (g *guide) prepare(ctx context.Context) error {
	example, err := fs.Sub(examples.Files, "sso")
	if err != nil {
		return err
	}
	workDir := filepath.Join(g.dir, "sso")
	if err := os.CopyFS(workDir, example); err != nil {
		return err
	}
	metadata, err := g.parts.metadata(ctx)
	if err != nil {
		return err
	}
	if err := g.write("idp-metadata.xml", metadata); err != nil {
		return err
	}
	g.workspace, err = cli.NewWorkspace(g.cli, workDir, filepath.Join(g.dir, "provider"), "EC_ENDPOINT="+g.fake.endpoint, "EC_API_KEY="+g.fake.key)
	if err != nil {
		return err
	}
	return g.workspace.Init(ctx)
}

// write replaces a file of the example.
func (g *guide) write(name, text string) error {
	return os.WriteFile(filepath.Join(g.dir, "sso", name), []byte(text), 0o600)
}

func (g *guide) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	published := make(chan error, 1)
	go func() { published <- g.publishChallenge(ctx) }()
	err := g.run(ctx, `5 added, 0 changed, 0 destroyed`, "apply", "-auto-approve")
	cancel()
	return errors.Join(err, <-published)
}

// publishChallenge waits until a domain has a code, and publishes its record.
func (g *guide) publishChallenge(ctx context.Context) error {
	for {
		s, err := g.fake.state(ctx)
		if err != nil {
			return err
		}
		for _, domain := range s.Domains {
			if domain.RecordValue != "" {
				return g.parts.publish(ctx, domain.RecordName, domain.RecordValue)
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (g *guide) enforceTooEarly(ctx context.Context) error {
	printed, err := g.command(ctx, "apply", "-auto-approve", "-var=enforce=true")
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return fmt.Errorf("the apply should be refused, but its error is %w", err)
	}
	return wantPrinted(printed, `Error: .*\n(.*\n)*.*sign in through single sign-on with the current\W+configuration`)
}

func (g *guide) signIn(ctx context.Context) error {
	if err := errors.Join(g.parts.signIn(ctx, owner), g.parts.signIn(ctx, dora)); err != nil {
		return err
	}
	if err := g.wantGrants(ctx, owner.email, asAnOwner); err != nil {
		return err
	}
	if err := g.wantGrants(ctx, dora.email, asDeveloper); err != nil {
		return err
	}
	return g.run(ctx, `No changes\.`, "plan", "-detailed-exitcode")
}

func (g *guide) goBack(ctx context.Context) error {
	domain := g.state.Domains[0].Domain
	state, err := os.ReadFile(filepath.Join(g.workspace.Dir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	value := challengeValue.FindSubmatch(state)
	if value == nil {
		return errors.New("the state has no challenge_record_value")
	}
	if err := g.run(ctx, `Destroy complete! Resources: 5 destroyed`, "destroy", "-auto-approve"); err != nil {
		return err
	}
	return g.parts.withdraw(ctx, "_elastic_domain_challenge."+domain, string(value[1]))
}

var challengeValue = regexp.MustCompile(`"challenge_record_value": "([^"]+)"`)

// run runs the CLI, and checks that it prints a text.
func (g *guide) run(ctx context.Context, want string, args ...string) error {
	printed, err := g.command(ctx, args...)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", args[0], err, printed)
	}
	return wantPrinted(printed, want)
}

func (g *guide) command(ctx context.Context, args ...string) (printed string, err error) {
	if err := g.say("$ " + filepath.Base(g.cli) + " " + strings.Join(args, " ")); err != nil {
		return "", err
	}
	out, err := g.workspace.Command(ctx, slices.Insert(args, 1, "-no-color")...).CombinedOutput()
	return string(out), err
}

func wantPrinted(printed, want string) error {
	if !regexp.MustCompile(want).MatchString(printed) {
		return fmt.Errorf("the command did not print %q:\n%s", want, printed)
	}
	return nil
}

// look shows and checks the settings of single sign-on in the organization.
func (g *guide) look(ctx context.Context, want string) error {
	var err error
	if g.state, err = g.fake.state(ctx); err != nil {
		return err
	}
	got := g.state.String()
	if err := g.say(got); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("the organization should have %s", want)
	}
	return nil
}

// String describes the settings of single sign-on.
func (s *state) String() string {
	var domains, mappings []string
	for _, domain := range s.Domains {
		if domain.Claimed {
			domains = append(domains, domain.Domain)
		}
	}
	for _, mapping := range s.RoleMappings {
		mappings = append(mappings, mapping.Name)
	}
	slices.Sort(mappings)
	idp, sso := "none", "optional"
	if s.IdP != nil {
		idp = "yes"
	}
	if s.SSOEnforced {
		sso = "required"
	}
	list := func(names []string) string {
		if len(names) == 0 {
			return "none"
		}
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("domains: %s; IdP: %s; mappings: %s; SSO: %s", list(domains), idp, list(mappings), sso)
}

// wantGrants checks the grants of a person.
func (g *guide) wantGrants(ctx context.Context, email, want string) error {
	s, err := g.fake.state(ctx)
	if err != nil {
		return err
	}
	for _, person := range s.People {
		if got := strings.Join(person.Grants, " "); person.Email == email {
			if got != want {
				return fmt.Errorf("%s holds %q instead of %q", email, got, want)
			}
			return g.say(email + " holds " + cmp.Or(got, "no roles"))
		}
	}
	return fmt.Errorf("%s is not in the organization", email)
}
