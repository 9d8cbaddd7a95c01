# By e-mail address, in any case
terraform import elasticcloud_member.alice alice@example.com

# By user ID
terraform import elasticcloud_member.alice 1234567890
