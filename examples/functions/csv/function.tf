locals {
  people = [
    { name = "Alice", teams = ["search", "security"], age = 42 },
    { name = "Bob, the builder", teams = [], age = null },
  ]
}

# age,name,teams
# 42,Alice,"search, security"
# ,"Bob, the builder",
output "people" {
  value = provider::elasticcloud::csv(local.people)
}

# name,age
# Alice,42
# "Bob, the builder",
output "ages" {
  value = provider::elasticcloud::csv(local.people, "name", "age")
}

# All access, with the columns that a review needs.
data "elasticcloud_access" "now" {}

output "access" {
  value = provider::elasticcloud::csv(data.elasticcloud_access.now.grants, "principal", "name", "status", "grant", "source", "assignment")
}
