package certs

import "time"

// The words of the papers, for the papers that the office makes.

// Date is 令和8年11月21日（2026-11-21） in JST, 不明 for no time.
func Date(t time.Time) string { return date(t) }

// Moment is date and time of day in JST, 不明 for no time.
func Moment(t time.Time) string { return moment(t) }

// Known is s, or 不明 when it is empty.
func Known(s string) string { return orUnknown(s) }

// Joined puts the known parts side by side; none known is 不明.
func Joined(sep string, parts ...string) string { return join(sep, parts...) }

// RoleName is 作業者, 立会職員 or 確認職員.
func RoleName(r string) string { return role(r) }

// CategoryName is 系, 自治体機密性 and, where it matters, 住民情報 in words.
func CategoryName(c Classification) string { return category(c.Category) }

// MachineName is maker, model and serial of a PC in one line.
func MachineName(m Machine) string { return machineLine(m) }
