// Pins the Terraform that make test-terraform builds. Its own go.sum pins what it depends on. `go mod tidy` would remove
// the requirement, because no package here imports it.
module github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/tools/terraform

go 1.26.8

require github.com/hashicorp/terraform v1.16.3
