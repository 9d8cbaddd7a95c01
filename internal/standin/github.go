// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// GitHub is the part of a repository that gh reads and changes.
type GitHub struct {
	Issues   map[int]*Issue
	Reviews  []Review          // of the one pull request
	Statuses map[string]Status // by commit, and context after a space
	Writes   int               // number of changes
}

// Review is what somebody thinks of a commit of the pull request.
type Review struct {
	User, State, Commit, Association string
}

// Status is what is said of a commit.
type Status struct {
	State, Description string
}

// Issue is an issue or a pull request.
type Issue struct {
	Title, Body, State string
	User               string
	Labels             []string
	Comments           []Comment
}

// Comment is a comment on an issue.
type Comment struct {
	ID         int
	User, Body string
}

// Bot is the author of everything that gh writes.
const Bot = "github-actions[bot]"

// ReadGitHub reads the file of GitHubVariable.
func ReadGitHub(file string) (*GitHub, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	hub := &GitHub{}
	return hub, json.Unmarshal(content, hub)
}

// Save writes the file of GitHubVariable.
func (h *GitHub) Save(file string) error {
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

// playGH plays gh api for the calls that the examples make.
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
	for rest := args[1:]; len(rest) > 0; { // the path may be before the flags
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
	hub, err := ReadGitHub(os.Getenv(GitHubVariable))
	if err != nil {
		return err
	}
	answer, err := hub.call(*method, path, given.values)
	if err != nil {
		return err
	}
	if *method != "GET" {
		hub.Writes++
		return errors.Join(hub.Save(os.Getenv(GitHubVariable)), unlessSilent(*silent, answer, stdout))
	}
	if !*paginate {
		return query(*jq, answer, stdout, nil, nil)
	}
	for page := range slices.Chunk(answer, 2) { // small pages, so that there are several
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

var statusPath = regexp.MustCompile(`^repos/acme/access/statuses/([0-9a-f]+)$`)

var gitHubPath = regexp.MustCompile(`^repos/acme/access/issues(?:/(\d+)(/comments)?|/comments/(\d+))?$`)

// call plays one call and returns the list of its answer.
func (h *GitHub) call(method, path string, given map[string]string) ([]any, error) {
	if method == "GET" && path == "repos/acme/access/pulls/7/reviews" {
		return h.reviews(), nil
	}
	if commit := statusPath.FindStringSubmatch(path); method == "POST" && commit != nil {
		if h.Statuses == nil {
			h.Statuses = map[string]Status{}
		}
		h.Statuses[commit[1]+" "+given["context"]] = Status{State: given["state"], Description: given["description"]}
		return nil, nil
	}
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
		issue.Comments = append(issue.Comments, Comment{ID: 1000*number + len(issue.Comments), User: Bot, Body: given["body"]})
		return nil, nil
	case method == "POST" && parts[1] == "" && given["title"] != "":
		h.Issues[len(h.Issues)+1] = &Issue{Title: given["title"], Body: given["body"], State: "open", User: Bot, Labels: []string{given["labels[]"]}}
		return nil, nil
	case method == "PATCH" && parts[1] != "" && parts[2] == "":
		issue.patch(given)
		return nil, nil
	case method == "PATCH" && parts[3] != "":
		return nil, h.patchComment(id, given["body"])
	}
	return nil, fmt.Errorf("no such call: %s %s", method, path)
}

func (i *Issue) comments() (list []any) {
	for _, c := range i.Comments {
		list = append(list, map[string]any{"id": c.ID, "body": c.Body, "user": map[string]any{"login": c.User}})
	}
	return list
}

func (h *GitHub) reviews() (list []any) {
	for _, r := range h.Reviews {
		list = append(list, map[string]any{
			"user": map[string]any{"login": r.User}, "state": r.State, "commit_id": r.Commit, "author_association": r.Association,
		})
	}
	return list
}

// list returns the newest issue first. An issue without a text has null for a body.
func (h *GitHub) list(state string) (list []any) {
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

func (i *Issue) patch(given map[string]string) {
	if body, found := given["body"]; found {
		i.Body = body
	}
	if state, found := given["state"]; found {
		i.State = state
	}
}

func (h *GitHub) patchComment(id int, body string) error {
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
