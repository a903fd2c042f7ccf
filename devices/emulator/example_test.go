package emulator_test

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
)

// An overwrite of everything the host can address leaves what it cannot.
func Example() {
	d, err := emulator.New(emulator.Params{
		Kind: emulator.HDD, Serial: "EMU000000001", Sectors: 8192,
		HPASectors: 64, Reallocated: []uint64{4096},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	d.Prefill()
	ctx, sys := context.Background(), emulator.NewSystem(d)
	list, err := sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	conn, err := sys.Open(ctx, list[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := conn.WriteAt(make([]byte, conn.Size()), 0); err != nil {
		fmt.Println(err)
		return
	}
	if err := conn.Flush(ctx); err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range d.Remnants() {
		fmt.Println(r.Area.Kind, r.Area.LBA, r.Bytes, r.HostReachable)
	}
	// Output:
	// hpa 8192 32768 true
	// reallocated 4096 4096 false
}
