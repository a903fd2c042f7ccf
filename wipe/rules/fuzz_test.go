package rules

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

func FuzzParseFacts(f *testing.F) {
	for _, facts := range []Facts{
		base(MediumHDD, overwrite(1, fullRead())),
		base(MediumSSD, device(TechATASanitizeBlock, gone()), overwrite(2, sampled())),
		{Medium: MediumOptical},
	} {
		b, err := json.Marshal(facts)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"medium":"hdd","userBytes":-1}`))
	f.Add([]byte(`{"medium":"hdd"}{}`))
	p := Default()
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := ParseFacts(b)
		if err != nil {
			return
		}
		again, err := json.Marshal(facts)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseFacts(again)
		if err != nil {
			t.Fatalf("what was accepted is refused when written again: %v", err)
		}
		pol := Policy{SoleOverwriteForRow2: true, Signed: true}
		d := p.Derive(Row2, facts, pol)
		checkInvariants(t, facts, pol, d)
		if e := p.Derive(Row2, back, pol); !reflect.DeepEqual(d, e) {
			t.Fatalf("the same facts, two derivations:\n%+v\n%+v", d, e)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"id":"strict","minimumRow":2,"minRandomPasses":3,"requireFullVerify":true}`))
	f.Add([]byte(`{"minimumRow":-1}`))
	p := Default()
	good := base(MediumHDD, overwrite(1, fullRead()))
	f.Fuzz(func(t *testing.T, b []byte) {
		pol, err := ParsePolicy(b)
		if err != nil {
			return
		}
		if pol.Signed {
			t.Fatal("a policy signed itself")
		}
		// Unsigned, it can only ask for more than no policy does.
		if d := p.Derive(Row3, good, pol); d.Reached.stricterThan(Row3) {
			t.Fatalf("an unsigned policy reaches (%d)", d.Reached)
		}
	})
}

func FuzzParsePack(f *testing.F) {
	b, err := os.ReadFile("packs/" + DefaultID + ".json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"schema":"massho/rule-pack/1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePack(b)
		if err != nil {
			return
		}
		pol := Policy{SoleOverwriteForRow2: true, Signed: true}
		for _, tech := range []Technique{TechOverwrite, TechATASanitizeBlock, TechTCGRevert} {
			facts := base(MediumSSD, device(tech, gone()))
			d := p.Derive(Row1, facts, pol)
			if d.Reached == Row1 || d.NIST == MethodDestroy || d.Paper == PaperErasedRow2 || d.Paper == PaperErasedRow3 {
				t.Fatalf("a pack that lets software complete row (1): %+v", d)
			}
		}
	})
}
