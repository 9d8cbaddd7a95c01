// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command meter runs instead of the provider during the benchmark. It starts the
// provider that BENCH_PROVIDER names. When the provider has ended, it adds a line to
// the file that BENCH_USAGE names: CPU time in nanoseconds and peak memory in bytes, as
// the operating system counted them.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	// The CLI asks the provider to stop. A Ctrl-C in the terminal is only for the CLI.
	signal.Ignore(os.Interrupt)
	// No deadline: the CLI decides how long the provider lives.
	provider := &exec.Cmd{Path: os.Getenv("BENCH_PROVIDER"), Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := provider.Run()
	if provider.ProcessState != nil {
		err = errors.Join(err, note(provider.ProcessState))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "meter:", err)
		os.Exit(1)
	}
}

// note appends the line in one write, because several providers may end at the same
// time.
func note(ended *os.ProcessState) error {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("the operating system does not report the CPU time and memory of a process")
	}
	peak := usage.Maxrss
	if runtime.GOOS != "darwin" {
		peak *= 1024 // on other systems it is in kilobytes
	}
	file, err := os.OpenFile(os.Getenv("BENCH_USAGE"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, (ended.UserTime() + ended.SystemTime()).Nanoseconds(), peak)
	return errors.Join(err, file.Close())
}
