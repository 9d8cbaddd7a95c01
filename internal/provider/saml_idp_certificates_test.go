// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newCertificate returns a certificate with a new key, as PEM.
func newCertificate(t *testing.T, name string, ends time.Time) string {
	t.Helper()
	return newCertificateFrom(t, name, ends.AddDate(-2, 0, 0), ends)
}

func newCertificateFrom(t *testing.T, name string, begins, ends time.Time) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: begins, NotAfter: ends}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// longLived is a certificate that no test sees the end of.
func longLived(t *testing.T, name string) string {
	t.Helper()
	return newCertificate(t, name, time.Now().AddDate(1, 0, 0))
}

// quoted writes texts as the elements of a list, with every line end as it is.
func quoted(texts ...string) string {
	var elements []string
	for _, text := range texts {
		elements = append(elements, fmt.Sprintf("%q", text))
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

// heredoc returns texts as the elements of a list, each on separate lines.
func heredoc(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&b, "<<EOT\n%s\nEOT\n,", text)
	}
	return "[" + b.String() + "]"
}

// bareOf is the base64 of a certificate alone.
func bareOf(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[1:len(lines)-1], "")
}

// spellings are other ways to write the certificates a and b.
func spellings(a, b string) map[string][]string {
	narrow := "-----BEGIN CERTIFICATE-----\n"
	for rest := bareOf(a); rest != ""; {
		n := min(len(rest), 20)
		narrow += rest[:n] + "\n"
		rest = rest[n:]
	}
	narrow += "-----END CERTIFICATE-----\n"
	return map[string][]string{
		"CRLF":               {strings.ReplaceAll(a, "\n", "\r\n"), b},
		"CR":                 {strings.ReplaceAll(a, "\n", "\r"), b},
		"no final newline":   {strings.TrimSpace(a), strings.TrimSpace(b)},
		"other wrapping":     {narrow, b},
		"one line":           {"-----BEGIN CERTIFICATE-----\n" + bareOf(a) + "\n-----END CERTIFICATE-----", b},
		"no line at all":     {strings.ReplaceAll(a, "\n", " "), b},
		"text around it":     {"Bag Attributes\n    friendlyName: the IdP\nsubject=CN = idp\n" + a + "\n# until the next rotation\n", b},
		"other order":        {b, a},
		"bundle":             {a + b},
		"bundle, no newline": {b + strings.TrimSpace(a)},
		"bundle of CRLF":     {strings.ReplaceAll(b+"\n"+a, "\n", "\r\n")},
		"twice":              {a, b, a + b},
		"indented":           {"      " + strings.ReplaceAll(a, "\n", "\n      "), b},
		"byte-order mark":    {byteOrderMark + a, b},
		"base64 alone":       {bareOf(a), b},
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	a, b := longLived(t, "a"), longLived(t, "b")
	for name, texts := range spellings(a, b) {
		if !sameCertificates(texts, []string{a, b}) {
			t.Errorf("%s: other certificates", name)
		}
		if sameCertificates(texts, []string{a}) {
			t.Errorf("%s: the same as one of them", name)
		}
		sent := samlIdPModel{Certificates: pemList(texts)}.toAPI().Certificates
		if slices.Sort(sent); !slices.Equal(sent, slices.Sorted(slices.Values([]string{a, b}))) {
			t.Errorf("%s: sent as %q", name, sent)
		}
	}
	for _, c := range [][3][]string{ // returned, prior, want
		{{b, a}, {a + b}, {a + b}},
		{{a}, {a + b}, {a}},
		{{b}, {strings.TrimSpace(b), a}, {strings.TrimSpace(b)}},
		{{b, a}, {a + "\n"}, {a + "\n", b}},
		{{a}, nil, {a}},
	} {
		if got := respelled(c[0], c[1]); !slices.Equal(got, c[2]) {
			t.Errorf("spelled(%q, %q) = %q", c[0], c[1], got)
		}
	}
}

func TestReadCertificates(t *testing.T) {
	t.Parallel()
	a, b := longLived(t, "a"), longLived(t, "b")
	key := privateKeys(t)["PKCS #8"]
	for name, c := range map[string]struct {
		text string
		want int
		err  string
	}{
		"one":              {a, 1, ""},
		"with other block": {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" + a, 1, ""},
		"empty":            {"", 0, "it contains no certificate"},
		"text":             {"okta.pem", 0, "it contains no certificate"},
		"request":          {"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", 0, "it contains a CERTIFICATE REQUEST, and no certificate"},
		"cut off":          {a + b[:len(b)-40], 0, "it is incomplete"},
		"no base64":        {strings.Replace(a, "M", "?", 1), 0, "certificate 1 cannot be read: illegal base64"},
		"second broken":    {a + strings.Replace(b, "MI", "MA", 1), 0, "certificate 2 cannot be read"},
		"key":              {key, 0, "it contains a private key"},
		"key behind":       {a + key, 0, "it contains a private key"},
		"key under cover":  {strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE"), 0, "it contains a private key"},
		"key alone":        {bareOf(key), 0, "it contains a private key"},
		"key alone behind": {a + bareOf(key), 0, "it contains a private key"},
	} {
		got, err := readCertificates(c.text)
		if len(got) != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %d certificates, %v; want %d, %q", name, len(got), err, c.want, c.err)
		}
	}
}

// FuzzReadCertificates: what is read is read again from its usual form.
func FuzzReadCertificates(f *testing.F) {
	okta, err := parseSAMLMetadata(metadataFile(f, "okta.xml"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(okta.certificates[0])
	f.Add(bareOf(okta.certificates[0]))
	f.Add("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----")
	f.Add("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END CERTIFICATE-----")
	f.Fuzz(func(t *testing.T, text string) {
		certificates, err := readCertificates(text)
		if (err == nil) != (len(certificates) > 0) {
			t.Fatalf("%d certificates and %v", len(certificates), err)
		}
		for _, certificate := range certificates {
			again, err := readCertificates(encodePEM(certificate))
			if err != nil || len(again) != 1 || !again[0].Equal(certificate) {
				t.Fatalf("the usual form is another certificate (%v)", err)
			}
		}
		if !sameCertificates([]string{text}, []string{text, text}) {
			t.Fatal("a text differs from itself")
		}
	})
}

// privateKeys are keys in the ways in which they are pasted.
func privateKeys(t *testing.T) map[string]string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	whole := encode("PRIVATE KEY", pkcs8)
	return map[string]string{
		"PKCS #8":          whole,
		"PKCS #1":          encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)),
		"EC":               encode("EC PRIVATE KEY", ec),
		"encrypted":        encode("ENCRYPTED PRIVATE KEY", pkcs8[100:]),
		"OpenSSH":          encode("OPENSSH PRIVATE KEY", pkcs8[100:]),
		"begins, no end":   whole[:400],
		"ends, no begin":   whole[400:],
		"under cover":      encode("CERTIFICATE", pkcs8),
		"base64 alone":     base64.StdEncoding.EncodeToString(pkcs8),
		"middle of a key":  bareOf(whole)[200:900],
		"another key file": "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 14\n" + bareOf(whole)[100:900],
	}
}

// Of a private key that was pasted nothing shows: not in what Terraform prints,
// not in its log, not in a plan or state.
func TestSAMLIdPPrivateKeyShowsNowhere(t *testing.T) {
	t.Parallel()
	certificate, keys := longLived(t, "idp"), privateKeys(t)
	srv := newDomainOwner(t)
	log := filepath.Join(t.TempDir(), "trace.log")
	tf := newCLI(t, srv, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	var seen strings.Builder
	commands := [][]string{{"validate"}, {"apply", "-auto-approve"}, {"plan", "-out=plan"}}
	for _, write := range []func(key string) string{
		func(key string) string { return heredoc(certificate, key) },
		func(key string) string { return heredoc("nothing", key) }, // another element is wrong too
		func(key string) string { return strings.Replace(heredoc(key), "[", "[null, ", 1) },
		func(key string) string { return quoted(certificate + key) },
	} {
		var hcl strings.Builder
		for i, name := range slices.Sorted(maps.Keys(keys)) {
			hcl.WriteString(strings.Replace(samlIdP(write(keys[name])), `"idp"`, fmt.Sprintf(`"key%d"`, i), 1))
		}
		tf.configure(hcl.String())
		for _, args := range commands {
			out, err := tf.workspace.Command(t.Context(), append(args, "-no-color")...).CombinedOutput()
			if err == nil {
				t.Errorf("%v succeeded", args)
			}
			for i, name := range slices.Sorted(maps.Keys(keys)) {
				if !strings.Contains(string(out), fmt.Sprintf("with elasticcloud_saml_idp.key%d,", i)) {
					t.Errorf("%v takes a key (%s)", args, name)
				}
			}
			seen.Write(out)
		}
		commands = commands[len(commands)-1:] // all of them validate first, whatever is written
	}
	wantText(t, strings.Join(strings.Fields(strings.ReplaceAll(seen.String(), "│", " ")), " "),
		"Error: certificates[1] contains a private key", "Error: certificates[0] contains a private key",
		"Error: Invalid certificate in certificates[0]", "it also contains a long encoded text", "replace the key at the IdP")
	trace, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	seen.Write(trace)
	for _, file := range []string{"terraform.tfstate", "plan"} {
		if _, err := os.Stat(filepath.Join(tf.workspace.Dir, file)); !os.IsNotExist(err) {
			t.Errorf("there is a %s (%v)", file, err)
		}
	}
	for name, key := range keys {
		for line := range strings.Lines(key) {
			line = strings.TrimSpace(line)
			if at := strings.Index(seen.String(), line[:min(len(line), 24)]); len(line) >= 24 && !strings.Contains(line, "-") && at >= 0 {
				t.Fatalf("%s shows: ...%s", name, seen.String()[max(0, at-1000):at])
			}
		}
	}
	wantWrites(t, srv)
}

// Beside another change, a certificate in another spelling is planned as in the state,
// where the plan and the apply surely agree on it: where there is one.
func TestSAMLIdPUnchangedCertificateIsNotShown(t *testing.T) {
	t.Parallel()
	a := longLived(t, "a")
	other := strings.ReplaceAll("# a\n"+a, "\n", "\r\n")
	const changed = `issuer = "urn:b"`
	for name, change := range map[string]string{
		"known": samlIdP(quoted(other), changed),
		// a plan knows nothing of the issuer, and it turns out as it was
		"unknown, and as before": late("issuer", "urn:idp") + samlIdP(quoted(other), "issuer = terraform_data.issuer.output"),
		"unknown, and another":   late("issuer", "urn:b") + samlIdP(quoted(other), "issuer = terraform_data.issuer.output"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				tf := newTerraform(t, srv)
				tf.configure(samlIdP(quoted(a), `issuer = "urn:idp"`))
				tf.must("apply", "-auto-approve")
				tf.configure(change)
				out := tf.must("plan")
				wantText(t, out, "~ issuer")
				wantNoText(t, out, "~ certificates")
				tf.must("apply", "-auto-approve")
				wantNoText(t, tf.must("show"), "# a")
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}

// Of several certificates, some may be known in a plan and others in the apply alone. What
// the plan has shown of them stays, in whatever spelling.
func TestSAMLIdPCertificatesKnownInPart(t *testing.T) {
	t.Parallel()
	a, b := longLived(t, "a"), longLived(t, "b")
	other := "# a\n" + a
	for name, certificates := range map[string]string{
		"one of two":  fmt.Sprintf("[%q, terraform_data.b.output]", other),
		"both":        fmt.Sprintf("[%q, %q]", other, b),
		"all of them": "[terraform_data.b.output]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				tf := newTerraform(t, srv)
				tf.configure(samlIdP(quoted(a, b), `issuer = "urn:idp"`))
				tf.must("apply", "-auto-approve")
				text := b
				if name == "all of them" {
					text = other + b
				}
				tf.configure(fmt.Sprintf("resource \"terraform_data\" \"b\" {\n  input = %q\n}\n", text) + samlIdP(certificates, `issuer = "urn:b"`))
				tf.must("plan", "-out=plan")
				wantText(t, tf.must("apply", "plan"), "1 changed")
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}
