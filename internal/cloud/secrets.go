// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"errors"
	"net/url"
	"strings"
)

// scrub returns err if its text has no secret. Otherwise it returns an error with the
// redacted text.
func (c *Client) scrub(err error) error {
	if text := c.redact(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}

// redact removes the API key and all known tokens of invitations from a text, because
// the service may repeat them in a reply.
func (c *Client) redact(text string) string {
	var found []string
	find := func(secret string) {
		if strings.Contains(text, secret) {
			found = append(found, secret, "(secret)")
		}
	}
	for _, form := range forms(c.config.APIKey) {
		find(form)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for secret := range c.tokens {
		find(secret)
	}
	return strings.NewReplacer(found...).Replace(text)
}

// forms returns the forms in which a secret may be repeated.
func forms(secret string) []string {
	return []string{secret, url.PathEscape(secret), url.QueryEscape(secret)}
}

// keepSecret notes the token of an invitation.
func (c *Client) keepSecret(token string) {
	if token == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, form := range forms(token) {
		c.tokens[form] = true
	}
}
