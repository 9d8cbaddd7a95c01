// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package standin plays programs that the examples for CI call, for their tests: gh
// and jq. The jq language is the one that gh has built in. The reviews, statuses and
// issues of GitHub are a file.
package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/itchyny/gojq"
)

// Main plays the program under whose name it was called, and exits.
func Main() {
	name := filepath.Base(os.Args[0])
	play := map[string]func([]string, io.Writer) error{"gh": playGH, "jq": playJQ}[name]
	if play == nil {
		play = func([]string, io.Writer) error { return errors.New("this program plays only gh and jq") }
	}
	if err := play(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// GitHubVariable names the file of ReadGitHub in the environment.
const GitHubVariable = "STAND_IN_GITHUB"

// playJQ prints the results of a query over each value of a file, or of standard
// input.
func playJQ(args []string, stdout io.Writer) error {
	names, values := []string{}, []any{}
	if len(args) > 0 && args[0] == "--raw-output" { // as query prints anyway
		args = args[1:]
	}
	for len(args) > 3 && args[0] == "--argjson" {
		var value any
		if err := json.Unmarshal([]byte(args[2]), &value); err != nil {
			return err
		}
		names, values, args = append(names, "$"+args[1]), append(values, value), args[3:]
	}
	input := io.Reader(os.Stdin)
	if len(args) == 2 {
		content, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		input = bytes.NewReader(content)
	}
	for decoder := json.NewDecoder(input); ; {
		var value any
		if err := decoder.Decode(&value); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := query(args[0], value, stdout, names, values); err != nil {
			return err
		}
	}
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
