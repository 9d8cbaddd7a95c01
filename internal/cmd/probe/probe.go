// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// probe is one run of the command.
type probe struct {
	settings
	client   *cloud.Client
	gate     *gate
	progress io.Writer
	began    time.Time
	findings map[string]finding
	compared string // how the organization differs from before

	before snapshot

	// settle is how long a list may take to show a write, as measured. It is 0 before
	// the first measurement.
	settle time.Duration
	// owed is what may exist and has to be undone.
	owed owed
}

func newProbe(s settings, progress io.Writer) (*probe, error) {
	p := &probe{settings: s, progress: progress, began: time.Now(), findings: map[string]finding{}, compared: "not compared"}
	p.gate = &gate{next: s.transport, mine: s.owns, tokens: map[string]bool{}}
	if p.gate.next == nil {
		p.gate.next = cleanhttp.DefaultTransport() // connections are not kept, so that none is left open
	}
	var err error
	p.client, err = cloud.New(cloud.Config{
		Endpoint:       s.endpoint,
		APIKey:         s.key,
		UserAgent:      "terraform-provider-elasticcloud-probe/" + version,
		MaxRetries:     s.retries,
		RequestTimeout: 30 * time.Second,
		Transport:      p.gate,
	})
	return p, err
}

// experiment makes something, looks at it, and finds the readings of its rules.
type experiment struct {
	name  string
	rules []string
	run   func(*probe, context.Context) error
}

var experiments = []experiment{
	{"an invitation", []string{"email-case", "email-compared", "expiry", "listed", "gone", "second-post", "all-or-nothing", "delete-list", "delete-unknown"}, (*probe).tryInvitation},
	{"an invitation that expires", []string{"expired-listed", "expired-post"}, (*probe).tryExpired},
	{"lists of application roles", []string{"application-roles", "application-list"}, (*probe).tryApplicationRoles},
	{"two lists of application roles on one role", []string{"two-lists"}, (*probe).tryTwoLists},
	{"all deployments beside one", []string{"all-beside-one"}, (*probe).tryAllBesideOne},
	{"a role mapping", []string{"mapping-listed", "mapping-pattern", "mapping-roles", "mapping-unknown"}, (*probe).tryMapping},
}

// run finds out what it can. It reports whether the probe ran to its end and the
// organization is as before.
func (p *probe) run(ctx context.Context) bool {
	err := p.look(ctx)
	refusal := err
	if err == nil {
		err = p.experiment(ctx)
	}
	p.readReplies()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		say(p.progress, "\nprobe: %v\n", err)
	}
	if refusal != nil {
		for _, e := range experiments {
			p.unfound(e.rules, "nothing was written, as the probe was refused")
		}
		p.compared = "nothing was written"
		return false
	}
	return p.compare(ctx) && err == nil
}

// look reads the organization, and refuses one in which the probe must not write.
func (p *probe) look(ctx context.Context) error {
	say(p.progress, "Reading the organization\n")
	if err := p.findOrganization(ctx); err != nil {
		return err
	}
	p.gate.organizationID = p.organizationID
	p.before = p.take(ctx)
	if p.before.membersErr != nil {
		return fmt.Errorf("could not list the members, so the probe changed nothing: %w", p.before.membersErr)
	}
	if p.before.invitationsErr != nil {
		return fmt.Errorf("could not list the invitations, so the probe changed nothing. If the list is missing because it is empty, "+
			"invite somebody in the console and run the probe again: %w", p.before.invitationsErr)
	}
	owner := false
	for _, m := range p.before.members {
		if p.owns(m.Email) {
			return fmt.Errorf("%s is a member: use an address that is not a member", m.Email)
		}
		owner = owner || m.RoleAssignments.MakesOwner(p.organizationID)
	}
	for _, i := range p.before.invitations {
		if p.owns(i.Email) {
			return fmt.Errorf("%s is already invited: use another address, or delete the invitation in the console", i.Email)
		}
	}
	if !owner {
		return errors.New("the key sees no owner of the organization, so it does not see everybody: use a key with the role organization-admin")
	}
	return nil
}

