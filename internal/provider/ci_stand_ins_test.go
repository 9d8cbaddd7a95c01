// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

// The examples for CI call gh, jq, and the summary's program by its published
// version. In a test these names on the PATH lead to the test's own executable,
// which then plays them: the jq language is that of gh itself, and the issues
// of GitHub are a file.
func init() {
	standIn := map[string]func([]string, io.Writer) error{"gh": playGH, "jq": playJQ, "go": playGo}[filepath.Base(os.Args[0])]
	if standIn == nil {
		return
	}
	if err := standIn(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
	os.Exit(0)
}

const (
	summaryVariable = "STAND_IN_PLANSUMMARY" // the program that go run leads to
	versionVariable = "STAND_IN_VERSION"     // the version that it is to be asked for
	gitHubVariable  = "STAND_IN_GITHUB"      // the file with the issues
)

// playGo runs the one program that the examples run from the module proxy. The
// program has to be of the version that these examples are released with: an
// older one does not know what they call it with, and there is no other.
func playGo(args []string, stdout io.Writer) error {
	if want := cli.Module + "/internal/cmd/plansummary@v" + os.Getenv(versionVariable); len(args) < 2 || args[0] != "run" || args[1] != want {
		return fmt.Errorf("unexpected arguments %q: only run %s is known", args, want)
	}
	cmd := exec.CommandContext(context.Background(), os.Getenv(summaryVariable), args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, os.Stderr
	return cmd.Run()
}

// playJQ prints the results of a query over a file, or standard input.
func playJQ(args []string, stdout io.Writer) error {
	names, values := []string{}, []any{}
	for len(args) > 3 && args[0] == "--argjson" {
		var value any
		if err := json.Unmarshal([]byte(args[2]), &value); err != nil {
			return err
		}
		names, values, args = append(names, "$"+args[1]), append(values, value), args[3:]
	}
	read := func() ([]byte, error) { return io.ReadAll(os.Stdin) }
	if len(args) == 2 {
		read = func() ([]byte, error) { return os.ReadFile(args[1]) }
	}
	input, err := read()
	if err != nil {
		return err
	}
	var value any
	if err := json.Unmarshal(input, &value); err != nil {
		return err
	}
	return query(args[0], value, stdout, names, values)
}

// query prints what a query gives, texts without quotes as gh does. The
// examples have jq print numbers alone, for which that is the same.
func query(text string, value any, stdout io.Writer, names []string, values []any) error {
	parsed, err := gojq.Parse(text)
	if err != nil {
		return err
	}
	compiled, err := gojq.Compile(parsed, gojq.WithVariables(names))
	if err != nil {
		return err
	}
	results := compiled.Run(value, values...)
	for {
		result, more := results.Next()
		if !more {
			return nil
		}
		if err, failed := result.(error); failed {
			return err
		}
		line, isText := result.(string)
		if !isText {
			encoded, err := gojq.Marshal(result)
			if err != nil {
				return err
			}
			line = string(encoded)
		}
		if _, err := fmt.Fprintln(stdout, line); err != nil {
			return err
		}
	}
}

// gitHub is what the stand-in keeps of a repository.
type gitHub struct {
	Issues map[int]*gitHubIssue
	Writes int // how often anything was changed
}

type gitHubIssue struct {
	Title, Body, State string
	User               string
	Labels             []string
	Comments           []gitHubComment
}

type gitHubComment struct {
	ID         int
	User, Body string
}

const gitHubBot = "github-actions[bot]"

func readGitHub(file string) (*gitHub, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	hub := &gitHub{}
	return hub, json.Unmarshal(content, hub)
}

func (h *gitHub) save(file string) error {
	content, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}

// ghFields are the values of --field, where @ names a file, and of --raw-field.
type ghFields struct {
	values map[string]string
	raw    bool
}

func (f ghFields) String() string { return fmt.Sprint(f.values) }

func (f ghFields) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("no value in %q", text)
	}
	if file, isFile := strings.CutPrefix(value, "@"); isFile && !f.raw {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		value = string(content)
	}
	f.values[name] = value
	return nil
}

