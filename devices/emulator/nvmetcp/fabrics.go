package nvmetcp

import "bytes"

// Opcodes that belong to the transport (NVMe Base 2.0 clauses 5, 6).
const (
	opAbort       = 0x08
	opSetFeatures = 0x09
	opGetFeatures = 0x0A
	opAsyncEvent  = 0x0C
	opKeepAlive   = 0x18
	opFabrics     = 0x7F

	fabricsPropertySet = 0x00
	fabricsConnect     = 0x01
	fabricsPropertyGet = 0x04
	fabricsDisconnect  = 0x08

	featureQueues    = 0x07
	featureEvents    = 0x0B
	featureKeepAlive = 0x0F

	statusOpcode     = 0x001 | 1<<14
	statusField2     = 0x002 | 1<<14
	statusConnect    = 0x182 | 1<<14 // connect invalid parameters
	statusNotEnabled = 0x00C | 1<<14 // command sequence error
)

// transport answers what is the transport's own; done is false for a command of
// the controller's.
func (c *conn) transport(cmd *command) (done bool, err error) {
	if cmd.opcode() == opFabrics {
		return true, c.fabrics(cmd)
	}
	if c.session == nil {
		return true, c.complete(cmd, 0, statusNotEnabled)
	}
	if c.qid != 0 {
		return false, nil
	}
	switch cmd.opcode() {
	case opKeepAlive:
		return true, c.complete(cmd, 0, 0)
	case opAsyncEvent:
		return true, nil // completed when something happens, and nothing does
	case opAbort:
		return true, c.complete(cmd, 1, 0) // not aborted
	case opSetFeatures, opGetFeatures:
		switch byte(cmd.dword(10)) {
		case featureQueues: // as many as were asked for
			return true, c.complete(cmd, uint64(cmd.dword(11)), 0)
		case featureEvents, featureKeepAlive:
			return true, c.complete(cmd, 0, 0)
		}
		if cmd.opcode() == opSetFeatures {
			return true, c.complete(cmd, 0, statusField2)
		}
	}
	return false, nil
}

// fabrics is Connect, Disconnect, Property Get and Property Set.
func (c *conn) fabrics(cmd *command) error {
	switch cmd.sqe[4] {
	case fabricsConnect:
		return c.connect(cmd)
	case fabricsDisconnect:
		return c.complete(cmd, 0, 0)
	}
	if c.session == nil || c.qid != 0 {
		return c.complete(cmd, 0, statusNotEnabled)
	}
	switch cmd.sqe[4] {
	case fabricsPropertyGet:
		v, ok := c.session.property(cmd.dword(11))
		if !ok {
			return c.complete(cmd, 0, statusField2)
		}
		return c.complete(cmd, v, 0)
	case fabricsPropertySet:
		if cmd.dword(11) == propertyCC {
			c.session.configure(cmd.dword(12))
		}
		return c.complete(cmd, 0, 0)
	}
	return c.complete(cmd, 0, statusOpcode)
}

// connect is Connect (clause 6.3): the admin queue makes the session, an I/O
// queue joins it.
func (c *conn) connect(cmd *command) error {
	if len(cmd.data) < 1024 || c.session != nil {
		return c.complete(cmd, 0, statusConnect)
	}
	qid, size := le.Uint16(cmd.sqe[42:]), le.Uint16(cmd.sqe[44:])
	nqn, _, _ := bytes.Cut(cmd.data[256:512], []byte{0})
	if qid == 0 {
		c.session = c.srv.begin(string(nqn))
	} else {
		c.session = c.srv.join(string(nqn), le.Uint16(cmd.data[16:]))
	}
	if c.session == nil || size == 0 || size >= queueDepth {
		return c.complete(cmd, 0, statusConnect)
	}
	c.mu.Lock()
	c.qid, c.depth = qid, size+1
	c.mu.Unlock()
	return c.complete(cmd, uint64(c.session.id), 0)
}

// Properties (clause 3.1.3).
const (
	propertyCAP  = 0x00
	propertyVS   = 0x08
	propertyCC   = 0x14
	propertyCSTS = 0x1C
)

func (s *session) property(offset uint32) (uint64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch offset {
	case propertyCAP: // MQES, CQR, TO 7.5 s, NVM command set
		return queueDepth - 2 | 1<<16 | 15<<24 | 1<<37, true
	case propertyVS:
		return 0x10400, true
	case propertyCC:
		return uint64(s.cc), true
	case propertyCSTS:
		v := uint64(s.cc & 1) // ready as soon as it is enabled
		if s.cc>>14&3 != 0 {
			v |= 2 << 2 // shutdown processing complete
		}
		return v, true
	}
	return 0, false
}

func (s *session) configure(v uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cc = v
}
