resource "elasticcloud_saml_idp" "this" {
  login_identifier_prefix = "acme"
  issuer                  = "https://idp.example/entity"
  sso_url                 = "https://idp.example/sso"
  certificates = [
    <<-EOT
      -----BEGIN CERTIFICATE-----
      MIIBbzCCARagAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtpZHAuZXhh
      bXBsZTAgFw0yNjExMjIxNjA1NTZaGA8yMTI2MTAyOTE2MDU1NlowFjEUMBIGA1UE
      AwwLaWRwLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ9QAjHd2A9
      372S82ahDlYis2YLGpM7Nl6rueK6boRd4oHpHL1L+4uUk9zwDA0yUSYw8zksbhPo
      njF3DkgqOkflo1MwUTAdBgNVHQ4EFgQUlmYogq/AGV5Qkxl/VH+pzB8f9eswHwYD
      VR0jBBgwFoAUlmYogq/AGV5Qkxl/VH+pzB8f9eswDwYDVR0TAQH/BAUwAwEB/zAK
      BggqhkjOPQQDAgNHADBEAiAQe9Cxuq1gPbktZ0Pz9lDVFl2wRUsI5/6+FFSfZbXD
      9wIgFZaTHY+VE2MQT3OKGGgFZwNHwu7nny2GNiN/hbcKqRI=
      -----END CERTIFICATE-----
    EOT
    ,
    "MIIBezCCASCgAwIBAgIBAjAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBuZXh0LmlkcC5leGFtcGxlMCAXDTI2MTEyMjE2MDU1NloYDzIxMjUwNjE2MTYwNTU2WjAbMRkwFwYDVQQDDBBuZXh0LmlkcC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyfb0DKNfzh0tlhFpG9aapIiKD5diUhlIhAyAIMyH8UeAB8S8PJaBC8GvLxyLKdWyFJm0PtQkYjnVEjPR8xKx2KNTMFEwHQYDVR0OBBYEFNRO9wxNOgRyBt0fdnbzAajumJuVMB8GA1UdIwQYMBaAFNRO9wxNOgRyBt0fdnbzAajumJuVMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAPDCr8ee074CuQmGDERaBeB8W/m2i3umARZDhOs5nuwJAiEAl8bp2Ja1dHBhpTCSScbciZvd+0VkNYNlEKPhudxhZhs=",
  ]
}
