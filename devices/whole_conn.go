package devices

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// wholeConn is the descriptors of all namespaces of a medium, one address space.
type wholeConn struct {
	parts []Conn
	ids   []Identity // as they were when they were opened
}

var (
	_ Conn   = (*wholeConn)(nil)
	_ NSIDer = (*wholeConn)(nil)
)

// NSIDer is a Conn that stands for several namespaces.
type NSIDer interface{ NSIDs() []uint32 }

// openAll opens every namespace or none.
func openAll(ctx context.Context, sys System, all []Device) (Conn, error) {
	c := &wholeConn{}
	for _, d := range all {
		part, err := sys.Open(ctx, d)
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.parts, c.ids = append(c.parts, part), append(c.ids, d.Identity)
	}
	return c, nil
}

// Look looks at every namespace: one that is another now is the medium's answer.
func (c *wholeConn) Look(ctx context.Context) (Facts, error) {
	var all []Facts
	for i, p := range c.parts {
		f, err := p.Look(ctx)
		if err != nil {
			return f, err
		}
		if same, field := c.ids[i].Same(f.Identity); !same {
			return Facts{Identity: c.stranger(i, f.Identity)}, fmt.Errorf("namespace %d of the medium: %s differs", i+1, field)
		}
		all = append(all, f)
	}
	out := all[0]
	out.Identity, out.Hidden = joinIdentity(all), joinHidden(all)
	for _, f := range all[1:] {
		out.Notes = append(out.Notes, f.Notes...)
	}
	return out, nil
}

// LookIdentity asks every namespace who it is.
func (c *wholeConn) LookIdentity(ctx context.Context) (Identity, error) {
	var all []Facts
	for i, p := range c.parts {
		id, err := p.LookIdentity(ctx)
		if err != nil {
			return id, err
		}
		if same, _ := c.ids[i].Same(id); !same {
			return c.stranger(i, id), nil
		}
		all = append(all, Facts{Identity: id})
	}
	return joinIdentity(all), nil
}

// stranger is what stands where part i stood. It must not look like the medium.
func (c *wholeConn) stranger(i int, id Identity) Identity {
	if i > 0 && id.Model == c.ids[0].Model && id.Serial == c.ids[0].Serial {
		id.WWN = fmt.Sprintf("%s (where namespace %d was)", id.WWN, i+1)
	}
	return id
}

// ReadAt reads over the borders of namespaces.
func (c *wholeConn) ReadAt(p []byte, off int64) (int, error) {
	return c.each(p, off, func(part Conn, p []byte, off int64) (int, error) { return part.ReadAt(p, off) })
}

// WriteAt writes over the borders of namespaces.
func (c *wholeConn) WriteAt(p []byte, off int64) (int, error) {
	return c.each(p, off, func(part Conn, p []byte, off int64) (int, error) { return part.WriteAt(p, off) })
}

func (c *wholeConn) each(p []byte, off int64, do func(Conn, []byte, int64) (int, error)) (int, error) {
	done := 0
	for _, part := range c.parts {
		size := part.Size()
		if off >= size {
			off -= size
			continue
		}
		if done == len(p) {
			break
		}
		n := int(min(int64(len(p)-done), size-off))
		moved, err := do(part, p[done:done+n], off)
		if done += moved; err != nil || moved < n {
			return done, err
		}
		off = 0
	}
	if done < len(p) {
		return done, fmt.Errorf("%d bytes lie beyond the last namespace", len(p)-done)
	}
	return done, nil
}

// Flush empties the volatile cache, namespace by namespace.
func (c *wholeConn) Flush(ctx context.Context) error {
	return c.all(func(p Conn) error { return p.Flush(ctx) })
}

// Rescan makes the host read the capacities again.
func (c *wholeConn) Rescan(ctx context.Context) error {
	return c.all(func(p Conn) error { return p.Rescan(ctx) })
}

func (c *wholeConn) all(do func(Conn) error) error {
	for _, p := range c.parts {
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}

// Reset resets the one controller.
func (c *wholeConn) Reset(ctx context.Context) error { return c.parts[0].Reset(ctx) }

// Size is that of all namespaces, in bytes.
func (c *wholeConn) Size() int64 {
	var n int64
	for _, p := range c.parts {
		n += p.Size()
	}
	return n
}

// SectorSize is the logical sector, the same in all.
func (c *wholeConn) SectorSize() int { return c.parts[0].SectorSize() }

// ATA is nil: a namespace has none.
func (c *wholeConn) ATA() ata.Transport { return nil }

// SCSI is nil: a namespace has none.
func (c *wholeConn) SCSI() scsi.Transport { return nil }

// NVMe is the one controller's admin queue.
func (c *wholeConn) NVMe() nvme.Transport { return c.parts[0].NVMe() }

// NSID is the first namespace.
func (c *wholeConn) NSID() uint32 { return c.parts[0].NSID() }

// NSIDs are all namespaces.
func (c *wholeConn) NSIDs() []uint32 {
	var out []uint32
	for _, p := range c.parts {
		out = append(out, p.NSID())
	}
	return out
}

// Close gives all descriptors up.
func (c *wholeConn) Close() error {
	var err error
	for _, p := range c.parts {
		err = errors.Join(err, p.Close())
	}
	return err
}
