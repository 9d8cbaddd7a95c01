// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

type (
	pemType  = spelledType[pemNotation]
	pemValue = spelled[pemNotation]
)

func newPEM(s string) pemValue { return spell[pemNotation](s) }

// pemNotation compares PEM texts by the certificates in them.
type pemNotation struct{}

func (pemNotation) key(s string) string {
	return strings.Join(slices.Sorted(maps.Keys(contentOf([]string{s}))), "\n")
}

var (
	// armour matches a PEM block. The library's reader requires every marker at the start of
	// a line, and skips what it cannot read. Here an indented heredoc is valid, and an
	// incomplete certificate is an error.
	armour = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END ([A-Z0-9 ]+)-----`)

	privateKeyMark = regexp.MustCompile(`(?i)(BEGIN|END)[A-Z0-9 ]*PRIVATE KEY`)
)

const (
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	digits    = "0123456789"

	base64Characters = upperCase + lowerCase + digits + "+/"
)

var (
	errPrivateKey = errors.New("it contains a private key")
	errEncoded    = errors.New("it also contains a long encoded text, which could be part of a private key")
)

const (
	certificateBlock = "CERTIFICATE"
	byteOrderMark    = "\ufeff"
)

// readCertificates reads every certificate of a text: PEM with any text around it, or
// base64 alone as in SAML metadata. The errors never show any of the text.
func readCertificates(text string) ([]*x509.Certificate, error) {
	if holdsPrivateKey(text) {
		return nil, errPrivateKey
	}
	blocks := armour.FindAllStringSubmatch(text, -1)
	if strings.Count(text, "-----BEGIN ") != len(blocks) {
		return nil, errors.New("it is incomplete: a -----BEGIN has no -----END")
	}
	if len(blocks) == 0 {
		if certificate, err := readCertificate(text); err == nil {
			return []*x509.Certificate{certificate}, nil
		}
		return nil, errors.New("it contains no certificate")
	}
	var certificates []*x509.Certificate
	for _, block := range blocks {
		if block[1] != certificateBlock {
			continue
		}
		certificate, err := readCertificate(block[2])
		if err != nil {
			return nil, fmt.Errorf("certificate %d cannot be read: %w", len(certificates)+1, err)
		}
		certificates = append(certificates, certificate)
	}
	switch {
	case len(certificates) == 0:
		return nil, fmt.Errorf("it contains a %s, and no certificate", blocks[0][1])
	case hasEncodedBeside(text):
		return nil, errEncoded
	}
	return certificates, nil
}

func readCertificate(encoded string) (*x509.Certificate, error) {
	der, err := decode(encoded)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func decode(encoded string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(strings.TrimPrefix(encoded, byteOrderMark)), ""))
}

// holdsPrivateKey reports whether a text contains a private key, with or without a marker.
func holdsPrivateKey(text string) bool {
	// The expression is slow, and most texts do not have the word.
	if strings.Contains(strings.ToUpper(text), "PRIVATE") && privateKeyMark.MatchString(text) {
		return true
	}
	for _, encoded := range encodedTexts(text, base64Characters+" \t\n\f\r") {
		if der, err := decode(encoded); err == nil && isPrivateKey(der) {
			return true
		}
	}
	return false
}

// encodedTexts returns the longest runs of these characters, of 40 or more, each with the
// padding that follows. A regular expression for the same is many times slower.
func encodedTexts(text, characters string) []string {
	var found []string
	for {
		start := strings.IndexAny(text, characters)
		if start < 0 {
			return found
		}
		text = text[start:]
		behind := strings.TrimLeft(text, characters)
		if len(text)-len(behind) >= 40 {
			found = append(found, text[:len(text)-len(strings.TrimLeft(behind, "="))])
		}
		text = behind
	}
}

func isPrivateKey(der []byte) bool {
	// A key of each form begins with a number, and a certificate does not.
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil || len(outer.Bytes) == 0 || outer.Bytes[0] != asn1.TagInteger {
		return false
	}
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(der)
	_, ec := x509.ParseECPrivateKey(der)
	return pkcs8 == nil || pkcs1 == nil || ec == nil
}

// mayHoldSecret reports whether a text contains something, other than public data, that
// could be a key or part of one.
func mayHoldSecret(text string) bool {
	if holdsPrivateKey(text) {
		return true
	}
	if _, err := readCertificate(text); err == nil {
		return false
	}
	return hasEncodedBeside(text)
}

// hasEncodedBeside reports whether a text contains a long encoded text outside the blocks
// of public data.
func hasEncodedBeside(text string) bool {
	text = armour.ReplaceAllStringFunc(text, func(block string) string {
		if kind := armour.FindStringSubmatch(block)[1]; strings.Contains(kind, certificateBlock) || strings.Contains(kind, "PUBLIC KEY") {
			return "-"
		}
		return block
	})
	for _, encoded := range encodedTexts(text, base64Characters) {
		// A line of base64 has all three kinds of characters, a path or a fingerprint has not.
		if strings.ContainsAny(encoded, upperCase) && strings.ContainsAny(encoded, lowerCase) && strings.ContainsAny(encoded, digits) {
			return true
		}
	}
	return false
}

// encodePEM returns a certificate in the usual form.
func encodePEM(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw}))
}

// uniqueCertificates returns all certificates of all texts, each once. It skips a text that
// cannot be read.
func uniqueCertificates(texts []string) []*x509.Certificate {
	var certificates []*x509.Certificate
	seen := map[string]bool{}
	for _, text := range texts {
		read, _ := readCertificates(text)
		for _, certificate := range read {
			if !seen[string(certificate.Raw)] {
				seen[string(certificate.Raw)] = true
				certificates = append(certificates, certificate)
			}
		}
	}
	return certificates
}

// sameCertificates reports whether both contain the same certificates, in any order and
// spelling.
func sameCertificates(a, b []string) bool {
	return maps.Equal(contentOf(a), contentOf(b))
}

// contentOf returns what PEM texts mean: their certificates. A text without a certificate
// means itself.
func contentOf(texts []string) map[string]bool {
	content := map[string]bool{}
	for _, text := range texts {
		certificates, err := readCertificates(text)
		if err != nil {
			content[strings.TrimSpace(text)] = true
		}
		for _, certificate := range certificates {
			content[string(certificate.Raw)] = true
		}
	}
	return content
}

// respelled returns the texts of Elastic Cloud in the spelling of prior, where prior has
// the same certificates.
func respelled(texts, prior []string) []string {
	if sameCertificates(texts, prior) {
		return prior
	}
	there := contentOf(texts)
	var list []string
	for _, text := range prior {
		if subset(contentOf([]string{text}), there) {
			list = append(list, text)
		}
	}
	for _, text := range texts {
		if !subset(contentOf([]string{text}), contentOf(list)) {
			list = append(list, text)
		}
	}
	return list
}

func subset(a, b map[string]bool) bool {
	for key := range a {
		if !b[key] {
			return false
		}
	}
	return true
}
