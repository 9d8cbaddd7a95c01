// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-elasticcloud serves the provider to Terraform.
package main

import (
	"flag"
	"log"
	"runtime"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

// version is set by the release build.
var version = "dev"

// ballast makes the garbage collector start at about 96 MB instead of 4. A run is
// short, so collecting its garbage early would waste time. The ballast is never written
// to, so it uses no memory.
var ballast = make([]byte, 96<<20)

func main() {
	debug := flag.Bool("debug", false, "serve until stopped, for a debugger")
	flag.Parse()
	if err := provider.QuietFramework(); err != nil {
		log.Fatal(err)
	}
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	err := tf6server.Serve("registry.terraform.io/elasticcloud-access/elasticcloud", provider.NewServer(version), options...)
	runtime.KeepAlive(ballast)
	if err != nil {
		log.Fatal(err)
	}
}
