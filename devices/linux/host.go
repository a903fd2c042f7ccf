//go:build linux

package linux

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/jaypipes/ghw"

	"github.com/massho/massho/devices"
)

// Host reads the firmware's tables (SMBIOS by sysfs) through ghw. A field that
// the firmware does not fill is empty. ghw's own log is silenced: a library
// does not print.
func (s *System) Host(ctx context.Context) (devices.Host, error) {
	args := []any{ctx, ghw.WithLogger(slog.New(slog.DiscardHandler)), ghw.WithDisableTools(),
		ghw.WithPathOverrides(map[string]string{"/sys": s.tree.sys, "/proc": s.tree.proc})}
	product, err1 := ghw.Product(args...)
	chassis, err2 := ghw.Chassis(args...)
	board, err3 := ghw.Baseboard(args...)
	bios, err4 := ghw.BIOS(args...)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return devices.Host{}, fmt.Errorf("host: firmware tables: %w", err)
	}
	h := devices.Host{
		Vendor: known(product.Vendor), Product: known(product.Name), Serial: known(product.SerialNumber),
		SKU: known(product.SKU), Family: known(product.Family), UUID: known(product.UUID),
		ChassisType: known(chassis.TypeDescription), ChassisSerial: known(chassis.SerialNumber),
		ChassisAsset: known(chassis.AssetTag),
		BoardVendor:  known(board.Vendor), BoardProduct: known(board.Product), BoardSerial: known(board.SerialNumber),
		BIOSVendor: known(bios.Vendor), BIOSVersion: known(bios.Version), BIOSDate: known(bios.Date),
	}
	h.SerialPlaceholder = devices.PlaceholderSerial(h.Serial)
	memory, err := ghw.Memory(args...)
	if err != nil {
		return h, fmt.Errorf("host: memory: %w", err)
	}
	h.MemoryBytes = uint64(max(memory.TotalPhysicalBytes, memory.TotalUsableBytes, 0))
	h.CPU = s.tree.cpu()
	return h, nil
}

// known turns ghw's word for nothing into nothing.
func known(v string) string {
	if strings.EqualFold(v, "unknown") {
		return ""
	}
	return strings.TrimSpace(v)
}

// cpu is the model name of the first processor. ghw's own reader walks the
// topology of all cores for it.
func (t tree) cpu() string {
	for _, line := range strings.Split(node(t.proc).attr("cpuinfo"), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
