package wipe

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// planDomain keeps a plan's hash from ever being that of something else.
const planDomain = "massho/plan/1\n"

// Hash is the SHA-256 of the plan's JSON form, in hex. It does not depend on
// kernel names or on the boot, so journal and Statement can be bound to it.
func (p Plan) Hash() string {
	b, err := json.Marshal(p)
	if err != nil {
		// Every field is a plain value; only a field of a new kind could get here.
		panic(fmt.Sprintf("wipe: marshal plan: %v", err))
	}
	h := sha256.New()
	h.Write([]byte(planDomain))
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// ID is the short form of Hash for screens: 64 bits of it.
func (p Plan) ID() string { return "plan-" + p.Hash()[:16] }
