package wipe

import (
	"context"
	"io"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/mmc"
)

// MMC is the bus of a card on a road that has one; nil elsewhere.
func (g *guard) MMC() mmc.Transport {
	c, ok := g.Conn.(devices.MMCRoad)
	if !ok {
		return nil
	}
	if t := c.MMC(); t != nil {
		return guardMMC{g, t}
	}
	return nil
}

// OpenAreas opens the other areas of an e.MMC, each within the guard's bounds; a
// road that reaches none has none.
func (g *guard) OpenAreas(ctx context.Context) ([]devices.Area, error) {
	c, ok := g.Conn.(devices.AreaOpener)
	if !ok {
		return nil, nil
	}
	areas, err := request(g, "open the areas of the card", g.limit, func() ([]devices.Area, error) { return c.OpenAreas(ctx) })
	for i := range areas {
		areas[i].MMC = guardMMC{g, areas[i].MMC}
		areas[i].ReaderAt = guardReader{g, areas[i].ReaderAt}
	}
	return areas, err
}

type guardMMC struct {
	g *guard
	t mmc.Transport
}

func (x guardMMC) Exec(ctx context.Context, c mmc.Command) (uint32, error) {
	return request(x.g, mmc.Name(c), x.g.commandLimit(c.Timeout), func() (uint32, error) { return x.t.Exec(ctx, c) })
}

// ExecAll sends a sequence in one go where the road can.
func (x guardMMC) ExecAll(ctx context.Context, cmds []mmc.Command) ([]uint32, error) {
	limit := x.g.limit
	for _, c := range cmds {
		limit += c.Timeout
	}
	return request(x.g, mmc.Name(cmds[len(cmds)-1]), limit, func() ([]uint32, error) {
		if s, ok := x.t.(mmc.Sequencer); ok {
			return s.ExecAll(ctx, cmds)
		}
		var out []uint32
		for _, c := range cmds {
			r1, err := x.t.Exec(ctx, c)
			if err != nil {
				return out, err
			}
			if out = append(out, r1); mmc.CheckR1(c.Index, r1) != nil {
				return out, nil // the rest would act on a sequence that failed
			}
		}
		return out, nil
	})
}

type guardReader struct {
	g *guard
	r io.ReaderAt
}

func (x guardReader) ReadAt(p []byte, off int64) (int, error) {
	return request(x.g, "read", x.g.limit, func() (int, error) { return x.r.ReadAt(p, off) })
}
