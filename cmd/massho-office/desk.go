package main

import (
	"bufio"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/archive"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/folder"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/keys/vault"
	"github.com/massho/massho/certs/verify"
)

// Exit codes of collect, validate, destroy and ledger, beside those of root.go.
const (
	exitGaps       = 30 // something is missing, or is to be looked at
	exitSerious    = 31 // a clone, two papers under one number, an altered record
	exitNotCleared = 32 // collected, but the stick was left as it is
	exitNotDone    = 33 // some of the papers could not be accepted
	exitOpen       = 34 // the ledger is not covered
	exitOverdue    = 35 // a destruction is overdue
)

// desk is what the commands that work on a case share.
type desk struct {
	office
	caseID string
	key    string // file of the person's key
}

func (d *desk) flags(c *cobra.Command, a *app) {
	d.office.flags(c, a)
	c.Flags().StringVar(&d.caseID, "case", "", a.t("案件番号（案件が一つだけなら省略できる）", "id of the case (may be left out where there is only one)"))
	c.Flags().StringVar(&d.key, "key", "", a.t("署名する本人の鍵 (ID.key.pem)", "key of the person who signs (ID.key.pem)"))
}

// tool names this program on papers.
func tool() certs.Tool { return certs.Tool{Name: "massho-office", Version: release} }

// open reads the case. Without --case it must be the only one, or is asked for.
func (a *app) open(d *desk, again bool) (*archive.Archive, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.caseID == "" {
		id, err := a.onlyCase(d)
		if err != nil {
			return nil, err
		}
		d.caseID = id
	}
	arc, err := archive.Load(d.dir, d.caseID, archive.Options{Now: now(), Tool: "massho-office " + release, Again: again})
	if err != nil {
		return nil, fail(exitInvalid, err, "案件を開けません。", "The case cannot be opened.")
	}
	for _, f := range arc.Faults {
		fmt.Fprintln(a.err, a.t("使えないファイル: ", "not usable: ")+f)
	}
	return arc, nil
}

func (a *app) onlyCase(d *desk) (string, error) {
	ids, err := archive.Cases(d.dir)
	if err != nil {
		return "", err
	}
	switch len(ids) {
	case 0:
		return "", fail(exitInvalid, nil, "このフォルダには案件がありません。先に massho-office prepare で準備してください。", "There is no case in this folder; prepare one first (massho-office prepare).")
	case 1:
		return ids[0], nil
	}
	return a.ask(a.t("案件番号", "case"), strings.Join(ids, ", "), "--case")
}

// ask asks for one line where somebody sits at a terminal; else it names the
// flag that is missing.
func (a *app) ask(what, choices, flag string) (string, error) {
	f, ok := a.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		among, of := "", ""
		if choices != "" {
			among, of = "選択肢: "+choices, ": "+choices
		}
		return "", fail(exitUsage, nil, fmt.Sprintf("%s を指定してください（%s）。%s", flag, what, among), fmt.Sprintf("Give %s (%s)%s", flag, what, of))
	}
	if choices != "" {
		what += " (" + choices + ")"
	}
	fmt.Fprintf(a.err, "%s: ", what)
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", fail(exitUsage, nil, flag+" が入力されていません。", flag+" was not given.")
	}
	return line, nil
}

// missingFlag is a flag that must have a value.
type missingFlag struct {
	to         *string
	what, flag string
}

// askAll asks for every flag that has none.
func (a *app) askAll(list []missingFlag) error {
	for _, m := range list {
		if *m.to != "" {
			continue
		}
		s, err := a.ask(m.what, "", m.flag)
		if err != nil {
			return err
		}
		*m.to = s
	}
	return nil
}

// signer opens the key of the person who signs. The certificate lies beside it.
func (a *app) signer(d *desk, arc *archive.Archive) (deed.Signer, certs.Person, error) {
	if d.key == "" {
		path, err := a.ask(a.t("署名する本人の鍵のファイル", "file of the signing person's key"), "ID.key.pem", "--key")
		if err != nil {
			return deed.Signer{}, certs.Person{}, err
		}
		d.key = strings.Trim(path, `"`) // Explorer puts quotes around a dropped path
	}
	locked, err := os.ReadFile(d.key)
	if err != nil {
		return deed.Signer{}, certs.Person{}, fail(exitSecret, err, "鍵のファイルを読めません。", "The key file cannot be read.")
	}
	chain, err := os.ReadFile(strings.TrimSuffix(d.key, ".key.pem") + ".crt.pem")
	if err != nil {
		return deed.Signer{}, certs.Person{}, fail(exitSecret, err, "鍵と同じフォルダに証明書 (ID.crt.pem) がありません。", "There is no certificate (ID.crt.pem) beside the key.")
	}
	list, err := keys.DecodeCerts(chain)
	if err != nil {
		return deed.Signer{}, certs.Person{}, err
	}
	if _, err := arc.Trust.Check(list[0], now()); err != nil {
		return deed.Signer{}, certs.Person{}, fail(exitSecret, err, "この鍵は使えません（期限切れ、失効、または別の団体のもの）。", "This key cannot be used: expired, revoked, or of another authority.")
	}
	pass, err := a.secretOf(d.office, list[0].Subject.CommonName)
	if err != nil {
		return deed.Signer{}, certs.Person{}, err
	}
	key, err := vault.Open(locked, pass)
	if err != nil {
		return deed.Signer{}, certs.Person{}, fail(exitSecret, err, "パスフレーズが違うか、鍵のファイルが壊れています。", "The passphrase is wrong, or the key file is damaged.")
	}
	if err := keys.Match(key, list[0]); err != nil {
		return deed.Signer{}, certs.Person{}, err
	}
	return deed.Signer{Pair: keys.Pair{Key: key, Cert: list[0]}, Root: arc.Root}, personOf(list[0], arc), nil
}

