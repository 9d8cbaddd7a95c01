// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// commandLine returns the arguments of the CLI that started this process. It returns none
// if they are unknown, as on systems other than Linux.
//
// The plugin protocol does not distinguish a plan from an apply. A plan refreshes the
// state and an apply does not, but with -refresh=false neither does.
func commandLine() []string {
	arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid()))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(arguments), "\x00"), "\x00")
}

// switches are options of apply that take no value.
var switches = []string{"-auto-approve", "-compact-warnings", "-json", "-no-color"}

// appliesSavedPlan reports whether the CLI certainly applies a saved plan. An argument
// after an unknown option without = may be the value of that option.
func appliesSavedPlan(arguments []string) bool {
	at := slices.Index(arguments, "apply")
	if commandOf(arguments) != "apply" {
		return false
	}
	for i, argument := range arguments[at+1:] {
		if !strings.HasPrefix(argument, "-") && !takesValue(arguments[at+i]) {
			return true
		}
	}
	return false
}

func takesValue(argument string) bool {
	return strings.HasPrefix(argument, "-") && !strings.Contains(argument, "=") && !slices.Contains(switches, strings.Replace(argument, "--", "-", 1))
}

// commandOf returns the command among the arguments of the CLI. It is the first argument
// that is not an option: a saved plan may have the name of a command, but follows it.
func commandOf(arguments []string) string {
	for _, argument := range arguments[min(1, len(arguments)):] {
		if !strings.HasPrefix(argument, "-") { // such as -chdir=...
			return argument
		}
	}
	return ""
}
