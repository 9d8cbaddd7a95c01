// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command plansummary writes in words what a plan does to the access of people in
// an Elastic Cloud organization: as Markdown, for example for a comment on a pull
// request. It reads the plan and the events of the same run of Terraform or OpenTofu,
// and never what they print for people:
//
//	terraform plan -json -out=plan.out > plan.jsonl
//	terraform show -json plan.out > plan.json
//	plansummary -events plan.jsonl plan.json
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	tfjson "github.com/hashicorp/terraform-json"
)

// version is set when a release is built.
var version = "dev"

// What the program ends with.
const (
	endWritten = 0
	endFailed  = 1
	endUsage   = 2
	endFound   = 3 // the plan has something that -fail-on names
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// defaultLimit leaves some room below the 65,536 characters that a comment or
// an issue on GitHub may have.
const defaultLimit = 60000

const usage = `Usage: plansummary [flags] [plan.json]

Writes in words what a plan does to the access of people. plan.json is the output of
terraform show -json; without the argument, it is read from standard input.

Ends with 0, or with 1 if a file cannot be read, with 2 if an argument is wrong, and
with 3 if the plan has something that -fail-on names.

`

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("plansummary", flag.ContinueOnError)
	flags.SetOutput(stderr)
	eventsFile := flags.String("events", "", "`file` with what terraform plan -json printed; without it, the summary is unclear")
	textFile := flags.String("text", "", "`file` with what terraform show -no-color printed, to put below the summary, collapsed")
	var failOn classes
	flags.Var(&failOn, "fail-on", "end with 3 if the plan has one of these `things`, separated by commas:\n"+explainClasses())
	drift := flags.Bool("drift", false, "begin with what changed outside Terraform, then say what apply would do")
	limit := flags.Int("limit", defaultLimit, "the most `bytes` to write, at least 2000")
	showVersion := flags.Bool("version", false, "print the version")
	flags.Usage = func() {
		_, _ = fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return endWritten
	case err != nil:
		return endUsage
	case flags.NArg() > 1:
		return end(stderr, endUsage, fmt.Errorf("unexpected argument %q", flags.Arg(1)))
	case *limit < 2000:
		return end(stderr, endUsage, errors.New("-limit has to be 2000 or more"))
	case *showVersion:
		if _, err := fmt.Fprintln(stdout, "plansummary", version); err != nil {
			return end(stderr, endFailed, err)
		}
		return endWritten
	}
	in, err := read(flags.Arg(0), *eventsFile, *textFile, stdin)
	if err != nil {
		return end(stderr, endFailed, err)
	}
	text, has := write(in, *drift, *limit)
	if _, err := io.WriteString(stdout, text); err != nil {
		return end(stderr, endFailed, err)
	}
	if found := failOn.among(has); len(found) > 0 {
		return end(stderr, endFound, fmt.Errorf("the plan has: %s", found))
	}
	return endWritten
}

// end says why the program ends with a code, and returns it.
func end(stderr io.Writer, code int, err error) int {
	_, _ = fmt.Fprintln(stderr, "plansummary:", err)
	return code
}

// input is all that is known of one plan.
type input struct {
	*tfjson.Plan
	errored bool    // whether the plan ended with an error
	events  *events // nil if there are none
	text    string  // what terraform show printed for people
}

func read(planFile, eventsFile, textFile string, stdin io.Reader) (in input, err error) {
	content, err := readFile(planFile, stdin)
	if err != nil {
		return in, err
	}
	in.Plan = &tfjson.Plan{}
	more := struct {
		Errored bool `json:"errored"`
	}{}
	if err := errors.Join(json.Unmarshal(content, in.Plan), json.Unmarshal(content, &more)); err != nil {
		return in, fmt.Errorf("%s is not the output of terraform show -json: %w", nameOf(planFile), err)
	}
	in.errored = more.Errored
	if eventsFile != "" {
		content, err := os.ReadFile(eventsFile)
		if err != nil {
			return in, err
		}
		if in.events, err = readEvents(content); err != nil {
			return in, fmt.Errorf("%s is not the output of terraform plan -json: %w", eventsFile, err)
		}
		if err := in.events.mustBeOf(in.Plan); err != nil {
			return in, fmt.Errorf("%s and %s are not of the same plan: %w", eventsFile, nameOf(planFile), err)
		}
	}
	if textFile != "" {
		content, err := os.ReadFile(textFile)
		if err != nil {
			return in, err
		}
		in.text = string(content)
	}
	return in, nil
}

func readFile(name string, stdin io.Reader) ([]byte, error) {
	if name == "" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

func nameOf(file string) string {
	if file == "" {
		return "standard input"
	}
	return file
}
