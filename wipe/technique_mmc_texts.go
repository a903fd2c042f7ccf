package wipe

import (
	"context"
	"fmt"
	"strings"

	"github.com/massho/massho/devices/mmc"
)

var (
	mmcNoRoad = obstacleText{
		"この接続はeMMCのコマンドを通しません。eMMCを載せた機器自身でこのUSBから起動してください。",
		"This road carries no e.MMC commands. Boot this stick on the machine that holds the e.MMC."}
	mmcNoSanitize = obstacleText{
		"カードがSANITIZEに対応していません。他の手法に進みます。",
		"The card does not offer SANITIZE. Another technique follows if the plan has one."}
	mmcAreaShut = obstacleText{
		"ブート領域または汎用領域に到達できないため、実行しません。使用中のプログラムを終了してやり直してください。",
		"A boot or general purpose area cannot be reached, so nothing was begun. End what uses it and start again."}
	mmcRefused = obstacleText{
		"カードがERASEを拒否しました。他の手法に進みます。",
		"The card refused ERASE. Another technique follows if the plan has one."}
	mmcNotPurged = obstacleText{
		"消去は行われましたが、カードがSANITIZEを拒否しました。セル内の古いデータは残っている可能性があり、抹消とは認めません。",
		"The areas were erased, and the card refused SANITIZE: old data may be left in its cells, and nothing is claimed."}
	mmcUnread = obstacleText{
		"SANITIZEの後、この領域を読み戻せません。",
		"This area could not be read back after the sanitize."}
	mmcRPMB = obstacleText{
		"RPMB領域は認証付きの書き込みしか受け付けないため、消去していません (鍵とカウンターの領域で、ファイルは置かれません)。",
		"RPMB takes authenticated writes only and was not erased (it holds keys and counters, no files)."}
)

// mmcWire is the bus of a card.
type mmcWire struct {
	wire
	t mmc.Transport
}

// Exec sends one command.
func (w mmcWire) Exec(ctx context.Context, c mmc.Command) (uint32, error) {
	r1, err := w.t.Exec(ctx, c)
	w.keep(mmc.Name(c), mmcBytes(c), mmcStatus(r1, err))
	return r1, err
}

// ExecAll sends a sequence, in one go where the road can.
func (w mmcWire) ExecAll(ctx context.Context, cmds []mmc.Command) ([]uint32, error) {
	var all []uint32
	var err error
	if s, ok := w.t.(mmc.Sequencer); ok {
		all, err = s.ExecAll(ctx, cmds)
	} else {
		return nil, fmt.Errorf("%s: the road sends no sequence", mmc.Name(cmds[0]))
	}
	var names, sent []string
	for _, c := range cmds {
		names, sent = append(names, mmc.Name(c)), append(sent, mmcBytes(c))
	}
	var last uint32
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	w.keep(strings.Join(names, ", "), strings.Join(sent, ", "), mmcStatus(last, err))
	return all, err
}

func mmcBytes(c mmc.Command) string { return fmt.Sprintf("CMD%d arg %08X", c.Index, c.Arg) }

func mmcStatus(r1 uint32, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("R1 %08X", r1)
}
