package roster

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// book makes an XLSX file.
func book(t *testing.T, edit func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	edit(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t *testing.T, f *excelize.File, sheet, at string, row ...any) {
	t.Helper()
	if err := f.SetSheetRow(sheet, at, &row); err != nil {
		t.Fatal(err)
	}
}

func TestXLSX(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	data := book(t, func(f *excelize.File) {
		set(t, f, "Sheet1", "A1", "表紙")
		_, err := f.NewSheet("端末")
		must(err)
		set(t, f, "端末", "B2", "廃棄端末")
		set(t, f, "端末", "B4", "管理\n番号", "製造番号（本体）", "媒体数", "系", "機密性", "撤去日", "リース満了日", "媒体シリアル")
		set(t, f, "端末", "B5", 7, 123456789012, 1, "LGWAN接続系", 2, time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), 20270331, "WD-1、WD-2")
		set(t, f, "端末", "B6", "0008", "PC2", 2, "インターネット接続系", "1", "R8.11.21", "", "")
		fmt4 := "0000"
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &fmt4})
		must(err)
		must(f.SetCellStyle("端末", "B5", "B5", style))
		must(f.SetCellInt("端末", "D5", 2))
		must(f.SetRowVisible("端末", 6, false))
	})
	r, err := read(t, data, Options{})
	must(err)
	if r.Sheet != "端末" || r.Encoding != "XLSX" || r.HeaderRow != 4 || len(r.Entries) != 2 {
		t.Fatalf("%+v", r)
	}
	a, b := r.Entries[0], r.Entries[1]
	if a.Number != "0007" || a.HostSerial != "123456789012" || a.Row != 5 || len(a.Media) != 2 || a.Media[1].Serial != "WD-2" {
		t.Errorf("row 5: %+v", a)
	}
	if a.Withdrawn.Format(time.DateOnly) != "2026-11-20" || a.LeaseEnd.Format(time.DateOnly) != "2027-03-31" {
		t.Errorf("row 5: withdrawn %v, lease until %v", a.Withdrawn, a.LeaseEnd)
	}
	if b.Number != "0008" || b.Withdrawn.Format(time.DateOnly) != "2026-11-21" {
		t.Errorf("row 6: %+v", b)
	}
	if !slices.ContainsFunc(r.Warnings, func(p Problem) bool { return p.Code == "hidden-rows" }) {
		t.Error("the hidden row is not mentioned")
	}
	if _, err := Open(data, "ない"); !errors.Is(err, ErrNoSheet) {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

func TestExcelRoundedASerial(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		set(t, f, "Sheet1", "A1", "管理番号", "製造番号")
		set(t, f, "Sheet1", "A2", "B-1", 1234567890123456789.0)
	})
	_, err := read(t, data, Options{Purpose: ForLedger})
	var ps Problems
	if !errors.As(err, &ps) || ps[0].Code != "rounded" {
		t.Errorf("%v", err)
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"2026-11-21": "2026-11-21", "2026/1/5": "2026-01-05", "2026.01.05": "2026-01-05", "20261121": "2026-11-21",
		"2026年11月21日": "2026-11-21", "２０２６／１１／２１": "2026-11-21", "令和8年11月21日": "2026-11-21", "R8/11/21": "2026-11-21",
		"r08.11.21": "2026-11-21", "令和元年5月1日": "2019-05-01", "H31.4.30": "2019-04-30", "平成1年1月8日": "1989-01-08", "S64.1.7": "1989-01-07",
		"2026-11-21 10:00": "2026-11-21", "2026/11/21(土)": "2026-11-21", "2028-02-29": "2028-02-29",
		"2026-02-29": "", "2026-11-31": "", "2026-00-10": "", "H31.5.1": "", "S64.1.8": "", "R0.5.1": "", "令和0年1月1日": "", "1899-12-31": "",
		"3026-11-21": "", "8/11/21": "", "令和8年": "", "11/21": "", "": "", "X8.1.1": "",
	} {
		got, err := parseDate(in)
		if (err != nil) != (want == "") || err == nil && got.Format(time.DateOnly) != want {
			t.Errorf("parseDate(%q) = %v, %v; want %q", in, got, err, want)
		}
	}
	for num, want := range map[string]string{"46347": "2026-11-21", "46347.5": "2026-11-21", "60": "", "99999": "", "-1": ""} {
		got, err := serialDay(num, false)
		if (err != nil) != (want == "") || err == nil && got.Format(time.DateOnly) != want {
			t.Errorf("serialDay(%s) = %v, %v; want %q", num, got, err, want)
		}
	}
	if got, err := serialDay("44885", true); err != nil || got.Format(time.DateOnly) != "2026-11-21" {
		t.Errorf("1904: %v, %v", got, err)
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("令和8年11月21日")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := parseDate(s); err == nil && (d.Year() < 1970 || d.Year() > 2100 || d.Hour() != 0) {
			t.Fatalf("%q became %v", s, d)
		}
	})
}
