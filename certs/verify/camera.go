package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/massho/massho/wipe/journal"
)

// Filmed is what a code read off a film says about one file.
//
// It proves that the record named, with all before it, existed when the film
// was made: nobody can make a record for a code that was already filmed. When
// that was is for the film to say; the record's own time is the station's.
type Filmed struct {
	Type     string    `json:"type"` // "camera"
	File     string    `json:"file"`
	Code     Code      `json:"code"` // Valid: found, and the file it lies in is valid; CodeNotFound; else the file's own code
	Film     string    `json:"film"` // the code as it was asked for
	Found    bool      `json:"found"`
	Training bool      `json:"training,omitempty"`
	Number   string    `json:"number,omitempty"` // of the certificate; empty for a journal as it lies on a stick
	Serial   string    `json:"serial,omitempty"`
	Run      string    `json:"run,omitempty"`
	Seq      uint64    `json:"seq,omitempty"`
	Record   string    `json:"record,omitempty"` // type of the record found
	Time     string    `json:"time,omitempty"`   // claimed, RFC 3339
	InMemory bool      `json:"inMemory,omitempty"`
	Hash     string    `json:"hash,omitempty"`    // of the record found, whole
	Later    int       `json:"later,omitempty"`   // records after it, which this film does not cover
	Before   []Event   `json:"before,omitempty"`  // the last ones up to the record found
	Verdict  string    `json:"verdict,omitempty"` // sentence of the file's own code
	Findings []Finding `json:"findings,omitempty"`
}

// Event is one record of a journal, for people.
type Event struct {
	Seq  uint64 `json:"seq"`
	Time string `json:"time"`
	Type string `json:"type"`
	What string `json:"what,omitempty"` // drive, step, command, status
}

var filmForm = regexp.MustCompile(`^[0-9A-TV-Za-tv-z]{12}$`)

// FilmCode reports whether code can be one that the screen shows: three groups
// of four digits of Crockford's base 32; O, I and L are taken for 0 and 1.
func FilmCode(code string) bool {
	return filmForm.MatchString(strings.NewReplacer("-", "", " ", "", "　", "").Replace(code))
}

// Camera looks for code in the journals of files: certificates, and journals as
// they lie on a stick.
func Camera(files []Named, code string, opt Options) []Filmed {
	opt.Complete = false
	var out []Filmed
	for _, f := range files {
		out = append(out, camera(f, code, opt))
	}
	return out
}

func camera(f Named, code string, opt Options) Filmed {
	r := Filmed{Type: "camera", File: f.Name, Film: code, Code: Unreadable}
	if f.Err != nil {
		r.Findings = []Finding{{Unreadable, Integrity, words[Unreadable], f.Err.Error()}}
		return r
	}
	log, own := r.open(f, opt)
	if log == nil {
		return r
	}
	rec, ok := log.Contains(strings.ReplaceAll(code, "　", ""))
	if !ok {
		r.Code = CodeNotFound
		return r
	}
	r.Code, r.Found = own, true
	r.Run, r.Hash = log.Header.Run.String(), rec.Hash.String()
	r.Seq, r.Record, r.Time, r.InMemory = rec.Seq, string(rec.Type), rec.Wall.UTC().Format(time.RFC3339), rec.InMemory
	r.Later = len(log.Records) - int(rec.Seq) - 1
	r.Before = events(log, rec.Seq)
	return r
}

// open reads a file's journal and says what the file itself is worth.
func (r *Filmed) open(f Named, opt Options) (*journal.Log, Code) {
	if bytes.HasPrefix(f.Data, []byte("MSHJ")) {
		log, err := journal.Parse(f.Data)
		if err != nil {
			r.Findings = []Finding{{JournalDiffers, Integrity, "ジャーナルが壊れている", err.Error()}}
			if len(log.Records) == 0 {
				return nil, r.Code
			}
			r.Training, r.Verdict = log.Header.Training, "壊れたジャーナル。鎖として確かめられた所までを調べた"
			return log, JournalDiffers
		}
		r.Training, r.Verdict = log.Header.Training, "署名のないジャーナルそのもの"
		return log, Unsigned
	}
	o := Open(f.Name, f.Data, opt)
	r.Number, r.Serial, r.Training, r.Findings, r.Verdict = o.Number, o.Serial, o.Training, o.Findings, words[o.Code]
	log, err := journal.ParseExcerpt(o.Journal)
	if err != nil {
		if r.Code = o.Code; r.Code == Valid {
			r.Code = JournalDiffers
		}
		return nil, r.Code
	}
	return log, o.Code
}

