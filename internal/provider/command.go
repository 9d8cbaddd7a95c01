// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"strings"
)

// isPlanCommand reports whether the CLI that started this process runs its plan
// command. It is false where that is not known, as on other systems than Linux.
//
// Nothing in the plugin protocol tells a plan from an apply. A plan reads what is
// in the state and an apply does not, but with -refresh=false neither does.
func isPlanCommand() bool {
	arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid()))
	return err == nil && commandOf(strings.Split(string(arguments), "\x00")) == "plan"
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
