package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// dialogue is the plain guided way: clock, people, drives, what was stored,
// plan, confirmation by the end of the serial, run; again, until the person
// switches off. Every question names the answers it takes.
func (s *sitting) dialogue(ctx context.Context) error {
	if err := s.askClock(); err != nil {
		return err
	}
	if err := s.askPeople(); err != nil {
		return err
	}
	var last error
	for {
		if err := s.waitForMains(ctx); err != nil {
			return err
		}
		devs, err := s.sys.Detect(ctx, devices.DetectOptions{})
		if err != nil {
			return err
		}
		chosen, quit, err := s.askDrives(devs)
		if err != nil {
			return err
		}
		if quit {
			return last
		}
		if last = s.eachDrive(ctx, chosen); last != nil {
			s.complain(last)
		}
	}
}

// ask prints a question and reads one line.
func (s *sitting) ask(ja, en string) (string, error) {
	fmt.Fprintf(s.out, "\n%s > ", s.t(ja, en))
	line, err := s.in.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read the console: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// askDrives shows the drives and reads which ones are meant, by number.
func (s *sitting) askDrives(devs []devices.Device) (chosen []devices.Device, quit bool, err error) {
	env := s.environment(devs)
	for i, d := range devs {
		fmt.Fprintf(s.out, "\n[%d] ", i+1)
		s.showDevice(s.out, d, devices.Refusals(d, env))
	}
	for {
		answer, err := s.ask("処理する媒体の番号（例 1,3）。r: 再検出 q: 終了", "Numbers of the drives, e.g. 1,3. r: look again, q: end")
		switch {
		case err != nil:
			return nil, false, err
		case answer == "q":
			return nil, true, nil
		case answer == "r":
			return nil, false, nil
		}
		if chosen, err = pick(devs, answer); err != nil {
			fmt.Fprintln(s.out, s.t("番号を , で区切って入力してください。", "Type numbers separated by commas."))
			continue
		}
		refused := false
		for _, d := range chosen {
			if r := devices.Refusals(d, env); len(r) > 0 {
				s.complain(&r[0])
				refused = true
			}
		}
		if !refused {
			return chosen, false, nil
		}
	}
}

// pick reads "1,3" as places in devs, each once.
func pick(devs []devices.Device, answer string) ([]devices.Device, error) {
	var out []devices.Device
	seen := map[int]bool{}
	for _, word := range strings.Split(answer, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > len(devs) || seen[n] {
			return nil, fmt.Errorf("%q is no number of a drive", word)
		}
		seen[n] = true
		out = append(out, devs[n-1])
	}
	return out, nil
}

// eachDrive classifies, plans and confirms each drive, then runs those that
// were confirmed, all at once.
func (s *sitting) eachDrive(ctx context.Context, chosen []devices.Device) error {
	var works []session.Work
	for _, d := range chosen {
		w, err := s.planOne(d)
		if w.Plan.Choice != nil {
			w, err = s.askChoice(ctx, w)
		}
		if err != nil {
			s.complain(err)
			continue
		}
		if ok, err := s.confirm(w); err != nil {
			return err
		} else if ok {
			works = append(works, w)
		}
	}
	if len(works) == 0 {
		return nil
	}
	return s.start(ctx, works)
}

// planOne plans a drive by the case, or by what the person says was stored.
func (s *sitting) planOne(d devices.Device) (session.Work, error) {
	p := s.plan
	if _, ok := session.Assign(p.c.Case, p.host, d); !ok || !p.c.Signed {
		c, err := s.askCategory(d)
		if err != nil {
			return session.Work{}, err
		}
		p.category = &c
	}
	w, err := p.work(d)
	if err != nil {
		return w, err
	}
	if err := s.showPlan(w); err != nil {
		return w, err
	}
	return w, runnable(w.Plan)
}

// askCategory asks 系 first, then 自治体機密性.
func (s *sitting) askCategory(d devices.Device) (rules.Category, error) {
	fmt.Fprintf(s.out, "\n%s %s\n", s.t("何が保存されていたか:", "What was stored on:"), d.Identity.Serial)
	systems := []rules.System{rules.SystemMyNumber, rules.SystemLGWAN, rules.SystemInternet, rules.SystemUnknown}
	i, err := choice(s, s.t("系", "system"), systems, func(v rules.System) string { return v.Label().In(s.lang) })
	if err != nil {
		return rules.Category{}, err
	}
	c := rules.Category{System: systems[i], ResidentInfo: rules.AnswerUnknown}
	if c.System == rules.SystemMyNumber {
		answers := []rules.Answer{rules.AnswerYes, rules.AnswerNo, rules.AnswerUnknown}
		i, err := choice(s, s.t("住民情報の保存", "resident information"), answers, func(v rules.Answer) string { return v.Label().In(s.lang) })
		if err != nil {
			return c, err
		}
		c.ResidentInfo = answers[i]
	}
	classes := []rules.Confidentiality{rules.Conf3A, rules.Conf3B, rules.Conf3C, rules.Conf2, rules.Conf1, rules.ConfUnknown}
	i, err = choice(s, s.t("自治体機密性", "confidentiality"), classes, func(v rules.Confidentiality) string { return v.Label().In(s.lang) })
	if err != nil {
		return c, err
	}
	c.Confidentiality = classes[i]
	return c, nil
}

// choice lists values and reads the number of one.
func choice[T any](s *sitting, title string, values []T, label func(T) string) (int, error) {
	for i, v := range values {
		fmt.Fprintf(s.out, "  %d) %s\n", i+1, label(v))
	}
	for {
		answer, err := s.ask(title+"の番号", "Number of the "+title)
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(values) {
			return n - 1, nil
		}
	}
}

// confirmLength is how much of the serial's end is typed to confirm.
const confirmLength = 4

// confirm asks for the end of the serial. Anything else leaves the drive alone.
func (s *sitting) confirm(w session.Work) (bool, error) {
	serial := w.Plan.Target.Serial
	end := serial[max(0, len(serial)-confirmLength):]
	answer, err := s.ask("この媒体のデータは戻せません。実行するにはシリアル "+serial+" の末尾"+strconv.Itoa(len(end))+"文字を入力（空欄: やめる）",
		"Its data cannot be brought back. Type the last "+strconv.Itoa(len(end))+" characters of "+serial+" to go on (empty: leave it alone)")
	if err != nil {
		return false, err
	}
	if devices.SerialKey(answer) == devices.SerialKey(end) {
		return true, nil
	}
	fmt.Fprintln(s.out, s.t("一致しないため、この媒体には触れません。", "That does not match: this drive is left alone."))
	return false, nil
}

// waitForMains warns of a laptop on battery and waits until it is plugged in.
func (s *sitting) waitForMains(ctx context.Context) error {
	for warned := false; ; warned = true {
		power, err := s.readPower()
		if err != nil || !power.OnBattery {
			return err
		}
		if !warned {
			fmt.Fprintln(s.out, s.t("バッテリーで動作しています。ACアダプターを接続してください。接続されるまで開始しません。",
				"Running on battery. Plug in the mains adapter; nothing starts before."))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// idsOf reads "1,2" as people of the case.
func (s *sitting) idsOf(answer string) ([]string, bool) {
	var out []string
	for _, word := range strings.Split(answer, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > len(s.plan.c.People) {
			return nil, false
		}
		out = append(out, s.plan.c.People[n-1].ID)
	}
	return out, true
}
