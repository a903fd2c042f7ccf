package main

import (
	"context"
	"errors"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/session"
)

// errorText is err in the chosen language. Refusals speak both; other errors
// are in plain English and name operation, object and next step.
func (a *app) errorText(err error) string {
	var r *devices.Refusal
	if errors.As(err, &r) {
		return r.Object + ": " + a.t(r.Why.Ja+" ("+string(r.Code)+")\n  "+r.Next.Ja, r.Why.En+" ("+string(r.Code)+")\n  "+r.Next.En)
	}
	var t bilingual
	if errors.As(err, &t) {
		return a.t(t.ja, t.en)
	}
	if a.lang == "ja" {
		for _, w := range sentences {
			if errors.Is(err, w.is) {
				return w.ja + "\n  (" + err.Error() + ")"
			}
		}
	}
	return err.Error()
}

// sentences say in Japanese what libraries say in English, and what to do next.
var sentences = []struct {
	is error
	ja string
}{
	{evidence.ErrMissing, "記録の保存先がありません。USBを挿し直すか、--evidence に実在するフォルダを指定してください。"},
	{evidence.ErrReadOnly, "記録の保存先に書き込めません。USBの書込み禁止を解除するか、同じ案件の別のUSBを使ってください。"},
	{evidence.ErrFull, "記録の保存先がいっぱいです。庁内で回収（massho-office collect）するか、同じ案件の別のUSBを使ってください。"},
	{evidence.ErrIO, "記録の保存先が正しく応答しません。同じ案件の別のUSBを使い、このUSBは調査のため保管してください。"},
	{evidence.ErrReadBack, "書き込んだ記録が同じ内容で読み戻せません。同じ案件の別のUSBを使い、このUSBは調査のため保管してください。"},
	{evidence.ErrNumbers, "このUSBの証明書番号を使い切りました。庁内で別のUSBを準備してください。"},
	{cases.ErrDamaged, "案件ファイルが壊れているか、案件ファイルではありません。庁内から写し直すか、USBを準備し直してください（massho-office prepare）。"},
	{cases.ErrUnsigned, "案件ファイルに署名がありません。庁内で署名してください（massho-office prepare）。"},
	{cases.ErrAltered, "案件ファイルが署名の後に変えられています。このUSBは使わず、庁内で別のUSBを受け取ってください。"},
	{cases.ErrUnknownSigner, "案件に署名した鍵を、団体の root.pem で確かめられません。案件と root.pem の組合せを確かめてください。"},
	{cases.ErrExpired, "案件の期限が過ぎているか、時計が違います。時計を確かめ、正しければ庁内で新しい案件を受け取ってください。"},
	{cases.ErrRulePack, "案件が指定するルールパックが、このプログラムにありません。案件に合う版のプログラムを使うか、案件を準備し直してください。"},
	{wipe.ErrExchanged, "計画した媒体とは別の媒体が応答しました。元の媒体に戻して、最初からやり直してください。"},
	{wipe.ErrEvidence, "記録用のUSBがないため、新しい工程は始めません。同じ案件のUSBを挿してください。"},
	{wipe.ErrPowerCycle, "容量の変更を反映するには電源の入れ直しが必要です。電源を切って入れ直すと、続きから再開します。"},
	{early.ErrManyEvidence, "同じ識別子のUSBが複数あります。1本だけ残して抜いてから、起動し直してください。"},
	{early.ErrNoEvidence, "起動したUSBに記録用の区画（EVIDENCE）が見つかりません。USBを準備し直してください。"},
	{early.ErrReadOnlyEvidence, "起動したUSBに書き込めません。書込み禁止を解除するか、同じ案件の別のUSBを使ってください。"},
	{session.ErrNotHere, "中断した作業の媒体が見つかりません。媒体をつないで起動し直すか、この媒体を最初からやり直してください。"},
	{session.ErrTwice, "同じ識別情報の媒体が複数あります。該当する1台だけを残して起動し直してください。"},
	{session.ErrOtherCase, "中断した作業は別の案件のものです。その案件のUSBで起動してください。"},
	{session.ErrOtherRules, "中断した作業は別のルールパックまたは方針で計画されています。開始したUSBで起動するか、最初からやり直してください。"},
	{session.ErrSuperseded, "同じ媒体の、より新しい中断した作業を続けます。"},
	{context.Canceled, "中止しました。実行中だった媒体の記録には「中断」と残ります。"},
}

// bilingual is an error that a person at the stick reads: both languages.
type bilingual struct{ ja, en string }

func (b bilingual) Error() string { return b.en }

// fail is a bilingual error with its exit code.
func fail(code int, ja, en string) error { return coded{code, bilingual{ja, en}} }
