package roster

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

var jst = time.FixedZone("JST", 9*60*60)

// era is one 元号; its first day, and the first day after it.
type era struct {
	names     []string
	from, end time.Time
}

func jstDay(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, jst) }

var eras = []era{
	{[]string{"令和", "r"}, jstDay(2019, 5, 1), jstDay(9999, 1, 1)},
	{[]string{"平成", "h"}, jstDay(1989, 1, 8), jstDay(2019, 5, 1)},
	{[]string{"昭和", "s"}, jstDay(1926, 12, 25), jstDay(1989, 1, 8)},
}

var dateForm = regexp.MustCompile(`^(令和|平成|昭和|[rhs])?\.?(元|\d{1,4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?(?:[ t(].*)?$`)
var packedForm = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)

// parseDate reads 2026/11/21, 2026-11-21, 20261121, 令和8年11月21日, R8.11.21 and
// their like. A year of two digits without an era may be 和暦 or 西暦: refused.
func parseDate(s string) (time.Time, error) {
	t := strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
	if m := packedForm.FindStringSubmatch(t); m != nil {
		return day(number(m[1]), number(m[2]), number(m[3]))
	}
	m := dateForm.FindStringSubmatch(t)
	if m == nil {
		return time.Time{}, errDate{"日付として読めません。2026-11-21 または 令和8年11月21日 の形で書いてください。",
			"not a date: write it as 2026-11-21"}
	}
	month, d := number(m[3]), number(m[4])
	if m[1] == "" {
		if len(m[2]) != 4 {
			return time.Time{}, errDate{"年が西暦4桁でも和暦でもありません。元号または西暦4桁を書いてください。",
				"a year without era must have four digits"}
		}
		return day(number(m[2]), month, d)
	}
	return dayInEra(m[1], m[2], month, d)
}

// errDate says why something is no date, in two languages.
type errDate struct{ ja, en string }

func (e errDate) Error() string { return e.en }

func dayInEra(name, year string, month, d int) (time.Time, error) {
	n := 1
	if year != "元" {
		n = number(year)
	}
	for _, e := range eras {
		if name != e.names[0] && name != e.names[1] {
			continue
		}
		t, err := day(e.from.Year()+n-1, month, d)
		if err != nil {
			return t, err
		}
		if n < 1 || t.Before(e.from) || !t.Before(e.end) {
			return time.Time{}, errDate{fmt.Sprintf("%sにない日です。元号を確かめてください。", e.names[0]),
				"no day of that era: check the era"}
		}
		return t, nil
	}
	return time.Time{}, errDate{"知らない元号です。", "unknown era"}
}

// day refuses what time.Date would silently move: the 30th of February.
func day(y, m, d int) (time.Time, error) {
	t := jstDay(y, time.Month(m), d)
	if t.Year() != y || int(t.Month()) != m || t.Day() != d {
		return time.Time{}, errDate{"暦にない日です。", "no such day in the calendar"}
	}
	if y < 1970 || y > 2100 {
		return time.Time{}, errDate{"年が1970年から2100年の間にありません。", "the year is not between 1970 and 2100"}
	}
	return t, nil
}

// number reads digits that an expression has already checked.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return n
}

// serialDay turns a day number of Excel into a date. Excel believes that 1900
// was a leap year, so its numbers count from 1899-12-30.
func serialDay(num string, date1904 bool) (time.Time, error) {
	f, err := strconv.ParseFloat(num, 64)
	if err != nil || f < 61 || f > 73415 { // 2100-12-31
		return time.Time{}, errDate{"日付として読めません。", "not a day number"}
	}
	from := jstDay(1899, 12, 30)
	if date1904 {
		from = jstDay(1904, 1, 1)
	}
	t := from.AddDate(0, 0, int(f))
	return day(t.Year(), int(t.Month()), t.Day())
}

// dateOf reads a cell. Eight digits are 20261121, fewer are Excel's number.
func dateOf(c Cell, date1904 bool) (time.Time, error) {
	if c.Number != "" && !packedForm.MatchString(c.Number) {
		return serialDay(c.Number, date1904)
	}
	return parseDate(c.Text)
}
