# The map of members from ec_organization, unchanged.
variable "members" {
  type = map(object({
    organization_role = optional(string)
    deployment_roles = optional(set(object({
      role              = string
      all_deployments   = optional(bool)
      deployment_ids    = optional(set(string))
      application_roles = optional(set(string))
    })), [])
    project_elasticsearch_roles = optional(set(object({
      role              = string
      all_projects      = optional(bool)
      project_ids       = optional(set(string))
      application_roles = optional(set(string))
    })), [])
    project_observability_roles = optional(set(object({
      role              = string
      all_projects      = optional(bool)
      project_ids       = optional(set(string))
      application_roles = optional(set(string))
    })), [])
    project_security_roles = optional(set(object({
      role              = string
      all_projects      = optional(bool)
      project_ids       = optional(set(string))
      application_roles = optional(set(string))
    })), [])
  }))

  default = {
    "owner@example.com" = {
      organization_role = "organization-admin"
    }
    "alice@example.com" = {
      organization_role = "billing-admin"
      deployment_roles = [
        {
          role            = "viewer"
          all_deployments = true
        },
        {
          role              = "editor"
          deployment_ids    = ["ce03a623751b4fc98d48400fec58b9c0", "a7f3d2c1b0e94856a7f3d2c1b0e94856"]
          application_roles = ["kibana_admin", "reporting"]
        },
      ]
    }
    "bob@example.com" = {
      project_elasticsearch_roles = [
        {
          role              = "viewer"
          all_projects      = true
          application_roles = ["analyst"]
        },
      ]
      project_observability_roles = []
      project_security_roles = [
        {
          role        = "t1-analyst"
          project_ids = ["c866244b611442d585e23a0cc8c9434c"]
        },
      ]
    }
    "carol@example.com" = {}
  }
}

locals {
  # The prefix of a role is the kind of resource.
  grants = {
    for email, member in var.members : email => provider::elasticcloud::grants(concat(
      [for role in compact([member.organization_role]) : { role = role }],
      [for r in member.deployment_roles : {
        role = "deployment-${r.role}", all_resources = r.all_deployments, resource_ids = r.deployment_ids, application_roles = r.application_roles
      }],
      [for r in member.project_elasticsearch_roles : {
        role = "elasticsearch-${r.role}", all_resources = r.all_projects, resource_ids = r.project_ids, application_roles = r.application_roles
      }],
      [for r in member.project_observability_roles : {
        role = "observability-${r.role}", all_resources = r.all_projects, resource_ids = r.project_ids, application_roles = r.application_roles
      }],
      [for r in member.project_security_roles : {
        role = "security-${r.role}", all_resources = r.all_projects, resource_ids = r.project_ids, application_roles = r.application_roles
      }],
    ))
  }
}
