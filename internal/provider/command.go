// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// commandLine returns the arguments of the CLI that started this process. There are none
// where they are not known, as on other systems than Linux.
//
// Nothing in the plugin protocol tells a plan from an apply. A plan reads what is
// in the state and an apply does not, but with -refresh=false neither does.
func commandLine() []string {
	arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid()))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(arguments), "\x00"), "\x00")
}

// switches are options of apply after which no value of theirs follows.
var switches = []string{"-auto-approve", "-compact-warnings", "-json", "-no-color"}

// appliesSavedPlan reports whether the CLI surely applies a plan that it has saved before.
// What follows another option without = may be the value of that.
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

// commandOf is the command among the arguments of the CLI. The name of a saved
// plan may be that of a command, and comes after it.
func commandOf(arguments []string) string {
	for _, argument := range arguments[min(1, len(arguments)):] {
		if !strings.HasPrefix(argument, "-") { // such as -chdir=...
			return argument
		}
	}
	return ""
}
