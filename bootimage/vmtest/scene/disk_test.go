package scene

import (
	"path/filepath"
	"testing"
)

func TestPlantedSecretsAreFound(t *testing.T) {
	for _, fs := range []FS{Ext4, NTFS, FAT} {
		t.Run(string(fs), func(t *testing.T) {
			d := Disk{File: filepath.Join(t.TempDir(), "disk.img"), Size: 64 * MiB, FS: fs, Secret: "SECRET-" + string(fs)}
			if err := d.Plant(t.Context()); err != nil {
				t.Fatal(err)
			}
			if held, err := d.Holds(); err != nil || !held {
				t.Errorf("Holds = %t, %v; want the secret found", held, err)
			}
			d.Secret = "SECRET-that-nobody-planted"
			if held, err := d.Holds(); err != nil || held {
				t.Errorf("Holds = %t, %v; want nothing found", held, err)
			}
		})
	}
}
