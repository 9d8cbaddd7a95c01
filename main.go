// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-elasticcloud serves the provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debugger := flag.Bool("debug", false, "serve until stopped, for a debugger")
	flag.Parse()
	if err := provider.QuietFramework(); err != nil {
		log.Fatal(err)
	}
	if os.Getenv("GOGC") == "" {
		// A run is short and makes much that is soon garbage: with twice the usual
		// room it is collected half as often.
		debug.SetGCPercent(200)
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/elasticcloud-access/elasticcloud",
		Debug:   *debugger,
	})
	if err != nil {
		log.Fatal(err)
	}
}
