package ledger

import (
	"github.com/massho/massho/certs/roster"
	"github.com/massho/massho/certs/serials"
)

// index finds a PC by what a paper says.
type index struct {
	number, host, medium map[string]int
}

func indexOf(entries []roster.Entry) index {
	x := index{map[string]int{}, map[string]int{}, map[string]int{}}
	twice := map[string]bool{}
	for i, e := range entries {
		if key := serials.AssetKey(e.Number); key != "" {
			x.number[key] = i
		}
		for _, m := range e.Media {
			if !serials.Placeholder(m.Serial) {
				x.medium[serials.Key(m.Serial)] = i
			}
		}
		if serials.Placeholder(e.HostSerial) {
			continue
		}
		key := serials.Key(e.HostSerial)
		_, seen := x.host[key]
		twice[key] = twice[key] || seen
		x.host[key] = i
	}
	for key, bad := range twice { // a serial that stands twice names nothing
		if bad {
			delete(x.host, key)
		}
	}
	return x
}

// match is where a paper belongs.
type match struct {
	at     int   // line; -1: none
	others []int // lines that something else of the paper points at
	renum  bool  // the paper carries a 管理番号 that is not in the ledger
}

func (x index) find(p Paper) match {
	m := match{at: -1}
	add := func(i int, ok bool) {
		switch {
		case !ok:
		case m.at < 0:
			m.at = i
		case m.at != i:
			m.others = append(m.others, i)
		}
	}
	if !serials.Placeholder(p.Medium) {
		i, ok := x.medium[serials.Key(p.Medium)]
		add(i, ok)
	}
	number := serials.AssetKey(p.Asset)
	i, known := x.number[number]
	add(i, known && number != "")
	if !serials.Placeholder(p.HostSerial) {
		i, ok := x.host[serials.Key(p.HostSerial)]
		add(i, ok)
	}
	m.renum = number != "" && !known && m.at >= 0
	return m
}