// lastEvents is how many records are shown with the one found.
const lastEvents = 6

func events(log *journal.Log, to uint64) []Event {
	var out []Event
	for _, x := range log.Records[max(0, int(to)+1-lastEvents) : to+1] {
		var p struct{ Drive, Step, Command, Status, Word string }
		what := ""
		if json.Unmarshal(x.Payload, &p) == nil {
			what = strings.Join(strings.Fields(strings.Join([]string{p.Drive, p.Step, p.Command, p.Status, p.Word}, " ")), " ")
		}
		out = append(out, Event{x.Seq, x.Wall.UTC().Format(time.RFC3339), string(x.Type), what})
	}
	return out
}

// CameraCode is the exit code of a search: that of what was found; when nothing
// was, CodeNotFound, or what kept a file from being searched.
func CameraCode(all []Filmed) Code {
	found, code := false, Valid
	for _, r := range all {
		if r.Found {
			code, found = Worse(code, r.Code), true
		}
	}
	if found {
		return code
	}
	for _, r := range all {
		code = Worse(code, r.Code)
	}
	if code == Valid { // no file at all
		return CodeNotFound
	}
	return code
}

// Text is the finding for people, in Japanese; empty where there is nothing to
// say: the file was searched and does not hold the code.
func (r Filmed) Text() string {
	var b strings.Builder
	if !r.Found {
		if r.Code == CodeNotFound {
			return ""
		}
		fmt.Fprintf(&b, "%s: 調べられない（%s）\n", r.File, words[r.Code])
		r.reasons(&b)
		return b.String()
	}
	drill := ""
	if r.Training {
		drill = "【訓練】"
	}
	fmt.Fprintf(&b, "%s%s: 符号 %s は、記録 %d（%s）の符号である\n", drill, r.File, r.Film, r.Seq, recordWord(r.Record))
	if r.Number != "" {
		fmt.Fprintf(&b, "  証明書番号 %s　製造番号 %s\n", r.Number, or(r.Serial))
	}
	fmt.Fprintf(&b, "  実行 %s　記録の時刻 %s（作業機の申告）\n  記録のハッシュ %s\n", r.Run, local(r.Time), r.Hash)
	b.WriteString("  示すこと: 撮影された時点で、この記録と、それより前のすべての記録が存在していた。\n")
	fmt.Fprintf(&b, "  示さないこと: 撮影がいつかは映像で確かめる。この後の %d 件の記録には及ばない。\n", r.Later)
	if r.InMemory {
		b.WriteString("  この記録は、USBが抜かれている間に記憶され、後で書かれた。\n")
	}
	for _, e := range r.Before {
		fmt.Fprintf(&b, "    %5d  %s  %s  %s\n", e.Seq, local(e.Time), recordWord(e.Type), e.What)
	}
	if r.Code != Valid {
		fmt.Fprintf(&b, "  ただし、このファイルは: %s\n", r.Verdict)
		r.reasons(&b)
	}
	return b.String()
}

func (r Filmed) reasons(b *strings.Builder) {
	for _, f := range r.Findings {
		fmt.Fprintf(b, "  × %s (%d)\n", f.Ja, f.Code)
		if f.Detail != "" {
			fmt.Fprintf(b, "        %s\n", f.Detail)
		}
	}
}

// JSON is the finding on one line.
func (r Filmed) JSON() ([]byte, error) { return json.Marshal(r) }

func local(rfc string) string {
	t, err := time.Parse(time.RFC3339, rfc)
	if err != nil {
		return rfc
	}
	return t.In(time.FixedZone("JST", 9*60*60)).Format("2006-01-02 15:04:05 JST")
}

var recordWords = map[journal.Type]string{
	journal.TypeHeader: "実行の始まり", journal.TypePlan: "計画", journal.TypeConfirm: "人の確認", journal.TypeIdentity: "識別",
	journal.TypeIntent: "工程の開始", journal.TypeResult: "工程の結果", journal.TypeProgress: "進行", journal.TypeCanary: "目印",
	journal.TypeVerify: "読み戻し", journal.TypeOutcome: "判定", journal.TypeNote: "注記", journal.TypeChallenge: "合言葉",
	journal.TypeTick: "時の刻み", journal.TypeResumed: "再開", journal.TypeDetached: "USBが抜かれた", journal.TypeReattached: "USBが戻った",
	journal.TypeClosed: "実行の終わり",
}

func recordWord(t string) string {
	if w := recordWords[journal.Type(t)]; w != "" {
		return w
	}
	return t
}
