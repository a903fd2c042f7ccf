package cases

import (
	"encoding/json"
	"fmt"

	"github.com/massho/massho/certs/keys"
)

// StickFiles makes the case folder of one stick: the signed case, the stick's
// key and certificate, and the authority's root. Every stick of a case carries
// the same signed bytes.
func StickFiles(signed []byte, caseID, stickID string, authority, stick keys.Pair) (map[string][]byte, error) {
	h, err := keys.HolderOf(stick.Cert)
	if err != nil {
		return nil, err
	}
	if h.Kind != keys.Stick || h.Case != caseID || h.Stick != stickID {
		return nil, fmt.Errorf("stick %s of case %s: the certificate is for %s %s of case %s", stickID, caseID, h.Kind, h.Stick, h.Case)
	}
	key, err := keys.EncodeStickKey(stick.Key)
	if err != nil {
		return nil, err
	}
	about, err := json.MarshalIndent(Stick{SchemaVersion: SchemaVersion, ID: stickID, CaseID: caseID}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("stick %s: %w", stickID, err)
	}
	return map[string][]byte{
		FileCase: signed, FileStick: append(about, '\n'), FileKey: key,
		FileChain: keys.EncodeCerts(stick.Cert, authority.Cert), FileRoot: keys.EncodeCerts(authority.Cert),
	}, nil
}
