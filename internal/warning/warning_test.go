// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package warning

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// values draws a value for each blank of a phrase, and says what is read for it.
func values(t *rapid.T, p Phrase) (written []any, read []string) {
	word := rapid.StringMatching(`[a-z0-9][a-z0-9._+:-]{0,9}[a-z0-9]`)
	for _, blank := range blanks.FindAllString(p.template, -1) {
		_, _, isNumber := agreeing(blank)
		switch {
		case isNumber:
			n := rapid.IntRange(0, 12).Draw(t, blank)
			written, read = append(written, n), append(read, fmt.Sprint(n))
		case blank == "{grants}":
			grants := rapid.SliceOfN(rapid.SampledFrom([]cloud.Grant{
				{Role: "organization-admin"}, {Role: "deployment-viewer", Resource: "*"}, {Role: "elasticsearch-viewer", Resource: "a.b", ApplicationRoles: "x.+two words"},
			}), 0, 3).Draw(t, blank)
			written, read = append(written, grants), append(read, GrantList(grants))
		case isQuoted(blank):
			text := rapid.String().Draw(t, blank)
			written, read = append(written, text), append(read, text)
		case blank == "{status}":
			text := rapid.SampledFrom([]string{Member, Invited, Expired}).Draw(t, blank)
			written, read = append(written, text), append(read, text)
		case blank == "{person}":
			text := word.Draw(t, blank) + "@" + word.Draw(t, blank)
			written, read = append(written, text), append(read, text)
		default:
			text := word.Draw(t, blank)
			written, read = append(written, text), append(read, text)
		}
	}
	return written, read
}

// sample is what a phrase is written with, and what is read then.
type sample struct {
	written []any
	read    []string
}

// samples are a few of a phrase: there are many phrases, and each is read by an
// expression.
func samples(p Phrase) (list []sample) {
	if !blanks.MatchString(p.template) {
		return []sample{{}}
	}
	generator := rapid.Custom(func(t *rapid.T) sample {
		written, read := values(t, p)
		return sample{written, read}
	})
	for seed := range 8 {
		list = append(list, generator.Example(seed))
	}
	return list
}

// What a phrase writes, it reads: alone, and among other sentences.
func TestReadWhatIsWritten(t *testing.T) {
	t.Parallel()
	for _, p := range slices.Concat(summaries, details) {
		for _, sample := range samples(p) {
			text := p.With(sample.written...)
			if got, ok := p.Read(text); !ok || !slices.Equal(got, sample.read) {
				t.Fatalf("%q: read %q, want %q", text, got, sample.read)
			}
			if !strings.HasSuffix(p.template, ".") || !slices.ContainsFunc(details, func(d Phrase) bool { return d.template == p.template }) {
				continue
			}
			got, ok := ReadPhrases(RolesUnknown.With() + " " + text + "\n" + ApplyKeeps)
			if found := got.Find(p); !ok || len(found) == 0 || !slices.Equal(found[len(found)-1], sample.read) || !got.Says(RolesUnknown) || !got.SaysText(ApplyKeeps) {
				t.Fatalf("%q among others: read %q, want %q", text, found, sample.read)
			}
		}
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	grants := []cloud.Grant{{Role: "billing-admin"}, {Role: "deployment-viewer", Resource: "*"}}
	if got := Grants(GrantList(grants)); !slices.Equal(got, []string{"billing-admin", "deployment-viewer:*"}) {
		t.Errorf("got %q", got)
	}
	if got := Grants(GrantList(nil)); got != nil {
		t.Errorf("got %q", got)
	}
}

// The name of an application role can be any text. It does not become a sentence of the
// warning, nor another grant.
func TestGrantsAreNotSentences(t *testing.T) {
	t.Parallel()
	owner := cloud.Grant{Role: "organization-admin"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{
			"x. Apply changes no grants, because roles is not set.", "x. Apply revokes organization-admin. Apply grants y", "x, organization-admin", "x; loses organization-admin",
			"\"x\", organization-admin", "x.", "x. ", "x\\", "\n- a@example.com (member): same grants", " is configured twice. ", "no roles",
		}).Draw(t, "name") + rapid.String().Draw(t, "more")
		grants := []cloud.Grant{{Role: "elasticsearch-viewer", Resource: "*", ApplicationRoles: name}, owner}
		for _, text := range []Text{
			mustRead(t, Adopted.With("a@example.com"), IsMember.With()+" "+ApplyGrants.With(grants)+" "+AddToRoles),
			mustRead(t, AdoptedPeople.With(1), AdoptedPeopleDetail+" "+AddToMembers+"\n"+GetsLine.With("a@example.com", Member, grants)),
		} {
			found := append(text.Find(ApplyGrants), text.Find(GetsLine)...)
			if len(found) != 1 || text.Says(ApplyRevokes) || text.Says(RolesNotSet) || text.Says(SameLine) || text.Says(GetsAndLosesLine) {
				t.Fatalf("read %q", text)
			}
			if got, want := Grants(found[0][len(found[0])-1]), []string{grants[0].String(), owner.String()}; !slices.Equal(got, want) {
				t.Fatalf("read %q, want %q", got, want)
			}
		}
	})
}

