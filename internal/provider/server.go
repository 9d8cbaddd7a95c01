// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// frameworkServer is everything that the framework serves. Some interfaces of the protocol
// are not part of ProviderServer. Those missing here would not be served.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// countingServer counts the calls in flight: see traffic.
type countingServer struct {
	frameworkServer
	traffic *traffic
}

// NewServer returns a constructor of the provider's server, for one process.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer { return serve(&elasticcloudProvider{version: version}) }
}

func serve(p *elasticcloudProvider) tfprotov6.ProviderServer {
	p.traffic = &traffic{}
	served, ok := providerserver.NewProtocol6(p)().(frameworkServer)
	if !ok {
		panic("the plugin framework serves less than it did") // a newer version of the framework, which the tests have not passed
	}
	return countingServer{served, p.traffic}
}

// ReadResource implements tfprotov6.ResourceServer.
func (s countingServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	defer s.traffic.call()()
	return s.frameworkServer.ReadResource(ctx, req)
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s countingServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	defer s.traffic.call()()
	return s.frameworkServer.PlanResourceChange(ctx, req)
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s countingServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	defer s.traffic.apply()()
	return s.frameworkServer.ApplyResourceChange(ctx, req)
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s countingServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	defer s.traffic.call()()
	return s.frameworkServer.ImportResourceState(ctx, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s countingServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	defer s.traffic.call()()
	return s.frameworkServer.ReadDataSource(ctx, req)
}
