//go:build linux

package scene

import (
	"context"
	"encoding/json"
	"os"
)

// Passphrase of the scene's authority: it guards nothing but a play.
const Passphrase = "scene scene scene"

// office makes the authority, the signed case and one stick, with the clerk's own
// program.
func (p Play) office(ctx context.Context) error {
	pass := p.path("passphrase")
	if err := os.WriteFile(pass, []byte(Passphrase+"\n"), 0o600); err != nil {
		return err
	}
	draft, err := json.MarshalIndent(p.draft(), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.path("case.json"), draft, 0o644); err != nil {
		return err
	}
	office := p.path("office")
	if _, err := p.tool(ctx, "massho-office", "keys", "init", "--office", office, "--name", "見本市", "--passphrase-file", pass); err != nil {
		return err
	}
	_, err = p.tool(ctx, "massho-office", "prepare", "--office", office, "--case", p.path("case.json"),
		"--stick", "U1", "--out", p.path("office", "stick"), "--passphrase-file", pass)
	return err
}

type object = map[string]any

// draft is a case as a clerk writes it: one PC whose disk is row (2) with the
// policy that lets an overwrite carry it, an SSD of the マイナンバー利用事務系 (row 1),
// an NVMe SSD and a USB stick of row (3). The fifth drive is in no case.
func (p Play) draft() object {
	category := func(system, conf, resident string) object {
		return object{"system": system, "confidentiality": conf, "residentInfo": resident}
	}
	return object{
		"schemaVersion": 1, "id": "SCENE-001", "title": "事務用パソコン更新に伴う記憶媒体の抹消業務", "contractNo": "令和8年度-第12号",
		"municipality": "見本市", "addressee": "見本市長 様", "department": "総務部情報政策課",
		"contractor": object{"name": "見本株式会社", "address": "見本県見本市中央1-2-3", "representative": "代表取締役 見本 一郎"},
		"policy":     object{"id": "scene", "soleOverwriteForRow2": true, "destructionDays": 30},
		"roster": []object{{
			"number": "PC-0001", "lease": "リース物件", "hostMaker": "MASSHO", "hostModel": "SCENE", "hostSerial": SerialHost,
			"expectedMedia": Named, "section": "市民課", "category": category("lgwan", "2", "no"),
			"media": []object{
				{"serial": SerialHDD},
				{"serial": SerialSSD, "category": category("mynumber", "3A", "yes")},
				{"serial": SerialNVMe, "category": category("internet", "1", "no")},
				{"serial": SerialUSB, "category": category("internet", "1", "no")},
			},
		}},
		"people": []object{
			{"id": "op1", "role": "operator", "name": "見本 作業者", "title": "技術員", "organisation": "見本株式会社", "contact": "000-000-0000"},
			{"id": "wt1", "role": "witness", "name": "見本 立会者", "title": "主事", "organisation": "見本市情報政策課", "contact": "000-000-0000"},
		},
		"unattended": !p.Guided, "afterwards": "poweroff",
	}
}