func (p *probe) findOrganization(ctx context.Context) error {
	if p.organizationID != "" {
		return nil
	}
	list, err := p.client.ListOrganizations(ctx)
	if err != nil {
		return fmt.Errorf("could not list the organizations: %w", err)
	}
	if len(list) != 1 {
		var seen strings.Builder
		for _, o := range list {
			fmt.Fprintf(&seen, "\n  %s %s", cloud.Printable(o.ID), cloud.Printable(o.Name))
		}
		return fmt.Errorf("the key sees %d organizations: set EC_ORGANIZATION_ID to one of them%s", len(list), seen.String())
	}
	p.organizationID = list[0].ID
	return nil
}

// experiment makes one experiment after the other. It stops after one that could not be
// undone.
func (p *probe) experiment(ctx context.Context) error {
	for _, e := range experiments {
		if ctx.Err() != nil {
			p.unfound(e.rules, "the probe was stopped before this rule")
			continue
		}
		if left := p.try(ctx, e); len(left) > 0 {
			for _, e := range experiments {
				p.unfound(e.rules, "the probe could not undo its changes")
			}
			return fmt.Errorf("the probe could not undo these changes:\n  %s", strings.Join(left, "\n  "))
		}
	}
	return nil
}

// try makes one experiment and undoes it in any case. It returns what is left.
func (p *probe) try(ctx context.Context, e experiment) (left []string) {
	say(p.progress, "Trying %s\n", e.name)
	defer func() { left = p.undo(ctx) }()
	err := e.run(p, ctx)
	switch {
	case err == nil:
		p.unfound(e.rules, "the service did not show it")
	case ctx.Err() != nil:
		say(p.progress, "  stopped: undoing the changes, which takes up to %s\n", mostUndoing)
		p.unfound(e.rules, "the probe was stopped")
	default:
		say(p.progress, "  ended early: %v\n", err)
		p.unfound(e.rules, "%s", reason(err))
	}
	return nil
}

// reason describes an error in words that are safe to publish.
func reason(err error) string {
	var e *cloud.Error
	var notShown *notShownError
	switch {
	case errors.As(err, &notShown):
		return notShown.Error()
	case !errors.As(err, &e):
		return "the probe failed"
	case e.Status == 0:
		return "no answer to " + e.Call
	case len(e.Failures) > 0 && codeForm.MatchString(e.Failures[0].Code):
		return fmt.Sprintf("%s answered %d %s", e.Call, e.Status, e.Failures[0].Code)
	}
	if e.Err != nil {
		return fmt.Sprintf("%s answered %d with a reply that does not match the API contract", e.Call, e.Status)
	}
	return fmt.Sprintf("%s answered %d", e.Call, e.Status)
}

// notShownError is returned if a list did not show a write in time.
type notShownError struct{ what string }

func (e *notShownError) Error() string {
	return fmt.Sprintf("%s within %s", e.what, longestLag.Truncate(time.Second))
}

// looks are the pauses between attempts to see a write in a list.
var looks = []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second, 8 * time.Second}

// longestLag is the sum of all pauses.
const longestLag = 31500 * time.Millisecond

// until calls look until it reports true, and returns how long that took. It returns 0
// if the first look was enough.
func (p *probe) until(ctx context.Context, what string, look func() (bool, error)) (time.Duration, error) {
	start := time.Now()
	for try := 0; ; try++ {
		is, err := look()
		if err != nil {
			return 0, err
		}
		took := time.Since(start)
		if is {
			p.settle = max(p.settle, took+time.Second)
		}
		switch {
		case is && try == 0:
			return 0, nil // independent of how long the reply took
		case is:
			return took, nil
		}
		if try == len(looks) {
			return 0, &notShownError{what}
		}
		if err := sleep(ctx, looks[try]); err != nil {
			return 0, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// findLag notes how long a list took to show a write.
func (p *probe) findLag(id string, took time.Duration) {
	if took == 0 {
		p.find(id, "at once", "in the first list after the reply")
	} else {
		p.find(id, "later", "after %s", took.Round(100*time.Millisecond))
	}
}

func randomName() string {
	return "terraform-probe-" + strings.ToLower(rand.Text()[:12])
}

// deploymentID returns the deployment for invitations: that of -deployment, or an ID in
// the form of a deployment's that does not exist.
func (p *probe) deploymentID() string {
	return cmp.Or(p.deployment, fmt.Sprintf("%x", rand.Text()[:16]))
}