// secretOf reads a person's passphrase.
func (a *app) secretOf(o office, name string) ([]byte, error) {
	if o.passphrase == "" {
		fmt.Fprint(a.err, name+a.t(" さんの", ": "))
	}
	return a.secret(o)
}

// personOf is the holder of a certificate as papers name them: what the case
// knows, else what the certificate says.
func personOf(c *x509.Certificate, arc *archive.Archive) certs.Person {
	h, err := keys.HolderOf(c)
	if err != nil {
		return certs.Person{} // cannot happen: the certificate was checked
	}
	p := certs.Person{Role: h.Role, ID: h.ID, Name: c.Subject.CommonName, OffRoster: true,
		Organisation: strings.Join(c.Subject.Organization, " "), Title: strings.Join(c.Subject.OrganizationalUnit, " ")}
	i := slices.IndexFunc(arc.Case.People, func(q cases.Person) bool { return q.ID == h.ID && q.Role == h.Role && q.Name == p.Name })
	if i >= 0 {
		q := arc.Case.People[i]
		p.Organisation, p.Title, p.Contact, p.OffRoster = q.Organisation, q.Title, q.Contact, false
	}
	return p
}

// head begins a paper of the office.
func head(arc *archive.Archive, number string, by certs.Person) deed.Head {
	c := arc.Case
	return deed.Head{Number: number, Issued: now(), Issuer: by, Tool: tool(), Case: certs.CaseRef{
		ID: c.ID, Title: c.Title, ContractNo: c.ContractNo, Municipality: c.Municipality, Addressee: c.Addressee,
		Department: c.Department, Contractor: c.Contractor, Signed: true, Hash: c.Hash, Nonce: c.Nonce}}
}

// jst is the time zone of what people type.
var jst = time.FixedZone("JST", 9*60*60)

// moment reads a date, or a date and a time of day, in JST.
func moment(s string) (time.Time, error) {
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(form, s, jst); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fail(exitUsage, nil, fmt.Sprintf("「%s」は日時として読めません。2026-11-21 または \"2026-11-21 15:00\" の形で指定してください。", s),
		fmt.Sprintf("%q is no date: write 2026-11-21 or \"2026-11-21 15:00\".", s))
}

// typedPerson reads 氏名,所属,職名,連絡先.
func typedPerson(s, role string) certs.Person {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '、' || r == '，' })
	get := func(i int) string {
		if i < len(parts) {
			return strings.TrimSpace(parts[i])
		}
		return ""
	}
	return certs.Person{Role: role, Name: get(0), Organisation: get(1), Title: get(2), Contact: get(3)}
}

// writeOut writes a file that a person asked for by name. It replaces nothing.
func (a *app) writeOut(path string, data []byte) error {
	if err := writeNew(path, data, 0o644); err != nil {
		return err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	_, err = fmt.Fprintln(a.out, a.t("書き出しました: ", "written: ")+abs)
	return err
}

// caseAsset is a line of the roster.
type caseAsset = cases.Asset

// statementOf reads what a certificate of the case says.
func statementOf(arc *archive.Archive, p archive.Paper) (certs.Statement, error) {
	file, err := os.ReadFile(p.File)
	if err != nil {
		return certs.Statement{}, err
	}
	o := verify.Open(p.File, file, arc.Verify())
	if o.Hash != p.Hash {
		return certs.Statement{}, fmt.Errorf("%s: %w", p.Number, archive.ErrNotHere)
	}
	return o.Statement, nil
}

// issueInto takes the next number of a series and files the paper under it. What
// cannot be issued is found out first, and takes no number.
func issueInto(f folder.Folder, series, form string, last int, issue func(number string) ([]byte, error)) (string, error) {
	if _, err := issue(series + fmt.Sprintf(form, 1)); err != nil {
		return "", err
	}
	number, err := f.NextOf(series, ".pdf", form, last)
	if err != nil {
		return "", err
	}
	paper, err := issue(number)
	if err != nil {
		return "", err
	}
	return f.Path(number + ".pdf"), f.Fill(number+".pdf", paper)
}
