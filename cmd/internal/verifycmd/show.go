package verifycmd

import (
	"fmt"
	"io"

	"github.com/massho/massho/certs/verify"
)

// show prints all reports and the summary. When a paper of training is among
// them, the first line says so.
func show(reports []verify.Report, asJSON bool, w io.Writer) error {
	s := verify.Summarise(reports)
	if asJSON {
		return showJSON(reports, s, w)
	}
	if s.Training > 0 {
		if _, err := fmt.Fprintf(w, "訓練: %d 件のうち %d 件は訓練の書面であり、効力を持たない。\n", s.Files, s.Training); err != nil {
			return err
		}
	}
	for _, r := range reports {
		if _, err := io.WriteString(w, r.Text()); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d 件のうち %d 件が有効。終了コード %d\n", s.Files, s.Valid, s.Code)
	return err
}

func showJSON(reports []verify.Report, s verify.Summary, w io.Writer) error {
	for _, r := range reports {
		b, err := r.JSON()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
			return err
		}
	}
	b, err := s.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// showFilmed prints what was found of a code, and how much was searched.
func showFilmed(all []verify.Filmed, o options, w io.Writer) error {
	code, found := verify.CameraCode(all), 0
	for _, r := range all {
		if r.Found {
			found++
		}
	}
	if o.json {
		for _, r := range all {
			b, err := r.JSON()
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintf(w, `{"type":"summary","code":%d,"files":%d,"found":%d}`+"\n", code, len(all), found)
		return err
	}
	for _, r := range all {
		if _, err := io.WriteString(w, r.Text()); err != nil {
			return err
		}
	}
	last := fmt.Sprintf("符号 %s は %d 件中 %d 件にある。終了コード %d\n", o.code, len(all), found, code)
	if found == 0 {
		last = fmt.Sprintf("符号 %s は、調べた %d 件のどれにもない。読み違いがないか映像で確かめ、その日のすべての書面とジャーナルを指定して探し直す。終了コード %d\n", o.code, len(all), code)
	}
	_, err := io.WriteString(w, last)
	return err
}
