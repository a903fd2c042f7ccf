package console

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// round is the drives that were chosen together: each is classified, planned
// and confirmed in turn, then all that were confirmed begin at once.
type round struct {
	drives  []Drive
	at      int             // the one in hand
	answers Answers         // of the one in hand
	work    session.Work    // of the one in hand, once planned
	same    *rules.Category // for all drives that follow, when the person said so
	ready   []Confirmed
	skipped []string // serials
}

// lost names the drive in hand, or a confirmed one, that is no longer there.
func (r *round) lost(present map[string]bool) string {
	if r == nil {
		return ""
	}
	for _, d := range r.drives {
		if !present[driveKey(d.Device)] {
			return d.Device.Identity.Serial
		}
	}
	return ""
}

func (r *round) drive() Drive { return r.drives[r.at] }

// fromCase reports whether the signed case says what is on the drive in hand.
func (m *Model) fromCase() bool { return m.facts.Signed && m.round.drive().Assigned != nil }

// nextInRound shows the next question about the drive in hand, or begins.
func (m *Model) nextInRound() tea.Cmd {
	r := m.round
	if r.at >= len(r.drives) {
		return m.begin()
	}
	r.answers, r.work = Answers{}, session.Work{}
	switch {
	case m.fromCase():
	case r.same != nil:
		r.answers.Category = r.same
	default:
		return m.goTo(&categoryPage{})
	}
	return m.planDrive()
}

// planDrive plans the drive in hand with the answers so far.
func (m *Model) planDrive() tea.Cmd {
	w, err := m.world.Plan(m.round.drive(), m.round.answers)
	var refusal *devices.Refusal
	if err != nil && !errors.As(err, &refusal) {
		m.page = &drivesPage{}
		m.round = nil
		m.complain(err)
		return nil
	}
	if refusal != nil {
		w.Plan.Refusal = refusal
	}
	m.round.work = w
	return m.goTo(&planPage{})
}

// skip leaves the drive in hand alone.
func (m *Model) skip() tea.Cmd {
	d := m.round.drive()
	delete(m.marked, driveKey(d.Device))
	m.round.skipped = append(m.round.skipped, d.Device.Identity.Serial)
	m.round.at++
	cmd := m.nextInRound()
	m.say(d.Device.Identity.Serial+" には触れません。", d.Device.Identity.Serial+" is left alone.")
	return cmd
}

// confirmed takes the drive in hand for the run.
func (m *Model) confirmed(by []Confirmation) tea.Cmd {
	r := m.round
	r.ready = append(r.ready, Confirmed{Drive: r.drive(), Answers: r.answers, Work: r.work, By: by})
	r.at++
	return m.nextInRound()
}

// begin starts what was confirmed. On battery nothing starts.
func (m *Model) begin() tea.Cmd {
	ready := m.round.ready
	if len(ready) == 0 {
		m.round = nil
		return m.goTo(&drivesPage{})
	}
	if m.status.OnBattery || m.status.Pull == PullGone {
		m.page = &waitPage{}
		return nil
	}
	m.round = nil
	clear(m.marked)
	for _, c := range ready {
		serial := c.Work.Plan.Target.Serial
		m.feed.expect(serial)
		m.started = append(m.started, serial)
	}
	ctx, w := m.ctx, m.world
	reports := Reports{Event: m.feed.observe, Done: m.feed.done}
	m.running++
	return tea.Batch(m.goTo(&progressPage{}), func() tea.Msg { return runEndedMsg{ready, w.Run(ctx, ready, reports)} })
}
