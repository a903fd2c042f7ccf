package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/manual"
	"github.com/massho/massho/bootimage/stick"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/wipe/evidence"
)

type imageOptions struct {
	out, files string
	cache      string
	kernel     string
	program    string
	source     string
	stick      string
	evidence   int64
	cmdline    []string
	modules    []string
}

func (a *app) imageCommand() *cobra.Command {
	var o imageOptions
	c := &cobra.Command{
		Use:   "image",
		Short: a.t("起動用USBのイメージを作る", "build the boot stick"),
		Long: a.t(`Debian の署名済みカーネルとこのプログラムから、起動用USBのイメージを作ります。
BIOS、UEFI、Secure Boot で起動します。--files は、FAT32のUSBにエクスプローラーで
コピーできるフォルダを作ります（UEFI のみ）。ソースの中で実行し、Go と Debian が要ります。`,
			`Builds the boot stick from Debian's signed kernel and this program: BIOS, UEFI, Secure
Boot. --files makes a folder to copy onto a FAT32 stick instead (UEFI only). Run it
inside the source tree; it needs Go and Debian.`),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.image(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "output", "o", "", a.t("作るイメージ", "image to write"))
	f.StringVar(&o.files, "files", "", a.t("エクスプローラーでコピーできるフォルダを作る", "write a folder to copy onto a FAT32 stick"))
	f.StringVar(&o.cache, "cache", a.env("MASSHO_CACHE"), a.t("Debianパッケージの保存先", "where Debian's packages are kept"))
	f.StringVar(&o.kernel, "kernel", "", a.t("カーネルのパッケージ名[=版]", "kernel package[=version]"))
	f.StringVar(&o.program, "program", "/proc/self/exe", a.t("USBに入れるプログラム", "the program to put on the stick"))
	f.StringVar(&o.source, "source", ".", a.t("massho のソース", "massho's source tree"))
	f.StringVar(&o.stick, "stick", "", a.t("massho-office prepare が作ったUSB用フォルダ", "a stick's folder from massho-office prepare"))
	f.Int64Var(&o.evidence, "evidence-mib", bootimage.DefaultEvidenceSize>>20, a.t("EVIDENCE 区画の大きさ (MiB)", "size of EVIDENCE in MiB"))
	f.StringSliceVar(&o.cmdline, "cmdline", nil, a.t("カーネル引数を加える", "add kernel parameters"))
	f.StringSliceVar(&o.modules, "module", nil, a.t("カーネルモジュールを加える", "add kernel modules"))
	return c
}

func (a *app) image(ctx context.Context, o imageOptions) error {
	if (o.out == "") == (o.files == "") {
		return fail(exitUsage, "-o（イメージ）か --files（フォルダ）のどちらか一方を指定してください。", "Give either -o (an image) or --files (a folder).")
	}
	if o.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("find a cache folder: %w; give --cache", err)
		}
		o.cache = filepath.Join(dir, "massho")
	}
	in, err := bootimage.FetchInputs(ctx, filepath.Join(o.cache, "debian"), bootimage.Packages{Kernel: o.kernel})
	if err != nil {
		return err
	}
	files, err := stickFiles(o.stick)
	if err != nil {
		return err
	}
	id, err := stickIdentity(o.stick)
	if err != nil {
		return err
	}
	opts := bootimage.Options{
		Identity: id,
		Inputs:   in, Massho: o.program, ModuleDir: o.source, CacheDir: filepath.Join(o.cache, "uroot"),
		EvidenceFiles: files, EvidenceSize: o.evidence << 20, Cmdline: o.cmdline, ExtraModules: o.modules, Out: o.out,
	}
	var m bootimage.Manifest
	if o.files != "" {
		m, err = bootimage.BuildFiles(ctx, o.files, opts)
	} else {
		if err := addManual(files); err != nil {
			return err
		}
		m, err = bootimage.Build(ctx, opts)
	}
	if err != nil {
		return err
	}
	if o.files != "" {
		_, err = fmt.Fprintln(a.out, o.files)
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s  SHA-256 %s\n", o.out, m.Image)
	return err
}

// stickFiles are the files of a prepared stick, as they lie on EVIDENCE.
func stickFiles(dir string) (map[string][]byte, error) {
	out := map[string][]byte{}
	if dir == "" {
		return out, nil
	}
	for _, name := range []string{cases.FileCase, cases.FileStick, cases.FileKey, cases.FileChain, cases.FileRoot} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("read the prepared stick: %w: make it with massho-office prepare", err)
		}
		out[path.Join(evidence.DirCase, name)] = data
	}
	return out, nil
}

// stickIdentity draws fresh UUIDs for a prepared stick: two sticks of one image
// may be plugged into one PC. Without a stick the image stays reproducible.
func stickIdentity(dir string) (stick.Identity, error) {
	if dir == "" {
		return stick.Identity{}, nil
	}
	return stick.NewIdentity(rand.Reader)
}

// addManual puts the manual onto EVIDENCE too: of an image's partitions that is
// the one to which Windows gives a letter.
func addManual(files map[string][]byte) error {
	docs, err := manual.Files()
	if err != nil {
		return err
	}
	for name, page := range docs {
		files[path.Join(manual.Dir, name)] = page
	}
	return nil
}