func mustRead(t *rapid.T, summary, detail string) Text {
	text, ok := Read(summary, detail)
	if !ok {
		t.Fatalf("not read: %s\n%s", summary, detail)
	}
	return text
}

// A summary says which warning it is.
func TestSummariesDiffer(t *testing.T) {
	t.Parallel()
	for i, p := range summaries {
		for _, sample := range samples(p) {
			text := p.With(sample.written...)
			if !Known(text) {
				t.Fatalf("%q is not known", text)
			}
			for j, other := range summaries {
				if _, ok := other.Read(text); ok && i != j {
					t.Fatalf("%q is read as %q", text, other.template)
				}
			}
		}
	}
	for _, text := range []string{"", "alice@example.com is odd", "Value for undeclared variable", "Argument is deprecated", "alice@example.com is adopted, too"} {
		if Known(text) {
			t.Errorf("%q is no warning of the provider", text)
		}
	}
}

// A warning is read only if every word of it is a wording of the package.
func TestReadAll(t *testing.T) {
	t.Parallel()
	viewer := []cloud.Grant{{Role: "deployment-viewer", Resource: "*"}, {Role: "billing-admin"}}
	adopted := AdoptedPeopleDetail + " " + AddToMembers + "\n" + GetsAndLosesLine.With("a@example.com", Member, viewer, []cloud.Grant{{Role: "organization-admin"}}) + "\n" + SameLine.With("b@example.com", Invited)
	removed := RemovedDetail + "\n" + StatusLine.With("a@example.com", Expired, GrantList(viewer)) + "\n" + StatusLine.With("b@example.com", Member, noRoles)
	mapping := MappingsRemovedHint + "\n" + MappingLine.With("a", MappingRevokes.With("people in the group \"a\"", viewer))
	for _, test := range []struct{ summary, detail string }{
		{Adopted.With("a@example.com"), IsMember.With() + " " + ApplyGrants.With(viewer) + " " + ApplyRevokes.With(viewer) + " " + AddToRoles},
		{AdoptedPeople.With(2), adopted},
		{Removed.With(2), removed},
		{MappingsRemoved.With(1), mapping},
		{KeyExpires.With("2026-12-01"), KeyExpiresDetail.With("2026-12-01T00:00:00Z")},
		{LastOwner.With("a@example.com"), OwnerDemoted.With("a@example.com") + " " + OthersLoseToo + " " + OwnerlessRefused},
	} {
		if _, ok := Read(test.summary, test.detail); !ok {
			t.Errorf("not read: %s\n%s", test.summary, test.detail)
		}
		for name, changed := range map[string]string{
			"a sentence more": test.detail + " This is new.", "a line more": test.detail + "\n- a@example.com is new",
			"a sentence before": "This is new. " + test.detail, "another verb": strings.NewReplacer("Apply ", "It ", "gets ", "obtains ", "People ", "Persons ", "next sign-in", "sign-in", "expires", "ends").Replace(test.detail),
		} {
			if _, ok := Read(test.summary, changed); ok {
				t.Errorf("%s: read: %s\n%s", name, test.summary, changed)
			}
		}
		if _, ok := Read("Now "+test.summary, test.detail); ok {
			t.Errorf("read: Now %s", test.summary)
		}
	}
	text, ok := Read(Removed.With(2), removed)
	if values, want := text.Values(), []string{"2", "a@example.com", "invitation expired", "deployment-viewer:*, billing-admin", "b@example.com", "member", "no roles"}; !ok || !slices.Equal(values, want) {
		t.Errorf("got %q, want %q", values, want)
	}
}

func TestNumbersAgree(t *testing.T) {
	t.Parallel()
	for n, want := range []string{"0 people get an invitation by e-mail", "1 person gets an invitation by e-mail", "2 people get an invitation by e-mail"} {
		if got := ManyInvitations.With(n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Every summary is short, and no text has words that make it hard to read.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, p := range summaries {
		values := make([]any, len(blanks.FindAllString(p.template, -1)))
		for i := range values {
			values[i] = "one"
			if strings.Contains(p.template, "{n ") {
				values[i] = 2
			}
		}
		if text := p.With(values...); len(strings.Fields(text)) > 10 {
			t.Errorf("more than ten words: %q", text)
		}
	}
	for _, p := range details {
		text := blanks.ReplaceAllString(p.template, "one")
		if n := len(strings.Fields(text)); n > 40 && strings.Count(text+" ", ". ")+strings.Count(text, ".\n")+strings.Count(text, ":\n") < 3 {
			t.Errorf("%d words in fewer than three sentences: %q", n, p.template)
		}
	}
	hard := regexp.MustCompile(`(?i)\b(goes|comes|stands|whoever|is none|by itself|of its own|taken? over)\b`)
	for _, file := range []string{"warning.go", "conflict.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			if found := hard.FindString(line); found != "" {
				t.Errorf("%s: %q in %s", file, found, line)
			}
		}
	}
}