// playGH is gh api for the calls about issues that the examples make.
func playGH(args []string, stdout io.Writer) error {
	if len(args) < 2 || args[0] != "api" || os.Getenv("GH_TOKEN") == "" {
		return fmt.Errorf("unexpected arguments %q, or no GH_TOKEN", args)
	}
	flags := flag.NewFlagSet("gh api", flag.ContinueOnError)
	method := flags.String("method", "", "")
	jq := flags.String("jq", "", "")
	paginate := flags.Bool("paginate", false, "")
	silent := flags.Bool("silent", false, "")
	given := ghFields{values: map[string]string{}}
	flags.Var(given, "field", "")
	flags.Var(ghFields{values: given.values, raw: true}, "raw-field", "")
	var path string
	for rest := args[1:]; len(rest) > 0; { // the path may stand before flags
		if err := flags.Parse(rest); err != nil {
			return err
		}
		if rest = flags.Args(); len(rest) > 0 {
			path, rest = rest[0], rest[1:]
		}
	}
	if *method == "" {
		*method = "GET"
		if len(given.values) > 0 {
			*method = "POST"
		}
	}
	hub, err := readGitHub(os.Getenv(gitHubVariable))
	if err != nil {
		return err
	}
	answer, err := hub.call(*method, path, given.values)
	if err != nil {
		return err
	}
	if *method != "GET" {
		hub.Writes++
		return errors.Join(hub.save(os.Getenv(gitHubVariable)), unlessSilent(*silent, answer, stdout))
	}
	if !*paginate {
		return query(*jq, answer, stdout, nil, nil)
	}
	for page := range slices.Chunk(answer, 2) { // small ones, so that there are several
		if err := query(*jq, page, stdout, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

func unlessSilent(silent bool, answer []any, stdout io.Writer) error {
	if silent {
		return nil
	}
	return json.NewEncoder(stdout).Encode(answer)
}

var gitHubPath = regexp.MustCompile(`^repos/acme/access/issues(?:/(\d+)(/comments)?|/comments/(\d+))?$`)

// call does one call and returns the list that it answers with.
func (h *gitHub) call(method, path string, given map[string]string) ([]any, error) {
	parts := gitHubPath.FindStringSubmatch(path)
	if parts == nil {
		return nil, fmt.Errorf("no such path: %s", path)
	}
	number, _ := strconv.Atoi(parts[1])
	issue := h.Issues[number]
	if parts[1] != "" && issue == nil {
		return nil, fmt.Errorf("HTTP 404: no issue %d", number)
	}
	switch id, _ := strconv.Atoi(parts[3]); {
	case method == "GET" && parts[2] != "":
		return issue.comments(), nil
	case method == "GET" && parts[1] == "" && parts[3] == "":
		return h.list(given["state"]), nil
	case method == "POST" && parts[2] != "":
		issue.Comments = append(issue.Comments, gitHubComment{ID: 1000*number + len(issue.Comments), User: gitHubBot, Body: given["body"]})
		return nil, nil
	case method == "POST" && parts[1] == "" && given["title"] != "":
		h.Issues[len(h.Issues)+1] = &gitHubIssue{Title: given["title"], Body: given["body"], State: "open", User: gitHubBot, Labels: []string{given["labels[]"]}}
		return nil, nil
	case method == "PATCH" && parts[1] != "" && parts[2] == "":
		issue.patch(given)
		return nil, nil
	case method == "PATCH" && parts[3] != "":
		return nil, h.patchComment(id, given["body"])
	}
	return nil, fmt.Errorf("no such call: %s %s", method, path)
}

func (i *gitHubIssue) comments() (list []any) {
	for _, c := range i.Comments {
		list = append(list, map[string]any{"id": c.ID, "body": c.Body, "user": map[string]any{"login": c.User}})
	}
	return list
}

// list has the newest first; an issue without a text has null for a body.
func (h *gitHub) list(state string) (list []any) {
	for _, number := range slices.Backward(slices.Sorted(maps.Keys(h.Issues))) {
		i := h.Issues[number]
		if i.State != state {
			continue
		}
		entry := map[string]any{"number": number, "title": i.Title, "body": nil, "user": map[string]any{"login": i.User}}
		if i.Body != "" {
			entry["body"] = i.Body
		}
		list = append(list, entry)
	}
	return list
}

func (i *gitHubIssue) patch(given map[string]string) {
	if body, found := given["body"]; found {
		i.Body = body
	}
	if state, found := given["state"]; found {
		i.State = state
	}
}

func (h *gitHub) patchComment(id int, body string) error {
	for _, i := range h.Issues {
		for n := range i.Comments {
			if i.Comments[n].ID == id {
				i.Comments[n].Body = body
				return nil
			}
		}
	}
	return fmt.Errorf("HTTP 404: no comment %d", id)
}
