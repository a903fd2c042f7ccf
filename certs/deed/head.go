package deed

import (
	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/page"
)

// Letterhead is the top of a deed that the contractor hands to the 団体.
func (h *Head) Letterhead(hash string) page.Block {
	l := h.letterhead(hash)
	l.Addressee = Known(h.Case.Addressee)
	l.Sender = [][2]string{
		{"受託者", ""},
		{"所在地", Known(h.Case.Contractor.Address)},
		{"商号", Known(h.Case.Contractor.Name)},
		{"代表者", Known(h.Case.Contractor.Representative)},
	}
	return l
}

// FromOffice is the top of a deed that the 団体 gives to the contractor.
func (h *Head) FromOffice(hash string) page.Block {
	l := h.letterhead(hash)
	l.Addressee = Known(h.Case.Contractor.Name) + "　様"
	l.Sender = [][2]string{
		{"団体", Known(h.Case.Municipality)},
		{"部署", Known(h.Case.Department)},
		{"作成者", Joined(" ", h.Issuer.Title, h.Issuer.Name)},
		{"連絡先", Known(h.Issuer.Contact)},
	}
	return l
}

func (h *Head) letterhead(hash string) page.Letterhead {
	return page.Letterhead{
		QR: certs.QRText(h.Number, hash), Stamp: "収受",
		Lines: [][2]string{
			{"番号", h.Number},
			{"発行日", Date(h.Issued)},
			{"件名", Known(h.Case.Title)},
			{"契約番号", Known(h.Case.ContractNo)},
			{"団体・部署", Joined(" ", h.Case.Municipality, h.Case.Department)},
		},
	}
}

// Checking is the end of every deed: how to check it.
func (h *Head) Checking(hash string) []page.Block {
	return []page.Block{page.Heading{Text: "書面の確かめ方"}, page.List{Items: []string{
		"このPDFには、もとの記録（" + Attached + "）が添付されている。massho-verify は、ネットワークなしで、署名と、紙面が記録から描き直したものと一致することを調べる。",
		"記録のSHA-256: " + hash,
		"署名は団体の認証局が発行した鍵による。信頼の起点 root.pem は、この書面やUSBからではなく、団体から受け取ること。",
	}}}
}

// Row writes one or two fields; an empty value reads 不明.
func Row(labelsAndValues ...string) (out []page.Field) {
	for i := 0; i+1 < len(labelsAndValues); i += 2 {
		out = append(out, page.Field{Label: labelsAndValues[i], Value: Known(labelsAndValues[i+1])})
	}
	return out
}

// Valid64 reports whether s is a SHA-256 in hex.
func Valid64(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
