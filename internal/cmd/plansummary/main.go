// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command plansummary says in words what a plan does to the access of people in
// an Elastic Cloud organization. It reads the output of `terraform show -json
// plan.out` and writes Markdown, such as for a comment on a pull request:
//
//	go run github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cmd/plansummary@v0.1.0 -text plan.txt plan.json
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

func main() {
	err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "plansummary:", err)
		os.Exit(1)
	}
}

// defaultLimit leaves some room below the 65,536 characters that a comment or
// an issue on GitHub may have.
const defaultLimit = 60000

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("plansummary", flag.ContinueOnError)
	flags.SetOutput(stderr)
	textFile := flags.String("text", "", "`file` with what terraform plan printed, for the warnings in it, and to put below the summary, collapsed")
	warningsOnly := flags.Bool("warnings-only", false, "take the warnings from that file, and leave the rest of it out")
	limit := flags.Int("limit", defaultLimit, "the most `bytes` to write")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "Usage: plansummary [flags] [plan.json]\n\nReads what terraform show -json printed, from standard input where no file is named.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 1 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(1))
	}
	if *warningsOnly && *textFile == "" {
		return errors.New("-warnings-only needs -text")
	}
	if *limit < 2000 {
		return errors.New("-limit has to be 2000 or more")
	}
	plan, err := readPlan(flags.Arg(0), stdin)
	if err != nil {
		return err
	}
	var text []byte
	if *textFile != "" {
		if text, err = os.ReadFile(*textFile); err != nil {
			return err
		}
	}
	_, err = io.WriteString(stdout, write(plan, string(text), !*warningsOnly, *limit))
	return err
}

// readPlan reads the file, or standard input where none is named.
func readPlan(file string, stdin io.Reader) (*tfjson.Plan, error) {
	var content []byte
	var err error
	if file == "" {
		content, err = io.ReadAll(stdin)
	} else {
		content, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, err
	}
	plan := &tfjson.Plan{}
	if err := json.Unmarshal(content, plan); err != nil {
		return nil, fmt.Errorf("this is no output of terraform show -json: %w", err)
	}
	return plan, nil
}
