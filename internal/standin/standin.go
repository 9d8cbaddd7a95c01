// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package standin plays programs that the examples for CI call, for their tests: gh,
// jq, and go, which runs the summary in its published version. The jq language is the
// one that gh has built in. The issues of GitHub are a file.
package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/itchyny/gojq"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

// Main plays the program under whose name it was called, and exits.
func Main() {
	name := filepath.Base(os.Args[0])
	play := map[string]func([]string, io.Writer) error{"gh": playGH, "jq": playJQ, "go": playGo}[name]
	if play == nil {
		play = func([]string, io.Writer) error { return errors.New("this program plays only gh, jq and go") }
	}
	if err := play(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// The environment of the programs.
const (
	SummaryVariable = "STAND_IN_PLANSUMMARY" // the program that go run starts
	VersionVariable = "STAND_IN_VERSION"     // the version that go run has to ask for
	GitHubVariable  = "STAND_IN_GITHUB"      // the file with the issues
)

// playGo plays go run for the one program that the examples run from the module proxy.
// The program must have the version with which these examples are released, because an
// older version may not know the arguments.
func playGo(args []string, stdout io.Writer) error {
	if want := cli.Module + "/internal/cmd/plansummary@v" + os.Getenv(VersionVariable); len(args) < 2 || args[0] != "run" || args[1] != want {
		return fmt.Errorf("unexpected arguments %q: only run %s is known", args, want)
	}
	cmd := exec.CommandContext(context.Background(), os.Getenv(SummaryVariable), args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, os.Stderr
	return cmd.Run()
}

// playJQ prints the results of a query over a file, or over standard input.
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

// query prints the results of a query. It prints texts without quotes, as gh does. The
// examples use jq only for numbers, for which that makes no difference.
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
