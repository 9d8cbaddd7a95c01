// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-elasticcloud serves the provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until stopped, for a debugger")
	flag.Parse()
	if err := provider.QuietFramework(); err != nil {
		log.Fatal(err)
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/elasticcloud-access/elasticcloud",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
