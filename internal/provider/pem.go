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
	// armour is what stands between BEGIN and END. The library's reader wants
	// every marker at the start of a line, and skips what it cannot read; here an
	// indented heredoc counts, and a certificate that is cut off is an error.
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
	errPrivateKey = errors.New("there is a private key in it")
	errEncoded    = errors.New("beside it there is a long encoded text, which could be a part of a private key")
)

const (
	certificateBlock = "CERTIFICATE"
	byteOrderMark    = "\ufeff"
)

// readCertificates reads every certificate of a text: PEM with whatever is
// around it, or the base64 alone, as it stands in SAML metadata. The errors
// never show any of the text.
func readCertificates(text string) ([]*x509.Certificate, error) {
	if holdsPrivateKey(text) {
		return nil, errPrivateKey
	}
	blocks := armour.FindAllStringSubmatch(text, -1)
	if strings.Count(text, "-----BEGIN ") != len(blocks) {
		return nil, errors.New("something in it begins (-----BEGIN) and has no end (-----END), so it was cut off")
	}
	if len(blocks) == 0 {
		if certificate, err := readCertificate(text); err == nil {
			return []*x509.Certificate{certificate}, nil
		}
		return nil, errors.New("there is no certificate in it")
	}
	var certificates []*x509.Certificate
	for _, block := range blocks {
		if block[1] != certificateBlock {
			continue
		}
		certificate, err := readCertificate(block[2])
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it cannot be read: %w", len(certificates)+1, err)
		}
		certificates = append(certificates, certificate)
	}
	switch {
	case len(certificates) == 0:
		return nil, fmt.Errorf("there is no certificate in it, but a %s", blocks[0][1])
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

// holdsPrivateKey finds a private key under whatever name, or under none.
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

// encodedTexts are the longest stretches of these characters that have 40 or
// more, each with the padding behind it. An expression that finds the same is
// many times slower.
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

// mayHoldSecret tells that beside what is public there is something that could
// be a key or a part of one.
func mayHoldSecret(text string) bool {
	if holdsPrivateKey(text) {
		return true
	}
	if _, err := readCertificate(text); err == nil {
		return false
	}
	return hasEncodedBeside(text)
}

// hasEncodedBeside tells that beside the blocks of what is public there is
// something long that is encoded.
func hasEncodedBeside(text string) bool {
	text = armour.ReplaceAllStringFunc(text, func(block string) string {
		if kind := armour.FindStringSubmatch(block)[1]; strings.Contains(kind, certificateBlock) || strings.Contains(kind, "PUBLIC KEY") {
			return "-"
		}
		return block
	})
	for _, encoded := range encodedTexts(text, base64Characters) {
		// A path or a fingerprint has not all of them, a line of base64 has.
		if strings.ContainsAny(encoded, upperCase) && strings.ContainsAny(encoded, lowerCase) && strings.ContainsAny(encoded, digits) {
			return true
		}
	}
	return false
}

// encodePEM writes a certificate in the usual form.
func encodePEM(certificate *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw}))
}

// uniqueCertificates reads all certificates of all texts, each once. A text
// that cannot be read is left out.
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

// sameCertificates tells that both have the same certificates in them, in
// whatever order and spelling.
func sameCertificates(a, b []string) bool {
	return maps.Equal(contentOf(a), contentOf(b))
}

// contentOf is what counts of PEM texts. A text without a certificate stands
// for itself.
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

// respelled writes the texts that the service returned in the spelling of prior,
// as far as that has the same certificates in it.
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
