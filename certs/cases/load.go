package cases

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/strict"
	"github.com/massho/massho/wipe/rules"
)

// Loaded is a case whose signature holds.
type Loaded struct {
	Case
	Hash        string // SHA-256 of the file, hex
	Unprintable []rune // characters of the case that no font draws; the paper shows 〓
}

// Load checks a signed case file and reads it. now is used for the case's term
// alone. Every error wraps one of the Err values of this package.
func Load(file []byte, trust keys.Trust, now time.Time) (Loaded, error) {
	payload, training, err := open(file, trust)
	if err != nil {
		return Loaded{}, err
	}
	c, err := parse(payload)
	if err != nil {
		return Loaded{}, err
	}
	if c.Training != training {
		return Loaded{}, fmt.Errorf("%w: training=%v in the case, %v in the root", ErrUnknownSigner, c.Training, training)
	}
	if !c.ValidUntil.IsZero() && now.After(c.ValidUntil) {
		return Loaded{}, fmt.Errorf("%w: case %s until %s, clock %s", ErrExpired, c.ID,
			c.ValidUntil.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	sum := sha256.Sum256(file)
	l := Loaded{Case: c, Hash: hex.EncodeToString(sum[:])}
	if set, err := fonts.Load(); err == nil {
		l.Unprintable = set.Missing(text(c))
	}
	return l, nil
}

// open returns the payload that one of the roots signed, and whether that root
// is for training.
func open(file []byte, trust keys.Trust) ([]byte, bool, error) {
	if _, _, err := dsse.Peek(file); err != nil {
		var bare Case
		if strict.Decode(file, &bare) == nil && bare.ID != "" {
			return nil, false, ErrUnsigned
		}
		return nil, false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	last := error(dsse.ErrUnknown)
	for _, root := range trust.Roots {
		payload, err := dsse.Open(file, PayloadType, root.PublicKey)
		if err == nil {
			h, err := keys.HolderOf(root)
			if err != nil {
				return nil, false, fmt.Errorf("%w: %w", ErrUnknownSigner, err)
			}
			return payload, h.Kind == keys.Training, nil
		}
		if !errors.Is(err, dsse.ErrUnknown) {
			last = err
		}
	}
	for is, as := range map[error]error{
		dsse.ErrUnsigned: ErrUnsigned, dsse.ErrAltered: ErrAltered, dsse.ErrUnknown: ErrUnknownSigner,
	} {
		if errors.Is(last, is) {
			return nil, false, as
		}
	}
	return nil, false, fmt.Errorf("%w: %w", ErrDamaged, last)
}

// parse reads a payload that was signed.
func parse(payload []byte) (Case, error) {
	var c Case
	if err := strict.Decode(payload, &c); err != nil {
		return c, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	pack, err := rules.Load(c.RulePack.ID)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrRulePack, err)
	}
	if pack.Hash() != c.RulePack.Hash {
		return c, fmt.Errorf("%w: %s has hash %s here, %s in the case", ErrRulePack, c.RulePack.ID, pack.Hash(), c.RulePack.Hash)
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return c, nil
}

// Sign makes the case file. It refuses a case that Load would refuse, and names
// that could not be printed.
func Sign(c Case, root keys.Pair) ([]byte, error) {
	h, err := keys.HolderOf(root.Cert)
	if err != nil {
		return nil, err
	}
	switch {
	case h.Kind == keys.Training:
		c.Training = true
	case h.Kind != keys.Authority:
		return nil, fmt.Errorf("case %s: only the authority signs cases, not a %s", c.ID, h.Kind)
	}
	payload, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", c.ID, err)
	}
	if _, err := parse(payload); err != nil {
		return nil, err
	}
	set, err := fonts.Load()
	if err != nil {
		return nil, err
	}
	if missing := set.Missing(text(c)); len(missing) > 0 {
		return nil, fmt.Errorf("case %s: no font draws %s: write these names with other characters", c.ID, runes(missing))
	}
	return dsse.Sign(PayloadType, payload, root.Key)
}

func runes(rs []rune) string {
	s := ""
	for i, r := range rs {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%q (%U)", r, r)
	}
	return s
}
